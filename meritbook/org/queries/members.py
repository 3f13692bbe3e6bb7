"""Who is signed in, in which company, with which roles."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Model

from meritbook.org.models import Company, Employee, Login, Membership, RoleGrant


@dataclass(frozen=True, slots=True)
class Place:
    """One company in which a log-in has a membership."""

    company_id: int
    company_code: str
    company_name: str
    membership_id: int


@dataclass(frozen=True, slots=True)
class Member:
    """A log-in in the company at hand: its employee, roles, and the departments that it heads."""

    company: Company
    membership: Membership
    employee: Employee | None
    roles: frozenset[str]
    headed_department_ids: frozenset[int]

    @property
    def name(self) -> str:
        return self.employee.name if self.employee else self.membership.name

    @property
    def is_owner(self) -> bool:
        return RoleGrant.Role.OWNER in self.roles

    @property
    def is_officer(self) -> bool:
        return RoleGrant.Role.OFFICER in self.roles or self.is_owner

    @property
    def is_reader(self) -> bool:
        """Of the books, without writing in them: finance or auditor."""
        return not {RoleGrant.Role.FINANCE, RoleGrant.Role.AUDITOR}.isdisjoint(self.roles)

    @property
    def is_head(self) -> bool:
        return RoleGrant.Role.HEAD in self.roles


def places(*, login_id: int) -> list[Place]:
    """The companies in which ``login_id`` has a membership that has not ended."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT company_id, company_code, company_name, membership_id"
            " FROM org_memberships_of(%s) ORDER BY company_name, company_id",
            [login_id],
        )
        return [Place(*row) for row in cursor.fetchall()]


def place_of(*, login_id: int, company_id: int | None) -> Place | None:
    """The place to work in: the one asked for, else the first; None without any."""
    return chosen(places(login_id=login_id), company_id=company_id)


def chosen(found: Sequence[Place], *, company_id: int | None) -> Place | None:
    """Of ``found`` the place in ``company_id``, else the first; None without any."""
    for place in found:
        if place.company_id == company_id:
            return place
    return found[0] if found else None


def _columns(model: type[Model], alias: str) -> tuple[list[str], str]:
    """Field names of a model, and its columns for a SELECT."""
    fields = model._meta.concrete_fields
    names = [str(field.attname) for field in fields]
    return names, ", ".join(f'{alias}."{field.column}"' for field in fields)


_PARTS = {
    alias: (model, *_columns(model, alias))
    for alias, model in (("c", Company), ("m", Membership), ("l", Login), ("e", Employee))
}
# Every page begins with this: written out, because the ORM takes two milliseconds to say it.
_MEMBER = f"""
SELECT
    ARRAY(SELECT g.role FROM org_rolegrant g
          WHERE g.company_id = m.company_id AND g.membership_id = m.id),
    ARRAY(SELECT g.department_id FROM org_rolegrant g
          WHERE g.company_id = m.company_id AND g.membership_id = m.id
            AND g.role = 'head' AND g.department_id IS NOT NULL),
    {", ".join(columns for _model, _names, columns in _PARTS.values())}
FROM org_membership m
JOIN org_company c ON c.id = m.company_id
JOIN org_login l ON l.id = m.login_id
LEFT JOIN org_employee e ON e.company_id = m.company_id AND e.id = m.employee_id
WHERE m.company_id = %s AND m.id = %s
"""


def member(*, company_id: int, membership_id: int) -> Member:
    """The member with its roles; one query. Runs inside the company's scope."""
    with connection.cursor() as cursor:
        cursor.execute(_MEMBER, [company_id, membership_id])
        row = cursor.fetchone()
    if row is None:
        raise Membership.DoesNotExist
    roles, heads, values = row[0], row[1], list(row[2:])
    found: dict[str, Any] = {}
    for alias, (model, names, _sql) in _PARTS.items():
        own, values = values[: len(names)], values[len(names) :]
        present = own[names.index("id")] is not None
        found[alias] = model.from_db("default", names, own) if present else None
    membership: Membership = found["m"]
    membership.company, membership.login = found["c"], found["l"]
    membership.employee = found["e"]
    return Member(
        company=membership.company,
        membership=membership,
        employee=membership.employee,
        roles=frozenset(roles),
        headed_department_ids=frozenset(heads),
    )
