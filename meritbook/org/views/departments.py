"""The department tree."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.org.doors import MemberRequest, for_members
from meritbook.org.forms import DepartmentForm
from meritbook.org.models import Department
from meritbook.org.operations import departments as work
from meritbook.org.operations.audit import Actor, actor_of
from meritbook.org.operations.people import UnknownEmployee, employee
from meritbook.org.permissions import may_manage_people
from meritbook.org.queries.departments import department_tree, flat


@require_GET
@for_members(may_manage_people)
def tree(request: MemberRequest) -> HttpResponse:
    """The tree with managers and head counts."""
    nodes = flat(department_tree(company_id=request.company.pk))
    return render(request, "org/departments.html", {"nodes": nodes})


@require_http_methods(["GET", "POST"])
@for_members(may_manage_people)
def new_department(request: MemberRequest) -> HttpResponse:
    """Add a department."""
    parent = request.GET.get("parent", "")
    form = _form(request, initial={"parent": parent if parent.isdecimal() else None})
    if request.method == "POST" and form.is_valid():
        actor, now = actor_of(request.member), clock.now()
        try:
            manager_id = _manager(request, form)
            made = work.add_department(
                company_id=request.company.pk,
                name=form.cleaned_data["name"],
                parent_id=form.cleaned_data["parent"],
                now=now,
                actor=actor,
            )
            if manager_id is not None:
                work.set_manager(
                    company_id=request.company.pk,
                    department_id=made.pk,
                    employee_id=manager_id,
                    now=now,
                    actor=actor,
                )
        except Refusal as refusal:
            _blame(form, refusal)
        else:
            messages.success(request, _("已建立部门“%(name)s”") % {"name": made.name})
            return redirect("departments")
    context = {"form": form, "back_address": "/departments/"}
    return render(request, "org/department_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@for_members(may_manage_people)
def edit_department(request: MemberRequest, department_id: int) -> HttpResponse:
    """Rename, move, name a manager."""
    found = work.department(company_id=request.company.pk, department_id=department_id)
    form = _form(
        request,
        initial={
            "name": found.name,
            "parent": found.parent_id,
            "manager_no": found.manager.employee_no if found.manager else "",
        },
        without=found.pk,
    )
    if request.method == "POST" and form.is_valid():
        try:
            # All of it or nothing: a refused name must not leave a move behind.
            with transaction.atomic():
                _save(request, found=found, form=form, actor=actor_of(request.member))
        except Refusal as refusal:
            _blame(form, refusal)
        else:
            messages.success(request, _("已保存"))
            return redirect("departments")
    context = {"form": form, "department": found, "back_address": "/departments/"}
    return render(request, "org/department_form.html", context, status=422 if form.errors else 200)


@require_POST
@for_members(may_manage_people)
def switch_active(request: MemberRequest, department_id: int) -> HttpResponse:
    """Close a department without people, or open it again."""
    found = work.department(company_id=request.company.pk, department_id=department_id)
    try:
        work.set_active(
            company_id=request.company.pk,
            department_id=department_id,
            active=not found.active,
            now=clock.now(),
            actor=actor_of(request.member),
        )
    except work.DepartmentRefused as refusal:
        messages.error(request, refusal.message)
    return redirect("departments")


def _save(request: MemberRequest, *, found: Department, form: DepartmentForm, actor: Actor) -> None:
    company_id, values, now = request.company.pk, form.cleaned_data, clock.now()
    manager_id = _manager(request, form)
    # Moved before renamed: the name has to be free at the new place, not at the old one.
    if values["parent"] != found.parent_id:
        work.move_department(
            company_id=company_id,
            department_id=found.pk,
            parent_id=values["parent"],
            now=now,
            actor=actor,
        )
    if values["name"] != found.name:
        work.rename_department(
            company_id=company_id,
            department_id=found.pk,
            name=values["name"],
            now=now,
            actor=actor,
        )
    if manager_id != found.manager_id:
        work.set_manager(
            company_id=company_id,
            department_id=found.pk,
            employee_id=manager_id,
            now=now,
            actor=actor,
        )


def _form(
    request: MemberRequest, *, initial: dict[str, object], without: int | None = None
) -> DepartmentForm:
    nodes = flat(department_tree(company_id=request.company.pk, active_only=True))
    choices = [
        (node.id, "\u3000" * node.depth + node.name)
        for node in nodes
        if without not in node.path_ids
    ]
    return DepartmentForm(request.POST or None, departments=choices, initial=initial)


def _manager(request: MemberRequest, form: DepartmentForm) -> int | None:
    number = form.cleaned_data["manager_no"].strip()
    if not number:
        return None
    return employee(company_id=request.company.pk, employee_no=number).pk


def _blame(form: DepartmentForm, refusal: Refusal) -> None:
    form.add_error(
        "manager_no" if isinstance(refusal, UnknownEmployee) else "name", refusal.message
    )
