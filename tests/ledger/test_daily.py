"""What a new day does by itself: lapse, keep balances, release; each once, whatever the clock says."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command

from meritbook.kit.tenancy import company_scope
from meritbook.ledger.operations import set_policy
from meritbook.ledger.operations.daily import (
    ClockWrong,
    begin_day,
    expire_all,
    keep_balances,
    lapse_due,
)
from meritbook.ledger.statements import wallet
from meritbook.ledger.tasks import begin_day_of
from meritbook.org.models import Company
from tests.ledger.books import Book, gift

NOON = datetime(2026, 11, 3, 4, 0, tzinfo=UTC)
SHANGHAI = "Asia/Shanghai"


def spendable(book: Book) -> int:
    return {a.asset: a.balance for a in wallet(company_id=book.company_id, party_id=book.lilei)}[
        "spendable"
    ]


@pytest.fixture
def lapsing(book: Book) -> Book:
    """李雷 has 5 points that lapse after 3 December and 3 that lapse after the 20th."""
    set_policy(
        company_id=book.company_id,
        code="spendable",
        policy={"expiry": "months", "expiry_count": 1},
        changed_at=NOON,
        actor_id=1,
    )
    book.post("visit/1", gift(500))
    book.post("visit/2", gift(300), effective_on=date(2026, 11, 20), fact_on=date(2026, 11, 20))
    return book


def test_everything_lapses_in_parts_and_once(lapsing: Book) -> None:
    company_id = lapsing.company_id
    assert expire_all(company_id=company_id, today=date(2026, 12, 3), limit=1) == (0, 0)
    assert expire_all(company_id=company_id, today=date(2026, 12, 25), limit=1) == (2, 800)
    assert expire_all(company_id=company_id, today=date(2026, 12, 25), limit=1) == (0, 0)
    # The clock goes back by a week: nothing comes back, nothing is taken twice.
    assert expire_all(company_id=lapsing.company_id, today=date(2026, 12, 18)) == (0, 0)
    assert spendable(lapsing) == 0
    lapsing.assert_sound()


def test_a_wrong_clock_lets_nothing_lapse(lapsing: Book) -> None:
    with pytest.raises(ClockWrong):
        begin_day(
            company_id=lapsing.company_id,
            zone=SHANGHAI,
            now=datetime(2036, 1, 1, tzinfo=UTC),
        )
    assert spendable(lapsing) == 800


def test_the_day_begins_where_the_company_is(
    lapsing: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "meritbook.ledger.operations.daily.refuse_wrong_clock", lambda **_values: None
    )
    # Half past midnight on the 4th in Shanghai, still the 3rd in London.
    moment = datetime(2026, 12, 3, 16, 30, tzinfo=UTC)
    with time_machine.travel(moment, tick=False):
        Company.objects.filter(id=lapsing.company_id).update(time_zone="Europe/London")
        begin_day_of(company_id=lapsing.company_id)  # type: ignore[operator]
        assert spendable(lapsing) == 800
        Company.objects.filter(id=lapsing.company_id).update(time_zone=SHANGHAI)
        begin_day_of(company_id=lapsing.company_id)  # type: ignore[operator]
        assert spendable(lapsing) == 300


def test_balances_wait_until_postings_of_yesterday_have_come(book: Book) -> None:
    book.post("visit/1", gift(500))
    night = NOON.replace(hour=17, minute=29)  # before half past one in Shanghai
    assert keep_balances(company_id=book.company_id, zone=SHANGHAI, now=night) == 0
    assert book.rows("SELECT count(*) FROM ledger_checkpoint") == [(0,)]


def test_holds_come_back_when_their_time_is_over(book: Book) -> None:
    book.post("visit/1", gift(500))
    book.hold("order/1", 300, lapses_at=NOON)
    assert lapse_due(company_id=book.company_id, now=NOON - timedelta(seconds=1)) == 0
    assert lapse_due(company_id=book.company_id, now=NOON) == 1
    assert lapse_due(company_id=book.company_id, now=NOON) == 0
    book.assert_sound()


def test_the_command_takes_no_day_that_has_not_come(lapsing: Book) -> None:
    with company_scope(lapsing.company_id):
        code = Company.objects.get(id=lapsing.company_id).code

    def run(*options: str) -> str:
        out = StringIO()
        call_command("expire", "--company", code, *options, stdout=out, stderr=StringIO())
        return out.getvalue()

    with time_machine.travel("2026-12-10 04:00Z", tick=False):
        with pytest.raises(SystemExit):
            run("--until", "2026-12-25")
        assert spendable(lapsing) == 800
        assert "1 批" in run()
        assert spendable(lapsing) == 300
        assert "0 批" in run("--until", "2026-12-05")
