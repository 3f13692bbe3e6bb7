"""Schemes: what each is for, how it may change, what reviews found, and its rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from meritbook.approvals.models import Committee
from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.org.models import Membership
from meritbook.org.operations.audit import actor_of
from meritbook.org.permissions import may_manage_rules
from meritbook.rules import listings
from meritbook.rules.forms.schemes import GovernanceForm, LockForm, ReviewForm, SchemeForm
from meritbook.rules.listings import Names
from meritbook.rules.models import Edition, Review, Revision, Scheme
from meritbook.rules.operations import schemes as operations
from meritbook.rules.operations.schemes import BadScheme, SchemeData
from meritbook.rules.permissions import may_govern
from meritbook.rules.queries import rule as rule_of
from meritbook.rules.queries import schemes as queries
from meritbook.rules.queries.revisions import revisions, signed
from meritbook.rules.views.revisions import TONES

manager_page = for_members(may_manage_rules)
owner_page = for_members(may_govern)


@require_safe
@for_members()
def schemes(request: MemberRequest) -> HttpResponse:
    """All schemes, each with its goal and how far it is."""
    today = today_of(request)
    found = list(queries.schemes(company_id=request.company.pk))
    latest = _latest_reviews(request.company.pk)
    context = {
        "cards": [
            {"scheme": each, "progress": progress(each, latest.get(each.pk)), **_due(each, today)}
            for each in found
        ],
        "manages": may_manage_rules(request.member),
        "back_address": "/rules/",
    }
    return render(request, "rules/schemes.html", context)


@require_safe
@for_members()
def scheme(request: MemberRequest, code: str) -> HttpResponse:
    """One scheme: its goal, how it changes, its awards and deductions, its reviews and locks."""
    company_id, today = request.company.pk, today_of(request)
    found = queries.scheme(company_id=company_id, code=code)
    lines = [
        line
        for line in listings.rule_lines(
            company_id=company_id, day=today, names=Names(company_id=company_id), with_drafts=False
        )
        if line.version.rule.scheme_id == found.pk and line.state != listings.ENDED
    ]
    reviews = list(
        Review.objects.filter(company_id=company_id, scheme=found).order_by("-reviewed_at", "-pk")
    )
    newest = Edition.objects.filter(company_id=company_id, scheme=found).order_by("-number").first()
    context = {
        "scheme": found,
        "progress": progress(found, reviews[0] if reviews else None),
        **_due(found, today),
        "awards": [each for each in lines if each.badge.tone != "loss"],
        "deductions": [each for each in lines if each.badge.tone == "loss"],
        "reviews": reviews,
        "locks": list(
            found.locks.filter(
                company_id=company_id, lifted_at__isnull=True, ends_on__gte=today
            ).order_by("starts_on", "pk")
        ),
        "governance": governance_words(found),
        "edition": newest,
        "signed": signed(newest) if newest is not None else None,
        "revisions": [
            {"revision": each, "tone": TONES[Revision.State(each.state)]}
            for each in revisions(company_id=company_id, scheme=found)
        ],
        "review_form": ReviewForm(),
        "lock_form": LockForm(),
        "manages": may_manage_rules(request.member),
        "governs": may_govern(request.member),
        "back_address": "/schemes/",
    }
    return render(request, "rules/scheme.html", context)


def _due(scheme: Scheme, today: date) -> dict[str, Any]:
    on = scheme.review_on
    return {"review_is_due": on is not None and (on - today).days <= operations.REMIND_DAYS}


def _latest_reviews(company_id: int) -> dict[int, Review]:
    found = (
        Review.objects.filter(company_id=company_id)
        .order_by("scheme_id", "-reviewed_at", "-pk")
        .distinct("scheme_id")
    )
    return {each.scheme_id: each for each in found}


def progress(scheme: Scheme, latest: Review | None) -> dict[str, Any] | None:
    """How far the number is on its way; None without a number to reach."""
    start, end = scheme.measure_from, scheme.measure_to
    if end is None:
        return None
    now = latest.measured if latest is not None and latest.measured is not None else start
    share = None
    if start is not None and now is not None and start != end:
        share = max(0, min(100, int((now - start) * 100 / (end - start))))
    return {"from": _plain(start), "to": _plain(end), "now": _plain(now), "share": share}


def _plain(number: Decimal | None) -> str:
    if number is None:
        return "–"
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def governance_words(scheme: Scheme) -> list[str]:
    """How the scheme's rules may change, one sentence a step."""
    words = []
    if scheme.consultation_days:
        words.append(_("先征求意见 %(n)s 天") % {"n": scheme.consultation_days})
    approval = scheme.get_approval_display()
    if scheme.approval == Scheme.Approval.COMMITTEE and scheme.committee is not None:
        approval = _("由%(name)s表决") % {"name": scheme.committee.name}
    words.append(str(approval))
    if scheme.notice_days:
        words.append(_("批准后公布 %(n)s 天才生效") % {"n": scheme.notice_days})
    if scheme.must_sign:
        words.append(_("公布后员工签收"))
    return words


