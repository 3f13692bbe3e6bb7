"""Revisions on their way: made, talked about, submitted; versions side by side."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from meritbook.files.operations.runs import store_file
from meritbook.files.queries.runs import content_of
from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.org.models import Department
from meritbook.org.operations.audit import actor_of
from meritbook.org.permissions import may_manage_rules
from meritbook.rules.comparing import side_by_side
from meritbook.rules.forms.publishing import first_error
from meritbook.rules.forms.revisions import MinutesForm, RevisionForm
from meritbook.rules.listings import Names
from meritbook.rules.models import Change, Minutes, Revision, Rule, RuleVersion, Scheme
from meritbook.rules.operations import revisions as operations
from meritbook.rules.operations.revisions import BadRevision, Proposal
from meritbook.rules.queries import rule as rule_of
from meritbook.rules.queries import versions as versions_of
from meritbook.rules.queries.revisions import revision_of
from meritbook.rules.queries.schemes import scheme as scheme_of
from meritbook.rules.queries.texts import change_texts, sentence_in_words

manager_page = for_members(may_manage_rules)
TONES = {
    Revision.State.CONSULTING: "live",
    Revision.State.APPROVING: "wait",
    Revision.State.ANNOUNCED: "good",
    Revision.State.REFUSED: "bad",
    Revision.State.WITHDRAWN: "calm",
}
MINUTES_MB = 20
LINE = 60


@manager_page
def revision_new(request: MemberRequest, code: str) -> HttpResponse:
    """Begin a revision of a scheme from its drafts."""
    company_id = request.company.pk
    scheme = scheme_of(company_id=company_id, code=code)
    form = RevisionForm(
        request.POST if request.method == "POST" else None,
        drafts=_drafts(scheme),
        rules=_rules(scheme),
        departments=Names(company_id=company_id).department_choices(),
        consults=bool(scheme.consultation_days),
        initial={"effective_on": today_of(request)},
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            with transaction.atomic():
                made = operations.propose(
                    scheme=scheme,
                    proposal=Proposal(**said),
                    actor=actor_of(request.member),
                    today=today_of(request),
                    now=clock.now(),
                )
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("修订已发起"))
            return redirect("revision", made.pk)
    context = {"form": form, "scheme": scheme, "back_address": f"/schemes/{scheme.code}/"}
    return render(request, "rules/revision_form.html", context, status=422 if form.errors else 200)


def _drafts(scheme: Scheme) -> list[tuple[int, str]]:
    found = RuleVersion.objects.filter(
        company_id=scheme.company_id, rule__scheme=scheme, status=RuleVersion.Status.DRAFT
    ).select_related("rule")
    return [(each.pk, sentence_in_words(each)) for each in found.order_by("rule__code", "pk")]


def _rules(scheme: Scheme) -> list[tuple[int, str]]:
    in_force = RuleVersion.objects.filter(
        company_id=scheme.company_id, status=RuleVersion.Status.PUBLISHED, active_to__isnull=True
    )
    found = Rule.objects.filter(
        company_id=scheme.company_id, scheme=scheme, pk__in=in_force.values("rule_id")
    )
    return [(each.pk, f"{each.name[:LINE]} · {each.code}") for each in found.order_by("code")]


@require_safe
@for_members()
def revision(request: MemberRequest, revision_id: int) -> HttpResponse:
    """One revision: what changes, what was said to it, where it stands."""
    company_id, today = request.company.pk, today_of(request)
    found = revision_of(company_id=company_id, revision_id=revision_id)
    manages = may_manage_rules(request.member)
    is_running = operations.is_running(found, today=today)
    opinions = list(found.opinions.filter(company_id=company_id).order_by("said_at", "pk"))
    context: dict[str, Any] = {
        "revision": found,
        "scheme": found.scheme,
        "tone": TONES[Revision.State(found.state)],
        "changes": change_texts(found, day=today),
        "audience": _audience(found),
        "opinions": opinions,
        "unanswered": sum(each.answered_at is None for each in opinions),
        "minutes": list(
            Minutes.objects.filter(company_id=company_id, revision=found)
            .select_related("file")
            .order_by("added_at", "pk")
        ),
        "is_running": is_running,
        "may_speak": is_running
        and operations.is_invited(found, member=request.member, today=today),
        "may_submit": manages and found.state == Revision.State.CONSULTING and not is_running,
        "manages": manages,
        "minutes_form": MinutesForm(),
        "back_address": f"/schemes/{found.scheme.code}/",
    }
    return render(request, "rules/revision.html", context)


def _audience(found: Revision) -> list[str]:
    wanted = found.audience.get("departments") or ()
    names = Department.objects.filter(company_id=found.company_id, pk__in=wanted)
    return list(names.order_by("name").values_list("name", flat=True))


@require_POST
@for_members()
def revision_say(request: MemberRequest, revision_id: int) -> HttpResponse:
    """An opinion of the reader's."""
    try:
        operations.say(
            revision_id=revision_id,
            member=request.member,
            text=request.POST.get("text", ""),
            today=today_of(request),
            now=clock.now(),
        )
    except BadRevision as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("意见已收到"))
    return redirect("revision", revision_id)


