"""年底清零: on the last night of the year what nobody used goes, and nothing else.

李雷 saves, orders shortly before midnight and has an order that waits; a fact of December is told in
January, one of them after December was closed. The ranks of the year stay as they were.
"""

from datetime import date

import pytest

from meritbook.kit import clock
from meritbook.kit.commands import company_id_of
from meritbook.kit.tenancy import company_scope
from meritbook.ledger.operations import (
    LotsLapsed,
    Source,
    capture,
    close_month,
    hold,
    release,
)
from tests.stories.conftest import Desk, on, row
from tests.stories.test_lives import Life

pytestmark = pytest.mark.django_db
NEW_YEAR = date(2027, 1, 1)


@pytest.fixture
def life(desk: Desk) -> Life:
    return Life(desk)


def set_aside(life: Life, points: int, day: str, key: str) -> int:
    company_id = company_id_of(life.desk.code)
    with on(day), company_scope(company_id):
        return hold(
            company_id=company_id,
            key=key,
            party_id=life._party(),
            code="spendable",
            amount=points * 100,
            today=date.fromisoformat(day),
            lapses_at=None,
            source=Source("order", 9),
        ).hold_id


def tell(life: Life, number: str, contracts: int, happened: str, told: str) -> None:
    """An event that is told later than it happened."""
    with on(told, "18:00"):
        life.desk.events([row(number, "签合同", f"{happened} 10:00", 数量=str(contracts))])


def test_the_year_is_cleared(life: Life) -> None:
    company_id = company_id_of(life.desk.code)
    with on("2026-11-02"):
        assert life.choose("year_end", grace_days="0", carry_percent="0") == "每年 12 月 31 日清零"
    life.earn(20, "2026-11-20")
    life.earn(5, "2026-12-30")
    life.has("250", honour="250", lots={"2026-12-31": "250"})
    life.use(40, "2026-12-31")
    life.has("210", honour="250", lots={"2026-12-31": "210"})
    sent = set_aside(life, 60, "2026-12-31", "watch")
    kept = set_aside(life, 30, "2026-12-31", "ticket")
    life.has("210", honour="250", lots={"2026-12-31": "120"})
    board = life.desk.board("2026")

    # Midnight: what is free goes, what is set aside stays until it is decided.
    assert life.night_before("2026-12-31") == "0"
    assert life.night_before("2027-01-01") == "120"
    assert life.night_before("2027-01-01") == "0"
    life.has("90", honour="250", lots={})
    with company_scope(company_id):
        capture(company_id=company_id, hold_id=sent, key="watch sent", today=NEW_YEAR)
        # The ticket is given up on New Year's Day: its points were of last year.
        release(company_id=company_id, hold_id=kept, released_at=clock.now())
    with pytest.raises(LotsLapsed):
        life.use(30, "2027-01-01")
    life.has("30", honour="250", lots={"2026-12-31": "30"})
    assert life.night_before("2027-01-02") == "30"
    life.has("0", honour="250")

    # A contract of 30 December is told on the 2nd: it counts in December, and goes the next night.
    tell(life, "late", 3, "2026-12-30", "2027-01-02")
    life.has("30", honour="280", lots={"2026-12-31": "30"})
    assert life.night_before("2027-01-03") == "30"
    life.has("0", honour="280")
    # December is closed; what is told after that is of the new year, and lives as long.
    with on("2027-01-05"), company_scope(company_id):
        close_month(
            company_id=company_id, month=date(2026, 12, 1), closed_by=1, closed_at=clock.now()
        )
    tell(life, "later", 2, "2026-12-30", "2027-01-06")
    life.has("20", honour="300", lots={"2027-12-31": "20"})
    life.earn(1, "2027-01-07")
    assert life.night_before("2027-06-30") == "0"
    life.has("30", honour="310", lots={"2027-12-31": "30"})

    assert board[0] == (1, "李雷", "250")
    assert life.desk.board("2026")[0] == (1, "李雷", "280")
    assert life.desk.board("2027")[0] == (1, "李雷", "30")
    assert life.night_before("2028-01-01") == "30"
    life.has("0", honour="310")
