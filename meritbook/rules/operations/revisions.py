"""A change of a scheme on its way: proposed, talked about, approved, announced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Max
from django.utils.translation import gettext as _

from meritbook.approvals.models import Case
from meritbook.approvals.operations import OFFICERS, OWNERS, Ask, Link, Outcome, open_case
from meritbook.approvals.operations.committees import committee_of, vote_of
from meritbook.files.models import StoredFile
from meritbook.kit.errors import Refusal
from meritbook.notices.operations import tell
from meritbook.org.models import Assignment
from meritbook.org.operations.audit import Actor, note
from meritbook.org.queries.members import Member
from meritbook.rules.models import Change, Minutes, Opinion, Revision, Rule, RuleVersion, Scheme
from meritbook.rules.operations.editions import give_out
from meritbook.rules.operations.publishing import publish, retire
from meritbook.rules.queries.revisions import revision_of
from meritbook.rules.queries.texts import digest, revision_text

REVISION = "rules.revision"
"""The kind of case that approves a revision."""
TEXT_MAX = 4000


class BadRevision(Refusal):
    """The revision cannot be made so, or is not at that point."""

    code = "bad_revision"
    status = 409


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is to change and why. Ids are versions (drafts), rules and departments."""

    title: str
    reason: str
    version_ids: Sequence[int]
    effective_on: date
    retired_rule_ids: Sequence[int] = ()
    department_ids: Sequence[int] = ()


def propose(
    *, scheme: Scheme, proposal: Proposal, actor: Actor, today: date, now: datetime
) -> Revision:
    """Begin a revision: with its consultation, or ready to be submitted where nobody is asked.

    Raises BadRevision.
    """
    company_id = scheme.company_id
    drafts, retired = _changes(scheme, proposal)
    if not proposal.title.strip() or not proposal.reason.strip():
        raise BadRevision(_("请填写修订的标题和原因"))
    last = Revision.objects.filter(company_id=company_id, scheme=scheme).aggregate(n=Max("number"))
    days = scheme.consultation_days
    departments = sorted(set(proposal.department_ids))
    made = Revision.objects.create(
        company_id=company_id,
        scheme=scheme,
        number=(last["n"] or 0) + 1,
        title=proposal.title.strip()[:120],
        reason=proposal.reason.strip()[:TEXT_MAX],
        state=Revision.State.CONSULTING,
        audience={"departments": departments} if departments else {},
        consult_until=today + timedelta(days=days) if days else None,
        effective_on=proposal.effective_on,
        created_by_id=actor.membership_id,
        created_name=actor.name[:80],
        created_at=now,
    )
    Change.objects.bulk_create(
        [
            *(
                Change(company_id=company_id, revision=made, rule_id=each.rule_id, version=each)
                for each in drafts
            ),
            *(Change(company_id=company_id, revision=made, rule=each) for each in retired),
        ]
    )
    _note(made, action="revision.propose", actor=actor, now=now, reason=made.reason[:400])
    if days:
        _tell(made, topic="rules.consultation", now=now)
    return made


def _changes(scheme: Scheme, proposal: Proposal) -> tuple[list[RuleVersion], list[Rule]]:
    company_id = scheme.company_id
    drafts = list(
        RuleVersion.objects.filter(
            company_id=company_id,
            pk__in=list(proposal.version_ids),
            status=RuleVersion.Status.DRAFT,
            rule__scheme=scheme,
        ).select_related("rule")
    )
    retired = list(
        Rule.objects.filter(
            company_id=company_id, pk__in=list(proposal.retired_rule_ids), scheme=scheme
        ).exclude(pk__in=[each.rule_id for each in drafts])
    )
    if not drafts and not retired:
        raise BadRevision(_("请选择要发布的草稿或要停用的标准"))
    busy = Change.objects.filter(
        company_id=company_id,
        rule_id__in=[*(each.rule_id for each in drafts), *(each.pk for each in retired)],
        revision__state__in=[Revision.State.CONSULTING, Revision.State.APPROVING],
    ).select_related("rule", "revision")
    for each in busy[:1]:
        raise BadRevision(
            _("“%(rule)s”已经在修订“%(title)s”里")
            % {"rule": each.rule.name, "title": each.revision.title}
        )
    return drafts, retired


