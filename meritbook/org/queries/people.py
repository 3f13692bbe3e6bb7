"""People: the list with its search, one person, and who is where."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import cast

from django.core.paginator import Page, Paginator
from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)

from meritbook.kit.sheets import plain
from meritbook.org.models import (
    Assignment,
    AuditEntry,
    Employee,
    Fact,
    Membership,
    RoleGrant,
)
from meritbook.org.queries.departments import Node, department_tree, departments
from meritbook.org.queries.roster import (
    Employed,
    Position,
    RosterAssignment,
    RosterPerson,
    employed_between,
    roster,
)

__all__ = [
    "Employed",
    "Node",
    "PersonFilter",
    "PersonLine",
    "Position",
    "RosterAssignment",
    "RosterPerson",
    "current_path_ids",
    "department_tree",
    "departments",
    "employed_between",
    "employees",
    "history",
    "member_of_employee",
    "path_ids_of",
    "roster",
]

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFilter:
    """What the list is narrowed to. ``scope`` limits it to departments and what lies below.

    Where somebody is, is asked of ``today``: a move may have been told ahead.
    ``by_phone``: the text may be the beginning of a phone number, for readers who see those.
    """

    today: date
    text: str = ""
    by_phone: bool = False
    department_id: int | None = None
    state: str = ""
    scope: frozenset[int] | None = None
    has_login: bool | None = None


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One line of the list: where somebody is today, or was last, or will be."""

    employee: Employee
    department: str
    post: str
    grade: str
    has_login: bool


def employees(
    *, company_id: int, wanted: PersonFilter, page: int | str = 1, per_page: int = PAGE
) -> Page[PersonLine]:
    """A page of people in order of 工号; four queries."""
    found = _found(company_id=company_id, wanted=wanted)
    lines = Paginator(found, per_page).get_page(page)
    people = list(lines.object_list)
    names = {each.id: each.path for each in departments(company_id=company_id).values()}
    places = _places(
        company_id=company_id, employee_ids=[each.pk for each in people], today=wanted.today
    )
    shown = [
        PersonLine(
            employee=each,
            department=names.get(places[each.pk].department_id, "") if each.pk in places else "",
            post=_name(places[each.pk].post) if each.pk in places else "",
            grade=_name(places[each.pk].grade) if each.pk in places else "",
            has_login=each.signs_in,  # type: ignore[attr-defined]
        )
        for each in people
    ]
    return Page(shown, lines.number, cast("Paginator[PersonLine]", lines.paginator))


def selected(*, company_id: int, employee_ids: Iterable[int]) -> list[Employee]:
    """Employees by id, those who left not, in order of 工号."""
    return list(
        Employee.objects.filter(company_id=company_id, id__in=list(employee_ids))
        .exclude(state=Employee.State.LEFT)
        .order_by("employee_no")
    )


def unactivated(*, company_id: int, limit: int, today: date) -> list[Employee]:
    """Who works here and cannot sign in yet, in order of 工号, at most ``limit``."""
    wanted = PersonFilter(today=today, has_login=False, state="here")
    return list(_found(company_id=company_id, wanted=wanted)[:limit])


def history(*, company_id: int, employee: Employee) -> list[Assignment]:
    """Where somebody worked, latest first."""
    return list(
        Assignment.objects.filter(company_id=company_id, employee=employee)
        .select_related("department", "post", "grade")
        .order_by("-valid_from", "-id")
    )


def facts(*, company_id: int, employee: Employee) -> list[Fact]:
    """The dated facts of somebody, latest first."""
    return list(
        Fact.objects.filter(company_id=company_id, employee=employee).order_by(
            "kind", "-valid_from"
        )
    )


def current_path_ids(*, company_id: int, employee_id: int, today: date) -> frozenset[int]:
    """The departments, with those above, in which somebody is today, or was last, or will be.

    A move that was told ahead changes nothing before its day.
    """
    return path_ids_of(company_id=company_id, employee_ids=[employee_id], today=today)[employee_id]


