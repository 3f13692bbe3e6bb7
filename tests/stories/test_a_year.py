"""A company's year: thirty people earn under a cap, spend, get refunds, share a team's points, turn
points into coins; what nobody used lapses at each quarter's end, and a month is closed after each.

The sums are kept beside the ledger in a dictionary and compared at the end of every quarter; at the
end the ledger proves itself, and a program that is not ours accepts its journal.
"""

import io
import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from beancount import loader

from meritbook.ledger.journal import BEANCOUNT, write_journal
from meritbook.ledger.operations import (
    Issue,
    Source,
    close_month,
    convert,
    expire,
    grant_quota,
    move,
    post_bulk,
    refund,
    set_policy,
    set_rate,
    spend,
)
from meritbook.ledger.operations.sealing import seal
from meritbook.ledger.queries import totals
from meritbook.ledger.statements import wallet
from meritbook.org.models import Party
from tests.ledger.books import Book, found_book, gift, loss
from tests.ledger.caps import cap as capped

pytestmark = pytest.mark.django_db

AT = datetime(2026, 1, 1, 1, 0, tzinfo=UTC)
PEOPLE = 30
CAP = 400_00
"""Spendable points that one person may gain in a month."""


@pytest.fixture
def book(db: None) -> Iterator[Book]:
    """A company of its own, in scope."""
    found = found_book()
    with found.scope():
        yield found


def months() -> list[date]:
    return [date(2026, month, 1) for month in range(1, 13)]


def last_day(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def balance(book: Book, party_id: int, code: str = "spendable") -> int:
    accounts = wallet(company_id=book.company_id, party_id=party_id)
    return next((one.balance for one in accounts if one.asset == code), 0)


def found(book: Book) -> tuple[list[int], int, int]:
    """The people, the team, and the cap; points live to the end of their quarter, then a month."""
    people = [
        Party.objects.create(company_id=book.company_id, kind="employee").pk for _ in range(PEOPLE)
    ]
    team = Party.objects.create(company_id=book.company_id, kind="team").pk
    for code in ("spendable",):
        set_policy(
            company_id=book.company_id,
            code=code,
            policy={
                "expiry": "period_end",
                "expiry_period": "quarter",
                "expiry_count": 1,
                "is_convertible": True,
            },
            changed_at=AT,
            actor_id=None,
        )
    set_rate(
        company_id=book.company_id,
        from_code="spendable",
        to_code="coin",
        valid_from=date(2026, 1, 1),
        numerator=1,
        denominator=100,
        announced_at=AT,
        announced_on=date(2026, 1, 1),
    )
    cap = capped(book, CAP, asset_code="spendable", valid_from=date(2026, 1, 1))
    return people, team, cap


def earnings(
    chance: random.Random, people: list[int], month: date, cap: int
) -> tuple[list[Issue], dict[int, tuple[int, int]]]:
    """A month of awards and deductions, and what each person gains by the rules of the cap."""
    issues = []
    gained: dict[int, tuple[int, int]] = {}
    for party in people:
        honour = spendable = 0
        for n in range(18):
            points = chance.choice((-500, 1000, 2000, 3000, 5000))
            day = month + timedelta(days=chance.randrange(last_day(month).day))
            issues.append(
                Issue(
                    key=f"{month:%Y-%m}/{party}/{n}",
                    kind="award" if points > 0 else "deduct",
                    party_id=party,
                    amounts=gift(points) if points > 0 else loss(-points),
                    effective_on=day,
                    fact_on=day,
                    source_kind="event",
                    source_id=n,
                    caps=(cap,) if points > 0 else (),
                )
            )
            allowed = min(points, CAP - spendable) if points > 0 else points
            honour += allowed
            spendable += max(allowed, 0)
        gained[party] = (honour, spendable)
    return issues, gained


def test_a_year_of_a_company(book: Book) -> None:
    chance = random.Random(2026)
    people, team, cap = found(book)
    company = {"company_id": book.company_id}
    honour: dict[int, int] = defaultdict(int)
    refunded = clipped = lapsed = 0
    for month in months():
        grant_quota(**company, party_id=book.hanmeimei, month=month, amount=1000, actor_id=None)
        issues, gained = earnings(chance, people, month, cap)
        before = {party: balance(book, party) for party in people}
        results = post_bulk(**company, issues=issues)
        assert {result.status for result in results} <= {"new", "capped"}
        clipped += [result.status for result in results].count("capped")
        for party, (gain, spendable) in gained.items():
            honour[party] += gain
            assert balance(book, party) == before[party] + spendable
        again = post_bulk(**company, issues=issues)
        assert {result.status for result in again} == {"duplicate"}

        today = last_day(month)
        for n, party in enumerate(people):
            source = Source("order", n)
            bought = spend(
                **company,
                key=f"buy/{month}/{party}",
                party_id=party,
                code="spendable",
                amount=50_00,
                today=today,
                source=source,
            )
            if n % 7 == 0:
                refund(**company, tx_id=bought.tx_id, key=f"back/{month}/{party}", today=today)
                refunded += 1
            if n % 5 == 0:
                convert(
                    **company,
                    key=f"coin/{month}/{party}",
                    party_id=party,
                    from_code="spendable",
                    to_code="coin",
                    amount=10_00,
                    today=today,
                    source=source,
                )
            if n % 3 == 0:
                move(
                    **company,
                    key=f"team/{month}/{party}",
                    from_party_id=party,
                    to_party_id=team,
                    code="spendable",
                    amount=5_00,
                    today=today,
                    source=source,
                )
        move(
            **company,
            key=f"share/{month}",
            from_party_id=team,
            to_party_id=people[1],
            code="spendable",
            amount=20_00,
            today=today,
            source=Source("share", 1),
        )
        # The morning after: what lapsed with the month before goes.
        lapsed += expire(**company, today=today + timedelta(days=1)).amount
        seal(**company, now=AT)
        close_month(**company, month=month, closed_by=1, closed_at=AT + timedelta(days=400))
        if month.month % 3 == 0:
            book.assert_sound()

    assert clipped > 100
    assert refunded == 12 * 5
    assert lapsed > 0
    assert {party: balance(book, party, "honour") for party in people} == dict(honour)
    # 10.00 a month at a hundred to one.
    assert balance(book, people[0], "coin") == 12 * 10
    year = {
        total.party_id: total.points
        for total in totals(
            **company, asset_code="honour", date_from=date(2026, 1, 1), date_to=date(2026, 12, 31)
        )
    }
    assert {party: year[party] for party in people} == dict(honour)
    # Of the last quarter something is left, of the earlier ones nothing.
    days = book.rows(
        "SELECT DISTINCT l.expires_on::text FROM ledger_lot l JOIN ledger_account w"
        " ON w.account_id = l.account_id JOIN ledger_asset a ON a.asset_id = w.asset_id"
        " WHERE a.code = 'spendable' AND l.granted > l.used + l.revoked + l.expired"
    )
    assert days == [("2027-01-31",)]

    journal = io.StringIO()
    write_journal(**company, form=BEANCOUNT, file=journal, title="一年", names={})
    entries, errors, _options = loader.load_string(journal.getvalue())
    assert errors == []
    assert len(entries) > 12 * PEOPLE * 18
