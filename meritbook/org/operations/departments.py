"""Departments by hand: added, renamed, moved, given a manager, closed."""

from datetime import datetime

from django.db import connection
from django.utils.translation import gettext as _

from meritbook.kit.errors import Refusal
from meritbook.kit.sheets import plain
from meritbook.org.models import Assignment, Department, Employee
from meritbook.org.operations.audit import Actor, note
from meritbook.org.operations.logins import sync_head


class DepartmentRefused(Refusal):
    """The department cannot be as asked."""

    code = "department_refused"


class UnknownDepartment(Refusal):
    """The company has no department with the id."""

    code = "unknown_department"
    status = 404

    def __init__(self) -> None:
        super().__init__(_("没有这个部门"))


def department(*, company_id: int, department_id: int) -> Department:
    """The department. Raises UnknownDepartment."""
    found = Department.objects.filter(company_id=company_id, id=department_id).first()
    if found is None:
        raise UnknownDepartment
    return found


def add_department(
    *, company_id: int, name: str, parent_id: int | None, now: datetime, actor: Actor
) -> Department:
    """A new department below ``parent_id``, or a root. Raises DepartmentRefused."""
    parent = department(company_id=company_id, department_id=parent_id) if parent_id else None
    name = _free_name(company_id=company_id, name=name, parent_id=parent_id)
    made = Department.objects.create(company_id=company_id, parent=parent, name=name)
    made.path_ids = [*(parent.path_ids if parent else []), made.pk]
    made.save(update_fields=["path_ids"])
    _note(made, "department.add", now=now, actor=actor, after={"name": name})
    return made


def rename_department(
    *, company_id: int, department_id: int, name: str, now: datetime, actor: Actor
) -> Department:
    """Another name; history follows, for it is the same department."""
    found = department(company_id=company_id, department_id=department_id)
    before = found.name
    found.name = _free_name(
        company_id=company_id, name=name, parent_id=found.parent_id, besides=found.pk
    )
    found.save(update_fields=["name"])
    _note(
        found, "department.rename", now=now, actor=actor,
        before={"name": before}, after={"name": found.name},
    )  # fmt: skip
    return found


def move_department(
    *,
    company_id: int,
    department_id: int,
    parent_id: int | None,
    now: datetime,
    actor: Actor,
) -> Department:
    """Hang a department, with all below it, under another one; paths of all are kept right.

    Boards of the past follow the present tree: a department's path has no history.
    """
    # One move at a time in a company: two at once could tie a knot.
    Department.objects.select_for_update().filter(company_id=company_id).order_by("id").count()
    found = department(company_id=company_id, department_id=department_id)
    parent = department(company_id=company_id, department_id=parent_id) if parent_id else None
    if parent is not None and found.pk in parent.path_ids:
        raise DepartmentRefused(_("不能移到自己或自己的下级部门里"))
    _free_name(company_id=company_id, name=found.name, parent_id=parent_id, besides=found.pk)
    above = list(parent.path_ids) if parent else []
    before = list(found.path_ids)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE org_department SET path_ids = %s::bigint[] || path_ids[%s:]"
            " WHERE company_id = %s AND %s = ANY(path_ids)",
            [above, len(before), company_id, found.pk],
        )
    found.parent = parent
    found.save(update_fields=["parent"])
    found.refresh_from_db()
    _note(
        found, "department.move", now=now, actor=actor,
        before={"path_ids": before}, after={"path_ids": found.path_ids},
    )  # fmt: skip
    return found


def set_manager(
    *,
    company_id: int,
    department_id: int,
    employee_id: int | None,
    now: datetime,
    actor: Actor,
) -> Department:
    """Name the 负责人, who thereby becomes the department's head in the roles."""
    found = department(company_id=company_id, department_id=department_id)
    if (
        employee_id is not None
        and not Employee.objects.filter(company_id=company_id, id=employee_id).exists()
    ):
        raise DepartmentRefused(_("没有这位员工"))
    before = found.manager_id
    found.manager_id = employee_id
    found.save(update_fields=["manager"])
    sync_head(company_id=company_id, department_id=found.pk, employee_id=employee_id)
    _note(
        found, "department.manager", now=now, actor=actor,
        before={"manager_id": before}, after={"manager_id": employee_id},
    )  # fmt: skip
    return found


def set_active(
    *, company_id: int, department_id: int, active: bool, now: datetime, actor: Actor
) -> Department:
    """Close an empty department, or open it again. Raises DepartmentRefused."""
    found = department(company_id=company_id, department_id=department_id)
    if not active:
        staffed = Assignment.objects.filter(
            company_id=company_id, valid_to=None, department__path_ids__contains=[found.pk]
        )
        if staffed.exists():
            raise DepartmentRefused(_("部门里还有人，请先把他们调到别的部门"))
    found.active = active
    found.save(update_fields=["active"])
    _note(found, "department.active", now=now, actor=actor, after={"active": active})
    return found


def _free_name(
    *, company_id: int, name: str, parent_id: int | None, besides: int | None = None
) -> str:
    name = " ".join(name.split())
    if not name or len(name) > 80 or "/" in name:
        raise DepartmentRefused(_("部门名称请写 1 到 80 个字，不含“/”"))
    siblings = Department.objects.filter(company_id=company_id, parent_id=parent_id)
    for other_id, other in siblings.values_list("id", "name"):
        if other_id != besides and plain(other) == plain(name):
            raise DepartmentRefused(_("同一上级下已有部门“%(name)s”") % {"name": other})
    return name


def _note(
    found: Department,
    action: str,
    *,
    now: datetime,
    actor: Actor,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    note(
        company_id=found.company_id,
        actor=actor,
        now=now,
        action=action,
        object_kind="department",
        object_id=found.pk,
        before=before,
        after=after,
    )
