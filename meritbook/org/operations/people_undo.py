"""Taking a people import back, as far as nothing was built upon it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.db import connection

from meritbook.org.models import Assignment, Employee, Membership, Party
from meritbook.org.names import reading
from meritbook.org.operations.rows import update_rows

# What belongs to a person alone and goes along.
_OWN = {"org_assignment", "org_fact"}


@dataclass(frozen=True, slots=True)
class PeopleUndone:
    """``kept``: 工号 of those who stay because something refers to them or was changed since."""

    removed: int
    restored: int
    kept: Sequence[str]


def undo_people(*, company_id: int, undo: Mapping[str, Any]) -> PeopleUndone:
    """Remove whom the import created and restore whom it changed.

    Somebody with events, points, a log-in or people below stays, and so does somebody whom a
    later change touched. Runs inside the company's scope, in the caller's transaction.
    """
    created = [int(each) for each in undo.get("employees", ())]
    restored, touched = _restore(company_id=company_id, undo=undo)
    bound = _referred(
        company_id=company_id, table="org_employee", ids=created, besides=_OWN, inside=created
    )
    parties = dict(
        Employee.objects.filter(company_id=company_id, id__in=created).values_list("party_id", "id")
    )
    bound |= {
        parties[party]
        for party in _referred(
            company_id=company_id,
            table="org_party",
            ids=list(parties),
            besides={"org_employee"},
            inside=(),
        )
    }
    gone = [employee_id for employee_id in parties.values() if employee_id not in bound]
    Employee.objects.filter(company_id=company_id, manager_id__in=gone).update(manager=None)
    Assignment.objects.filter(company_id=company_id, employee_id__in=gone).delete()
    Employee.objects.filter(company_id=company_id, id__in=gone).delete()
    Party.objects.filter(
        company_id=company_id,
        id__in=[party for party, each in parties.items() if each not in bound],
    ).delete()
    for table, key in (
        ("org_department", "departments"),
        ("org_post", "posts"),
        ("org_grade", "grades"),
    ):
        _remove_unused(company_id=company_id, table=table, ids=undo.get(key, ()))
    kept = Employee.objects.filter(company_id=company_id, id__in=[*bound, *touched])
    return PeopleUndone(
        removed=len(gone),
        restored=restored,
        kept=list(kept.order_by("employee_no").values_list("employee_no", flat=True)),
    )


def _restore(*, company_id: int, undo: Mapping[str, Any]) -> tuple[int, list[int]]:
    """Put changed people back as they were, unless somebody changed them since."""
    changed = {int(each["id"]): each for each in undo.get("updated", ())}
    fields = ("name", "phone", "hired_on", "left_on", "state", "manager_id")
    now = {
        int(row[0]): dict(zip(fields, row[1:], strict=True))
        for row in Employee.objects.filter(company_id=company_id, id__in=list(changed)).values_list(
            "id", *fields
        )
    }
    added = set(undo.get("assignments_added", ()))
    latest = dict(
        Assignment.objects.filter(company_id=company_id, employee_id__in=list(changed))
        .order_by("employee_id", "id")
        .values_list("employee_id", "id")
    )
    back: list[dict[str, Any]] = []
    touched: list[int] = []
    for employee_id, each in changed.items():
        row = now.get(employee_id)
        is_same = row is not None and all(
            _text(row[key]) == _text(value) for key, value in each["after"].items()
        )
        spans = {span["id"] for span in each["spans"]}
        newest = latest.get(employee_id)
        if is_same and (newest is None or newest in added or newest in spans):
            back.append(each)
        else:
            touched.append(employee_id)
    ids = [int(each["id"]) for each in back]
    Assignment.objects.filter(
        company_id=company_id, employee_id__in=ids, id__in=list(added)
    ).delete()
    update_rows(
        "org_employee",
        company_id=company_id,
        columns={
            "name": "text",
            "pinyin": "text",
            "initials": "text",
            "phone": "text",
            "hired_on": "date",
            "left_on": "date",
            "state": "text",
            "manager_id": "bigint",
        },
        rows=[_row(each) for each in back],
    )
    _restore_spans(company_id=company_id, back=back)
    Membership.objects.filter(
        company_id=company_id, id__in=undo.get("memberships_ended", ()), employee_id__in=ids
    ).update(ended_at=None)
    return len(back), touched


def _restore_spans(*, company_id: int, back: Iterable[Mapping[str, Any]]) -> None:
    rows = [(int(each["id"]), span) for each in back for span in each["spans"]]
    there = set(
        Assignment.objects.filter(
            company_id=company_id, id__in=[span["id"] for _employee, span in rows]
        ).values_list("id", flat=True)
    )
    columns = {
        "department_id": "bigint",
        "post_id": "bigint",
        "grade_id": "bigint",
        "valid_from": "date",
        "valid_to": "date",
    }
    update_rows(
        "org_assignment",
        company_id=company_id,
        columns=columns,
        rows=[
            [span["id"], *(_value(key, span[key]) for key in columns)]
            for _employee, span in rows
            if span["id"] in there
        ],
    )
    Assignment.objects.bulk_create(
        [
            Assignment(
                company_id=company_id,
                employee_id=employee_id,
                **{key: _value(key, span[key]) for key in columns},
            )
            for employee_id, span in rows
            if span["id"] not in there
        ]
    )


def _row(each: Mapping[str, Any]) -> list[object]:
    before = each["before"]
    read = reading(before["name"])
    return [
        each["id"],
        before["name"],
        read.pinyin,
        read.initials,
        before["phone"],
        _value("valid_from", before["hired_on"]),
        _value("valid_to", before["left_on"]),
        before["state"],
        before["manager_id"],
    ]


def _value(key: str, value: object) -> object:
    if key.startswith("valid_") and isinstance(value, str):
        return date.fromisoformat(value)
    return value


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _remove_unused(*, company_id: int, table: str, ids: Sequence[int]) -> None:
    """Delete rows to which nothing refers; a department only when those below go too."""
    left = list(ids)
    while left:
        used = _referred(company_id=company_id, table=table, ids=left, besides=set(), inside=())
        free = [each for each in left if each not in used]
        if not free:
            return
        with connection.cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {table} WHERE company_id = %s AND id = ANY(%s)", [company_id, free]
            )
        left = [each for each in left if each in used]


def _referred(
    *, company_id: int, table: str, ids: Sequence[int], besides: set[str], inside: Sequence[int]
) -> set[int]:
    """Of ``ids`` those to which a row of another table refers; the catalogue knows the tables.

    Contexts above refer to people by composite keys; asking the catalogue spares org knowing
    them. A row of ``table`` itself whose id is ``inside`` does not count.
    """
    if not ids:
        return set()
    found: set[int] = set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.conrelid::regclass::text, a.attname FROM pg_constraint c"
            " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[2]"
            " WHERE c.contype = 'f' AND c.confrelid = %s::regclass AND cardinality(c.conkey) = 2",
            [table],
        )
        references = cast(list[tuple[str, str]], cursor.fetchall())
        for other, column in references:
            if other in besides:
                continue
            own = " AND NOT (id = ANY(%s))" if other == table else ""
            cursor.execute(
                f"SELECT DISTINCT {column} FROM {other}"
                f" WHERE company_id = %s AND {column} = ANY(%s){own}",
                [company_id, list(ids), *([list(inside)] if own else [])],
            )
            found |= {int(row[0]) for row in cursor.fetchall()}
    return found
