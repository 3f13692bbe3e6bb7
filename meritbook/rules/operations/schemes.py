"""Schemes: made, changed, looked back at, locked for a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from meritbook.approvals.models import Committee
from meritbook.kit.errors import Refusal
from meritbook.notices.operations import tell
from meritbook.org.models import Membership, Programme
from meritbook.org.operations.audit import Actor, note
from meritbook.rules.models import Lock, Review, Rule, Scheme
from meritbook.rules.queries.schemes import scheme_of

PROGRAMME = "employees"
REMIND_DAYS = 7
"""So long before the review date whoever is responsible is reminded."""


class BadScheme(Refusal):
    """What was said of a scheme cannot be."""

    code = "bad_scheme"


class Governed(Refusal):
    """The scheme asks for a revision: opinions, an approval or a notice come first."""

    code = "scheme_governed"
    status = 409


class Locked(Refusal):
    """The rules of a scheme stand still on that day."""

    code = "scheme_locked"
    status = 409


@dataclass(frozen=True, slots=True)
class SchemeData:
    """What a person says of a scheme. Ids are memberships and committees."""

    name: str
    goal: str = ""
    company_goal: str = ""
    measure: str = ""
    measure_unit: str = ""
    measure_from: Decimal | None = None
    measure_to: Decimal | None = None
    measure_by: date | None = None
    responsible_id: int | None = None
    review_on: date | None = None
    approval: str = Scheme.Approval.NONE
    committee_id: int | None = None
    limit_hours: int = 72
    consultation_days: int = 0
    notice_days: int = 0
    must_sign: bool = False


def default_scheme(*, company_id: int, now: datetime) -> Scheme:
    """The scheme of rules that nobody put elsewhere; made with the first of them."""
    programme = Programme.objects.get(company_id=company_id, code=PROGRAMME)
    found, _is_new = Scheme.objects.get_or_create(
        company_id=company_id,
        programme=programme,
        is_default=True,
        defaults={
            "code": f"default-{programme.pk}",
            "name": _("积分制度"),
            "created_at": now,
        },
    )
    return found


def save_scheme(
    *,
    company_id: int,
    data: SchemeData,
    actor: Actor,
    now: datetime,
    scheme: Scheme | None = None,
) -> Scheme:
    """Make a scheme, or change what is said of one. Raises BadScheme.

    A number to reach needs a measure and a day; a committee's vote needs the committee.
    """
    _check(company_id=company_id, data=data, scheme=scheme)
    if scheme is None:
        programme = Programme.objects.get(company_id=company_id, code=PROGRAMME)
        scheme = Scheme(
            company_id=company_id,
            programme=programme,
            code=_free_code(company_id=company_id),
            created_at=now,
            is_default=not Scheme.objects.filter(
                company_id=company_id, programme=programme, is_default=True
            ).exists(),
        )
    before = _said(scheme) if scheme.pk else None
    for name in SchemeData.__dataclass_fields__:
        setattr(scheme, name, getattr(data, name))
    if scheme.approval != Scheme.Approval.COMMITTEE:
        scheme.committee_id = None
    scheme.save()
    note(
        company_id=company_id,
        actor=actor,
        now=now,
        action="scheme.save",
        object_kind="scheme",
        object_id=scheme.code,
        before=before,
        after=_said(scheme),
    )
    return scheme


def _check(*, company_id: int, data: SchemeData, scheme: Scheme | None) -> None:
    if not data.name.strip():
        raise BadScheme(_("请填写方案的名称"))
    same = Scheme.objects.filter(company_id=company_id, name=data.name)
    if same.exclude(pk=scheme.pk if scheme and scheme.pk else 0).exists():
        raise BadScheme(_("已经有叫“%(name)s”的方案") % {"name": data.name})
    if data.measure_to is not None and (not data.measure or data.measure_by is None):
        raise BadScheme(_("写了要达到的数值，就要写明衡量指标和期限"))
    if data.approval == Scheme.Approval.COMMITTEE:
        committee = Committee.objects.filter(
            company_id=company_id, pk=data.committee_id or 0, closed_at__isnull=True
        )
        if not committee.exists():
            raise BadScheme(_("请选择由哪个委员会表决"))
    if data.approval == Scheme.Approval.TWO_LEVEL and data.responsible_id is None:
        raise BadScheme(_("两级会签要先指定方案的负责人"))
    if data.responsible_id is not None and not (
        Membership.objects.filter(
            company_id=company_id, pk=data.responsible_id, ended_at__isnull=True
        ).exists()
    ):
        raise BadScheme(_("没有这位可以登录的同事"))


def _free_code(*, company_id: int) -> str:
    taken = set(Scheme.objects.filter(company_id=company_id).values_list("code", flat=True))
    number = len(taken) + 1
    while (code := f"s{number}") in taken:
        number += 1
    return code


def _said(scheme: Scheme) -> Mapping[str, Any]:
    return {
        name: str(value)
        for name in SchemeData.__dataclass_fields__
        if (value := getattr(scheme, name)) not in (None, "", 0, False)
    }


def move_rule(
    *, rule: Rule, scheme: Scheme, actor: Actor, now: datetime, may_govern: bool = False
) -> None:
    """Let a rule belong to another scheme of the company.

    Out of a scheme whose changes are approved only with ``may_govern``: it would be a way round.
    Raises Governed.
    """
    before = scheme_of(company_id=rule.company_id, scheme_id=rule.scheme_id)
    if before.pk == scheme.pk:
        return
    if is_governed(before) and not may_govern:
        raise Governed(
            _("“%(scheme)s”的改动要经过审批，只有负责人能把标准移出去") % {"scheme": before.name}
        )
    rule.scheme = scheme
    rule.save(update_fields=["scheme"])
    note(
        company_id=rule.company_id,
        actor=actor,
        now=now,
        action="rule.move",
        object_kind="rule",
        object_id=rule.code,
        before={"scheme": before.name},
        after={"scheme": scheme.name},
    )


def review(
    *,
    scheme: Scheme,
    findings: str,
    measured: Decimal | None,
    next_on: date | None,
    today: date,
    actor: Actor,
    now: datetime,
) -> Review:
    """Write down what a look back found, and when the next one is. Raises BadScheme."""
    if not findings.strip():
        raise BadScheme(_("请写下复盘的结论"))
    if next_on is not None and next_on <= today:
        raise BadScheme(_("下次复盘的日期要在今天之后"))
    made = Review.objects.create(
        company_id=scheme.company_id,
        scheme=scheme,
        measured=measured,
        findings=findings.strip(),
        next_on=next_on,
        reviewed_by_id=actor.membership_id,
        reviewed_name=actor.name[:80],
        reviewed_at=now,
    )
    scheme.review_on = next_on
    scheme.save(update_fields=["review_on"])
    note(
        company_id=scheme.company_id,
        actor=actor,
        now=now,
        action="scheme.review",
        object_kind="scheme",
        object_id=scheme.code,
        after={"measured": str(measured or ""), "next_on": next_on},
        reason=findings[:400],
    )
    return made


def tell_reviews_due(*, company_id: int, today: date, now: datetime) -> list[Scheme]:
    """Tell of each review that comes near, once a date; the schemes told of."""
    due = [
        each
        for each in Scheme.objects.select_for_update().filter(
            company_id=company_id, review_on__lte=today + timedelta(days=REMIND_DAYS)
        )
        if each.review_told_on != each.review_on
    ]
    for scheme in due:
        scheme.review_told_on = scheme.review_on
        scheme.save(update_fields=["review_told_on"])
        tell(
            company_id=company_id,
            topic="rules.review_due",
            payload={"scheme": scheme.code, "on": str(scheme.review_on)},
            happened_at=now,
        )
    return due


def lock(
    *,
    scheme: Scheme,
    starts_on: date,
    ends_on: date,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Lock:
    """Let no change of the scheme take effect on the days, both included. Raises BadScheme."""
    if ends_on < starts_on:
        raise BadScheme(_("结束日期不能早于开始日期"))
    made = Lock.objects.create(
        company_id=scheme.company_id,
        scheme=scheme,
        starts_on=starts_on,
        ends_on=ends_on,
        reason=reason[:200],
        created_at=now,
    )
    note(
        company_id=scheme.company_id,
        actor=actor,
        now=now,
        action="scheme.lock",
        object_kind="scheme",
        object_id=scheme.code,
        after={"starts_on": starts_on, "ends_on": ends_on},
        reason=reason,
    )
    return made


def lift(*, scheme: Scheme, lock_id: int, actor: Actor, now: datetime) -> None:
    """End a lock before its time; a lock that is lifted or not there is left alone."""
    lifted = Lock.objects.filter(
        company_id=scheme.company_id, scheme=scheme, pk=lock_id, lifted_at__isnull=True
    ).update(lifted_at=now)
    if lifted:
        note(
            company_id=scheme.company_id,
            actor=actor,
            now=now,
            action="scheme.unlock",
            object_kind="scheme",
            object_id=scheme.code,
        )


def is_governed(scheme: Scheme) -> bool:
    """Whether rules of the scheme change by revisions alone."""
    return bool(
        scheme.approval != Scheme.Approval.NONE or scheme.consultation_days or scheme.notice_days
    )


def refuse_governed(*, company_id: int, scheme_ids: set[int]) -> None:
    """Raise Governed when a scheme does not let a change be published directly."""
    for scheme in Scheme.objects.filter(company_id=company_id, pk__in=scheme_ids):
        if is_governed(scheme):
            raise Governed(
                _("“%(scheme)s”的改动要先走修订：请在方案页发起修订") % {"scheme": scheme.name}
            )


def refuse_locked(*, company_id: int, scheme_ids: set[int], day: date) -> None:
    """Raise Locked when a scheme lets no change take effect on the day."""
    found = (
        Lock.objects.filter(
            company_id=company_id,
            scheme_id__in=scheme_ids,
            starts_on__lte=day,
            ends_on__gte=day,
            lifted_at__isnull=True,
        )
        .select_related("scheme")
        .order_by("-ends_on")
        .first()
    )
    if found is not None:
        raise Locked(
            _("“%(scheme)s”从 %(first)s 到 %(last)s 锁定，不能有改动在这段时间生效")
            % {"scheme": found.scheme.name, "first": found.starts_on, "last": found.ends_on}
        )
