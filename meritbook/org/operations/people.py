"""One person by hand: added, edited, moved, gone, back."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from meritbook.kit.errors import Refusal
from meritbook.kit.sheets import BadValue, code_of, phone_of
from meritbook.org.models import (
    Assignment,
    Department,
    Employee,
    Grade,
    Membership,
    Party,
    Post,
)
from meritbook.org.names import reading
from meritbook.org.operations.audit import Actor, note
from meritbook.org.operations.logins import (
    LastOwner,
    OwnersOnly,
    has_other_owners,
    owners_among,
    refuse_on_owners,
)
from meritbook.org.operations.placing import Change, Span, spans_after

_LEAVES_WITHIN = 366
"""Days ahead that a last working day may be told."""


class PersonRefused(Refusal):
    """The person cannot be stored as asked; ``field`` names what to mend."""

    code = "person_refused"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class UnknownEmployee(Refusal):
    """The company has nobody with the 工号."""

    code = "unknown_employee"
    status = 404

    def __init__(self, employee_no: str) -> None:
        super().__init__(_("没有工号为“%(no)s”的员工") % {"no": employee_no})


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonData:
    """Everything about a person that a form holds. Post and grade by name, made when new."""

    name: str
    department_id: int
    post: str = ""
    grade: str = ""
    phone: str = ""
    hired_on: date | None = None
    manager_id: int | None = None
    state: str = Employee.State.ACTIVE


def employee(*, company_id: int, employee_no: str) -> Employee:
    """The employee. Raises UnknownEmployee."""
    found = (
        Employee.objects.select_related("manager")
        .filter(company_id=company_id, employee_no=employee_no)
        .first()
    )
    if found is None:
        raise UnknownEmployee(employee_no)
    return found


def add_person(
    *,
    company_id: int,
    employee_no: str,
    person: PersonData,
    today: date,
    now: datetime,
    actor: Actor,
) -> Employee:
    """A new employee with a party and a first assignment. Raises PersonRefused."""
    number = code_of(employee_no)
    if not number or len(number) > 40 or re.search(r"[/?#\\%]", number):
        raise PersonRefused("employee_no", _("工号请写 1 到 40 个字母、数字、横线或点"))
    if Employee.objects.filter(company_id=company_id, employee_no=number).exists():
        raise PersonRefused("employee_no", _("工号“%(no)s”已经有人使用") % {"no": number})
    values = _checked(company_id=company_id, person=person, itself=None)
    party = Party.objects.create(company_id=company_id, kind=Party.Kind.EMPLOYEE)
    made = Employee.objects.create(company_id=company_id, party=party, employee_no=number, **values)
    _place(made, person=person, effective_on=person.hired_on or today)
    _note(made, "person.add", now=now, actor=actor, after=_told(made))
    return made


def edit_person(
    *,
    company_id: int,
    employee_no: str,
    person: PersonData,
    effective_on: date,
    now: datetime,
    actor: Actor,
) -> Employee:
    """Change fields at once, and department, post or grade from ``effective_on`` on."""
    found = employee(company_id=company_id, employee_no=employee_no)
    before = _told(found)
    values = _checked(company_id=company_id, person=person, itself=found)
    if found.state == Employee.State.LEFT:
        values["state"] = Employee.State.LEFT
    for key, value in values.items():
        setattr(found, key, value)
    found.save(update_fields=list(values))
    _place(found, person=person, effective_on=effective_on)
    after = _told(found)
    if after != before:
        _note(found, "person.edit", now=now, actor=actor, before=before, after=after)
    return found


def let_go(
    *,
    company_id: int,
    employee_no: str,
    left_on: date,
    now: datetime,
    actor: Actor,
    reason: str = "",
) -> Employee:
    """End the employment after ``left_on``, the last day; the log-in's membership ends too."""
    found = employee(company_id=company_id, employee_no=employee_no)
    if left_on > now.date() + timedelta(days=_LEAVES_WITHIN):
        raise PersonRefused("left_on", _("离职日期太远，最多提前一年办理"))
    if found.hired_on and left_on < found.hired_on:
        raise PersonRefused("left_on", _("离职日期早于入职日期"))
    _refuse_owners_leave(found, actor=actor)
    before = _told(found)
    found.state, found.left_on = Employee.State.LEFT, left_on
    found.save(update_fields=["state", "left_on"])
    spans = _spans(found)
    if spans:
        last = spans[-1]
        _store(
            found,
            spans,
            spans_after(
                spans,
                Change(
                    department_id=last.department_id,
                    post_id=None,
                    grade_id=None,
                    hired_on=None,
                    left_on=left_on,
                    effective_on=left_on,
                ),
            ),
        )
    Membership.objects.filter(
        company_id=company_id, employee_id=found.pk, ended_at__isnull=True
    ).update(ended_at=now)
    _note(
        found,
        "person.leave",
        now=now,
        actor=actor,
        before=before,
        after=_told(found),
        reason=reason,
    )
    return found


def _refuse_owners_leave(found: Employee, *, actor: Actor) -> None:
    """An owner's log-in ends by another owner alone, and never the last one's."""
    company_id = found.company_id
    try:
        refuse_on_owners(company_id=company_id, employee_ids=[found.pk], actor=actor)
    except OwnersOnly as refusal:
        raise PersonRefused("left_on", refusal.message) from refusal
    if owners_among(company_id=company_id, employee_ids=[found.pk]) and not has_other_owners(
        company_id=company_id, employee_id=found.pk
    ):
        raise PersonRefused("left_on", LastOwner().message)