def say(*, revision_id: int, member: Member, text: str, today: date, now: datetime) -> Opinion:
    """Say something in a consultation. Raises UnknownRevision, BadRevision."""
    found = revision_of(company_id=member.company.pk, revision_id=revision_id)
    text = text.replace("\x00", "").strip()
    if not is_running(found, today=today):
        raise BadRevision(_("这次征求意见已经结束"))
    if not is_invited(found, member=member, today=today):
        raise BadRevision(_("这次没有向你的部门征求意见"))
    if not text or len(text) > TEXT_MAX:
        raise BadRevision(_("请写下意见，不超过 %(n)s 个字") % {"n": TEXT_MAX})
    return Opinion.objects.create(
        company_id=found.company_id,
        revision=found,
        author=member.membership,
        author_name=member.name[:80],
        text=text,
        said_at=now,
    )


def is_running(revision: Revision, *, today: date) -> bool:
    """Whether opinions are being asked for on the day."""
    return (
        revision.state == Revision.State.CONSULTING
        and revision.consult_until is not None
        and today <= revision.consult_until
    )


def is_invited(revision: Revision, *, member: Member, today: date) -> bool:
    """Whether the member is asked for an opinion: everybody, or the departments named."""
    wanted = set(revision.audience.get("departments") or ())
    if not wanted or member.is_officer:
        return True
    if member.employee is None:
        return False
    paths = Assignment.objects.filter(
        company_id=revision.company_id, employee=member.employee, valid_to__isnull=True
    ).values_list("department__path_ids", flat=True)
    return any(wanted.intersection(path) for path in paths)


def answer(
    *, revision_id: int, opinion_id: int, text: str, actor: Actor, company_id: int, now: datetime
) -> Opinion:
    """Answer an opinion, once. Raises UnknownRevision, BadRevision."""
    found = revision_of(company_id=company_id, revision_id=revision_id)
    opinion = (
        Opinion.objects.select_for_update()
        .filter(company_id=company_id, revision=found, pk=opinion_id)
        .first()
    )
    text = text.replace("\x00", "").strip()
    if opinion is None or opinion.answered_at is not None:
        raise BadRevision(_("这条意见已经答复过了"))
    if not text or len(text) > TEXT_MAX:
        raise BadRevision(_("请写下答复"))
    opinion.answer, opinion.answered_name, opinion.answered_at = text, actor.name[:80], now
    opinion.save(update_fields=["answer", "answered_name", "answered_at"])
    return opinion


def add_minutes(
    *, revision: Revision, file: StoredFile, title: str, actor: Actor, now: datetime
) -> Minutes:
    """Put a paper of a meeting beside a revision."""
    made = Minutes.objects.create(
        company_id=revision.company_id,
        revision=revision,
        file=file,
        title=(title.strip() or file.name)[:120],
        added_name=actor.name[:80],
        added_at=now,
    )
    _note(revision, action="revision.minutes", actor=actor, now=now, reason=made.title)
    return made


def submit(
    *, company_id: int, revision_id: int, actor: Actor, today: date, now: datetime
) -> Revision:
    """Fix the text and ask for approval; where none is needed it is announced at once.

    Raises UnknownRevision, BadRevision, and what publishing refuses.
    """
    found = revision_of(company_id=company_id, revision_id=revision_id, for_update=True)
    if found.state != Revision.State.CONSULTING:
        raise BadRevision(_("这次修订已经提交过了"))
    if is_running(found, today=today):
        raise BadRevision(_("征求意见到 %(day)s 为止，之后才能提交") % {"day": found.consult_until})
    open_ones = found.opinions.filter(company_id=company_id, answered_at__isnull=True).count()
    if open_ones:
        raise BadRevision(_("还有 %(n)s 条意见没有答复") % {"n": open_ones})
    found.text = revision_text(found, day=today)
    found.sha256, found.submitted_at = digest(found.text), now
    found.save(update_fields=["text", "sha256", "submitted_at"])
    _note(found, action="revision.submit", actor=actor, now=now, reason=found.sha256)
    chain = _chain(found.scheme, actor=actor)
    if not chain:
        return _announce(found, actor=actor, today=today, now=now)
    case = open_case(
        company_id=company_id,
        key=f"revision:{found.pk}",
        kind=REVISION,
        title=_("修订“%(title)s”（%(scheme)s）")
        % {"title": found.title, "scheme": found.scheme.name},
        chain=chain,
        payload={"revision_id": found.pk, "sha256": found.sha256},
        subject_kind="revision",
        subject_id=found.pk,
        actor=actor,
        now=now,
    ).case
    found.state, found.case = Revision.State.APPROVING, case
    found.save(update_fields=["state", "case"])
    return found


