"""Types of events: what there is, what it feeds, what it could feed."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.org.doors import MemberRequest, for_members
from meritbook.org.operations.audit import actor_of, note
from meritbook.org.permissions import may_manage_rules
from meritbook.rules.event_types.books import KnownType
from meritbook.rules.forms.event_types import EventTypeForm
from meritbook.rules.operations.event_types import (
    BadType,
    Target,
    feed_rules,
    known_type,
    save_type,
)
from meritbook.rules.type_listings import live_versions, type_list

manager_page = for_members(may_manage_rules)


@manager_page
@require_safe
def event_types(request: MemberRequest) -> HttpResponse:
    """All types by category, and the proposals that nobody has answered."""
    found = type_list(company_id=request.company.pk)
    context = {"found": found, "back_address": "/rules/"}
    return render(request, "rules/event_types.html", context)


@manager_page
def new_type(request: MemberRequest) -> HttpResponse:
    """Add a type of the company's own."""
    return _form(request, None)


@manager_page
def edit_type(request: MemberRequest, code: str) -> HttpResponse:
    """Rename a type, say what it carries and feeds, switch it off."""
    return _form(request, known_type(company_id=request.company.pk, code=code))


def _form(request: MemberRequest, known: KnownType | None) -> HttpResponse:
    form = EventTypeForm(
        request.POST if request.method == "POST" else None,
        versions=live_versions(company_id=request.company.pk),
        known=known,
    )
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                _save(request, form, known)
        except BadType as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            messages.success(request, _("已保存。"))
            return redirect("event-types")
    context = {"form": form, "known": known, "back_address": "/rules/types/"}
    status = 422 if form.errors else 200
    return render(request, "rules/event_type_form.html", context, status=status)


def _save(request: MemberRequest, form: EventTypeForm, known: KnownType | None) -> None:
    asked, company_id, now = form.cleaned_data, request.company.pk, clock.now()
    row = save_type(
        company_id=company_id,
        code=known.code if known else asked["code"],
        name=asked["name"],
        category=asked["category"],
        attributes=asked["attributes"],
        is_active=asked["is_active"],
        is_new=known is None,
        now=now,
    )
    targets = feed_rules(
        company_id=company_id, code=row.code, targets=form.chosen_targets(), now=now
    )
    _note(request, row.code, row.name, targets)


def _note(request: MemberRequest, code: str, name: str, targets: tuple[Target, ...]) -> None:
    note(
        company_id=request.company.pk,
        actor=actor_of(request.member),
        now=clock.now(),
        action="event_type.set",
        object_kind="event_type",
        object_id=code,
        after={"name": name, "rules": [list(one) for one in targets]},
    )


@manager_page
@require_POST
def take_proposals(request: MemberRequest) -> HttpResponse:
    """Take the proposals that are ticked."""
    company_id = request.company.pk
    wanted = set(request.POST.getlist("take"))
    found = type_list(company_id=company_id)
    taken: dict[str, list[Target]] = {}
    for one in found.proposed:
        if one.value in wanted:
            taken.setdefault(one.type_code, []).append(Target(one.code, one.item))
    fed = {
        line.known.code: [Target(one.code, one.item) for one in line.rules] for line in found.lines
    }
    try:
        with transaction.atomic():
            for code, targets in taken.items():
                every = feed_rules(
                    company_id=company_id,
                    code=code,
                    targets=[*fed[code], *targets],
                    now=clock.now(),
                )
                _note(request, code, code, every)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        count = sum(len(targets) for targets in taken.values())
        if count:
            messages.success(request, _("已采纳 %(n)d 条对应。") % {"n": count})
        else:
            messages.error(request, _("没有勾选任何一条。"))
    return redirect("event-types")
