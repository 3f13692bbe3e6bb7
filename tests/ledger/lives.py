"""A book in which points have lived through everything that the ledger knows."""

from __future__ import annotations

from datetime import UTC, date, datetime

from meritbook.ledger.operations import (
    Source,
    convert,
    expire,
    forfeit,
    grant_quota,
    move,
    release_pending,
    set_policy,
    set_rate,
)
from tests.ledger.books import NOVEMBER_3, Book, gift, loss

NOON = datetime(2026, 11, 3, 4, 0, tzinfo=UTC)
SHOP = Source("order", 1)


def live_through(book: Book) -> None:
    """Earned, deducted, spent, refunded, held, handed on, converted, waiting, given, lapsed."""
    company = {"company_id": book.company_id}
    set_policy(
        **company,
        code="spendable",
        policy={
            "expiry": "months",
            "expiry_count": 1,
            "carry_percent": 50,
            "is_transferable": True,
            "is_convertible": True,
        },
        changed_at=NOON,
        actor_id=1,
    )
    first = book.post("visit/1", gift(50_000))
    book.post("visit/2", gift(3_333), effective_on=date(2026, 10, 20), fact_on=date(2026, 10, 20))
    book.post("late/1", loss(70_000))
    spent = book.spend("order/1", 12_345)
    book.reverse(spent.tx_id, "refund/1", (("spendable", 2_345),))
    book.capture(book.hold("order/2", 4_000), "capture/2", 1_000)
    book.hold("order/3", 500)
    move(
        **company,
        key="gift/1",
        from_party_id=book.lilei,
        to_party_id=book.hanmeimei,
        code="spendable",
        amount=777,
        today=NOVEMBER_3,
        source=SHOP,
    )
    set_rate(
        **company,
        from_code="spendable",
        to_code="coin",
        valid_from=NOVEMBER_3,
        numerator=1,
        denominator=100,
        announced_at=NOON,
        announced_on=NOVEMBER_3,
        actor_id=1,
    )
    convert(
        **company,
        key="turn/1",
        party_id=book.lilei,
        from_code="spendable",
        to_code="coin",
        amount=10_000,
        today=NOVEMBER_3,
        source=SHOP,
    )
    waiting = book.post("praise/1", gift(800), is_pending=True)
    book.post("praise/2", gift(900), is_pending=True, party_id=book.hanmeimei)
    release_pending(**company, tx_id=waiting.tx_id, today=NOVEMBER_3)
    grant_quota(
        **company, party_id=book.hanmeimei, month=date(2026, 11, 1), amount=1_000, actor_id=1
    )
    book.post("praise/3", gift(600), quota=(book.hanmeimei, 600))
    book.reverse(first.tx_id, "oops/1")
    forfeit(
        **company,
        key="leaver/1",
        party_id=book.hanmeimei,
        code="spendable",
        amount=7,
        today=NOVEMBER_3,
        source=SHOP,
    )
    expire(**company, today=date(2026, 12, 10))
