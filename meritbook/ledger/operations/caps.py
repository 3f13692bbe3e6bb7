"""Caps: how much may be gained in a span of days. A cap never changes: it ends and another begins.

A cap counts what is posted with its id (``Issue.caps``): who posts decides which caps apply.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from meritbook.kit.errors import Refusal
from meritbook.ledger.operations.calls import call
from meritbook.org.operations.audit import Actor, note

BUCKETS = 8
"""A cap shared by many people is kept in so many buckets, taken from independently."""


class CapRefused(Refusal):
    """A cap cannot be added or ended like this; ``code`` names the reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(_text(reason), code=reason)


class UnknownCap(CapRefused):
    """The company has no such cap."""

    status = 404

    def __init__(self) -> None:
        super().__init__("unknown_cap")


class CapExists(CapRefused):
    """A cap for the same gains is in force on some of these days."""

    status = 409

    def __init__(self) -> None:
        super().__init__("cap_exists")


class CapEnded(CapRefused):
    """The cap ends by that day already."""

    status = 409

    def __init__(self) -> None:
        super().__init__("cap_ended")


def _text(reason: str) -> str:
    texts = {
        "unknown_cap": _("没有这个上限"),
        "cap_exists": _("同样范围的上限在这段时间里已经有了，请先结束原来的"),
        "cap_ended": _("这个上限已经结束，或早于这一天结束"),
        "unknown_asset": _("没有这种积分资产"),
        "bad_amount": _("上限必须大于零，且不超过最大值"),
        "bad_scope": _("上限的范围不对：全公司的不带部门和人，单独给一个人的不带部门"),
        "bad_period": _("上限的周期不对：可选天、周、月、季度、半年、年或不限时"),
        "bad_policy": _("超出上限时的处理不对：可选截到上限、整笔不计或转审批"),
        "bad_buckets": _("分格数不对：每人的上限为 1，其他为 1 至 64"),
        "bad_name": _("名称为空，或超过 60 个字"),
        "bad_subject": _("积分标准的编号为空，或超过 60 个字"),
        "bad_reason": _("理由超过 200 个字"),
        "no_reason": _("只针对一个人的上限要写明理由"),
        "bad_day": _("日期缺失、超出范围，或结束早于开始"),
        "unknown_department": _("公司里没有这个部门"),
        "unknown_party": _("公司里没有这个账户主体"),
    }
    return texts.get(reason, reason)


def _refusal(reason: str) -> CapRefused:
    match reason:
        case "unknown_cap":
            return UnknownCap()
        case "cap_exists":
            return CapExists()
        case "cap_ended":
            return CapEnded()
        case other:
            return CapRefused(other)


def add_cap(
    *,
    company_id: int,
    name: str,
    asset_code: str,
    amount: int,
    scope: str,
    period: str,
    policy: str,
    valid_from: date,
    actor: Actor,
    now: datetime,
    department_id: int | None = None,
    party_id: int | None = None,
    subject: str | None = None,
    valid_to: date | None = None,
    buckets: int | None = None,
    reason: str = "",
    replaces_cap_id: int | None = None,
    rule_version_id: int | None = None,
) -> int:
    """Add a cap; its id. ``amount`` is minor units of the asset, ``valid_to`` the day after its last.

    ``scope``: person, department or company; ``period``: day, week, month, quarter, half_year, year
    or life; ``policy``: clip, refuse or queue; ``subject``: a rule's code, None for everything. It
    counts what is posted from now on for days from ``valid_from``; with ``replaces_cap_id`` also
    what that ended cap counted in the same span of days. ``rule_version_id`` names the version of a
    rule that states it: one cap for each, beside those that people set.
    Raises CapRefused, CapExists, UnknownCap.
    """
    with transaction.atomic():
        if buckets is None:
            buckets = 1 if scope == "person" else BUCKETS
        cap_id, refused = call(
            "SELECT cap_id, reason FROM ledger_add_cap(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s,"
            " %s, %s, %s, %s, %s, %s, %s)",
            company_id,
            _clean(name),
            _clean(asset_code),
            amount if 0 < amount <= 10**15 else 0,
            scope,
            department_id,
            party_id,
            None if subject is None else _clean(subject),
            period,
            policy,
            buckets,
            valid_from,
            valid_to,
            _clean(reason),
            actor.membership_id,
            now,
            replaces_cap_id,
            rule_version_id,
        )
        if refused is not None:
            raise _refusal(refused)
        after: Mapping[str, object] = {
            "name": name,
            "asset": asset_code,
            "amount": amount,
            "scope": scope,
            "department": department_id,
            "party": party_id,
            "subject": subject,
            "period": period,
            "policy": policy,
            "from": valid_from,
            "to": valid_to,
        }
        note(
            company_id=company_id,
            actor=actor,
            now=now,
            action="cap.add",
            object_kind="cap",
            object_id=cap_id,
            after=after,
            reason=reason,
        )
        return int(cap_id)


def end_cap(*, company_id: int, cap_id: int, day: date, actor: Actor, now: datetime) -> None:
    """End a cap: it counts nothing on ``day`` or later. Raises UnknownCap, CapEnded, CapRefused."""
    with transaction.atomic():
        (refused,) = call(
            "SELECT ledger_end_cap(%s, %s, %s, %s, %s)",
            company_id,
            cap_id,
            day,
            actor.membership_id,
            now,
        )
        if refused is not None:
            raise _refusal(refused)
        note(
            company_id=company_id,
            actor=actor,
            now=now,
            action="cap.end",
            object_kind="cap",
            object_id=cap_id,
            after={"to": day},
        )


def _clean(text: str) -> str:
    """A text with NUL, which PostgreSQL cannot hold, becomes empty and is refused."""
    return "" if "\x00" in text else text
