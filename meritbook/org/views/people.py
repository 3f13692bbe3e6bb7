"""The list of people and one person."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from meritbook.kit import clock
from meritbook.org.deeds import deed
from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.org.forms import LeaveForm, PersonForm, ReturnForm
from meritbook.org.models import Employee, RoleGrant
from meritbook.org.operations import people as work
from meritbook.org.operations.audit import actor_of
from meritbook.org.operations.logins import LastOwner, set_roles
from meritbook.org.permissions import (
    may_manage_people,
    may_manage_roles,
    may_see_employee,
    may_see_people,
    scope_of,
)
from meritbook.org.queries import people as read
from meritbook.org.queries.departments import department_tree, departments, flat

GIVEN_ROLES = (
    RoleGrant.Role.OFFICER,
    RoleGrant.Role.FINANCE,
    RoleGrant.Role.AUDITOR,
    RoleGrant.Role.OWNER,
)
"""The roles that an owner gives by hand."""
ROLE_WORDS = {
    RoleGrant.Role.OFFICER: gettext_lazy("管理员工、积分标准、事件和账本"),
    RoleGrant.Role.FINANCE: gettext_lazy("查看账本、所有人的明细、预算和对账，不能改"),
    RoleGrant.Role.AUDITOR: gettext_lazy("和财务看的一样：账本、明细、封账与对账，不能改"),
    RoleGrant.Role.OWNER: gettext_lazy("管理一切，包括权限、密钥和备份"),
}


def department_choices(*, company_id: int) -> list[tuple[int, str]]:
    """Open departments from top to bottom, indented, for a drop-down."""
    nodes = flat(department_tree(company_id=company_id, active_only=True))
    return [(node.id, "\u3000" * node.depth + node.name) for node in nodes]


@require_GET
@for_members(may_see_people)
def people(request: MemberRequest) -> HttpResponse:
    """Everybody, or for a head the people of the departments headed."""
    company_id, scope = request.company.pk, scope_of(request.member)
    department_id = _number(request.GET.get("department"))
    tree = flat(department_tree(company_id=company_id))
    if scope is not None:
        tree = [node for node in tree if not scope.isdisjoint(node.path_ids)]
    wanted = read.PersonFilter(
        today=today_of(request),
        text=request.GET.get("q", "").strip(),
        by_phone=scope is None,
        department_id=department_id,
        state=request.GET.get("state", "here"),
        has_login={"yes": True, "no": False}.get(request.GET.get("login", "")),
        scope=scope,
    )
    context = {
        "page": read.employees(
            company_id=company_id, wanted=wanted, page=request.GET.get("page", 1)
        ),
        "wanted": wanted,
        "login_filter": request.GET.get("login", ""),
        "tree": tree,
        "chosen": next((node for node in tree if node.id == department_id), None),
        "states": [("here", _("在职和试用")), *Employee.State.choices, ("", _("全部"))],
        "may_manage": may_manage_people(request.member),
        "total_here": sum(node.people for node in tree),
        "without_login": read.without_login(company_id=company_id, today=wanted.today, scope=scope),
    }
    return render(request, "org/people.html", context)


@require_http_methods(["GET", "POST"])
@for_members(may_manage_people)
def new_person(request: MemberRequest) -> HttpResponse:
    """Add somebody by hand."""
    company_id = request.company.pk
    form = PersonForm(
        request.POST or None,
        departments=department_choices(company_id=company_id),
        edit=False,
        initial={
            "department": _number(request.GET.get("department")),
            "hired_on": today_of(request),
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = work.add_person(
                company_id=company_id,
                employee_no=form.cleaned_data["employee_no"],
                person=_data(company_id=company_id, form=form),
                today=today_of(request),
                now=clock.now(),
                actor=actor_of(request.member),
            )
        except work.PersonRefused as refusal:
            _blame(form, refusal)
        else:
            messages.success(request, _("已新增 %(name)s") % {"name": made.name})
            return redirect("person", employee_no=made.employee_no)
    context = {"form": form, "back_address": "/people/"}
    return render(request, "org/person_form.html", context, status=422 if form.errors else 200)


@require_GET
@for_members()
def person(request: MemberRequest, employee_no: str) -> HttpResponse:
    """One person: where now and before, facts, log-in, roles, and what was changed."""
    company_id = request.company.pk
    found = _visible(request, employee_no)
    membership = read.member_of_employee(company_id=company_id, employee=found)
    grants = read.grants_of(company_id=company_id, membership=membership) if membership else []
    assignments = read.history(company_id=company_id, employee=found)
    tree = departments(company_id=company_id)
    for each in assignments:
        each.path = tree[each.department_id].path  # type: ignore[attr-defined]
    manage = may_manage_people(request.member)
    context = {
        "person": found,
        "department_path": tree[assignments[0].department_id].path if assignments else "",
        "assignments": assignments,
        "current": assignments[0] if assignments else None,
        "facts": read.facts(company_id=company_id, employee=found),
        "membership": membership,
        "grants": grants,
        "held": {grant.role for grant in grants},
        "given_roles": [(role, role.label, ROLE_WORDS[role]) for role in GIVEN_ROLES],
        "may_manage": manage,
        "may_manage_roles": may_manage_roles(request.member) and membership is not None,
        "changes": [
            (entry, deed(entry.action))
            for entry in read.audit_of(company_id=company_id, employee=found)
        ]
        if manage
        else [],
        "leave_form": LeaveForm(initial={"left_on": today_of(request)}),
        "return_form": ReturnForm(
            departments=department_choices(company_id=company_id),
            initial={"from_day": today_of(request)},
        ),
        "back_address": "/people/" if may_see_people(request.member) else "/",
    }
    return render(request, "org/person.html", context)


@require_http_methods(["GET", "POST"])
@for_members(may_manage_people)
def edit_person(request: MemberRequest, employee_no: str) -> HttpResponse:
    """Edit somebody; a move has a day from which it counts."""
    company_id = request.company.pk
    found = work.employee(company_id=company_id, employee_no=employee_no)
    last = next(iter(read.history(company_id=company_id, employee=found)), None)
    form = PersonForm(
        request.POST or None,
        departments=department_choices(company_id=company_id),
        edit=True,
        initial={
            "name": found.name,
            "department": last.department_id if last else None,
            "post": str(last.post or "") if last else "",
            "grade": str(last.grade or "") if last else "",
            "hired_on": found.hired_on,
            "phone": found.phone,
            "manager_no": found.manager.employee_no if found.manager else "",
            "state": found.state,
            "effective_on": today_of(request),
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            work.edit_person(
                company_id=company_id,
                employee_no=employee_no,
                person=_data(company_id=company_id, form=form),
                effective_on=form.cleaned_data["effective_on"] or today_of(request),
                now=clock.now(),
                actor=actor_of(request.member),
            )
        except work.PersonRefused as refusal:
            _blame(form, refusal)
        else:
            messages.success(request, _("已保存"))
            return redirect("person", employee_no=employee_no)
    context = {"form": form, "person": found, "back_address": f"/people/{employee_no}/"}
    return render(request, "org/person_form.html", context, status=422 if form.errors else 200)


@require_POST
@for_members(may_manage_people)
def leave(request: MemberRequest, employee_no: str) -> HttpResponse:
    """End an employment."""
    form = LeaveForm(request.POST)
    work.employee(company_id=request.company.pk, employee_no=employee_no)
    if not form.is_valid():
        messages.error(request, _("请填写最后工作日"))
        return redirect("person", employee_no=employee_no)
    try:
        found = work.let_go(
            company_id=request.company.pk,
            employee_no=employee_no,
            left_on=form.cleaned_data["left_on"],
            reason=form.cleaned_data["reason"],
            now=clock.now(),
            actor=actor_of(request.member),
        )
    except work.PersonRefused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("%(name)s 已办理离职，积分保留") % {"name": found.name})
    return redirect("person", employee_no=employee_no)


@require_POST
@for_members(may_manage_people)
def come_back(request: MemberRequest, employee_no: str) -> HttpResponse:
    """Employ somebody again."""
    company_id = request.company.pk
    work.employee(company_id=company_id, employee_no=employee_no)
    form = ReturnForm(request.POST, departments=department_choices(company_id=company_id))
    if not form.is_valid():
        messages.error(request, _("请填写复职日期和部门"))
        return redirect("person", employee_no=employee_no)
    try:
        found = work.take_back(
            company_id=company_id,
            employee_no=employee_no,
            from_day=form.cleaned_data["from_day"],
            department_id=form.cleaned_data["department"],
            now=clock.now(),
            actor=actor_of(request.member),
        )
    except work.PersonRefused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("%(name)s 已复职") % {"name": found.name})
    return redirect("person", employee_no=employee_no)


@require_POST
@for_members(may_manage_roles)
def roles(request: MemberRequest, employee_no: str) -> HttpResponse:
    """Give and take roles; heads follow the departments' managers."""
    company_id = request.company.pk
    found = work.employee(company_id=company_id, employee_no=employee_no)
    membership = read.member_of_employee(company_id=company_id, employee=found)
    if membership is None:
        raise Http404
    held = read.grants_of(company_id=company_id, membership=membership)
    try:
        set_roles(
            membership=membership,
            roles={role for role in GIVEN_ROLES if role in request.POST.getlist("role")},
            head_of=[each.department_id for each in held if each.department_id],
            now=clock.now(),
            actor=actor_of(request.member),
        )
    except LastOwner as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("权限已保存"))
    return redirect("person", employee_no=employee_no)


