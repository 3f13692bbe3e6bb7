"""People in bulk: a file's rows against what is stored, in a handful of statements."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from meritbook.kit.problems import Problem
from meritbook.kit.words import say
from meritbook.org.models import Assignment, Employee, Grade, Membership, Party, Post
from meritbook.org.names import reading
from meritbook.org.operations.department_paths import ensure_departments
from meritbook.org.operations.logins import owners_among
from meritbook.org.operations.managers import Chains, manager_chains
from meritbook.org.operations.placing import Change, Span, spans_after
from meritbook.org.operations.rows import new_ids, update_rows
from meritbook.org.people_file import PersonRow

ProblemOf = Callable[[PersonRow, str, str, str], Problem]
"""(row, column key, reason, remedy) → the problem, with the file's own heading."""

_STORED = ("name", "phone", "hired_on", "left_on", "state", "manager_id")
_COLUMNS = {
    "name": "text",
    "pinyin": "text",
    "initials": "text",
    "phone": "text",
    "hired_on": "date",
    "left_on": "date",
    "state": "text",
    "manager_id": "bigint",
}


@dataclass(frozen=True)
class PeopleLoaded:
    """What came of it. ``undo`` is what ``undo_people`` needs, as JSON."""

    created: int
    updated: int
    unchanged: int
    problems: tuple[Problem, ...]
    departments_created: tuple[str, ...]
    undo: dict[str, object]


@dataclass(slots=True)
class _Person:
    """A row with the employee it makes or changes."""

    row: PersonRow
    id: int
    party_id: int
    fresh: bool
    before: dict[str, object]
    after: dict[str, object] = field(default_factory=dict)
    spans: list[Span] = field(default_factory=list)
    new_spans: list[Span] = field(default_factory=list)

    @property
    def is_changed(self) -> bool:
        return self.before != self.after or self.spans != self.new_spans


def load_people(
    *,
    company_id: int,
    rows: Sequence[PersonRow],
    refused: Sequence[str],
    problem_of: ProblemOf,
    today: date,
    now: datetime,
) -> PeopleLoaded:
    """Create and update employees, with their departments, posts, grades and assignments.

    ``refused`` are the 工号 of rows that could not be read. Runs inside the company's scope, in
    the caller's transaction; about a dozen statements for any number of rows.
    """
    problems: list[Problem] = []
    paths = ensure_departments(company_id=company_id, paths=(row.department for row in rows))
    good: list[PersonRow] = []
    for row in rows:
        if row.department in paths.unclear:
            choice = "、".join(paths.unclear[row.department][:3])
            problems.append(
                problem_of(
                    row,
                    "department",
                    say("有几个部门都叫“%(department)s”", department=row.department[0]),
                    say("请写全路径：%(choice)s", choice=choice),
                )
            )
        else:
            good.append(row)
    lost = {*refused, *(row.employee_no for row in rows if row.department in paths.unclear)}
    stored = _stored(company_id=company_id)
    chains = manager_chains(rows=good, stored=stored, lost=lost, problem_of=problem_of)
    problems += chains.problems
    good = [row for row in good if row.employee_no not in chains.refused]
    owners = owners_among(
        company_id=company_id,
        employee_ids=[
            int(str(stored[row.employee_no]["id"]))
            for row in good
            if row.state == Employee.State.LEFT and row.employee_no in stored
        ],
    )
    for row in [row for row in good if row.state == Employee.State.LEFT]:
        if row.employee_no in stored and stored[row.employee_no]["id"] in owners:
            # A file would else shut an owner out whom the importing officer may not touch.
            good.remove(row)
            problems.append(
                problem_of(
                    row,
                    "state",
                    say("负责人不能通过导入办理离职"),
                    say("请由另一位负责人在员工页面办理"),
                )
            )
    posts, new_posts = _ensure_names(
        Post, company_id=company_id, names=[row.post for row in good if row.post]
    )
    grades, new_grades = _ensure_names(
        Grade, company_id=company_id, names=[row.grade for row in good if row.grade]
    )
    people = _people(company_id=company_id, rows=good, stored=stored)
    for person in people:
        _settle(person, ids=_Ids(paths.ids, posts, grades), today=today)
    _set_managers(people, chains=chains, stored=stored)
    changed = [person for person in people if not person.fresh and person.is_changed]
    fresh = [person for person in people if person.fresh]
    _create(company_id=company_id, people=fresh)
    _update(company_id=company_id, people=changed, fresh=fresh)
    added, removed = _write_spans(company_id=company_id, people=[*fresh, *changed])
    ended = _end_memberships(company_id=company_id, people=changed, now=now)
    return PeopleLoaded(
        created=len(fresh),
        updated=len(changed),
        unchanged=len(people) - len(fresh) - len(changed),
        problems=tuple(problems),
        departments_created=tuple(paths.created),
        undo={
            "employees": [person.id for person in fresh],
            "departments": list(paths.created.values()),
            "posts": new_posts,
            "grades": new_grades,
            "updated": [
                {
                    "id": person.id,
                    "before": _json(person.before),
                    "after": _json(person.after),
                    "spans": [span.as_json() for span in person.spans],
                }
                for person in changed
            ],
            "assignments_added": added,
            "assignments_removed": removed,
            "memberships_ended": ended,
        },
    )


