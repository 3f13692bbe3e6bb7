"""One rule by hand: choose a shape, fill in its fields, see the sentence, publish or keep."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.org.permissions import may_manage_rules
from meritbook.rules import operations
from meritbook.rules.forms import RetireForm, RuleForm, first_error
from meritbook.rules.listings import Names
from meritbook.rules.models import Rule, RuleVersion
from meritbook.rules.operations.discarding import discard_draft
from meritbook.rules.persons import refuse_nobody
from meritbook.rules.presets import BY_SHAPE, PRESETS
from meritbook.rules.queries import rule as rule_of
from meritbook.rules.said import NotOneRule, SaidRule, said_rule
from meritbook.rules.tier_inputs import rows_after, rows_in
from meritbook.rules.views.conditions import condition_context, condition_part
from meritbook.rules.views.form_state import base_of, form_of, latest_of, preview_of
from meritbook.rules.views.notes import note_rule, version_note

manager_page = for_members(may_manage_rules)


@manager_page
def new_rule(request: MemberRequest) -> HttpResponse:
    """Say the rule in a sentence or choose a shape; then the form of that shape."""
    shape = request.GET.get("shape", "")
    text = " ".join(request.GET.get("say", "").split())
    said, refused = None, None
    if text:
        try:
            said = _said(request, text)
        except Refusal as refusal:
            refused = refusal
        else:
            shape = shape if shape in BY_SHAPE else said.draft.shape
    like = None
    if after := request.GET.get("after"):
        like = latest_of(request, after)[1]
        shape = shape if shape in BY_SHAPE else like.shape
    if shape not in BY_SHAPE:
        context = {
            "presets": PRESETS,
            "back_address": "/rules/",
            "say": text,
            "refused": refused,
            "is_several": isinstance(refused, NotOneRule) and refused.count > 1,
        }
        return render(request, "rules/shapes.html", context, status=422 if refused else 200)
    return _write(request, shape=shape, rule=None, before=None, said=said, like=like)


def _said(request: MemberRequest, text: str) -> SaidRule:
    company_id = request.company.pk
    names = Names(company_id=company_id)
    return said_rule(company_id=company_id, text=text, day=today_of(request), names=names)


@manager_page
def edit_rule(request: MemberRequest, code: str) -> HttpResponse:
    """A new version of a rule, or its open draft."""
    rule, before = latest_of(request, code)
    shape = request.GET.get("shape", before.shape)
    return _write(
        request, shape=shape if shape in BY_SHAPE else before.shape, rule=rule, before=before
    )


def _write(
    request: MemberRequest,
    *,
    shape: str,
    rule: Rule | None,
    before: RuleVersion | None,
    said: SaidRule | None = None,
    like: RuleVersion | None = None,
) -> HttpResponse:
    names = Names(company_id=request.company.pk)
    form = form_of(request, shape=shape, before=before, names=names, said=said, like=like)
    if request.method == "POST" and form.is_valid():
        try:
            version = _save(request, form=form, rule=rule, before=before, said=said)
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            return redirect("rule", code=version.rule.code)
    context = {
        "form": form,
        "preset": form.preset,
        "rule": rule,
        "presets": PRESETS,
        "back_address": f"/rules/{rule.code}/" if rule else "/rules/new/",
        "said": said,
        "condition": condition_context(form),
        "follows": Rule.objects.filter(
            company_id=request.company.pk, code__in=str(form["succeeds"].value() or "").split("\t")
        ),
        **preview_of(form, before=before, names=names, today=today_of(request), said=said),
    }
    return render(request, "rules/rule_form.html", context, status=422 if form.errors else 200)


@transaction.atomic
def _save(
    request: MemberRequest,
    *,
    form: RuleForm,
    rule: Rule | None,
    before: RuleVersion | None,
    said: SaidRule | None = None,
) -> RuleVersion:
    company_id, actor_id, now = request.company.pk, request.member.membership.pk, clock.now()
    version = operations.save_rule(
        company_id=company_id,
        values=form.values(base=base_of(before, said)),
        population=form.population(),
        postings=before.postings if before else {},
        reason=form.cleaned_data.get("reason") or "",
        actor_id=actor_id,
        now=now,
        rule=rule,
    )
    note_rule(
        request,
        action="rule.create" if rule is None else "rule.edit",
        code=version.rule.code,
        before=version_note(before),
        after=version_note(version),
        reason=version.reason,
    )
    if request.POST.get("action") == "draft":
        messages.success(request, _("已存为草稿，发布后才开始计分。"))
        return version
    refuse_nobody(
        company_id=company_id,
        population=version.population,
        day=max(form.cleaned_data["active_from"], today_of(request)),
    )
    operations.publish(
        company_id=company_id,
        version_ids=[version.pk],
        active_from=form.cleaned_data["active_from"],
        actor_id=actor_id,
        now=now,
    )
    note_rule(
        request,
        action="rule.publish",
        code=version.rule.code,
        after={"version": version.number, "from": form.cleaned_data["active_from"]},
    )
    messages.success(
        request, _("已发布，从 %(day)s 起计分。") % {"day": form.cleaned_data["active_from"]}
    )
    return version


@manager_page
@require_POST
def preview_rule(request: MemberRequest) -> HttpResponse:
    """The sentence of the form's present state (htmx), and the inputs that fit it."""
    shape = request.GET.get("shape", "")
    if shape not in BY_SHAPE:
        shape = PRESETS[0].shape
    names = Names(company_id=request.company.pk)
    if request.GET.get("part") == "condition":
        return condition_part(request)
    if request.GET.get("part") == "inputs":
        # Nobody has submitted yet: what stands there is shown again, without errors.
        form = RuleForm(shape=shape, departments=[], posts=[], initial=_as_typed(request))
        response = render(request, "rules/_inputs.html", {"form": form})
        response["HX-Trigger"] = "inputs-changed"
        return response
    code = request.GET.get("code")
    before = latest_of(request, code)[1] if code else None
    form = form_of(request, shape=shape, before=before, names=names)
    return render(
        request,
        "rules/_sentence.html",
        preview_of(form, before=before, names=names, today=today_of(request)),
    )


