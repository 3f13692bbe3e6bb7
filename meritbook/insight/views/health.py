"""The health check: findings by severity, mends with one click, reachable points by post."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from meritbook.insight.operations.mending import apply_mend
from meritbook.insight.permissions import may_check_rules
from meritbook.insight.queries.health import Health, health
from meritbook.insight.tabs import insight_tabs
from meritbook.insight.words import SEVERITY, finding_title
from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.ledger.worth import worth
from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.org.operations.audit import actor_of
from meritbook.rules.health import Finding, ReachRow, SchemeRule
from meritbook.rules.health.reach import BOUNDED, OPEN
from meritbook.rules.health.scheme import SEVERITIES
from meritbook.rules.health.subjects import named

PUBLISHED = "published"
OPEN_UP_TO = 3
"""So many findings of a kind are shown without a click."""


@require_GET
@for_members(may_check_rules)
def check(request: MemberRequest) -> HttpResponse:
    """What is wrong with the scheme, and what each post can reach in a month."""
    today = today_of(request)
    only_published = request.GET.get("scheme") == PUBLISHED
    found = health(company_id=request.company.pk, today=today, with_drafts=not only_published)
    groups = [_group(severity, found.findings) for severity in SEVERITIES]
    at = worth(company_id=request.company.pk, asset_code="spendable", on=today)
    drafts = sum(rule.is_draft for rule in found.scheme.rules)
    context = {
        "tabs": insight_tabs("/insight/", request.member),
        "only_published": only_published,
        "drafts": drafts,
        "rules": len(found.scheme.rules),
        "months": found.scheme.months,
        "groups": groups,
        "found": len(found.findings),
        "reach": _reach(found, cents_of=at.cents_of),
        "workdays": found.scheme.workdays.quantize(Decimal("0.1")),
    }
    return render(request, "insight/health.html", context)


@require_POST
@for_members(may_check_rules)
def mend(request: MemberRequest) -> HttpResponse:
    """Apply the mend of one finding: drafts are written, nothing is published."""
    try:
        done = apply_mend(
            company_id=request.company.pk,
            key=request.POST.get("key", "")[:4000],
            today=today_of(request),
            actor=actor_of(request.member),
            now=clock.now(),
        )
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("insight")
    told = []
    if done.drafts:
        told.append(
            ngettext(
                "改好了 %(n)d 条草稿，发布后生效",
                "改好了 %(n)d 条草稿，发布后生效",
                len(done.drafts),
            )
            % {"n": len(done.drafts)}
        )
    if done.retired:
        told.append(
            ngettext("停用了 %(n)d 条标准", "停用了 %(n)d 条标准", len(done.retired))
            % {"n": len(done.retired)}
        )
    messages.success(request, "；".join(told))
    return redirect("insight")


def _group(severity: str, findings: Iterable[Finding]) -> dict[str, Any]:
    title, tone, text = SEVERITY[severity]
    own = [each for each in findings if each.severity == severity]
    kinds: dict[str, list[dict[str, Any]]] = {}
    for each in own:
        kinds.setdefault(each.code, []).append(_card(each))
    return {
        "severity": severity,
        "title": title,
        "tone": tone,
        "text": text,
        "count": len(own),
        "kinds": [
            {
                "title": finding_title(code),
                "findings": cards,
                "is_open": len(cards) <= OPEN_UP_TO,
            }
            for code, cards in kinds.items()
        ],
    }


def _card(finding: Finding) -> dict[str, Any]:
    return {
        "key": finding.key,
        "what": finding.what,
        "why": finding.why,
        "mend": finding.mend.label,
        "drafts": len(finding.mend.changes),
        "ends": bool(finding.mend.retires),
        "rules": [
            {"code": rule.code, "name": named(rule), "where": where_of(rule)}
            for rule in finding.rules[:6]
        ],
        "more": max(len(finding.rules) - 6, 0),
    }


def where_of(rule: SchemeRule) -> str:
    """Sheet and row of the source, as people find it there."""
    if rule.sheet and rule.row:
        return _("%(sheet)s第 %(row)s 行") % {"sheet": rule.sheet, "row": rule.row}
    return rule.sheet


def _reach(found: Health, *, cents_of: Any) -> list[dict[str, Any]]:
    """Posts beside each other; a bar compares with the post that can reach most."""
    most = max((row.points for row in found.reach), default=Decimal(0))
    return [
        {
            "post": row.post,
            "people": row.people,
            "points": _whole(row.points),
            "money": Decimal(cents_of(int(row.points * 100))) / 100,
            "share": int(row.points * 100 / most) if most else 0,
            "open": row.open_rules,
            "rules": _parts(row),
        }
        for row in found.reach
    ]


def _parts(row: ReachRow) -> list[dict[str, Any]]:
    """The rules behind a post's sum, the weightiest first, then those without an end."""
    parts = [pair for pair in row.rules if pair[1].kind in (BOUNDED, OPEN)]
    parts.sort(key=lambda pair: (-pair[1].points, pair[0].code))
    return [
        {
            "code": rule.code,
            "name": named(rule),
            "points": _whole(reach.points) if reach.kind == BOUNDED else None,
        }
        for rule, reach in parts
    ]


def _whole(points: Decimal) -> Decimal:
    return points.quantize(Decimal(1), rounding=ROUND_HALF_UP)