def _chain(scheme: Scheme, *, actor: Actor) -> list[Link]:
    hours = scheme.limit_hours
    match scheme.approval:
        case Scheme.Approval.OWNER:
            return [Link((OWNERS,), limit_hours=hours)]
        case Scheme.Approval.COMMITTEE:
            committee = committee_of(
                company_id=scheme.company_id, committee_id=scheme.committee_id or 0
            )
            return [vote_of(committee, limit_hours=hours)]
        case Scheme.Approval.TWO_LEVEL:
            # Who answers for the scheme may have proposed it: then another officer looks first.
            first = (
                OFFICERS
                if scheme.responsible_id in (None, actor.membership_id)
                else Ask(membership_id=scheme.responsible_id)
            )
            return [Link((first,), limit_hours=hours), Link((OWNERS,), limit_hours=hours)]
        case _:
            return []


def settle_revision(
    *, company_id: int, outcome: Outcome, actor: Actor, today: date, now: datetime
) -> None:
    """Do what the approval of a revision came to. Raises BadRevision and what publishing refuses."""
    found = revision_of(
        company_id=company_id, revision_id=int(outcome.payload["revision_id"]), for_update=True
    )
    if found.state != Revision.State.APPROVING:
        return
    if outcome.is_approved:
        if digest(revision_text(found, day=today)) != found.sha256:
            raise BadRevision(_("提交以后草稿又被改过，请撤回，改好后重新提交"))
        _announce(found, actor=actor, today=today, now=now)
        return
    found.state = (
        Revision.State.REFUSED if outcome.state == Case.State.REFUSED else Revision.State.WITHDRAWN
    )
    found.closed_at = now
    found.save(update_fields=["state", "closed_at"])


def withdraw_revision(
    *, company_id: int, revision_id: int, actor: Actor, now: datetime
) -> Revision:
    """Give a revision up before it is submitted; its drafts stay. Raises BadRevision."""
    found = revision_of(company_id=company_id, revision_id=revision_id, for_update=True)
    if found.state != Revision.State.CONSULTING:
        raise BadRevision(_("已经提交的修订，请在审批里撤回"))
    found.state, found.closed_at = Revision.State.WITHDRAWN, now
    found.save(update_fields=["state", "closed_at"])
    _note(found, action="revision.withdraw", actor=actor, now=now)
    return found


def _announce(revision: Revision, *, actor: Actor, today: date, now: datetime) -> Revision:
    """Publish the drafts and retire the rules from a day that leaves the notice that is promised."""
    company_id = revision.company_id
    earliest = today + timedelta(days=revision.scheme.notice_days)
    revision.effective_on = max(revision.effective_on, earliest)
    changes = list(revision.changes.filter(company_id=company_id))
    publish(
        company_id=company_id,
        version_ids=[each.version_id for each in changes if each.version_id],
        active_from=revision.effective_on,
        actor_id=actor.membership_id,
        now=now,
        accept_proposals=True,
        is_revision=True,
    )
    for each in changes:
        if each.version_id is None:
            retire(
                company_id=company_id,
                rule_id=each.rule_id,
                from_day=revision.effective_on,
                is_revision=True,
            )
    revision.state, revision.closed_at = Revision.State.ANNOUNCED, now
    revision.save(update_fields=["state", "closed_at", "effective_on"])
    give_out(
        scheme=revision.scheme,
        day=revision.effective_on,
        revision=revision,
        actor=actor,
        now=now,
    )
    _note(
        revision,
        action="revision.announce",
        actor=actor,
        now=now,
        reason=revision.effective_on.isoformat(),
    )
    _tell(revision, topic="rules.announced", now=now)
    return revision


def _note(
    revision: Revision, *, action: str, actor: Actor, now: datetime, reason: str = ""
) -> None:
    note(
        company_id=revision.company_id,
        actor=actor,
        now=now,
        action=action,
        object_kind="revision",
        object_id=revision.pk,
        after={"title": revision.title, "scheme": revision.scheme.name},
        reason=reason,
    )


def _tell(revision: Revision, *, topic: str, now: datetime) -> None:
    tell(
        company_id=revision.company_id,
        topic=topic,
        payload={"revision_id": revision.pk, "scheme": revision.scheme.code},
        happened_at=now,
    )
