"""A company with people and rules, made through the real operations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from meritbook.awards.content import NewEvent
from meritbook.awards.operations import Recorded, close_windows, record
from meritbook.kit.tenancy import company_scope
from meritbook.org.models import Assignment, Department, Employee, Party, Post
from meritbook.rules.operations.by_hand import save_rule
from meritbook.rules.operations.publishing import publish
from meritbook.site.companies import found_company

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
"""2026-11-21 12:00 in Shanghai."""
HIRED = date(2026, 1, 1)


@dataclass(slots=True)
class World:
    """A company at hand. Everything goes through the doors that the product has."""

    company_id: int
    code: str

    def department(self, name: str, parent: Department | None = None) -> Department:
        with company_scope(self.company_id):
            made = Department.objects.create(
                company_id=self.company_id, name=name, parent=parent, path_ids=[]
            )
            made.path_ids = [*(parent.path_ids if parent else []), made.pk]
            made.save(update_fields=["path_ids"])
        return made

    def hire(
        self,
        employee_no: str,
        name: str,
        department: Department,
        *,
        post: str = "",
        hired_on: date | None = HIRED,
        left_on: date | None = None,
    ) -> Employee:
        with company_scope(self.company_id):
            party = Party.objects.create(company_id=self.company_id, kind=Party.Kind.EMPLOYEE)
            employee = Employee.objects.create(
                company_id=self.company_id,
                party=party,
                employee_no=employee_no,
                name=name,
                hired_on=hired_on,
                left_on=left_on,
            )
            place = None
            if post:
                place, _made = Post.objects.get_or_create(company_id=self.company_id, name=post)
            Assignment.objects.create(
                company_id=self.company_id,
                employee=employee,
                department=department,
                post=place,
                valid_from=hired_on or HIRED,
                valid_to=left_on and left_on + timedelta(days=1),
            )
        return employee

    def move(self, employee_no: str, department: str, day: date) -> None:
        """Somebody changes department on a day."""
        with company_scope(self.company_id):
            employee = Employee.objects.get(company_id=self.company_id, employee_no=employee_no)
            Assignment.objects.filter(employee=employee, valid_to=None).update(valid_to=day)
            Assignment.objects.create(
                company_id=self.company_id,
                employee=employee,
                department=Department.objects.get(company_id=self.company_id, name=department),
                valid_from=day,
            )

    def rule(
        self,
        shape: str,
        standard: str,
        *,
        active_from: date = HIRED,
        population: Mapping[str, Any] | None = None,
        postings: Mapping[str, Any] | None = None,
        rule: Any = None,
        **values: Any,
    ) -> Any:
        """A published rule written by hand; answers the version (``.rule.code`` is its type)."""
        with company_scope(self.company_id):
            version = save_rule(
                company_id=self.company_id,
                values={"shape": shape, "standard": standard, **values},
                population=population or {},
                postings=postings or {},
                reason="",
                actor_id=None,
                now=NOW,
                rule=rule,
            )
            publish(
                company_id=self.company_id,
                version_ids=[version.pk],
                active_from=active_from,
                actor_id=None,
                now=NOW,
                accept_proposals=True,
            )
        return version

    def record(self, *events: NewEvent, source: str = "crm", **options: Any) -> Recorded:
        options.setdefault("now", NOW)
        return record(company_id=self.company_id, events=events, source=source, **options)

    def close(self, until: date, now: datetime = NOW) -> Any:
        return close_windows(company_id=self.company_id, until=until, now=now)

    def balances(self, asset: str = "honour") -> dict[str, int]:
        """Minor units by 工号, zeros left out."""
        return {
            row[0]: row[1]
            for row in self.select(
                "SELECT e.employee_no, b.posted FROM ledger_balance b"
                " JOIN ledger_account a USING (company_id, account_id)"
                " JOIN ledger_asset s USING (company_id, asset_id)"
                " JOIN org_employee e ON e.company_id = a.company_id AND e.party_id = a.party_id"
                " WHERE b.company_id = %s AND s.code = %s AND b.posted <> 0",
                [self.company_id, asset],
            )
        }

    def day_totals(self) -> list[tuple[Any, ...]]:
        """What boards are made of, in one order."""
        return self.select(
            "SELECT e.employee_no, s.code, d.day, d.department_id, sum(d.earned - d.deducted)"
            " FROM ledger_day_total d JOIN ledger_account a USING (company_id, account_id)"
            " JOIN ledger_asset s USING (company_id, asset_id)"
            " JOIN org_employee e ON e.company_id = a.company_id AND e.party_id = a.party_id"
            " WHERE d.company_id = %s GROUP BY 1, 2, 3, 4"
            " HAVING sum(d.earned - d.deducted) <> 0 ORDER BY 1, 2, 3, 4",
            [self.company_id],
        )

    def statuses(self, source: str = "crm") -> dict[str, str]:
        return dict(
            self.select(
                "SELECT event_no, status FROM awards_event"
                " WHERE company_id = %s AND source = %s AND is_current",
                [self.company_id, source],
            )
        )

    def select(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with company_scope(self.company_id), connection.cursor() as cursor:
            cursor.execute(query, parameters)
            return list(cursor.fetchall())


def found_world(code: str, name: str) -> World:
    return World(found_company(code=code, name=name, now=NOW).pk, code)


def event(
    event_no: str,
    type_: str,
    employee_no: str = "001",
    at: str = "2026-11-12 10:00",
    *,
    quantity: str | None = None,
    amount: str | None = None,
    **attributes: str,
) -> NewEvent:
    """An event; a time without a clock is a day."""
    return NewEvent(
        event_no=event_no,
        type=type_,
        employee_no=employee_no,
        happened_at=datetime.fromisoformat(at),
        has_time=len(at) > 10,
        quantity=None if quantity is None else Decimal(quantity),
        amount=None if amount is None else Decimal(amount),
        attributes=attributes,
    )
