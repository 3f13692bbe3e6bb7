"""Backtests: asked for, followed, looked at by person, department, post, manager and rule."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from meritbook.insight.forms import BacktestForm
from meritbook.insight.models import Backtest
from meritbook.insight.operations import backtests as operations
from meritbook.insight.permissions import may_check_rules, may_see_backtests
from meritbook.insight.queries import backtests as queries
from meritbook.insight.queries.books import drafts_of
from meritbook.insight.queries.health import span_before
from meritbook.insight.sheets import backtest_workbook
from meritbook.insight.tabs import insight_tabs
from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.org.operations.audit import actor_of
from meritbook.org.permissions import scope_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PER_PAGE = 50
TONES = {
    Backtest.State.WAITING: "calm",
    Backtest.State.RUNNING: "live",
    Backtest.State.DONE: "good",
    Backtest.State.FAILED: "bad",
    Backtest.State.CANCELLED: "calm",
}
UNDER_WAY = (Backtest.State.WAITING, Backtest.State.RUNNING)


@require_GET
@for_members(may_see_backtests)
def backtests(request: MemberRequest) -> HttpResponse:
    """All backtests, or for a head those that are shared."""
    found = queries.backtests_for(company_id=request.company.pk, scope=scope_of(request.member))
    page = Paginator(found, 20).get_page(request.GET.get("page"))
    context = {
        "tabs": insight_tabs("/insight/backtests/", request.member),
        "page": page,
        "rows": [{"it": each, "tone": TONES[Backtest.State(each.state)]} for each in page],
        "may_ask": may_check_rules(request.member),
    }
    return render(request, "insight/backtests.html", context)


@require_http_methods(["GET", "POST"])
@for_members(may_check_rules)
def new(request: MemberRequest) -> HttpResponse:
    """Ask for a backtest."""
    today = today_of(request)
    drafts = drafts_of(company_id=request.company.pk)
    form = BacktestForm(
        request.POST or None,
        initial={
            "months": 3,
            "name": _("%(day)s 试算") % {"day": today.isoformat()},
            "drafts": [str(each.pk) for each in drafts],
        },
        choices=[(str(each.pk), each.standard or each.rule.name) for each in drafts],
    )
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                made = operations.ask_and_enqueue(
                    company_id=request.company.pk,
                    name=form.cleaned_data["name"],
                    span=span_before(today, months=form.cleaned_data["months"]),
                    version_ids=form.version_ids(),
                    actor=actor_of(request.member),
                    now=clock.now(),
                )
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            return redirect("backtest", backtest_id=made.pk)
    context = {"form": form, "drafts": len(drafts), "back_address": "/insight/backtests/"}
    return render(request, "insight/backtest_new.html", context)


def _backtest(request: MemberRequest, backtest_id: int) -> Backtest:
    return queries.backtest_of(
        company_id=request.company.pk, backtest_id=backtest_id, scope=scope_of(request.member)
    )


@require_GET
@for_members(may_see_backtests)
def backtest(request: MemberRequest, backtest_id: int) -> HttpResponse:
    """What came of one, or how far it is."""
    found = _backtest(request, backtest_id)
    context: dict[str, Any] = {
        "backtest": found,
        "tone": TONES[Backtest.State(found.state)],
        "is_under_way": found.state in UNDER_WAY,
        "may_ask": may_check_rules(request.member),
        "back_address": "/insight/backtests/",
    }
    if found.state == Backtest.State.DONE:
        context |= _result(request, found)
    return render(request, "insight/backtest.html", context)


def _result(request: MemberRequest, found: Backtest) -> dict[str, Any]:
    scope = scope_of(request.member)
    lines = queries.lines_of(found, scope=scope)
    whole = scope is None
    views = {
        "people": _("人员"),
        "departments": _("部门"),
        "posts": _("岗位"),
        "managers": _("主管"),
        **({"rules": _("标准"), "budgets": _("预算")} if whole else {}),
        "changes": _("得失明细"),
    }
    current = request.GET.get("view", "")
    current = current if current in views else "people"
    names = {
        "departments": queries.department_name,
        "posts": queries.post_name,
        "managers": queries.manager_name,
    }
    context: dict[str, Any] = {
        "totals": queries.totals(lines),
        "posted": found.summary["posted"] if whole else None,
        "is_as_posted": found.summary["posted"] == found.summary["before"]["points"],
        "view": current,
        "views": [
            {"address": f"?view={name}", "label": label, "current": name == current}
            for name, label in views.items()
        ],
        "view_name": views[current],
        "over": sum(each["is_over"] for each in found.summary["budgets"]) if whole else 0,
    }
    if current == "people":
        context["page"] = Paginator(lines, PER_PAGE).get_page(request.GET.get("page"))
    elif current in names:
        context["groups"] = queries.grouped(lines, names[current])
    elif current == "rules":
        context["rules"] = [
            each | {"difference": each["after"]["points"] - each["before"]["points"]}
            for each in found.summary["rules"]
        ]
    elif current == "budgets":
        context["budgets"] = found.summary["budgets"]
    else:
        changes = queries.changes_of(found, scope=scope)
        context["page"] = Paginator(changes, 20).get_page(request.GET.get("page"))
    return context


@require_GET
@for_members(may_see_backtests)
def progress(request: MemberRequest, backtest_id: int) -> HttpResponse:
    """How far one is (htmx); once it is over the page loads itself again."""
    found = _backtest(request, backtest_id)
    if found.state not in UNDER_WAY:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "insight/_backtest_progress.html", {"backtest": found})


@require_POST
@for_members(may_check_rules)
def cancel(request: MemberRequest, backtest_id: int) -> HttpResponse:
    """Stop one."""
    found = _backtest(request, backtest_id)
    try:
        operations.cancel(company_id=request.company.pk, backtest_id=found.pk, now=clock.now())
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("正在取消，账本没有动过"))
    return redirect("backtest", backtest_id=found.pk)


@require_POST
@for_members(may_check_rules)
def share(request: MemberRequest, backtest_id: int) -> HttpResponse:
    """Show one to heads, or no longer."""
    found = _backtest(request, backtest_id)
    is_shared = request.POST.get("shared") == "1"
    operations.share(company_id=request.company.pk, backtest_id=found.pk, is_shared=is_shared)
    messages.success(
        request,
        _("部门主管现在能看到，只看到自己的人") if is_shared else _("部门主管看不到了"),
    )
    return redirect("backtest", backtest_id=found.pk)


@require_GET
@for_members(may_see_backtests)
def export(request: MemberRequest, backtest_id: int) -> HttpResponse:
    """Everything that the reader sees of one, as a workbook."""
    found = _backtest(request, backtest_id)
    if found.state != Backtest.State.DONE:
        messages.error(request, _("试算还没有完成，没有可以下载的结果"))
        return redirect("backtest", backtest_id=found.pk)
    return HttpResponse(
        backtest_workbook(found, scope=scope_of(request.member)),
        content_type=XLSX,
        headers={"Content-Disposition": f"attachment; filename=backtest-{found.pk}.xlsx"},
    )
