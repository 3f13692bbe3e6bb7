"""Caps: exact, fully usable, the same one by one and in bulk, and free again after a reversal."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meritbook.ledger.caps import Taken, caps_taken, cuts_of, find_caps
from meritbook.ledger.operations import (
    PostingRefused,
    Result,
    Reversal,
    post_bulk,
    reverse,
    reverse_bulk,
)
from meritbook.ledger.operations.caps import (
    CapEnded,
    CapExists,
    CapRefused,
    UnknownCap,
    end_cap,
)
from meritbook.ledger.verification import verify
from meritbook.org.models import AuditEntry
from meritbook.org.operations.audit import SYSTEM
from tests import databases
from tests.counts import examples
from tests.ledger.books import NOVEMBER_3, Book, found_book, gift, raw, undone
from tests.ledger.caps import NOW, cap, used

DAY = timedelta(1)


def results(book: Book, *issues: Any) -> list[Result]:
    """What became of issues that were posted in one batch."""
    return post_bulk(company_id=book.company_id, issues=issues)


def one(book: Book, key: str, points: int, *caps: int, **changes: Any) -> Result:
    """What became of one gift."""
    (result,) = results(book, book.issue(key, gift(points), caps=caps, **changes))
    return result


def test_a_cap_clips_what_does_not_fit(book: Book) -> None:
    monthly = cap(book, 300)
    one(book, "a", 280, monthly)

    result = one(book, "b", 50, monthly)

    assert (result.status, result.reason) == ("capped", "cap_clipped")
    assert (book.balance("honour"), book.balance("spendable")) == (300, 300)
    (cut,) = cuts_of(company_id=book.company_id, tx_ids=[result.tx_id or 0])[result.tx_id or 0]
    assert (cut.asked, cut.room, cut.allowed, cut.used_before) == (50, 20, 20, 280)
    book.assert_sound()


def test_nothing_left_is_a_transaction_without_movement_that_keeps_its_key(book: Book) -> None:
    monthly = cap(book, 100)
    one(book, "a", 100, monthly)

    result = one(book, "b", 50, monthly)

    assert (result.status, result.reason) == ("capped", "cap_clipped")
    assert book.rows("SELECT 1 FROM ledger_transfer WHERE tx_id = %s", result.tx_id) == []
    assert one(book, "b", 50, monthly) == Result("duplicate", result.tx_id, None)
    assert one(book, "b", 60, monthly).status == "conflict"
    assert used(book, monthly) == 100
    book.assert_sound()


def test_a_cap_that_refuses_takes_all_or_nothing(book: Book) -> None:
    monthly = cap(book, 100, policy="refuse")
    one(book, "a", 80, monthly)

    assert one(book, "b", 30, monthly) == Result("refused", None, "cap_reached")
    with pytest.raises(PostingRefused, match="上限"):
        book.post("b", gift(30), caps=(monthly,))
    assert one(book, "c", 20, monthly).status == "new"
    assert book.balance("honour") == 100


def test_what_a_cap_refuses_can_be_recorded_as_nothing_gained(book: Book) -> None:
    monthly = cap(book, 100, policy="refuse")
    one(book, "a", 80, monthly)

    result = one(book, "b", 30, -monthly)

    assert (result.status, result.reason) == ("capped", "cap_clipped")
    (cut,) = cuts_of(company_id=book.company_id, tx_ids=[result.tx_id or 0])[result.tx_id or 0]
    assert (cut.asked, cut.room, cut.allowed) == (30, 20, 0)
    assert book.balance("honour") == 80
    book.assert_sound()


def test_a_cap_that_queues_says_so(book: Book) -> None:
    monthly = cap(book, 100, policy="queue")

    result = one(book, "a", 130, monthly)

    assert (result.status, result.reason) == ("capped", "cap_queued")
    assert book.balance("honour") == 100


def test_beyond_what_another_cap_clips_nothing_is_queued(book: Book) -> None:
    narrow = cap(book, 50)
    wide = cap(book, 80, policy="queue", scope="company")

    assert one(book, "a", 130, narrow, wide).reason == "cap_clipped"
    assert book.balance("honour") == 50
    assert one(book, "b", 130, wide, party_id=book.hanmeimei).reason == "cap_queued"
    assert book.balance("honour", book.hanmeimei) == 30


def test_all_gains_of_a_posting_shrink_alike(book: Book) -> None:
    monthly = cap(book, 100)

    results(
        book, book.issue("a", (("coin", 7), ("honour", 300), ("spendable", 300)), caps=(monthly,))
    )

    assert [book.balance(code) for code in ("coin", "honour", "spendable")] == [2, 100, 100]


def test_losses_are_no_concern_of_a_cap(book: Book) -> None:
    monthly = cap(book, 100)

    assert one(book, "a", -500, monthly, kind="deduct").status in ("refused", "new")
    assert results(book, book.issue("b", (("honour", -500),), caps=(monthly,)))[0].status == "new"
    assert used(book, monthly) == 0


@pytest.mark.parametrize(
    ("period", "inside", "outside"),
    [
        pytest.param("day", NOVEMBER_3, NOVEMBER_3 + DAY, id="day"),
        pytest.param("week", date(2026, 11, 8), date(2026, 11, 9), id="week from Monday"),
        pytest.param("month", date(2026, 11, 30), date(2026, 12, 1), id="month"),
        pytest.param("quarter", date(2026, 10, 1), date(2026, 9, 30), id="quarter"),
        pytest.param("half_year", date(2026, 12, 31), date(2027, 1, 1), id="half year"),
        pytest.param("year", date(2026, 9, 1), date(2027, 1, 1), id="year"),
    ],
)
def test_a_cap_counts_by_its_span_of_days(
    book: Book, period: str, inside: date, outside: date
) -> None:
    limit = cap(book, 100, period=period)
    one(book, "a", 100, limit)

    assert one(book, "b", 10, limit, effective_on=inside).status == "capped"
    assert one(book, "c", 10, limit, effective_on=outside).status == "new"


def test_a_cap_for_life_counts_everything(book: Book) -> None:
    limit = cap(book, 100, period="life")
    one(book, "a", 100, limit)

    assert one(book, "b", 10, limit, effective_on=date(2031, 1, 1)).status == "capped"


def test_a_cap_counts_only_in_its_days_and_for_its_person(book: Book) -> None:
    later = cap(book, 100, valid_from=date(2026, 12, 1))
    own = cap(book, 100, subject="own", party_id=book.hanmeimei, reason="试用期")

    assert one(book, "a", 500, later, own).status == "new"
    assert one(book, "b", 500, own, party_id=book.hanmeimei).status == "capped"


def test_each_department_has_its_own_room(book: Book) -> None:
    each = cap(book, 100, scope="department")

    assert one(book, "a", 80, each).status == "new"
    assert one(book, "b", 80, each, department_id=None).status == "new"
    assert one(book, "c", 80, each, party_id=book.hanmeimei).status == "capped"


def test_a_reversal_frees_the_room(book: Book) -> None:
    monthly = cap(book, 300)
    daily = cap(book, 1000, scope="company", period="day")
    first = one(book, "a", 280, monthly, daily)
    one(book, "b", 50, monthly, daily)

    reverse(company_id=book.company_id, tx_id=first.tx_id or 0, key="r", fact_on=NOVEMBER_3)

    assert (used(book, monthly), used(book, daily)) == (20, 20)
    assert one(book, "c", 280, monthly, daily).status == "new"
    assert book.balance("honour") == 300
    book.assert_sound()


def test_parts_taken_back_free_as_much_and_never_more(book: Book) -> None:
    monthly = cap(book, 300, scope="company")
    first = book.post("a", gift(280), caps=(monthly,))

    book.reverse(first.tx_id, "r1", (("honour", -100), ("spendable", -100)))
    assert used(book, monthly) == 180
    book.reverse(first.tx_id, "r2")
    assert used(book, monthly) == 0
    book.assert_sound()


def test_a_correction_in_one_batch_finds_the_room_that_it_frees(book: Book) -> None:
    monthly = cap(book, 300)
    first = one(book, "a", 300, monthly)

    found = results(
        book,
        book.issue("b", gift(200), caps=(monthly,)),
        book.issue("a/undo", (), kind="reverse", reverses_tx_id=first.tx_id),
    )

    assert [result.status for result in found] == ["new", "new"]
    assert (book.balance("honour"), used(book, monthly)) == (200, 200)
    book.assert_sound()


def test_a_refused_correction_frees_nothing(book: Book) -> None:
    monthly = cap(book, 300)
    first = one(book, "a", 200, monthly)

    found = results(
        book,
        book.issue("b", gift(50), caps=(monthly,)),
        book.issue("a/undo", (("coin", -1),), kind="reverse", reverses_tx_id=first.tx_id),
    )

    assert [result.status for result in found] == ["new", "refused"]
    assert used(book, monthly) == 250
    book.assert_sound()


def test_what_waits_in_publicity_counts(book: Book) -> None:
    monthly = cap(book, 300)
    waiting = one(book, "a", 250, monthly, is_pending=True)

    assert one(book, "b", 100, monthly).status == "capped"
    book.reverse(waiting.tx_id or 0, "returned")

    assert used(book, monthly) == 50
    book.assert_sound()


def test_a_gift_out_of_a_quota_is_cut_too(book: Book) -> None:
    monthly = cap(book, 300)
    results(book, book.issue("q", (("quota", 1000),), party_id=book.hanmeimei, kind="grant"))

    gift_of = one(book, "a", 400, monthly, quota=(book.hanmeimei, 400))

    assert (gift_of.status, book.balance("honour")) == ("capped", 300)
    book.assert_sound()


def test_many_reversals_free_what_they_took(book: Book) -> None:
    monthly = cap(book, 1000, scope="company", buckets=4)
    posted = results(book, *(book.issue(f"a{n}", gift(60), caps=(monthly,)) for n in range(10)))
    reverse_bulk(
        company_id=book.company_id,
        reversals=[Reversal(one.tx_id or 0, f"r{one.tx_id}", NOVEMBER_3) for one in posted[:7]],
    )
    assert used(book, monthly) == 180
    book.assert_sound()


def test_who_takes_a_caps_place_goes_on_counting(book: Book) -> None:
    before = cap(book, 300)
    one(book, "a", 250, before)
    end_cap(company_id=book.company_id, cap_id=before, day=NOVEMBER_3 + DAY, actor=SYSTEM, now=NOW)
    after = cap(book, 400, valid_from=NOVEMBER_3 + DAY, replaces_cap_id=before)

    result = one(book, "b", 200, after, effective_on=NOVEMBER_3 + DAY)

    assert (result.status, book.balance("honour")) == ("capped", 400)
    assert one(book, "c", 200, after, effective_on=date(2026, 12, 1)).status == "new"


def test_what_is_used_and_left_can_be_read(book: Book) -> None:
    monthly = cap(book, 300)
    daily = cap(book, 1000, scope="company", period="day", name="全公司每天")
    one(book, "a", 280, monthly, daily)
    one(book, "b", 50, monthly, daily, party_id=book.hanmeimei)

    first, second = find_caps(company_id=book.company_id)
    assert (first.cap_id, first.name, first.amount, first.asset_code) == (
        monthly, "每月上限", 300, "honour",
    )  # fmt: skip
    taken = caps_taken(company_id=book.company_id, caps=[first, second], day=NOVEMBER_3)
    assert taken[monthly] == [Taken(book.lilei, 280, 300), Taken(book.hanmeimei, 50, 300)]
    assert taken[daily] == [Taken(0, 330, 1000)]
    december = caps_taken(company_id=book.company_id, caps=[first, second], day=date(2026, 12, 1))
    assert december == {}


def test_bulk_serves_in_the_order_of_the_rows(book: Book) -> None:
    daily = cap(book, 1000, scope="company", period="day")

    found = results(book, *(book.issue(f"a{n}", gift(300), caps=(daily,)) for n in range(5)))

    assert [result.status for result in found] == ["new", "new", "new", "capped", "capped"]
    assert used(book, daily) == 1000
    again = results(book, *(book.issue(f"a{n}", gift(300), caps=(daily,)) for n in range(5)))
    assert [result.status for result in again] == ["duplicate"] * 5
    assert [result.tx_id for result in again] == [result.tx_id for result in found]
    assert used(book, daily) == 1000
    book.assert_sound()


def test_a_key_twice_in_a_batch_takes_room_once(book: Book) -> None:
    daily = cap(book, 1000, scope="company", period="day")

    found = results(
        book,
        *(book.issue(key, gift(300), caps=(daily,)) for key in ("a", "a", "b")),
        book.issue("a", gift(301), caps=(daily,)),
    )

    assert [result.status for result in found] == ["new", "duplicate", "new", "conflict"]
    assert used(book, daily) == 600


def test_rows_that_are_refused_take_no_room(book: Book) -> None:
    daily = cap(book, 500, scope="company", period="day")

    found = results(
        book,
        book.issue("a", gift(300), caps=(daily,), department_id=10**9),
        book.issue("b", gift(300), caps=(daily,), party_id=10**9),
        book.issue("c", gift(300), caps=(daily, 10**9)),
        book.issue("d", gift(400), caps=(daily,)),
    )

    assert [result.reason for result in found] == [
        "unknown_department",
        "unknown_party",
        "unknown_cap",
        None,
    ]
    assert used(book, daily) == 400
    assert one(book, "e", 1, 10**9).reason == "unknown_cap"


ROWS = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.integers(1, 120),
        st.integers(1, 12),
        st.sets(st.integers(0, 3), max_size=3),
        st.booleans(),
    ),
    min_size=2,
    max_size=14,
)
LIMITS = st.lists(
    st.tuples(
        st.integers(1, 300),
        st.sampled_from(["person", "department", "company"]),
        st.sampled_from(["day", "week", "month"]),
        st.sampled_from(["clip", "refuse", "queue"]),
        st.sampled_from(["honour", "spendable"]),
    ),
    min_size=4,
    max_size=4,
)


@settings(
    max_examples=examples(40, long=4_000),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(limits=LIMITS, rows=ROWS)
def test_a_batch_leaves_the_same_as_single_postings(
    book: Book, limits: list[Any], rows: list[Any]
) -> None:
    """Whatever caps meet in whatever rows: amounts, verdicts, room and notes.

    All examples run in the transaction of one test, and each is undone.
    """
    with undone():
        caps = [
            cap(
                book, amount, scope=scope, period=period, policy=policy, asset_code=asset,
                subject=f"s{n}", buckets=1 if scope == "person" else n + 1,
            )
            for n, (amount, scope, period, policy, asset) in enumerate(limits)
        ]  # fmt: skip
        issues = [
            book.issue(
                f"k{n}",
                (("honour", points), ("spendable", 2 * points)),
                party_id=(book.lilei, book.hanmeimei)[who],
                effective_on=date(2026, 11, day),
                caps=tuple(-caps[i] if records else caps[i] for i in sorted(which)),
            )
            for n, (who, points, day, which, records) in enumerate(rows)
        ]
        with undone():
            singly = [results(book, issue)[0][::2] for issue in issues]
            alone = (_noted(book), book.shape())
            assert _broken(book) == []
        batch = [result[::2] for result in results(book, *issues)]
        assert batch == singly
        assert (_noted(book), book.shape()) == alone
        assert _broken(book) == []


def _broken(book: Book) -> list[Any]:
    return [check for check in verify(company_id=book.company_id).checks if not check.ok]


def _noted(book: Book) -> list[Any]:
    return [
        book.rows(
            "SELECT t.idem_key, u.cap_id, u.scope_id, u.period_start, sum(u.amount)"
            " FROM ledger_cap_use u JOIN ledger_tx t USING (company_id, tx_id)"
            " GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
        ),
        book.rows(
            "SELECT t.idem_key, c.cap_id, c.scope_id, c.period_start, c.asked, c.room, c.allowed"
            " FROM ledger_cap_cut c JOIN ledger_tx t USING (company_id, tx_id) ORDER BY 1, 2"
        ),
        book.rows(
            "SELECT cap_id, scope_id, period_start, sum(used) FROM ledger_cap_bucket"
            " GROUP BY 1, 2, 3 HAVING sum(used) > 0 ORDER BY 1, 2, 3"
        ),
    ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"amount": 0}, "bad_amount", id="zero"),
        pytest.param({"amount": -5}, "bad_amount", id="negative"),
        pytest.param({"amount": 2**63}, "bad_amount", id="2^63"),
        pytest.param({"asset_code": "gold"}, "unknown_asset", id="unknown asset"),
        pytest.param({"scope": "team"}, "bad_scope", id="unknown scope"),
        pytest.param({"scope": "company", "department_id": 1}, "bad_scope", id="company's part"),
        pytest.param({"scope": "department", "party_id": 1}, "bad_scope", id="department's person"),
        pytest.param({"period": "decade"}, "bad_period", id="unknown period"),
        pytest.param({"policy": "drop"}, "bad_policy", id="unknown policy"),
        pytest.param({"buckets": 2}, "bad_buckets", id="a person's buckets"),
        pytest.param({"scope": "company", "buckets": 65}, "bad_buckets", id="too many buckets"),
        pytest.param({"name": " "}, "bad_name", id="no name"),
        pytest.param({"name": "\x00"}, "bad_name", id="NUL"),
        pytest.param({"subject": ""}, "bad_subject", id="empty subject"),
        pytest.param({"reason": "x" * 201}, "bad_reason", id="long reason"),
        pytest.param({"party_id": 1}, "no_reason", id="a person without a reason"),
        pytest.param({"party_id": 10**9, "reason": "x"}, "unknown_party", id="unknown person"),
        pytest.param({"department_id": 10**9}, "unknown_department", id="unknown department"),
        pytest.param({"valid_to": date(2026, 9, 1)}, "bad_day", id="ends as it begins"),
        pytest.param({"valid_from": date(1900, 1, 1)}, "bad_day", id="long ago"),
        pytest.param({"replaces_cap_id": 10**9}, "unknown_cap", id="takes nobody's place"),
    ],
)
def test_what_no_cap_can_be(book: Book, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(CapRefused) as refused:
        cap(book, **({"amount": 100} | changes))

    assert refused.value.code == code
    assert refused.value.message != code
    assert find_caps(company_id=book.company_id) == []


def test_one_cap_for_the_same_gains_at_a_time(book: Book) -> None:
    first = cap(book, 100)

    with pytest.raises(CapExists):
        cap(book, 200)
    end_cap(company_id=book.company_id, cap_id=first, day=NOVEMBER_3, actor=SYSTEM, now=NOW)
    with pytest.raises(CapExists):
        cap(book, 200, valid_from=NOVEMBER_3 - DAY)
    cap(book, 200, valid_from=NOVEMBER_3)
    cap(book, 200, period="day")
    cap(book, 200, department_id=book.sales)
    cap(book, 200, subject="visit")


def test_a_cap_ends_once_or_sooner(book: Book) -> None:
    first = cap(book, 100)
    company_id = book.company_id

    with pytest.raises(UnknownCap):
        end_cap(company_id=company_id, cap_id=10**9, day=NOVEMBER_3, actor=SYSTEM, now=NOW)
    end_cap(company_id=company_id, cap_id=first, day=NOVEMBER_3, actor=SYSTEM, now=NOW)
    with pytest.raises(CapEnded):
        end_cap(company_id=company_id, cap_id=first, day=NOVEMBER_3, actor=SYSTEM, now=NOW)
    end_cap(company_id=company_id, cap_id=first, day=NOVEMBER_3 - DAY, actor=SYSTEM, now=NOW)

    assert one(book, "a", 500, first).status == "new"
    assert list(
        AuditEntry.objects.filter(company_id=company_id, object_kind="cap")
        .order_by("id")
        .values_list("action", flat=True)
    ) == ["cap.add", "cap.end", "cap.end"]


def test_another_companys_cap_is_unknown(db: None) -> None:
    stranger = found_book("tashan", "他山贸易")
    with stranger.scope():
        theirs = cap(stranger, 100)
    book = found_book()
    with book.scope():
        assert one(book, "a", 1, theirs).reason == "unknown_cap"
        found = results(book, book.issue("a", gift(1), caps=(theirs,)), book.issue("b", gift(1)))
        assert [result.reason for result in found] == ["unknown_cap", None]
        with pytest.raises(UnknownCap):
            end_cap(
                company_id=book.company_id, cap_id=theirs, day=NOVEMBER_3, actor=SYSTEM, now=NOW
            )
        for changes, code in (
            ({"department_id": stranger.sales}, "unknown_department"),
            ({"party_id": stranger.lilei, "reason": "x"}, "unknown_party"),
            ({"replaces_cap_id": theirs}, "unknown_cap"),
        ):
            with pytest.raises(CapRefused) as refused:
                cap(book, 1, **changes)  # type: ignore[arg-type]
            assert refused.value.code == code
        assert find_caps(company_id=book.company_id) == []
        with pytest.raises(DatabaseError, match="not the company in scope"), undone():
            cap(stranger, 1, subject="x")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_cap SET amount = 1",
        "UPDATE ledger_cap SET valid_to = NULL",
        "DELETE FROM ledger_cap",
        "TRUNCATE ledger_cap CASCADE",
        "DELETE FROM ledger_cap_bucket",
        "UPDATE ledger_cap_bucket SET used = allotted + 1",
        "UPDATE ledger_cap_bucket SET used = -1",
        "UPDATE ledger_cap_use SET amount = 1",
        "DELETE FROM ledger_cap_use",
        "UPDATE ledger_cap_cut SET allowed = 0",
        "DELETE FROM ledger_cap_cut",
    ],
)
def test_nobody_changes_caps_by_a_statement(live_book: Book, statement: str) -> None:
    with live_book.scope():
        monthly = cap(live_book, 100)
        one(live_book, "a", 130, monthly)
    for role in (databases.APP, databases.OWNER):
        with raw(role, live_book.company_id) as plain, pytest.raises(Exception) as refused:
            plain.execute(statement)
        assert getattr(refused.value, "sqlstate", "") in ("ML001", "42501", "23514")


@pytest.mark.parametrize(
    "change", ["tx_id = tx_id + 1000", "cap_id = cap_id + 1", "bucket = 9", "scope_id = 5"]
)
def test_a_use_without_parents_is_refused(live_book: Book, change: str) -> None:
    with live_book.scope():
        one(live_book, "a", 60, cap(live_book, 100))
    column, value = change.split(" = ")
    columns = ["company_id", "tx_id", "cap_id", "scope_id", "amount", "period_start", "bucket"]
    with (
        raw("superuser", live_book.company_id) as plain,
        pytest.raises(psycopg.errors.ForeignKeyViolation) as refused,
    ):
        plain.execute(
            f"INSERT INTO ledger_cap_use ({', '.join(columns)}) SELECT"
            f" {', '.join(value if each == column else each for each in columns)}"
            " FROM ledger_cap_use"
        )
    assert refused.value.diag.constraint_name == "ledger_cap_use_checked"


def test_a_tampered_cap_shows(live_book: Book) -> None:
    with live_book.scope():
        monthly = cap(live_book, 100)
        one(live_book, "a", 60, monthly)
    with raw("superuser", live_book.company_id) as plain:
        plain.execute("UPDATE ledger_cap_bucket SET used = 10")
    with live_book.scope():
        assert any("cap" in check.name for check in _broken(live_book))


def test_the_application_makes_no_caps_by_itself(book: Book) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT ledger_take_caps(%s, '{1}', 1, 1, '2026-11-03', '{1}', '{1}')",
            [book.company_id],
        )
    assert Counter(find_caps(company_id=book.company_id)) == Counter()
