"""十一月的账: facts are posted, corrected, reversed; the month is closed; what comes later counts after it.

李雷 and 韩梅梅 earn in November. One event is corrected, one withdrawn, a deduction touches the honour
alone. On 3 December the month is closed: a fact told afterwards counts on the first open day, and so
does a correction. The books balance after each line, nobody rewrites them, and the stranger's books
do not move.
"""

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from meritbook.kit import clock
from meritbook.kit.commands import company_id_of
from meritbook.kit.tenancy import company_scope
from meritbook.ledger.operations import close_month
from tests.stories.conftest import Desk, on, row

pytestmark = pytest.mark.django_db


@pytest.fixture
def books(desk: Desk) -> tuple[Desk, Desk]:
    """Ours and a stranger's, with the same rules from 1 November on."""
    other = Desk(desk.folder, code="tashan")
    with on("2026-11-01"):
        desk.code = "hongda"
        desk.found(name="宏达贸易")
        other.found(name="他山贸易", people="工号,姓名,部门\n0012,陌生人,机密部\n")
        for each in (desk, other):
            each.publish("standards-000.txt", start="2026-11-01")
    with on("2026-11-10"):
        other.events([row("1", "签合同", "2026-11-10 09:00", 数量="7")])
    return desk, other


def check(desk: Desk, other: Desk, *, honour: str, spendable: str) -> None:
    """李雷's balances; and what holds after every line of the story."""
    assert (desk.balance("0012"), desk.balance("0012", "spendable")) == (honour, spendable)
    assert desk.run("verify")["ok"]
    for asset, points in (("honour", honour), ("spendable", spendable)):
        lines = desk.run("statement", "0012", "--asset", asset)
        running = 0
        for line in lines:
            running += int(line["points"])
            assert line["balance_after"] == str(running)
        assert str(running) == points
    assert other.balance("0012") == "70"


def close(desk: Desk, month: date) -> bool:
    company_id = company_id_of(desk.code)
    with company_scope(company_id):
        return close_month(company_id=company_id, month=month, closed_by=1, closed_at=clock.now())


def withdraw(desk: Desk, *numbers: str) -> Any:
    path = desk.folder / "gone.csv"
    path.write_text("事件编号\n" + "\n".join(numbers), encoding="utf-8")
    return desk.run("withdraw_events", str(path))


def refused(desk: Desk, statement: str) -> bool:
    """Whether the database refuses a statement of somebody with the application's connection."""
    try:
        with (
            company_scope(company_id_of(desk.code)),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    except DatabaseError:
        return True
    return False


def test_a_month_of_the_books(books: tuple[Desk, Desk]) -> None:
    desk, other = books
    with on("2026-11-20"):
        # Posted: what is earned is honour and may be spent; a deduction takes honour alone.
        desk.events([row("1", "签合同", "2026-11-10 10:00", 数量="2")])
        check(desk, other, honour="20", spendable="20")
        desk.events([row("2", "收到签约定金", "2026-11-11 10:00")])
        check(desk, other, honour="50", spendable="50")
        desk.events([row("3", "迟到", "2026-11-12 09:05")])
        check(desk, other, honour="45", spendable="50")
        desk.events([row("4", "客户续费", "2026-11-12 10:00", "0013")])
        check(desk, other, honour="45", spendable="50")
        assert desk.balance("0013") == "100"

        # The same again is nothing; the same number with another content a conflict.
        assert desk.events([row("2", "收到签约定金", "2026-11-11 10:00")])["duplicate"] == 1
        assert desk.events([row("2", "签合同", "2026-11-11 10:00")])["conflict"] == 1
        check(desk, other, honour="45", spendable="50")

        # Corrected: three contracts. Both lines stay, and one says what it takes back.
        desk.events([row("1", "签合同", "2026-11-10 10:00", 数量="3")], "--revise")
        check(desk, other, honour="55", spendable="60")
        # Reversed: the deposit never came; then the lateness was none.
        withdraw(desk, "2")
        check(desk, other, honour="25", spendable="30")
        withdraw(desk, "3")
        check(desk, other, honour="30", spendable="30")
        withdraw(desk, "2", "3")
        check(desk, other, honour="30", spendable="30")
        lines = desk.run("statement", "0012", "--asset", "honour")
        undone = {line["reverses"] for line in lines if line["reverses"]}
        assert len(undone) >= 2
        assert [line["points"] for line in lines if line["event_no"] == "3"] == ["-5", "5"]

    with on("2026-12-03"):
        assert desk.board("2026-11")[:2] == [(1, "韩梅梅", "100"), (2, "李雷", "30")]
        assert close(desk, date(2026, 11, 1))
        assert not close(desk, date(2026, 11, 1))
        november = desk.board("2026-11")

        # A fact of 25 November told now counts on the first open day.
        desk.events([row("5", "签合同", "2026-11-25 10:00")])
        check(desk, other, honour="40", spendable="40")
        assert desk.board("2026-11") == november
        assert desk.board("2026-12-01")[0] == (1, "李雷", "10")
        told = desk.run("statement", "0012", "--asset", "honour", "--from", "2026-12-01", "--to", "2026-12-31")  # fmt: skip
        assert [(line["event_no"], line["effective_on"]) for line in told] == [("5", "2026-12-01")]

        # So do a correction and a withdrawal of what the closed month has.
        desk.events([row("1", "签合同", "2026-11-10 10:00", 数量="1")], "--revise")
        check(desk, other, honour="20", spendable="20")
        withdraw(desk, "4")
        assert desk.balance("0013") == "0"
        assert desk.board("2026-11") == november
        assert desk.board("2026-12")[-1] == (4, "韩梅梅", "-100")
        assert desk.board("2026-Q4")[0] == (1, "李雷", "20")
        # December goes on as ever.
        desk.events([row("6", "签合同", "2026-12-02 10:00")])
        check(desk, other, honour="30", spendable="30")

        # Nobody rewrites what stands.
        for statement in (
            "UPDATE ledger_transfer SET amount = amount + 100",
            "UPDATE ledger_balance SET posted = posted + 100",
            "DELETE FROM ledger_tx",
            "TRUNCATE ledger_transfer CASCADE",
            "UPDATE ledger_period SET state = 'open'",
            "INSERT INTO ledger_balance SELECT * FROM ledger_balance",
        ):
            assert refused(desk, statement), statement
        check(desk, other, honour="30", spendable="30")
        assert other.run("verify")["ok"]
        # The stranger's November is still open.
        other.events([row("2", "签合同", "2026-11-25 10:00")])
        assert other.board("2026-11") == [(1, "陌生人", "80")]