@dataclass(frozen=True, slots=True)
class _Ids:
    departments: Mapping[tuple[str, ...], int]
    posts: Mapping[str, int]
    grades: Mapping[str, int]


def _stored(*, company_id: int) -> dict[str, dict[str, object]]:
    rows = Employee.objects.filter(company_id=company_id).values(
        "id", "party_id", "employee_no", *_STORED
    )
    return {str(row["employee_no"]): row for row in rows}


def _ensure_names(
    model: type[Post] | type[Grade], *, company_id: int, names: Sequence[str]
) -> tuple[dict[str, int], list[int]]:
    """Ids of posts or grades by name, made when missing; the ids of those made."""
    manager = model._default_manager
    known: dict[str, int] = dict(manager.filter(company_id=company_id).values_list("name", "id"))
    made: list[int] = []
    for name in dict.fromkeys(names):  # a company has dozens of them, so one by one will do
        if name not in known:
            known[name] = manager.create(company_id=company_id, name=name).pk
            made.append(known[name])
    return known, made


def _people(
    *, company_id: int, rows: Sequence[PersonRow], stored: Mapping[str, dict[str, object]]
) -> list[_Person]:
    count = sum(row.employee_no not in stored for row in rows)
    ids = iter(new_ids("org_employee", count))
    parties = iter(new_ids("org_party", count))
    spans: dict[int, list[Span]] = {}
    known = Assignment.objects.filter(company_id=company_id, is_main=True)
    for each in known.order_by("employee_id", "valid_from").values_list(
        "employee_id", "id", "valid_from", "valid_to", "department_id", "post_id", "grade_id"
    ):
        spans.setdefault(each[0], []).append(Span(*each[1:]))
    people = []
    for row in rows:
        before = stored.get(row.employee_no)
        if before is None:
            people.append(
                _Person(row=row, id=next(ids), party_id=next(parties), fresh=True, before={})
            )
            continue
        employee_id = int(str(before["id"]))
        people.append(
            _Person(
                row=row,
                id=employee_id,
                party_id=int(str(before["party_id"])),
                fresh=False,
                before={key: before[key] for key in _STORED},
                spans=spans.get(employee_id, []),
            )
        )
    return people


def _settle(person: _Person, *, ids: _Ids, today: date) -> None:
    """What the person is after the row: fields and assignments (the manager comes later)."""
    row, before = person.row, person.before
    state = row.state or before.get("state") or Employee.State.ACTIVE
    left_on = before.get("left_on")
    if state == Employee.State.LEFT:
        hired_on = row.hired_on or before.get("hired_on")
        left_on = row.left_on or left_on or today
        if isinstance(hired_on, date) and isinstance(left_on, date):
            left_on = max(left_on, hired_on)
    else:
        left_on = None
    person.after = {
        "name": row.name,
        "phone": before.get("phone", "") if row.phone is None else row.phone,
        "hired_on": row.hired_on or before.get("hired_on"),
        "left_on": left_on,
        "state": str(state),
        "manager_id": before.get("manager_id"),
    }
    person.new_spans = spans_after(
        person.spans,
        Change(
            department_id=ids.departments[row.department],
            post_id=ids.posts[row.post] if row.post else None,
            grade_id=ids.grades[row.grade] if row.grade else None,
            hired_on=row.hired_on,
            left_on=left_on if isinstance(left_on, date) else None,
            effective_on=row.effective_on or today,
        ),
    )