def path_ids_of(
    *, company_id: int, employee_ids: Collection[int], today: date
) -> dict[int, frozenset[int]]:
    """The same for some people at once, by employee; one query."""
    valid: dict[int, set[int]] = {one: set() for one in employee_ids}
    latest: dict[int, list[int]] = {}
    rows = (
        Assignment.objects.filter(company_id=company_id, employee_id__in=employee_ids)
        .order_by(_has_begun(today), "valid_from", "id")
        .values_list("employee_id", "department__path_ids", "valid_from", "valid_to")
    )
    for employee_id, path_ids, start, end in rows:
        latest[employee_id] = path_ids
        if start <= today and (end is None or today < end):
            valid[employee_id].update(path_ids)
    return {one: frozenset(found or set(latest.get(one, ()))) for one, found in valid.items()}


def member_of_employee(*, company_id: int, employee: Employee) -> Membership | None:
    """The membership through which somebody signs in, ended ones too."""
    return (
        Membership.objects.select_related("login")
        .filter(company_id=company_id, employee=employee)
        .first()
    )


def grants_of(*, company_id: int, membership: Membership) -> list[RoleGrant]:
    """The roles of a membership."""
    return list(
        RoleGrant.objects.filter(company_id=company_id, membership=membership)
        .select_related("department")
        .order_by("role", "id")
    )


def audit_of(*, company_id: int, employee: Employee, limit: int = 20) -> list[AuditEntry]:
    """What was done to somebody's record, latest first."""
    return list(
        AuditEntry.objects.filter(
            company_id=company_id, object_kind="employee", object_id=str(employee.pk)
        ).order_by("-happened_at", "-id")[:limit]
    )


def without_login(*, company_id: int, today: date, scope: frozenset[int] | None = None) -> int:
    """How many who work here cannot sign in yet."""
    wanted = PersonFilter(today=today, has_login=False, state="here", scope=scope)
    return _found(company_id=company_id, wanted=wanted).count()


def _found(*, company_id: int, wanted: PersonFilter) -> QuerySet[Employee]:
    signs_in = Membership.objects.filter(
        company_id=company_id, employee_id=OuterRef("id"), ended_at=None
    )
    found = (
        Employee.objects.filter(company_id=company_id)
        .annotate(signs_in=Exists(signs_in))
        .order_by("employee_no")
    )
    if wanted.state == "here":
        found = found.exclude(state=Employee.State.LEFT)
    elif wanted.state:
        found = found.filter(state=wanted.state)
    if wanted.has_login is not None:
        found = found.filter(signs_in=wanted.has_login)
    if text := plain(wanted.text):
        latin = text.lower().replace(" ", "")
        # The company is filtered first: these operators cannot use an index under row security.
        match = Q(name__icontains=wanted.text.strip()) | Q(employee_no__istartswith=latin)
        match |= Q(name__icontains=text)
        if wanted.by_phone:  # who may not see phone numbers must not guess them either
            match |= Q(phone__startswith=latin)
        if latin.isascii():
            match |= Q(pinyin__startswith=latin) | Q(initials__startswith=latin)
        found = found.filter(match)
    places: list[int] = []
    if wanted.department_id is not None:
        places = [wanted.department_id]
        found = found.filter(
            _placed(company_id=company_id, department_ids=places, today=wanted.today)
        )
    if wanted.scope is not None:
        scope = sorted(wanted.scope)
        found = found.filter(
            _placed(company_id=company_id, department_ids=scope, today=wanted.today)
        )
    return found


def _has_begun(today: date) -> ExpressionWrapper:
    return ExpressionWrapper(Q(valid_from__lte=today), output_field=BooleanField())


def _placed(*, company_id: int, department_ids: list[int], today: date) -> Exists:
    """Whether the main assignment that shows (``_places``) lies in the departments or below."""
    last = (
        Assignment.objects.filter(
            company_id=company_id, employee_id=OuterRef("employee_id"), is_main=True
        )
        .order_by(_has_begun(today).desc(), "-valid_from")
        .values("id")[:1]
    )
    return Exists(
        Assignment.objects.filter(
            company_id=company_id,
            employee_id=OuterRef("id"),
            is_main=True,
            id=Subquery(last),
            department__path_ids__overlap=department_ids or [0],
        )
    )


def _places(*, company_id: int, employee_ids: list[int], today: date) -> dict[int, Assignment]:
    """The main assignment of each: today's, else the last one begun, else one to come."""
    rows = (
        Assignment.objects.filter(company_id=company_id, employee_id__in=employee_ids, is_main=True)
        .select_related("post", "grade")
        .order_by("employee_id", _has_begun(today), "valid_from")
    )
    return {row.employee_id: row for row in rows}


def _name(named: object | None) -> str:
    return str(named) if named is not None else ""
