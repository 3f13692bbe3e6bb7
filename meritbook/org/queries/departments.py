"""The department tree."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connection

from meritbook.org.models import Department


@dataclass(slots=True)
class Node:
    """A department with those directly below it and how many work in it and below."""

    id: int
    name: str
    parent_id: int | None
    path_ids: tuple[int, ...]
    path: str
    manager_id: int | None
    manager_name: str
    active: bool
    people: int = 0
    people_below: int = 0
    children: list["Node"] = field(default_factory=list)

    @property
    def depth(self) -> int:
        return len(self.path_ids) - 1


def departments(*, company_id: int) -> dict[int, Node]:
    """Every department by id, parents before children, each level as it was made; one query.

    Made means the order of the roster, which is the company's own: 总经办 comes first.
    """
    rows = Department.objects.filter(company_id=company_id).order_by("id")
    found = {
        row["id"]: row
        for row in rows.values(
            "id", "name", "parent_id", "path_ids", "manager_id", "manager__name", "active"
        )
    }
    names = {each: row["name"] for each, row in found.items()}
    nodes = {}
    for row in sorted(found.values(), key=lambda each: len(each["path_ids"])):
        nodes[row["id"]] = Node(
            id=row["id"],
            name=row["name"],
            parent_id=row["parent_id"],
            path_ids=tuple(row["path_ids"]),
            path="/".join(names[each] for each in row["path_ids"] if each in names),
            manager_id=row["manager_id"],
            manager_name=row["manager__name"] or "",
            active=row["active"],
        )
    return nodes


def department_tree(*, company_id: int, active_only: bool = False) -> list[Node]:
    """The roots with everything below; head counts are of those employed today (open main)."""
    nodes = departments(company_id=company_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.department_id, count(*) FROM org_assignment a"
            " JOIN org_employee e ON e.company_id = a.company_id AND e.id = a.employee_id"
            " WHERE a.company_id = %s AND a.is_main AND a.valid_to IS NULL AND e.state <> 'left'"
            " GROUP BY a.department_id",
            [company_id],
        )
        for department_id, people in cursor.fetchall():
            nodes[department_id].people = people
            for above in nodes[department_id].path_ids:
                nodes[above].people_below += people
    roots: list[Node] = []
    for node in nodes.values():
        if active_only and not node.active:
            continue
        parent = nodes.get(node.parent_id) if node.parent_id else None
        (parent.children if parent else roots).append(node)
    return roots


def flat(roots: Iterable[Node]) -> list[Node]:
    """The tree from top to bottom, as a list for drop-downs."""
    lines: list[Node] = []
    for node in roots:
        lines.append(node)
        lines += flat(node.children)
    return lines


def subtree_ids(*, company_id: int, department_ids: Iterable[int]) -> frozenset[int]:
    """``department_ids`` and every department below them."""
    wanted = list(department_ids)
    if not wanted:
        return frozenset()
    return frozenset(
        Department.objects.filter(company_id=company_id, path_ids__overlap=wanted).values_list(
            "id", flat=True
        )
    )
