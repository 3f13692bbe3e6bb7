"""Cases as lists, pages and the API show them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from meritbook.approvals.models import Case, Step
from meritbook.approvals.queries import (
    CaseView,
    closed_cases,
    deciders,
    open_cases,
    opened_by,
    waiting,
)
from meritbook.kit.retelling import retold
from meritbook.org.models import Membership
from meritbook.org.queries.members import Member
from meritbook.site.queries.approval_words import kind_of

TONES = {
    Case.State.OPEN: "wait",
    Case.State.APPROVED: "good",
    Case.State.REFUSED: "bad",
    Case.State.WITHDRAWN: "calm",
}
TABS = ("waiting", "mine", "open", "done")


def tabs_for(member: Member) -> tuple[str, ...]:
    """The lists that concern ``member``; what waits for others is for officers and heads."""
    if member.is_officer or member.is_head:
        return TABS
    return ("waiting", "mine", "done")


def cases_of(member: Member, *, tab: str, on: date) -> QuerySet[Case]:
    """The cases of one list on a day."""
    match tab:
        case "mine":
            return opened_by(member)
        case "open":
            return open_cases(member)
        case "done":
            return closed_cases(member)
        case _:
            return waiting(member, on=on)


def case_rows(cases: Iterable[Case]) -> list[dict[str, Any]]:
    """The lines of a list."""
    return [_row(case) for case in cases]


def _row(case: Case) -> dict[str, Any]:
    kind = kind_of(case.kind)
    return {
        "id": case.pk,
        "title": retold(case.title),
        "amount": retold(case.amount),
        "label": kind.label,
        "icon": kind.icon,
        "opened_name": case.opened_name,
        "opened_at": case.opened_at,
        "closed_at": case.closed_at,
        "state": case.get_state_display(),
        "tone": TONES[Case.State(case.state)],
    }


def history(view: CaseView) -> list[dict[str, Any]]:
    """What happened to a case, in order."""
    case = view.case
    items: list[dict[str, Any]] = [
        {"title": _("发起"), "at": case.opened_at, "by": case.opened_name, "tone": "live"}
    ]
    for step in view.steps:
        items += _handed_on(step)
        if step.escalated_at is not None:
            items.append(
                {
                    "title": _("超过时限，已请负责人一起处理"),
                    "at": step.escalated_at,
                    "by": "",
                    "tone": "wait",
                }
            )
    items += [
        {
            "title": _("同意") if each.approves else _("拒绝"),
            "at": each.decided_at,
            "by": each.decided_name,
            "text": each.comment,
            "tone": "good" if each.approves else "bad",
        }
        for each in view.decisions
    ]
    if case.state == Case.State.WITHDRAWN:
        items.append({"title": _("撤回"), "at": case.closed_at, "by": "", "tone": "calm"})
    return sorted(items, key=lambda item: item["at"])


def _handed_on(step: Step) -> list[dict[str, Any]]:
    """Who passed the step on to whom, and who was asked besides."""
    return [
        {
            "title": (_("转交给%(name)s") if each.replaces_id else _("加了审批人%(name)s"))
            % {"name": each.membership.name},
            "at": each.added_at,
            "by": each.added_by.name,
            "text": each.note,
            "tone": "calm",
        }
        for each in step.approvers.all()
        if each.added_by is not None and each.membership is not None
    ]


STEP_TONES = {
    Step.State.WAITING: "calm",
    Step.State.OPEN: "wait",
    Step.State.APPROVED: "good",
    Step.State.REFUSED: "bad",
    Step.State.SKIPPED: "calm",
}


def step_rows(view: CaseView, *, now: datetime) -> list[dict[str, Any]]:
    """The chain of a case: each step with its rule in words, who is asked, and how it stands."""
    return [
        {
            "position": step.position,
            "state": step.get_state_display(),
            "tone": STEP_TONES[Step.State(step.state)],
            "rule": _rule_words(step),
            "names": _names(view, step),
            "votes": _votes(view, step),
            "due_at": step.due_at if step.state == Step.State.OPEN else None,
            "is_late": step.due_at is not None and step.due_at <= now,
        }
        for step in view.steps
    ]


def _rule_words(step: Step) -> str:
    if step.rule == Step.Rule.VOTE:
        return _(
            "%(voters)s 位委员表决，%(needed)s 票同意即通过；到期时至少 %(quorum)s 人投票才有效"
        ) % {
            "voters": step.voters,
            "needed": step.needed,
            "quorum": step.quorum,
        }
    if step.needed > 1:
        return _("需要 %(n)s 人都同意") % {"n": step.needed}
    return _("其中一人同意即可")


def _votes(view: CaseView, step: Step) -> str:
    own = [each.approves for each in view.decisions if each.step_id == step.pk]
    if step.rule != Step.Rule.VOTE:
        return ""
    return _("%(yes)s 票同意，%(no)s 票反对") % {"yes": sum(own), "no": len(own) - sum(own)}


def _names(view: CaseView, step: Step) -> list[str]:
    found = deciders(
        company_id=view.case.company_id,
        asked=view.asked_at[step.pk],
        opened_by_id=view.case.opened_by_id,
        beneficiary_ids=[each.pk for each in view.beneficiaries],
    )
    return [each.name for each in found]


def asked_names(view: CaseView) -> list[str]:
    """Who may decide the step that waits; empty when nobody can."""
    return [] if view.step is None else _names(view, view.step)


def case_dict(case: Case) -> dict[str, Any]:
    """One case as the API gives it."""
    return {
        "id": case.pk,
        "kind": case.kind,
        "title": retold(case.title),
        "amount": case.amount,
        "subject_kind": case.subject_kind,
        "subject_id": case.subject_id,
        "state": case.state,
        "opened_by": case.opened_name,
        "opened_at": case.opened_at,
        "closed_at": case.closed_at,
        "steps": [
            {
                "position": each.position,
                "rule": each.rule,
                "needed": each.needed,
                "state": each.state,
                "due_at": each.due_at,
            }
            for each in case.steps.all()
        ],
        "beneficiaries": [each.employee.employee_no for each in case.beneficiaries.all()],
        "decisions": [
            {
                "by": each.decided_name,
                "approve": each.approves,
                "comment": each.comment,
                "at": each.decided_at,
            }
            for each in case.decisions.all()
        ],
    }


def colleagues(*, company_id: int, but: int = 0, only: int = 0) -> list[dict[str, Any]]:
    """Who can sign in, by name: those whom one may ask. ``but`` and ``only`` are memberships."""
    found = Membership.objects.filter(company_id=company_id, ended_at__isnull=True)
    if only:
        found = found.filter(pk=only)
    return [
        {"id": pk, "name": name, "employee_no": number or ""}
        for pk, name, number in found.exclude(pk=but)
        .order_by("name", "pk")
        .values_list("pk", "name", "employee__employee_no")
    ]
