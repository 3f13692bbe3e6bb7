"""What a cap may be, when it ends, and that nobody goes round it."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from meritbook.ledger.caps import find_caps
from meritbook.ledger.operations.caps import CapEnded, CapExists, CapRefused, UnknownCap, end_cap
from meritbook.org.models import AuditEntry
from meritbook.org.operations.audit import SYSTEM
from tests import databases
from tests.ledger.books import NOVEMBER_3, Book, found_book, gift, raw, undone
from tests.ledger.caps import NOW, broken, cap, one, results

DAY = timedelta(1)


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
        assert any("cap" in check.name for check in broken(live_book))


def test_the_application_makes_no_caps_by_itself(book: Book) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT ledger_take_caps(%s, '{1}', 1, 1, '2026-11-03', '{1}', '{1}')",
            [book.company_id],
        )
    assert Counter(find_caps(company_id=book.company_id)) == Counter()
