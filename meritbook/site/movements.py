"""Moving one's own points: turning them into others, handing them to a colleague.

From a page or from a program alike: the words for the log, the key, and who is told.
"""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _

from meritbook.kit.points import points_text
from meritbook.ledger.assets import asset_policy
from meritbook.ledger.operations import Posted, Source, convert, move
from meritbook.ledger.queries import movement
from meritbook.notices.operations import tell
from meritbook.org.models import Employee

CONVERSION, TRANSFER = "conversion", "transfer"


def convert_own(
    *,
    employee: Employee,
    from_code: str,
    to_code: str,
    amount: int,
    key: str,
    today: date,
    actor_id: int | None,
    note: str = "",
) -> tuple[Posted, int]:
    """Turn minor units of an employee's asset into another; what came of it, in minor units.

    Raises UnknownAsset and as ``convert`` does.
    """
    source = asset_policy(company_id=employee.company_id, code=from_code)
    target = asset_policy(company_id=employee.company_id, code=to_code)
    posted = convert(
        company_id=employee.company_id,
        key=key,
        party_id=employee.party_id,
        from_code=from_code,
        to_code=to_code,
        amount=amount,
        today=today,
        source=Source(
            CONVERSION,
            employee.pk,
            actor_id=actor_id,
            note=note
            or _("%(source)s 兑换成 %(target)s") % {"source": source.name, "target": target.name},
        ),
    )
    legs = movement(company_id=employee.company_id, tx_id=posted.tx_id)
    return posted, sum(one.points for one in legs if one.asset_code == to_code)


def hand_on(
    *,
    giver: Employee,
    receiver: Employee,
    code: str,
    amount: int,
    key: str,
    today: date,
    now: datetime,
    actor_id: int | None,
    note: str = "",
) -> Posted:
    """Hand minor units of an employee's asset to a colleague, who is told.

    Raises UnknownAsset and as ``move`` does.
    """
    policy = asset_policy(company_id=giver.company_id, code=code)
    words = _("%(giver)s 转给 %(receiver)s") % {"giver": giver.name, "receiver": receiver.name}
    posted = move(
        company_id=giver.company_id,
        key=key,
        from_party_id=giver.party_id,
        to_party_id=receiver.party_id,
        code=code,
        amount=amount,
        today=today,
        source=Source(
            TRANSFER, giver.pk, actor_id=actor_id, note=f"{words}：{note}" if note else words
        ),
    )
    if posted.is_new:
        tell(
            company_id=giver.company_id,
            topic="points.received",
            payload={
                "employee_id": receiver.pk,
                "from_employee_id": giver.pk,
                "asset": policy.code,
                "points": points_text(amount, policy.scale),
            },
            happened_at=now,
        )
    return posted
