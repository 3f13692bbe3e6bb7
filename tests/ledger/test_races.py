"""24 sessions at one thing: exactly what may happen happens, once, and nobody is stuck."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from meritbook.ledger.operations import (
    BelowFloor,
    HoldEnded,
    NothingLeft,
    PostingRefused,
    Reversal,
    Source,
    capture,
    close_month,
    convert,
    expire,
    hold,
    lapse_holds,
    move,
    post_bulk,
    refund,
    release,
    release_pending,
    reopen_month,
    reverse_bulk,
    set_policy,
    set_rate,
    spend,
)
from meritbook.org.models import Party
from tests.counts import examples
from tests.ledger.books import NOVEMBER_3, Book, gift, loss
from tests.ledger.caps import cap
from tests.ledger.test_concurrency import at_once, in_scope

SESSIONS = 24
NOON = datetime(2026, 11, 3, 4, 0, tzinfo=UTC)
ROUNDS = examples(1, long=20)


def race(book: Book, *jobs: Callable[[int], Any]) -> list[Any]:
    """As many sessions as there are, each with a job of its own number; refusals are results."""
    results = at_once(
        [in_scope(book, lambda n=n: jobs[n % len(jobs)](n)) for n in range(SESSIONS)]  # type: ignore[misc]
    )
    unexpected = [
        one for one in results if isinstance(one, Exception) and not isinstance(one, PostingRefused)
    ]
    assert unexpected == []
    return results


def names(results: list[Any]) -> Counter[str]:
    return Counter(type(one).__name__ for one in results)


def test_one_wallet_is_spent_to_the_last_point(live_book: Book) -> None:
    for n in range(ROUNDS):
        with live_book.scope():
            live_book.post(f"visit/{n}", gift(1000))
        results = race(live_book, lambda k, n=n: live_book.spend(f"order/{n}/{k}", 70))
        assert names(results) == {"Posted": 14, "BelowFloor": SESSIONS - 14}
        with live_book.scope():
            assert live_book.balance("spendable") == 20
            live_book.spend(f"rest/{n}", 20)
            live_book.assert_sound()


def test_spending_setting_aside_handing_on_and_taking_back_share_one_wallet(
    live_book: Book,
) -> None:
    """What is left and what was taken is what was there, whoever came first."""
    with live_book.scope():
        award = live_book.post("visit/1", gift(1000))
        set_policy(
            company_id=live_book.company_id,
            code="spendable",
            policy={"is_transferable": True},
            changed_at=NOON,
            actor_id=1,
        )
    results = race(
        live_book,
        lambda n: live_book.spend(f"spend/{n}", 90),
        lambda n: live_book.hold(f"hold/{n}", 80),
        lambda n: move(
            company_id=live_book.company_id,
            key=f"move/{n}",
            from_party_id=live_book.lilei,
            to_party_id=live_book.hanmeimei,
            code="spendable",
            amount=70,
            today=NOVEMBER_3,
            source=Source("gift", 1),
        ),
        lambda n: live_book.reverse(award.tx_id, f"undo/{n}", (("spendable", -60),)),
    )
    assert any(isinstance(one, BelowFloor) for one in results)
    with live_book.scope():
        ((held,),) = live_book.rows("SELECT sum(held)::bigint FROM ledger_balance")
        ((taken,),) = live_book.rows(
            "SELECT coalesce(sum(f.amount), 0)::bigint FROM ledger_transfer f JOIN ledger_tx t"
            " USING (company_id, tx_id) JOIN ledger_asset a USING (company_id, asset_id)"
            " WHERE a.code = 'spendable' AND t.kind IN ('spend', 'transfer', 'reverse')"
        )
        assert live_book.balance("spendable") == 1000 - taken
        assert 0 <= held <= 1000 - taken
        live_book.assert_sound()


def test_one_key_is_one_transaction_of_any_kind(live_book: Book) -> None:
    with live_book.scope():
        live_book.post("visit/1", gift(5000))
    same = race(live_book, lambda _n: live_book.spend("key", 100))
    assert len({one.tx_id for one in same}) == 1
    assert [one.is_new for one in same].count(True) == 1
    held = race(live_book, lambda _n: live_book.hold("hold", 100))
    assert len(set(held)) == 1
    batches = race(
        live_book,
        lambda _n: [
            result.tx_id
            for result in post_bulk(
                company_id=live_book.company_id,
                issues=[live_book.issue(f"bulk/{k}", gift(1)) for k in range(40)],
            )
        ],
    )
    assert len({tuple(one) for one in batches}) == 1
    mixed = race(
        live_book,
        lambda _n: live_book.spend("mixed", 100),
        lambda _n: live_book.post("mixed", gift(3)),
    )
    assert names(mixed) == {"Posted": SESSIONS // 2, "KeyReused": SESSIONS // 2}
    with live_book.scope():
        live_book.assert_sound()


def test_one_cap_is_taken_to_the_last_point_and_freed_again(live_book: Book) -> None:
    with live_book.scope():
        limit = cap(live_book, 1000, scope="company", policy="refuse")
    for n in range(max(2, ROUNDS)):
        results = race(
            live_book,
            lambda k, n=n: live_book.post(f"visit/{n}/{k}", gift(50), caps=(limit,)),
        )
        assert names(results) == {"Posted": 20, "PostingRefused": 4}
        given = [one.tx_id for one in results if not isinstance(one, Exception)]
        with live_book.scope():
            assert live_book.rows("SELECT sum(used) FROM ledger_cap_bucket") == [(1000,)]
        race(
            live_book,
            lambda k, n=n, given=given: live_book.reverse(given[k % 20], f"undo/{n}/{k % 20}"),
        )
        with live_book.scope():
            assert live_book.rows("SELECT sum(used) FROM ledger_cap_bucket") == [(0,)]
            live_book.assert_sound()


def test_one_hold_ends_once(live_book: Book) -> None:
    for n in range(max(4, ROUNDS)):
        with live_book.scope():
            live_book.post(f"visit/{n}", gift(100))
            held = live_book.hold(f"hold/{n}", 60, lapses_at=NOON)
            before = live_book.balance("spendable")
        results = race(
            live_book,
            lambda k, n=n, held=held: capture(
                company_id=live_book.company_id,
                hold_id=held,
                key=f"capture/{n}/{k}",
                today=NOVEMBER_3,
                amount=40,
            ),
            lambda _k, held=held: release(
                company_id=live_book.company_id, hold_id=held, released_at=NOON
            ),
            lambda _k: lapse_holds(company_id=live_book.company_id, now=NOON),
        )
        captured = names(results)["Posted"]
        with live_book.scope():
            ends = live_book.rows("SELECT outcome FROM ledger_hold_end WHERE hold_id = %s", held)
            assert len(ends) == 1
            assert captured == (ends == [("captured",)])
            assert live_book.balance("spendable") == before - 40 * captured
            live_book.assert_sound()
        losers = [one for one in results if isinstance(one, Exception)]
        assert all(isinstance(one, HoldEnded) for one in losers)


def test_one_transaction_is_taken_back_once(live_book: Book) -> None:
    for n in range(ROUNDS):
        with live_book.scope():
            whole = live_book.post(f"whole/{n}", gift(1000)).tx_id
            parts = live_book.post(f"parts/{n}", gift(1000)).tx_id
            order = live_book.spend(f"order/{n}", 300).tx_id
        results = race(live_book, lambda k, n=n, tx=whole: live_book.reverse(tx, f"undo/{n}/{k}"))
        assert names(results) == {"Posted": 1, "NothingLeft": SESSIONS - 1}
        results = race(
            live_book,
            lambda k, n=n, tx=parts: live_book.reverse(tx, f"part/{n}/{k}", (("honour", -70),)),
            lambda k, n=n, tx=order: refund(
                company_id=live_book.company_id,
                tx_id=tx,
                key=f"refund/{n}/{k}",
                today=NOVEMBER_3,
                code="spendable",
                amount=40,
            ),
        )
        assert all(isinstance(one, NothingLeft) for one in results if isinstance(one, Exception))
        with live_book.scope():
            assert live_book.rows(
                "SELECT reversed FROM ledger_reversed_total WHERE tx_id IN (%s, %s) ORDER BY 1",
                parts,
                order,
            ) == [(280,), (840,)]
            live_book.assert_sound()


def test_publicity_ends_once_by_release_or_return(live_book: Book) -> None:
    for n in range(max(3, ROUNDS)):
        with live_book.scope():
            award = live_book.post(f"visit/{n}", gift(100), is_pending=True).tx_id
            before = live_book.balance("honour")
        results = race(
            live_book,
            lambda _k, tx=award: release_pending(
                company_id=live_book.company_id, tx_id=tx, today=NOVEMBER_3
            ),
            lambda k, n=n, tx=award: live_book.reverse(tx, f"no/{n}/{k}"),
        )
        assert all(isinstance(one, NothingLeft) for one in results if isinstance(one, Exception))
        with live_book.scope():
            # Released or not, whoever took it back had the last word.
            assert live_book.balance("honour") == before
            ((waiting,),) = live_book.rows(
                "SELECT coalesce(sum(b.posted), 0)::bigint FROM ledger_balance b JOIN"
                " ledger_account w USING (company_id, account_id) WHERE w.kind = 'pending'"
            )
            assert waiting == 0
            live_book.assert_sound()
    with live_book.scope():
        award = live_book.post("last", gift(100), is_pending=True).tx_id
    results = race(
        live_book,
        lambda _k: release_pending(company_id=live_book.company_id, tx_id=award, today=NOVEMBER_3),
    )
    assert [one.is_new for one in results].count(True) == 1


def test_one_month_is_closed_once_and_nothing_enters_it_after(live_book: Book) -> None:
    with live_book.scope():
        live_book.post("visit", gift(5000))
    results = race(
        live_book,
        lambda n: live_book.post(f"visit/{n}", gift(1)),
        lambda n: live_book.spend(f"order/{n}", 1),
        lambda _n: close_month(
            company_id=live_book.company_id,
            month=date(2026, 11, 1),
            closed_by=1,
            # Compared with the time of posting, which may be later than our start.
            closed_at=datetime.now(tz=UTC) + timedelta(minutes=1),  # noqa: TID251
        ),
    )
    assert [one for one in results if one is True] == [True]
    with live_book.scope():
        # In the order of posting no November comes after a December.
        assert live_book.rows(
            "SELECT count(*) FROM ledger_tx a JOIN ledger_tx b ON b.posted_at > a.posted_at"
            " WHERE a.effective_on = '2026-12-01' AND b.effective_on = '2026-11-03'"
            " AND EXISTS (SELECT FROM ledger_period p WHERE p.closed_at < b.posted_at)"
        ) == [(0,)]
        live_book.assert_sound()


def test_all_kinds_of_requests_at_once_never_wait_for_each_other_for_good(
    live_book: Book,
) -> None:
    """Nothing here tries again: one deadlock's victim would be an unexpected error."""
    chance = random.Random(20261103)
    company = live_book.company_id
    with live_book.scope():
        people = [
            party.pk
            for party in Party.objects.bulk_create(
                [Party(company_id=company, kind="employee") for _ in range(8)]
            )
        ]
        policy: Any = {"is_transferable": True, "is_convertible": True, "expiry": "months"}
        set_policy(
            company_id=company,
            code="spendable",
            policy=policy | {"expiry_count": 1},
            changed_at=NOON,
            actor_id=1,
        )
        set_rate(
            company_id=company,
            from_code="spendable",
            to_code="coin",
            valid_from=date(2026, 1, 1),
            numerator=1,
            denominator=2,
            announced_at=NOON,
            announced_on=date(2026, 1, 1),
        )
        caps = [
            cap(live_book, 5000, scope="company", period="day"),
            cap(live_book, 900),
            cap(live_book, 3000, scope="department", asset_code="spendable", policy="queue"),
        ]
        first = post_bulk(
            company_id=company,
            issues=[
                live_book.issue(
                    f"first/{n}",
                    gift(50),
                    party_id=people[n % 8],
                    caps=tuple(caps[: n % 4]),
                    is_pending=n % 9 == 0,
                )
                for n in range(120)
            ],
        )
    seeds = [chance.random() for _ in range(SESSIONS)]

    def some(mine: random.Random, n: int, k: int) -> None:
        party, other = mine.sample(people, 2)
        done = mine.choice(first).tx_id or 0
        common = {"company_id": company, "code": "spendable", "today": NOVEMBER_3}
        source = Source("order", n)
        verb = mine.randrange(11)
        if verb == 0:
            issues = [
                live_book.issue(
                    f"bulk/{mine.randrange(60)}",
                    mine.choice([gift(20), gift(20), loss(5), (("spendable", -3),)]),
                    party_id=mine.choice(people),
                    caps=tuple(mine.sample(caps, mine.randrange(4))),
                    effective_on=date(2026, 10 + mine.randrange(2), 3),
                )
                for _ in range(25)
            ]
            post_bulk(company_id=company, issues=issues)
        elif verb == 1:
            reverse_bulk(
                company_id=company,
                reversals=[
                    Reversal(mine.choice(first).tx_id or 0, f"undo/{n}/{k}/{m}", NOVEMBER_3)
                    for m in range(10)
                ],
            )
        elif verb == 2:
            live_book.reverse(done, f"part/{n}/{k}", (("honour", -1),))
        elif verb == 3:
            spend(key=f"s/{n}/{k}", party_id=party, amount=20, source=source, **common)  # type: ignore[arg-type]
        elif verb == 4:
            move(
                key=f"m/{n}/{k}",
                from_party_id=party,
                to_party_id=other,
                amount=10,
                source=source,
                **common,  # type: ignore[arg-type]
            )
        elif verb == 5:
            convert(
                company_id=company,
                key=f"c/{n}/{k}",
                party_id=party,
                from_code="spendable",
                to_code="coin",
                amount=10,
                today=NOVEMBER_3,
                source=source,
            )
        elif verb == 6:
            expire(company_id=company, today=date(2026, 12, 1 + mine.randrange(20)))
        elif verb == 7:
            held = hold(
                key=f"h/{n}/{k}",
                party_id=party,
                amount=5,
                source=source,
                lapses_at=NOON,
                **common,  # type: ignore[arg-type]
            )
            capture(company_id=company, hold_id=held.hold_id, key=f"x/{n}/{k}", today=NOVEMBER_3)
        elif verb == 8:
            lapse_holds(company_id=company, now=NOON)
            release_pending(company_id=company, tx_id=done, today=NOVEMBER_3)
        elif verb == 9:
            live_book.post(
                f"one/{n}/{k}", gift(30), party_id=party, caps=tuple(caps), is_pending=k % 2 == 0
            )
        else:
            month = {"company_id": company, "month": date(2026, 10, 1)}
            now = datetime.now(tz=UTC) + timedelta(minutes=5)  # noqa: TID251
            if k % 2:
                close_month(closed_by=1, closed_at=now, **month)  # type: ignore[arg-type]
            else:
                reopen_month(reason="漏记", reopened_by=1, reopened_at=now, **month)  # type: ignore[arg-type]

    def many(n: int) -> int:
        mine = random.Random(seeds[n])
        for k in range(examples(12, long=200)):
            try:
                with live_book.scope():
                    some(mine, n, k)
            except PostingRefused:
                pass
        return n

    results = at_once([lambda n=n: many(n) for n in range(SESSIONS)])  # type: ignore[misc]
    assert results == list(range(SESSIONS))
    with live_book.scope():
        live_book.assert_sound()