def _set_managers(
    people: Sequence[_Person], *, chains: Chains, stored: Mapping[str, dict[str, object]]
) -> None:
    ids = {number: int(str(row["id"])) for number, row in stored.items()}
    ids.update({person.row.employee_no: person.id for person in people})
    for person in people:
        manager_no = chains.managers.get(person.row.employee_no)
        if manager_no is not None:
            person.after["manager_id"] = ids[manager_no]


def _create(*, company_id: int, people: Sequence[_Person]) -> None:
    Party.objects.bulk_create(
        [
            Party(id=person.party_id, company_id=company_id, kind=Party.Kind.EMPLOYEE)
            for person in people
        ]
    )
    # Without managers at first: a manager may stand in a later batch.
    Employee.objects.bulk_create(
        [
            Employee(
                id=person.id,
                company_id=company_id,
                party_id=person.party_id,
                employee_no=person.row.employee_no,
                pinyin=reading(person.row.name).pinyin,
                initials=reading(person.row.name).initials,
                **{key: value for key, value in person.after.items() if key != "manager_id"},
            )
            for person in people
        ]
    )


def _update(*, company_id: int, people: Sequence[_Person], fresh: Sequence[_Person]) -> None:
    update_rows(
        "org_employee",
        company_id=company_id,
        columns=_COLUMNS,
        rows=[
            [
                person.id,
                *(
                    {**person.after, **reading(str(person.after["name"]))._asdict()}[key]
                    for key in _COLUMNS
                ),
            ]
            for person in people
        ],
    )
    update_rows(
        "org_employee",
        company_id=company_id,
        columns={"manager_id": "bigint"},
        rows=[
            [person.id, person.after["manager_id"]]
            for person in fresh
            if person.after["manager_id"] is not None
        ],
    )


def _write_spans(
    *, company_id: int, people: Sequence[_Person]
) -> tuple[list[int], list[dict[str, object]]]:
    """Store the assignments that differ; ids added, and those removed as they were."""
    added: list[Assignment] = []
    kept: list[Sequence[object]] = []
    removed: list[dict[str, object]] = []
    for person in people:
        old = {span.id: span for span in person.spans}
        for span in person.new_spans:
            if span.id is None:
                added.append(
                    Assignment(company_id=company_id, employee_id=person.id, **span.fields())
                )
            elif old.pop(span.id) != span:
                kept.append([span.id, *span.fields().values()])
            else:
                continue
        kept_ids = {span.id for span in person.new_spans}
        removed += [
            {"employee_id": person.id, **span.as_json()}
            for span in person.spans
            if span.id not in kept_ids
        ]
    # Removed and shortened ones first: a person has one main assignment a day.
    Assignment.objects.filter(
        company_id=company_id, id__in=[each["id"] for each in removed]
    ).delete()
    update_rows(
        "org_assignment",
        company_id=company_id,
        columns={
            "department_id": "bigint",
            "post_id": "bigint",
            "grade_id": "bigint",
            "valid_from": "date",
            "valid_to": "date",
        },
        rows=kept,
    )
    made = Assignment.objects.bulk_create(added)
    return [each.pk for each in made], removed


def _end_memberships(*, company_id: int, people: Sequence[_Person], now: datetime) -> list[int]:
    """Who left cannot sign in to this company any more; who came back can."""
    left = [p.id for p in people if p.after["state"] == Employee.State.LEFT]
    back = [
        p.id
        for p in people
        if p.before.get("state") == Employee.State.LEFT and p.after["state"] != Employee.State.LEFT
    ]
    Membership.objects.filter(
        company_id=company_id, employee_id__in=back, ended_at__isnull=False
    ).update(ended_at=None)
    ending = Membership.objects.filter(
        company_id=company_id, employee_id__in=left, ended_at__isnull=True
    )
    ids = list(ending.values_list("id", flat=True))
    ending.update(ended_at=now)
    return ids


def _json(values: Mapping[str, object]) -> dict[str, object]:
    return {
        key: value.isoformat() if isinstance(value, date) else value
        for key, value in values.items()
    }
