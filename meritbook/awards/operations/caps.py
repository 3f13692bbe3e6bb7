"""Caps as people set and end them: by rule code, 工号 and department."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from meritbook.awards.models import Budget
from meritbook.kit.errors import Refusal
from meritbook.ledger.caps import find_caps
from meritbook.ledger.operations.caps import UnknownCap, add_cap, end_cap
from meritbook.org.operations.audit import Actor
from meritbook.org.operations.people import employee
from meritbook.rules.queries import rule, versions


class CapNotYours(Refusal):
    """The cap belongs to a rule or a budget and ends with it."""

    code = "cap_of_other"
    status = 409


class CapInPast(Refusal):
    """What was gained before today has been counted."""

    code = "day_passed"

    def __init__(self) -> None:
        super().__init__(_("上限不能从过去开始，也不能在过去结束"))


class DeductionsHaveNoCap(Refusal):
    """A cap limits what somebody gains; the rule only takes away."""

    code = "cap_on_deductions"

    def __init__(self, name: str) -> None:
        super().__init__(
            _("“%(name)s”是扣分标准：上限只限制得分，扣分不设上限，也不会因为上限少扣")
            % {"name": name}
        )


def set_cap(
    *,
    company_id: int,
    name: str,
    asset_code: str,
    amount: int,
    scope: str,
    period: str,
    policy: str,
    valid_from: date,
    today: date,
    actor: Actor,
    now: datetime,
    department_id: int | None = None,
    employee_no: str = "",
    rule_code: str = "",
    reason: str = "",
) -> int:
    """Add a cap from today or a later day on; its id. ``amount`` is minor units of the asset.

    For everybody, one person (``employee_no``, with a reason), a department or the company; for
    everything or one rule. Raises CapInPast, UnknownEmployee, UnknownRule, DeductionsHaveNoCap,
    CapRefused, CapExists.
    """
    if valid_from < today:
        raise CapInPast
    with transaction.atomic():
        party_id = (
            employee(company_id=company_id, employee_no=employee_no).party_id
            if employee_no
            else None
        )
        return add_cap(
            company_id=company_id,
            name=name,
            asset_code=asset_code,
            amount=amount,
            scope=scope,
            period=period,
            policy=policy,
            valid_from=valid_from,
            department_id=department_id,
            party_id=party_id,
            subject=_subject(company_id=company_id, code=rule_code) if rule_code else None,
            reason=reason,
            actor=actor,
            now=now,
        )


def _subject(*, company_id: int, code: str) -> str:
    found = rule(company_id=company_id, code=code)
    latest = versions(company_id=company_id, rule_id=found.pk)[0]
    worths = [worth for worth in (latest.points, latest.points_max) if worth is not None]
    if worths and max(worths) < 0:
        raise DeductionsHaveNoCap(found.name)
    return found.code


def stop_cap(
    *, company_id: int, cap_id: int, day: date, today: date, actor: Actor, now: datetime
) -> None:
    """End a cap that a person set: it counts nothing on ``day`` (today or later) or after it.

    Raises UnknownCap, CapNotYours, CapInPast, CapEnded.
    """
    if day < today:
        raise CapInPast
    found = next((cap for cap in find_caps(company_id=company_id) if cap.cap_id == cap_id), None)
    if found is None:
        raise UnknownCap
    if found.rule_version_id is not None:
        raise CapNotYours(_("这个上限来自积分标准“%(code)s”，请修改标准") % {"code": found.subject})
    if Budget.objects.filter(company_id=company_id, cap_ids__contains=[cap_id]).exists():
        raise CapNotYours(_("这个上限来自积分预算，请在预算里结束"))
    end_cap(company_id=company_id, cap_id=cap_id, day=day, actor=actor, now=now)
