"""An owner's way in, given by somebody at the command line: a company never stays without one."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _

from meritbook.kit.sheets import BadValue, code_of, phone_of
from meritbook.org.models import Employee, Membership, RoleGrant
from meritbook.org.operations.audit import Actor
from meritbook.org.operations.department_paths import ensure_departments
from meritbook.org.operations.logins import (
    Activation,
    issue_activations,
    open_login,
    set_roles,
)
from meritbook.org.operations.people import PersonData, PersonRefused, add_person

OWNER_ROLES = (RoleGrant.Role.OWNER, RoleGrant.Role.OFFICER)


@dataclass(frozen=True, slots=True)
class Invitation:
    """A fresh activation; ``phone`` is what its owner may sign in with, "" for the 工号 alone."""

    activation: Activation
    phone: str

    def as_json(self, *, zone: ZoneInfo) -> dict[str, str]:
        """What the commands answer. The link's path is told this once."""
        return {
            "employee_no": self.activation.employee.employee_no,
            "name": self.activation.employee.name,
            "phone": self.phone,
            "path": reverse("activation", args=[self.activation.token]),
            "expires_at": self.activation.expires_at.astimezone(zone).isoformat(),
        }


def invite_owner(
    *,
    company_id: int,
    today: date,
    now: datetime,
    actor: Actor,
    phone: str = "",
    employee_no: str = "",
    name: str = "",
) -> Invitation:
    """Make the person with the phone or the 工号 an owner, and give out a one-time link.

    Somebody whom the company does not have yet is added to the top department; that needs ``name``
    and ``employee_no``. Older links of theirs end; a password that they have works until the link
    is used. Runs inside the company's scope. Raises PersonRefused.
    """
    try:
        phone = phone_of(phone)
    except BadValue as error:
        raise PersonRefused("phone", error.reason) from error
    found = _find(company_id=company_id, phone=phone, employee_no=code_of(employee_no))
    if found is None:
        found = _add(
            company_id=company_id,
            phone=phone,
            employee_no=employee_no,
            name=name,
            today=today,
            now=now,
            actor=actor,
        )
    membership = Membership.objects.filter(company_id=company_id, employee_id=found.pk).first()
    if membership is None:
        membership = open_login(
            company_id=company_id,
            name=found.name,
            # Nobody knows it: the link sets the first one.
            password=secrets.token_urlsafe(32),
            now=now,
            actor=actor,
            employee=found,
            phone=found.phone,
            roles=OWNER_ROLES,
        )
    else:
        grants = RoleGrant.objects.filter(company_id=company_id, membership=membership)
        held = list(grants.values_list("role", "department_id"))
        set_roles(
            membership=membership,
            roles={role for role, _department in held} | set(OWNER_ROLES),
            head_of=[department for _role, department in held if department is not None],
            now=now,
            actor=actor,
        )
    (activation,) = issue_activations(
        company_id=company_id, employees=[found], now=now, actor=actor
    )
    return Invitation(activation=activation, phone=membership.login.phone or "")


def _find(*, company_id: int, phone: str, employee_no: str) -> Employee | None:
    """Who is meant; None when the company does not have them yet."""
    if not phone and not employee_no:
        raise PersonRefused("phone", _("请写手机号或工号"))
    people = Employee.objects.filter(company_id=company_id)
    if employee_no:
        people = people.filter(employee_no=employee_no)
        if phone and people.exclude(phone=phone).exists():
            raise PersonRefused(
                "phone", _("工号“%(no)s”登记的不是这个手机号") % {"no": employee_no}
            )
    else:
        people = people.filter(phone=phone).exclude(state=Employee.State.LEFT)
    found = list(people.order_by("employee_no")[:2])
    if len(found) > 1:
        raise PersonRefused("employee_no", _("有几位员工用这个手机号，请写明工号"))
    if found and found[0].state == Employee.State.LEFT:
        raise PersonRefused("employee_no", _("已离职的员工不能登录"))
    return found[0] if found else None


def _add(
    *,
    company_id: int,
    phone: str,
    employee_no: str,
    name: str,
    today: date,
    now: datetime,
    actor: Actor,
) -> Employee:
    if not name or not employee_no:
        raise PersonRefused("name", _("公司里还没有这个人，请同时写明姓名和工号"))
    path = (_("总经办"),)
    departments = ensure_departments(company_id=company_id, paths=[path]).ids
    return add_person(
        company_id=company_id,
        employee_no=employee_no,
        person=PersonData(name=name, department_id=departments[path], phone=phone),
        today=today,
        now=now,
        actor=actor,
    )
