"""The list of rules, and one rule with its versions."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.org.models import AuditEntry
from meritbook.org.permissions import may_manage_rules
from meritbook.rules import listings
from meritbook.rules.forms import RetireForm
from meritbook.rules.listings import Names, RuleLine
from meritbook.rules.models import Rule, RuleVersion
from meritbook.rules.operations.publishing import open_questions
from meritbook.rules.operations.succession import successors
from meritbook.rules.queries import rule as rule_of
from meritbook.rules.queries import versions as versions_of
from meritbook.rules.queries.schemes import scheme_of, schemes
from meritbook.rules.wording import Change, agreed_facts, changes_between, source_facts

PER_PAGE = 60
OTHERS_SHOWN = 500


@for_members()
def rules(request: MemberRequest) -> HttpResponse:
    """Rules by sheet and indicator, with search and filters."""
    query = request.GET
    manages = may_manage_rules(request.member)
    employee = request.member.employee
    company_id, day = request.company.pk, today_of(request)
    names = Names(company_id=company_id)
    everything = listings.rule_lines(
        company_id=company_id, day=day, names=names, with_drafts=manages
    )
    state = query.get("state", "") if query.get("state") in listings.STATES else ""
    search, sheet = query.get("q", "").strip(), query.get("sheet", "")
    department_id = _number(query.get("department"))
    reader = None
    if employee is not None and query.get("mine") == "1":
        reader = listings.reader_on(company_id=company_id, employee_id=employee.pk, day=day)
    lines = listings.chosen(
        everything,
        names=names,
        state=state,
        search=search,
        sheet=sheet or None,
        department_id=department_id,
        reader=reader,
    )
    page = Paginator(lines, PER_PAGE).get_page(query.get("page"))
    context = {
        "page": page,
        "groups": listings.by_sheet(page.object_list),
        "total": len(everything),
        "search": search,
        "sheet": sheet,
        "state": state,
        "department_id": department_id,
        "mine": reader is not None,
        "filtered": bool(state or search or sheet or department_id or reader),
        "states": _state_tabs(request, everything, state, manages=manages),
        "departments": names.department_choices(),
        "sheets": sorted({line.version.rule.sheet for line in everything} - {""}),
        "manages": manages,
    }
    return render(request, "rules/rules.html", context)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 18 else None


def _state_tabs(
    request: MemberRequest, lines: list[RuleLine], state: str, *, manages: bool
) -> list[dict[str, Any]]:
    counts = listings.counts(lines)
    states = [("", _("全部"), len(lines))]
    for name, (label, _tone) in listings.STATES.items():
        if (manages or name != listings.DRAFT) and (counts[name] or name == state):
            states.append((name, str(label), counts[name]))
    tabs = []
    for name, label, count in states:
        query = request.GET.copy()
        query.pop("page", None)
        query["state"] = name
        if not name:
            query.pop("state")
        tabs.append(
            {
                "address": f"?{query.urlencode()}",
                "label": label,
                "count": count,
                "current": name == state,
            }
        )
    return tabs


@dataclass(frozen=True, slots=True)
class VersionStep:
    """One version in the timeline of a rule, with what it changed."""

    line: RuleLine
    changes: list[Change]

    @property
    def version(self) -> RuleVersion:
        return self.line.version


@for_members()
def rule(request: MemberRequest, code: str) -> HttpResponse:
    """One rule: what counts today, its source, its versions and their differences."""
    company_id = request.company.pk
    manages = may_manage_rules(request.member)
    found = rule_of(company_id=company_id, code=code)
    versions = versions_of(company_id=company_id, rule_id=found.pk)
    if not manages:
        versions = [each for each in versions if each.status != RuleVersion.Status.DRAFT]
    if not versions:
        return render(request, "rules/rule_unpublished.html", {"rule": found})
    day = today_of(request)
    names = Names(company_id=company_id)
    steps = _timeline(versions, day=day, names=names)
    shown = listings.shown_of(versions, day)
    draft = next((each for each in versions if each.status == RuleVersion.Status.DRAFT), None)
    is_in_use = listings.state_on(shown, day) != listings.ENDED
    context = {
        "back_address": "/rules/",
        "rule": found,
        "line": listings.rule_line(shown, day=day, names=names),
        "steps": steps,
        "facts": [*source_facts(shown), *agreed_facts(shown)],
        "draft": draft if draft is not None and draft.pk != shown.pk else None,
        "is_draft": shown.status == RuleVersion.Status.DRAFT,
        "can_retire": any(
            listings.state_on(each, day) in (listings.IN_FORCE, listings.UPCOMING)
            for each in versions
        ),
        "manages": manages,
        "today": day,
        "open_questions": len(open_questions(draft)) if draft is not None else 0,
        "retirement": _retirement(company_id, code) if not is_in_use else None,
        "schemes": list(schemes(company_id=company_id)) if manages else [],
        "scheme": scheme_of(company_id=company_id, scheme_id=found.scheme_id),
        "predecessors": Rule.objects.filter(
            company_id=company_id, code__in=shown.extra.get("succeeds") or ()
        ),
        "successors": successors(company_id, code),
        "others": Rule.objects.filter(company_id=company_id)
        .exclude(pk=found.pk)
        .order_by("name")[:OTHERS_SHOWN]
        if manages
        else (),
        "retire_form": RetireForm(initial={"active_to": day}),
    }
    return render(request, "rules/rule.html", context)


def _retirement(company_id: int, code: str) -> AuditEntry | None:
    """Who ended the rule last, and why."""
    return (
        AuditEntry.objects.filter(
            company_id=company_id, object_kind="rule", object_id=code, action="rule.retire"
        )
        .order_by("-id")
        .first()
    )


def _timeline(versions: list[RuleVersion], *, day: date, names: Names) -> list[VersionStep]:
    """Versions, the newest first, each with what it changed against the one before."""
    older = [*versions[1:], None]
    return [
        VersionStep(
            line=listings.rule_line(each, day=day, names=names),
            changes=changes_between(before, each, names=names) if before is not None else [],
        )
        for each, before in zip(versions, older, strict=True)
    ]
