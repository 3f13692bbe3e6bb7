"""Who is signed in, in which company, with which roles."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection

from meritbook.org.models import Company, Employee, Membership, RoleGrant


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


def member(*, company_id: int, membership_id: int) -> Member:
    """The member with its roles; one query. Runs inside the company's scope."""
    grants = RoleGrant.objects.filter(company_id=company_id, membership_id=membership_id)
    membership = (
        Membership.objects.select_related("company", "employee", "login")
        .annotate(
            held=ArraySubquery(grants.values("role")),
            heads=ArraySubquery(
                grants.filter(role=RoleGrant.Role.HEAD, department_id__isnull=False).values(
                    "department_id"
                )
            ),
        )
        .get(company_id=company_id, id=membership_id)
    )
    return Member(
        company=membership.company,
        membership=membership,
        employee=membership.employee,
        roles=frozenset(membership.held),
        headed_department_ids=frozenset(membership.heads),
    )
