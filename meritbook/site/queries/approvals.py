"""Cases as lists, pages and the API show them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from meritbook.approvals.models import Case
from meritbook.approvals.queries import (
    CaseView,
    closed_cases,
    deciders,
    open_cases,
    opened_by,
    waiting,
)
from meritbook.kit.retelling import retold
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


def cases_of(member: Member, *, tab: str) -> QuerySet[Case]:
    """The cases of one list."""
    match tab:
        case "mine":
            return opened_by(member)
        case "open":
            return open_cases(member)
        case "done":
            return closed_cases(member)
        case _:
            return waiting(member)


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
    return items


def asked_names(view: CaseView) -> list[str]:
    """Who may decide the step that waits; empty when nobody can."""
    if view.step is None:
        return []
    found = deciders(
        company_id=view.case.company_id,
        asked=view.asked,
        opened_by_id=view.case.opened_by_id,
        beneficiary_ids=[each.pk for each in view.beneficiaries],
    )
    return [each.name for each in found]


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