def _as_typed(request: MemberRequest) -> dict[str, Any]:
    """What stands in the form, with a row of tiers more or less when one was asked for."""
    typed = request.POST.dict()
    rows, step = rows_in(request.POST), request.GET.get("step", "")
    after = rows_after(
        rows, step=step, target=str(typed.get("target", "")), points=str(typed.get("points", ""))
    )
    if rows and not after:
        typed |= {"target": rows[0]["from"], "points": rows[0]["points"].lstrip("-")}
    return typed | {"tiers": after}


@manager_page
@require_POST
def publish_rule(request: MemberRequest, code: str) -> HttpResponse:
    """Publish the open draft of one rule."""
    rule, draft = latest_of(request, code)
    form = RetireForm(request.POST)
    del form.fields["reason"]
    if not form.is_valid():
        messages.error(request, first_error(form))
        return redirect("rule", code=rule.code)
    active_from = form.cleaned_data["active_to"]
    try:
        with transaction.atomic():
            published = operations.publish(
                company_id=request.company.pk,
                version_ids=[draft.pk],
                active_from=active_from,
                actor_id=request.member.membership.pk,
                now=clock.now(),
                accept_proposals=request.POST.get("accept_proposals") == "on",
            )
            for version in published:
                note_rule(
                    request,
                    action="rule.publish",
                    code=rule.code,
                    after={"version": version.number, "from": active_from},
                )
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("已发布。"))
    return redirect("rule", code=rule.code)


@manager_page
@require_POST
def discard_rule_draft(request: MemberRequest, code: str) -> HttpResponse:
    """Throw the open draft away; a rule that never was published goes with it."""
    rule, draft = latest_of(request, code)
    said = version_note(draft) if draft.status == RuleVersion.Status.DRAFT else None
    try:
        with transaction.atomic():
            remains = discard_draft(company_id=request.company.pk, rule_id=rule.pk)
            if said is not None:
                note_rule(request, action="rule.discard", code=rule.code, before=said)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("rule", code=rule.code)
    messages.success(request, _("草稿已删除。"))
    return redirect("rule", code=rule.code) if remains else redirect("rules")


@manager_page
@require_POST
def retire_rule(request: MemberRequest, code: str) -> HttpResponse:
    """End a rule from a day on."""
    rule = rule_of(company_id=request.company.pk, code=code)
    form = RetireForm(request.POST)
    if not form.is_valid():
        messages.error(request, first_error(form))
        return redirect("rule", code=rule.code)
    try:
        with transaction.atomic():
            operations.retire(
                company_id=request.company.pk,
                rule_id=rule.pk,
                from_day=form.cleaned_data["active_to"],
            )
            note_rule(
                request,
                action="rule.retire",
                code=rule.code,
                after={"from": form.cleaned_data["active_to"]},
                reason=form.cleaned_data["reason"],
            )
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(
            request, _("已停用，%(day)s 起不再计分。") % {"day": form.cleaned_data["active_to"]}
        )
    return redirect("rule", code=rule.code)