def take_back(
    *,
    company_id: int,
    employee_no: str,
    from_day: date,
    department_id: int,
    now: datetime,
    actor: Actor,
) -> Employee:
    """Employ somebody again who left, from ``from_day`` on; the wallet is the same."""
    found = employee(company_id=company_id, employee_no=employee_no)
    if found.state != Employee.State.LEFT:
        raise PersonRefused("from_day", _("这位员工没有离职"))
    if found.left_on and from_day <= found.left_on:
        raise PersonRefused("from_day", _("复职日期要晚于离职日期"))
    _department_exists(company_id=company_id, department_id=department_id)
    before = _told(found)
    found.state, found.left_on = Employee.State.ACTIVE, None
    found.save(update_fields=["state", "left_on"])
    spans = _spans(found)
    change = Change(
        department_id=department_id,
        post_id=None,
        grade_id=None,
        hired_on=None,
        left_on=None,
        effective_on=from_day,
    )
    _store(found, spans, spans_after(spans, change))
    Membership.objects.filter(company_id=company_id, employee_id=found.pk).update(ended_at=None)
    _note(found, "person.return", now=now, actor=actor, before=before, after=_told(found))
    return found


def _checked(*, company_id: int, person: PersonData, itself: Employee | None) -> dict[str, object]:
    name = " ".join(person.name.split())
    if not name or len(name) > 60:
        raise PersonRefused("name", _("姓名请写 1 到 60 个字"))
    try:
        phone = phone_of(person.phone)
    except BadValue as error:
        raise PersonRefused("phone", error.reason) from error
    if person.state not in {Employee.State.ACTIVE, Employee.State.PROBATION}:
        raise PersonRefused("state", _("状态只能是在职或试用；离职请用“办理离职”"))
    if itself and itself.left_on and person.hired_on and person.hired_on > itself.left_on:
        raise PersonRefused("hired_on", _("入职日期晚于离职日期"))
    _department_exists(company_id=company_id, department_id=person.department_id)
    if person.manager_id is not None:
        _refuse_cycle(company_id=company_id, itself=itself, manager_id=person.manager_id)
    read = reading(name)
    return {
        "name": name,
        "pinyin": read.pinyin,
        "initials": read.initials,
        "phone": phone,
        "hired_on": person.hired_on,
        "manager_id": person.manager_id,
        "state": person.state,
    }


def _department_exists(*, company_id: int, department_id: int) -> None:
    if not Department.objects.filter(company_id=company_id, id=department_id).exists():
        raise PersonRefused("department", _("没有这个部门"))


def _refuse_cycle(*, company_id: int, itself: Employee | None, manager_id: int) -> None:
    above: dict[int, int | None] = dict(
        Employee.objects.filter(company_id=company_id).values_list("id", "manager_id")
    )
    if manager_id not in above:
        raise PersonRefused("manager", _("没有这位上级"))
    each: int | None = manager_id
    seen: set[int] = set()
    while itself is not None and each is not None and each not in seen:
        if each == itself.pk:
            raise PersonRefused("manager", _("上级关系绕成了圈"))
        seen.add(each)
        each = above.get(each)


def _place(found: Employee, *, person: PersonData, effective_on: date) -> None:
    post = grade = None
    if person.post.strip():
        post, _made = Post.objects.get_or_create(
            company_id=found.company_id, name=person.post.strip()[:80]
        )
    if person.grade.strip():
        grade, _made = Grade.objects.get_or_create(
            company_id=found.company_id, name=person.grade.strip()[:40]
        )
    spans = _spans(found)
    change = Change(
        department_id=person.department_id,
        post_id=post.pk if post else None,
        grade_id=grade.pk if grade else None,
        hired_on=person.hired_on,
        left_on=found.left_on,
        effective_on=effective_on,
    )
    _store(found, spans, spans_after(spans, change))


def _spans(found: Employee) -> list[Span]:
    rows = Assignment.objects.filter(
        company_id=found.company_id, employee_id=found.pk, is_main=True
    )
    return [
        Span(*row)
        for row in rows.order_by("valid_from").values_list(
            "id", "valid_from", "valid_to", "department_id", "post_id", "grade_id"
        )
    ]


def _store(found: Employee, before: list[Span], after: list[Span]) -> None:
    kept = {span.id for span in after}
    gone = [span.id for span in before if span.id is not None and span.id not in kept]
    Assignment.objects.filter(company_id=found.company_id, id__in=gone).delete()
    for span in after:
        if span.id is None:
            Assignment.objects.create(company_id=found.company_id, employee=found, **span.fields())
        elif span not in before:
            Assignment.objects.filter(company_id=found.company_id, id=span.id).update(
                **span.fields()
            )


def _told(found: Employee) -> dict[str, object]:
    """What the audit log says of a person: no phone number."""
    spans = _spans(found)
    return {
        "name": found.name,
        "state": str(found.state),
        "hired_on": found.hired_on,
        "left_on": found.left_on,
        "manager_id": found.manager_id,
        "department_id": spans[-1].department_id if spans else None,
        "post_id": spans[-1].post_id if spans else None,
        "grade_id": spans[-1].grade_id if spans else None,
    }


def _note(
    found: Employee,
    action: str,
    *,
    now: datetime,
    actor: Actor,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
    reason: str = "",
) -> None:
    note(
        company_id=found.company_id,
        actor=actor,
        now=now,
        action=action,
        object_kind="employee",
        object_id=found.pk,
        before=before,
        after=after,
        reason=reason,
    )
