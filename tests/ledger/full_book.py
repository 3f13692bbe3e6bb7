"""A book that has a row in every table of the ledger."""

from __future__ import annotations

from datetime import UTC, date, datetime

from meritbook.ledger.operations import (
    close_month,
    convert,
    expire,
    lapse_holds,
    move,
    release_pending,
    reopen_month,
    set_policy,
    set_rate,
    set_state,
)
from meritbook.ledger.operations.sealing import name_witnesses, note_anchor, seal_block
from meritbook.ledger.operations.spending import Source
from meritbook.ledger.operations.verifying import begin_verification, run_verification
from meritbook.ledger.operations.worths import set_worth
from meritbook.org.models import Login, Membership
from tests.ledger.books import Book, gift, loss, owner_of, raw
from tests.ledger.caps import cap

NOON = datetime(2026, 11, 3, 4, 0, tzinfo=UTC)
JANUARY_1 = date(2026, 1, 1)


def fill(book: Book) -> None:
    """Let everything happen once. The database must be one whose commits are real."""
    with book.scope():
        _live(book)
        membership = Membership.objects.create(
            company_id=book.company_id,
            login=Login.objects.create(phone="13800000001"),
            created_at=NOON,
        )
        name_witnesses(
            company_id=book.company_id, membership_ids=[membership.pk], actor_id=1, at=NOON
        )
    with book.scope():
        block = seal_block(company_id=book.company_id)
        assert block is not None
        note_anchor(company_id=book.company_id, seq=1, place="print", at=NOON)
        book.post("after the seal", gift(1))
        number = begin_verification(company_id=book.company_id, actor_id=1, at=NOON)
    _keep_balances(book)
    run_verification(company_id=book.company_id, verification_id=number or 0)
    with book.scope():
        begin_verification(company_id=book.company_id, actor_id=1, at=NOON)


def _live(book: Book) -> None:
    company = {"company_id": book.company_id}
    change = {"changed_at": NOON, "actor_id": 1}
    policy = {"is_convertible": True, "is_transferable": True, "expiry": "months"}
    set_policy(code="spendable", policy=policy | {"expiry_count": 1}, **company, **change)  # type: ignore[arg-type]
    rate = {"from_code": "spendable", "to_code": "coin", "numerator": 1, "denominator": 10}
    set_rate(
        valid_from=JANUARY_1,
        announced_at=NOON,
        announced_on=JANUARY_1,
        actor_id=-1,
        approver_id=owner_of(book.company_id),
        note="年度比例",
        **company,
        **rate,  # type: ignore[arg-type]
    )
    set_worth(
        asset_code="honour",
        points=100,
        cents=100,
        valid_from=date(2026, 11, 3),
        today=date(2026, 11, 3),
        announced_at=NOON,
        actor_id=1,
        **company,
    )
    spent = book.post("visit/1", gift(500))
    book.post("visit/2", gift(700), caps=(cap(book, 450), cap(book, 900, scope="company")))
    cap(book, 10, party_id=book.lilei, reason="试用期", name="个人")
    cap(book, 10, scope="department", department_id=book.sales, subject="R1")
    cap(book, 10, rule_version_id=7, subject="R2")
    book.post("late/1", loss(30), effective_on=date(2026, 11, 4))
    order = book.spend("order/1", 700)
    book.reverse(order.tx_id, "refund/1", (("spendable", 50),))
    book.reverse(spent.tx_id, "undo/1")
    book.post("visit/4", gift(300))
    held = [book.hold(f"order/h{n}", 20, lapses_at=NOON) for n in range(3)]
    book.capture(held[0], "capture/1", 10)
    lapse_holds(now=NOON, **company)
    book.hold("order/open", 10)
    waiting = book.post("visit/3", gift(80), is_pending=True)
    release_pending(tx_id=waiting.tx_id, today=date(2026, 11, 5), **company)
    common = {"code": "spendable", "today": date(2026, 11, 5), "source": Source("gift", 1)}
    move(
        key="gift/1",
        from_party_id=book.lilei,
        to_party_id=book.hanmeimei,
        amount=15,
        **company,
        **common,  # type: ignore[arg-type]
    )
    convert(
        key="turn/1",
        party_id=book.hanmeimei,
        from_code="spendable",
        to_code="coin",
        amount=10,
        today=date(2026, 11, 5),
        source=Source("turn", 1),
        **company,
    )
    expire(today=date(2026, 12, 20), **company)
    set_state(party_id=book.hanmeimei, state="blocked", reason="核查", **company, **change)  # type: ignore[arg-type]
    ((now,),) = book.rows("SELECT clock_timestamp()")
    for month in (date(2026, 8, 1), date(2026, 9, 1)):
        close_month(month=month, closed_by=1, closed_at=now, **company)
    reopen_month(month=date(2026, 9, 1), reason="漏记", reopened_by=1, reopened_at=now, **company)


def _keep_balances(book: Book) -> None:
    """As the nightly job does, which looks at days long over: there is none yet."""
    with raw("superuser", book.company_id) as admin:
        admin.execute(
            "INSERT INTO ledger_checkpoint SELECT company_id, account_id, '2020-01-01', 0"
            " FROM ledger_balance"
        )
