"""Saying what points are worth from a day on."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _

from meritbook.approvals.models import Case
from meritbook.approvals.operations import OWNERS, Outcome, open_case
from meritbook.kit.errors import Refusal
from meritbook.kit.points import points_text
from meritbook.kit.words import told
from meritbook.ledger.operations.calls import call
from meritbook.ledger.staging import bounded
from meritbook.ledger.worth import worth_history
from meritbook.notices.operations import tell
from meritbook.org.operations.audit import Actor, note

NOTICE_DAYS = 7
"""A change is announced so many days before it holds."""
CHANGE = "ledger.worth"
"""The kind of an approval that is about a change of worth."""


class WorthRefused(Refusal):
    """The worth does not change so; ``code`` names the reason."""

    def __init__(self, reason: str) -> None:
        texts = {
            "unknown_asset": _("没有这种积分资产"),
            "bad_worth": _("积分数必须大于 0，金额不能小于 0，且都不能过大"),
            "bad_day": _("生效日期不能早于今天"),
            "worth_exists": _("这一天已经定过另一个积分价值，不能改写；请另选一天"),
            "not_approved": _("调整积分价值需要另一个人同意"),
            "short_notice": _("积分价值的调整至少要提前 %(n)s 天公布") % {"n": NOTICE_DAYS},
        }
        super().__init__(texts.get(reason, reason), code=reason)


def set_worth(
    *,
    company_id: int,
    asset_code: str,
    points: int,
    cents: int,
    valid_from: date,
    today: date,
    announced_at: datetime,
    actor_id: int | None,
    approver_id: int | None = None,
    note: str = "",
) -> bool:
    """From ``valid_from`` on, ``points`` minor units of the asset are ``cents`` of money.

    False when that was said before. The first time it may begin today; a later change needs an
    approver who is another membership than ``actor_id``, and NOTICE_DAYS of notice. Everybody is
    told through the outbox. Raises WorthRefused.
    """
    status, reason = call(
        "SELECT status, reason FROM ledger_set_worth(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        company_id,
        asset_code,
        valid_from,
        bounded(points),
        cents if cents == bounded(cents) else -1,
        announced_at,
        today,
        NOTICE_DAYS,
        actor_id,
        approver_id,
        note.replace("\x00", ""),
    )
    if status == "refused":
        raise WorthRefused(reason)
    if status == "new":
        tell(
            company_id=company_id,
            topic="worth.changed",
            payload={"asset": asset_code, "valid_from": valid_from.isoformat(), "to": "everyone"},
            happened_at=announced_at,
        )
    return bool(status == "new")


def change_worth(
    *,
    company_id: int,
    asset_code: str,
    scale: int,
    points: int,
    cents: int,
    valid_from: date,
    today: date,
    now: datetime,
    actor: Actor,
    reason: str = "",
) -> Case | None:
    """Say what an asset is worth; a change of what was said waits for an owner's approval.

    None when it holds at once (the first time), else the case. Raises WorthRefused.
    """
    rows = [each for each in worth_history(company_id=company_id) if each.asset_code == asset_code]
    if not rows:
        set_worth(
            company_id=company_id,
            asset_code=asset_code,
            points=points,
            cents=cents,
            valid_from=valid_from,
            today=today,
            announced_at=now,
            actor_id=actor.membership_id,
            note=reason,
        )
        _noted(
            company_id=company_id,
            actor=actor,
            now=now,
            asset_code=asset_code,
            after={"points": points, "cents": cents, "valid_from": valid_from},
            reason=reason,
        )
        return None
    if (valid_from - today).days < NOTICE_DAYS:
        raise WorthRefused("short_notice")
    if any(each.valid_from == valid_from for each in rows):
        raise WorthRefused("worth_exists")
    if points < 1 or cents < 0:
        raise WorthRefused("bad_worth")
    payload = {
        "asset_code": asset_code,
        "scale": scale,
        "points": points,
        "cents": cents,
        "valid_from": valid_from.isoformat(),
        "note": reason,
    }
    return open_case(
        company_id=company_id,
        key=f"worth:{asset_code}:{valid_from}:{points}:{cents}:{today}",
        kind=CHANGE,
        title=told(
            "从 %(day)s 起，%(points)s 积分折合 %(money)s 元",
            day=valid_from.isoformat(),
            points=points_text(points, scale),
            money=points_text(cents),
        ),
        ask=[OWNERS],
        payload=payload,
        subject_kind="worth",
        subject_id=asset_code,
        actor=actor,
        now=now,
    ).case


def settle_worth(*, company_id: int, outcome: Outcome, actor: Actor, today: date) -> None:
    """Do what an approved case of kind CHANGE asks for; anything else leaves things as they are.

    Raises WorthRefused: the day came too near while the case waited.
    """
    if not outcome.is_approved:
        return
    payload = outcome.payload
    set_worth(
        company_id=company_id,
        asset_code=payload["asset_code"],
        points=payload["points"],
        cents=payload["cents"],
        valid_from=date.fromisoformat(payload["valid_from"]),
        today=today,
        announced_at=outcome.at,
        actor_id=outcome.opened_by_id,
        approver_id=outcome.decided_by_id,
        note=payload["note"],
    )
    _noted(
        company_id=company_id,
        actor=actor,
        now=outcome.at,
        asset_code=payload["asset_code"],
        after={key: payload[key] for key in ("points", "cents", "valid_from")},
        reason=payload["note"],
    )


def _noted(
    *,
    company_id: int,
    actor: Actor,
    now: datetime,
    asset_code: str,
    after: dict[str, object],
    reason: str,
) -> None:
    note(
        company_id=company_id,
        actor=actor,
        now=now,
        action="worth.set",
        object_kind="asset",
        object_id=asset_code,
        after=after,
        reason=reason,
    )
