"""A company's book with 李雷, who earns, and 韩梅梅; short ways to post into it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import psycopg
from django.db import connection, transaction

from meritbook.kit.tenancy import company_scope
from meritbook.ledger.operations import (
    Amounts,
    Issue,
    Posted,
    Source,
    capture,
    hold,
    post,
    reverse,
    spend,
)
from meritbook.ledger.operations.rebuilding import rebuild
from meritbook.ledger.statements import wallet
from meritbook.ledger.verification import verify
from meritbook.org.models import Department, Login, Membership, Party, RoleGrant
from meritbook.site.companies import found_company
from tests import databases

FOUNDED_AT = datetime(2026, 8, 31, 8, 0, tzinfo=UTC)
NOVEMBER_3 = date(2026, 11, 3)


def gift(points: int) -> Amounts:
    """What an award posts by default: points to honour and to spendable."""
    return (("honour", points), ("spendable", points))


def loss(points: int) -> Amounts:
    """What a deduction posts by default: honour alone."""
    return (("honour", -points),)


@dataclass(frozen=True, slots=True)
class Book:
    """A company with two people and a department."""

    company_id: int
    lilei: int
    hanmeimei: int
    sales: int

    def issue(self, key: str, amounts: Amounts, **changes: Any) -> Issue:
        """An issue for 李雷 on 3 November."""
        whole: dict[str, Any] = {
            "key": key,
            "kind": "award" if amounts and amounts[0][1] > 0 else "deduct",
            "party_id": self.lilei,
            "amounts": amounts,
            "effective_on": NOVEMBER_3,
            "fact_on": NOVEMBER_3,
            "source_kind": "event",
            "source_id": 1,
            "department_id": self.sales,
        }
        return Issue(**(whole | changes))

    def post(self, key: str, amounts: Amounts, **changes: Any) -> Posted:
        return post(company_id=self.company_id, issue=self.issue(key, amounts, **changes))

    def reverse(self, tx_id: int, key: str, amounts: Amounts | None = None) -> Posted:
        return reverse(
            company_id=self.company_id, tx_id=tx_id, key=key, fact_on=NOVEMBER_3, amounts=amounts
        )

    def balance(self, asset: str, party_id: int | None = None) -> int:
        """李雷's balance, or another party's."""
        accounts = wallet(company_id=self.company_id, party_id=party_id or self.lilei)
        return next(account.balance for account in accounts if account.asset == asset)

    def rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Rows of a query in the scope that is open."""
        with connection.cursor() as cursor:
            cursor.execute(query, parameters)
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found

    def shape(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything that must not depend on the order or the road of postings."""
        return {
            "balances": self.rows(
                "SELECT w.party_id, a.code, b.posted, b.held FROM ledger_balance b"
                " JOIN ledger_account w USING (company_id, account_id)"
                " JOIN ledger_asset a USING (company_id, asset_id) ORDER BY 1, 2"
            ),
            "lots": self.rows(
                "SELECT w.party_id, a.code, l.expires_on::text, l.granted, l.used, l.revoked,"
                " l.expired FROM ledger_lot l JOIN ledger_account w USING (company_id, account_id)"
                " JOIN ledger_asset a USING (company_id, asset_id) ORDER BY 1, 2, 3"
            ),
            "totals": self.rows(
                "SELECT w.party_id, a.code, d.day, d.source_kind, d.department_id, d.earned,"
                " d.deducted, d.spent, d.n FROM ledger_day_total d"
                " JOIN ledger_account w USING (company_id, account_id)"
                " JOIN ledger_asset a USING (company_id, asset_id) ORDER BY 1, 2, 3, 4, 5"
            ),
            "keys": self.rows(
                "SELECT idem_key, idem_hash, kind, effective_on, fact_on FROM ledger_tx ORDER BY 1"
            ),
        }

    def spend(self, key: str, amount: int, **changes: Any) -> Posted:
        """李雷 redeems spendable points on 3 November."""
        return spend(**self._movement(key, amount, changes))

    def hold(self, key: str, amount: int, **changes: Any) -> int:
        """Set some of 李雷's spendable points aside; the hold's id."""
        return hold(**{"lapses_at": None} | self._movement(key, amount, changes)).hold_id

    def capture(self, hold_id: int, key: str, amount: int | None = None, **changes: Any) -> Posted:
        """Spend what was held on 3 November."""
        return capture(
            **{
                "company_id": self.company_id,
                "hold_id": hold_id,
                "key": key,
                "today": NOVEMBER_3,
                "amount": amount,
            }
            | changes
        )

    def _movement(self, key: str, amount: int, changes: dict[str, Any]) -> dict[str, Any]:
        return {
            "company_id": self.company_id,
            "key": key,
            "party_id": self.lilei,
            "code": "spendable",
            "amount": amount,
            "today": NOVEMBER_3,
            "source": Source("order", 1),
        } | changes

    def assert_sound(self) -> None:
        """Every invariant holds, and a rebuild would change nothing."""
        verification = verify(company_id=self.company_id)
        broken = [check for check in verification.checks if not check.ok]
        assert not broken, broken
        assert rebuild(company_id=self.company_id) == []

    def scope(self) -> Any:
        return company_scope(self.company_id)


def found_book(code: str = "huasheng", name: str = "华晟贸易") -> Book:
    """A company with its two people. Opens the company's scope and leaves it."""
    company = found_company(code=code, name=name, now=FOUNDED_AT)
    with company_scope(company.pk):
        lilei, hanmeimei = (
            Party.objects.create(company_id=company.pk, kind="employee").pk for _ in range(2)
        )
        sales = Department.objects.create(company_id=company.pk, name="销售部").pk
    return Book(company.pk, lilei, hanmeimei, sales)


def owner_of(company_id: int) -> int:
    """The membership of another owner, who may agree to what somebody asked for."""
    login = Login.objects.create(username=f"owner-{company_id}-{Login.objects.count()}")
    membership = Membership.objects.create(
        company_id=company_id, login=login, name="张总", created_at=FOUNDED_AT
    )
    RoleGrant.objects.create(
        company_id=company_id, membership=membership, role=RoleGrant.Role.OWNER
    )
    return membership.pk


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is rolled back at its end: one example of many."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def raw(role: str, company_id: int | None = None) -> Iterator[psycopg.Connection]:
    """A plain connection of a database role to the database under test; None = superuser."""
    name = str(connection.settings_dict["NAME"])
    options = "" if company_id is None else f"-c app.company_id={company_id}"
    address = databases.admin_dsn() if role == "superuser" else databases.url(role, name)
    with psycopg.connect(address, dbname=name, autocommit=True, options=options) as plain:
        yield plain
