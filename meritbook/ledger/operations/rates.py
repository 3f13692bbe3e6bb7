"""Saying what one asset becomes in another, with a second person and notice where it changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from secrets import token_hex
from typing import Any

from django.db import transaction

from meritbook.approvals.models import Case
from meritbook.approvals.operations import OWNERS, Outcome, open_case
from meritbook.kit.points import points_text
from meritbook.kit.words import told
from meritbook.ledger.assets import asset_policy
from meritbook.ledger.operations.lives import NOTICE_DAYS, convert, set_rate
from meritbook.ledger.operations.refusals import NotConvertible, PostingRefused, ShortNotice
from meritbook.ledger.operations.spending import Source
from meritbook.ledger.queries import movement
from meritbook.ledger.rates import rates
from meritbook.notices.operations import tell
from meritbook.org.operations.audit import Actor, note

CHANGE = "ledger.rate"
"""The kind of an approval that is about a change of rate."""
AMOUNT_MAX = 10**9


def change_rate(
    *,
    company_id: int,
    from_code: str,
    to_code: str,
    numerator: int,
    denominator: int,
    valid_from: date,
    today: date,
    now: datetime,
    actor: Actor,
    reason: str = "",
) -> Case | None:
    """Say that ``denominator`` minor units of one asset become ``numerator`` of another.

    The first rate of a pair holds at once: None. A change, and the way back of another rate, waits
    for an owner's approval: the case.
    Raises PostingRefused: unknown_asset, same_account, not_convertible, bad_amount, bad_day,
    short_notice, rate_exists.
    """
    source = asset_policy(company_id=company_id, code=from_code)
    target = asset_policy(company_id=company_id, code=to_code)
    everything = rates(company_id=company_id)
    known = [one for one in everything if (one.from_code, one.to_code) == (from_code, to_code)]
    # There and back again may make points out of nothing: that takes two people from the start.
    is_way_back = any((one.to_code, one.from_code) == (from_code, to_code) for one in everything)
    if from_code == to_code:
        raise PostingRefused("same_account")
    if target.is_rank or not source.is_convertible:
        raise NotConvertible
    if not (1 <= numerator <= AMOUNT_MAX and 1 <= denominator <= AMOUNT_MAX):
        raise PostingRefused("bad_amount")
    if valid_from < today:
        raise PostingRefused("bad_day")
    values = {
        "from_code": from_code,
        "to_code": to_code,
        "numerator": numerator,
        "denominator": denominator,
        "valid_from": valid_from.isoformat(),
    }
    if not known and not is_way_back:
        _set(
            company_id=company_id,
            values=values,
            note_text=reason,
            today=today,
            now=now,
            actor=actor,
        )
        return None
    if known and (valid_from - today).days < NOTICE_DAYS:
        raise ShortNotice
    if known and known[0].valid_from >= valid_from:
        raise PostingRefused("rate_exists")
    return open_case(
        company_id=company_id,
        key=f"rate:{from_code}:{to_code}:{valid_from}:{numerator}:{denominator}:{today}",
        kind=CHANGE,
        title=told(
            "从 %(day)s 起，%(given)s %(source)s 兑换 %(got)s %(target)s",
            day=valid_from.isoformat(),
            given=points_text(denominator, source.scale),
            source=source.name,
            got=points_text(numerator, target.scale),
            target=target.name,
        ),
        ask=[OWNERS],
        payload=values | {"from_scale": source.scale, "to_scale": target.scale, "note": reason},
        subject_kind="rate",
        subject_id=f"{from_code}/{to_code}"[:80],
        actor=actor,
        now=now,
    ).case


def settle_rate(*, company_id: int, outcome: Outcome, actor: Actor, today: date) -> None:
    """Do what an approved case of kind CHANGE asks for; anything else leaves things as they are.

    Raises ShortNotice: the day came too near while the case waited. And as ``set_rate`` does.
    """
    if not outcome.is_approved:
        return
    _set(
        company_id=company_id,
        values=outcome.payload,
        note_text=outcome.payload["note"],
        today=today,
        now=outcome.at,
        actor=actor,
        actor_id=outcome.opened_by_id,
        approver_id=outcome.decided_by_id,
    )


def _set(
    *,
    company_id: int,
    values: Mapping[str, Any],
    note_text: str,
    today: date,
    now: datetime,
    actor: Actor,
    actor_id: int | None = None,
    approver_id: int | None = None,
) -> None:
    is_new = set_rate(
        company_id=company_id,
        from_code=values["from_code"],
        to_code=values["to_code"],
        valid_from=date.fromisoformat(values["valid_from"]),
        numerator=values["numerator"],
        denominator=values["denominator"],
        announced_at=now,
        announced_on=today,
        actor_id=actor.membership_id if approver_id is None else actor_id,
        approver_id=approver_id,
        note=note_text,
    )
    if not is_new:
        return
    tell(
        company_id=company_id,
        topic="rate.changed",
        payload={
            "from": values["from_code"],
            "to": values["to_code"],
            "valid_from": values["valid_from"],
            "audience": "everyone",
        },
        happened_at=now,
    )
    note(
        company_id=company_id,
        actor=actor,
        now=now,
        action="rate.set",
        object_kind="rate",
        object_id=f"{values['from_code']}/{values['to_code']}",
        after={name: values[name] for name in ("numerator", "denominator", "valid_from")},
        reason=note_text,
    )


def conversion_preview(
    *, company_id: int, party_id: int, from_code: str, to_code: str, amount: int, today: date
) -> int:
    """What somebody would get for minor units of an asset: done, looked at and taken back.

    Exact also where each part keeps the rate of the day on which it was earned. Raises as
    ``convert`` does.
    """
    with transaction.atomic():
        posted = convert(
            company_id=company_id,
            key=f"preview/{token_hex(8)}",
            party_id=party_id,
            from_code=from_code,
            to_code=to_code,
            amount=amount,
            today=today,
            source=Source("preview", 0),
        )
        legs = movement(company_id=company_id, tx_id=posted.tx_id)
        gained = sum(one.points for one in legs if one.asset_code == to_code)
        transaction.set_rollback(True)
    return gained