def _people(company_id: int) -> list[tuple[int, str]]:
    found = Membership.objects.filter(company_id=company_id, ended_at__isnull=True)
    return list(found.order_by("name", "pk").values_list("pk", "name"))


def data_of(scheme: Scheme) -> SchemeData:
    """What is said of a scheme now."""
    return SchemeData(**{name: getattr(scheme, name) for name in SchemeData.__dataclass_fields__})


@manager_page
def scheme_new(request: MemberRequest) -> HttpResponse:
    """A new scheme."""
    return _write(request, None)


@manager_page
def scheme_edit(request: MemberRequest, code: str) -> HttpResponse:
    """What a scheme is for."""
    return _write(request, queries.scheme(company_id=request.company.pk, code=code))


def _write(request: MemberRequest, scheme: Scheme | None) -> HttpResponse:
    before = data_of(scheme) if scheme else SchemeData(name="")
    form = SchemeForm(
        request.POST if request.method == "POST" else None,
        people=_people(request.company.pk),
        initial={name: getattr(before, name) for name in SchemeForm.base_fields},
    )
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                saved = operations.save_scheme(
                    company_id=request.company.pk,
                    data=replace(before, **form.cleaned_data),
                    actor=actor_of(request.member),
                    now=clock.now(),
                    scheme=scheme,
                )
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("方案已保存"))
            return redirect("scheme", saved.code)
    context = {
        "form": form,
        "scheme": scheme,
        "back_address": f"/schemes/{scheme.code}/" if scheme else "/schemes/",
    }
    return render(request, "rules/scheme_form.html", context, status=422 if form.errors else 200)


@owner_page
def scheme_governance(request: MemberRequest, code: str) -> HttpResponse:
    """How a scheme's rules may change; for owners, since who publishes should not choose that."""
    found = queries.scheme(company_id=request.company.pk, code=code)
    before = data_of(found)
    committees = Committee.objects.filter(company_id=request.company.pk, closed_at__isnull=True)
    form = GovernanceForm(
        request.POST if request.method == "POST" else None,
        committees=list(committees.order_by("name").values_list("pk", "name")),
        initial={name: getattr(before, name) for name in GovernanceForm.base_fields},
    )
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                operations.save_scheme(
                    company_id=request.company.pk,
                    data=replace(before, **form.cleaned_data),
                    actor=actor_of(request.member),
                    now=clock.now(),
                    scheme=found,
                )
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("修改办法已保存，以后的修改按它办理"))
            return redirect("scheme", found.code)
    context = {"form": form, "scheme": found, "back_address": f"/schemes/{found.code}/"}
    status = 422 if form.errors else 200
    return render(request, "rules/scheme_governance.html", context, status=status)


@require_POST
@manager_page
def scheme_review(request: MemberRequest, code: str) -> HttpResponse:
    """Write down a look back."""
    found = queries.scheme(company_id=request.company.pk, code=code)
    form = ReviewForm(request.POST)
    try:
        if not form.is_valid():
            raise BadScheme(_("请写下复盘的结论，数值只填数字"))
        with transaction.atomic():
            operations.review(
                scheme=found,
                **form.cleaned_data,
                today=today_of(request),
                actor=actor_of(request.member),
                now=clock.now(),
            )
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("复盘已记录"))
    return redirect("scheme", found.code)


@require_POST
@owner_page
def scheme_lock(request: MemberRequest, code: str) -> HttpResponse:
    """Lock the scheme for some days, or lift a lock."""
    found = queries.scheme(company_id=request.company.pk, code=code)
    actor, now, lifted = actor_of(request.member), clock.now(), request.POST.get("lift", "")
    try:
        with transaction.atomic():
            if lifted.isdecimal() and len(lifted) < 18:
                operations.lift(scheme=found, lock_id=int(lifted), actor=actor, now=now)
            else:
                form = LockForm(request.POST)
                if not form.is_valid():
                    raise BadScheme(_("请填写锁定的起止日期"))
                operations.lock(scheme=found, **form.cleaned_data, actor=actor, now=now)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("已保存"))
    return redirect("scheme", found.code)


@require_POST
@manager_page
def rule_scheme(request: MemberRequest, code: str) -> HttpResponse:
    """Move a rule to another scheme."""
    company_id = request.company.pk
    rule = rule_of(company_id=company_id, code=code)
    try:
        scheme = queries.scheme(company_id=company_id, code=request.POST.get("scheme", ""))
        with transaction.atomic():
            operations.move_rule(
                rule=rule,
                scheme=scheme,
                actor=actor_of(request.member),
                now=clock.now(),
                may_govern=may_govern(request.member),
            )
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("已归入“%(name)s”") % {"name": scheme.name})
    return redirect("rule", code=rule.code)
