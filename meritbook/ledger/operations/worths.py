"""Saying what points are worth from a day on."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _

from meritbook.kit.errors import Refusal
from meritbook.ledger.operations.calls import call
from meritbook.notices.operations import tell

NOTICE_DAYS = 7
"""A change is announced so many days before it holds."""


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
        points,
        cents,
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