def _visible(request: MemberRequest, employee_no: str) -> Employee:
    """The employee when the member may see them; somebody else's people are not found."""
    found = work.employee(company_id=request.company.pk, employee_no=employee_no)
    paths = read.current_path_ids(
        company_id=request.company.pk, employee_id=found.pk, today=today_of(request)
    )
    if not may_see_employee(request.member, employee_id=found.pk, path_ids=paths):
        raise Http404
    return found


def _data(*, company_id: int, form: PersonForm) -> work.PersonData:
    values = form.cleaned_data
    manager_id = None
    if values["manager_no"].strip():
        try:
            manager = work.employee(company_id=company_id, employee_no=values["manager_no"].strip())
        except work.UnknownEmployee as refusal:
            raise work.PersonRefused("manager_no", refusal.message) from refusal
        manager_id = manager.pk
    return work.PersonData(
        name=values["name"],
        department_id=values["department"],
        post=values["post"],
        grade=values["grade"],
        phone=values["phone"],
        hired_on=values["hired_on"],
        manager_id=manager_id,
        state=values["state"],
    )


def _blame(form: PersonForm, refusal: work.PersonRefused) -> None:
    field = {"manager": "manager_no"}.get(refusal.field, refusal.field)
    form.add_error(field if field in form.fields else None, refusal.message)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 18 else None