@require_POST
@manager_page
def revision_act(request: MemberRequest, revision_id: int) -> HttpResponse:
    """Submit a revision, give it up, or answer an opinion."""
    company_id, actor, now = request.company.pk, actor_of(request.member), clock.now()
    act, opinion = request.POST.get("act", ""), request.POST.get("opinion", "")
    revision_of(company_id=company_id, revision_id=revision_id)
    try:
        with transaction.atomic():
            if act == "submit":
                found = operations.submit(
                    company_id=company_id,
                    revision_id=revision_id,
                    actor=actor,
                    today=today_of(request),
                    now=now,
                )
                is_done = found.state == Revision.State.ANNOUNCED
                done = _("已公布") if is_done else _("已提交审批")
            elif act == "withdraw":
                operations.withdraw_revision(
                    company_id=company_id, revision_id=revision_id, actor=actor, now=now
                )
                done = _("已撤回，草稿还在")
            else:
                operations.answer(
                    company_id=company_id,
                    revision_id=revision_id,
                    opinion_id=int(opinion) if opinion.isdecimal() and len(opinion) < 18 else 0,
                    text=request.POST.get("text", ""),
                    actor=actor,
                    now=now,
                )
                done = _("已答复")
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, done)
    return redirect("revision", revision_id)


@require_POST
@manager_page
def revision_minutes(request: MemberRequest, revision_id: int) -> HttpResponse:
    """Put a paper of a meeting beside a revision."""
    company_id, now = request.company.pk, clock.now()
    found = revision_of(company_id=company_id, revision_id=revision_id)
    form = MinutesForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, first_error(form))
    elif form.cleaned_data["file"].size > MINUTES_MB * 1024 * 1024:
        messages.error(request, _("文件不能超过 %(n)s MB") % {"n": MINUTES_MB})
    else:
        with transaction.atomic():
            upload = form.cleaned_data["file"]
            operations.add_minutes(
                revision=found,
                file=store_file(
                    company_id=company_id,
                    name=upload.name,
                    content=upload.read(),
                    created_by=request.member.membership.pk,
                    now=now,
                ),
                title=form.cleaned_data["title"],
                actor=actor_of(request.member),
                now=now,
            )
        messages.success(request, _("会议记录已上传"))
    return redirect("revision", revision_id)


@require_safe
@for_members()
def minutes_file(request: MemberRequest, revision_id: int, minutes_id: int) -> HttpResponse:
    """A paper as it was handed in; always a download, whatever it says it is."""
    found = (
        Minutes.objects.filter(
            company_id=request.company.pk, revision_id=revision_id, pk=minutes_id
        )
        .select_related("file")
        .first()
    )
    if found is None:
        raise Http404
    disposition = content_disposition_header(as_attachment=True, filename=found.file.name)
    return HttpResponse(
        content_of(found.file),
        content_type="application/octet-stream",
        headers={"Content-Disposition": disposition or "attachment"},
    )


@require_safe
@for_members()
def rule_compare(request: MemberRequest, code: str) -> HttpResponse:
    """Two versions of a rule side by side; without a choice the newest two."""
    company_id = request.company.pk
    rule = rule_of(company_id=company_id, code=code)
    versions = versions_of(company_id=company_id, rule_id=rule.pk)
    if not may_manage_rules(request.member):
        in_revisions = Change.objects.filter(company_id=company_id, rule=rule)
        seen = set(in_revisions.values_list("version_id", flat=True))
        versions = [
            each for each in versions if each.status != RuleVersion.Status.DRAFT or each.pk in seen
        ]
    by_number = {str(each.number): each for each in versions}
    newer = by_number.get(request.GET.get("to", ""), versions[0] if versions else None)
    rest = [each for each in versions if newer is None or each.number < newer.number]
    older = by_number.get(request.GET.get("from", ""), rest[0] if rest else None)
    names = Names(company_id=company_id)
    context = {
        "rule": rule,
        "versions": versions,
        "older": older,
        "newer": newer,
        "rows": side_by_side(older, newer, names=names) if older and newer else [],
        "back_address": f"/rules/{rule.code}/",
    }
    return render(request, "rules/compare.html", context)
