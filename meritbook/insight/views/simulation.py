"""A simulated year: assumptions in, points, cost and a board out. Nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from meritbook.insight.forms import SimulationForm
from meritbook.insight.permissions import may_check_rules
from meritbook.insight.queries.simulation import (
    PEOPLE_MAX,
    Imagined,
    NothingToSimulate,
    posts_of,
    simulated,
)
from meritbook.insight.simulating import Assumptions, Simulation
from meritbook.insight.tabs import insight_tabs
from meritbook.kit.errors import Refusal
from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.rules.health.subjects import named

DEFAULTS = {"attainment": 80, "spread": 15, "occasions": 2, "slips": Decimal("0.5")}
BOARD_SHOWN = 20


@require_GET
@for_members(may_check_rules)
def simulation(request: MemberRequest) -> HttpResponse:
    """The form with the company's posts, and the year that it makes."""
    company_id, today = request.company.pk, today_of(request)
    context: dict[str, Any] = {"tabs": insight_tabs("/insight/simulation/", request.member)}
    try:
        rows, workdays = posts_of(company_id=company_id, today=today)
    except NothingToSimulate as refusal:
        return render(request, "insight/simulation.html", context | {"refusal": refusal.message})
    initial = DEFAULTS | {"workdays": workdays.quantize(Decimal("0.1"))}
    form = SimulationForm(request.GET if "attainment" in request.GET else initial)
    imagined = [_imagined(request.GET, n) for n in range(len(rows))]
    context |= {
        "form": form,
        "posts": [
            {
                "n": n,
                "post": row.post,
                "people": row.people if said.people is None else said.people,
                "pay": "" if said.pay is None else said.pay // 100,
            }
            for n, (row, said) in enumerate(zip(rows, imagined, strict=True))
        ],
    }
    if form.is_valid():
        data = form.cleaned_data
        try:
            found = simulated(
                company_id=company_id,
                rows=rows,
                imagined=imagined,
                assumptions=Assumptions(
                    attainment=Decimal(data["attainment"]) / 100,
                    spread=Decimal(data["spread"]) / 100,
                    workdays=data["workdays"],
                    occasions=data["occasions"],
                    slips=data["slips"],
                ),
                today=today,
            )
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            context |= _result(found)
    return render(request, "insight/simulation.html", context)


def _imagined(query: Mapping[str, str], n: int) -> Imagined:
    return Imagined(_number(query.get(f"people-{n}")), _cents(query.get(f"pay-{n}")))


def _number(text: str | None) -> int | None:
    """A whole number of people, None where none or nonsense was written."""
    if text is None or not text.strip().isdecimal() or len(text.strip()) > 6:
        return None
    return min(int(text), PEOPLE_MAX + 1)


def _cents(text: str | None) -> int | None:
    try:
        amount = Decimal((text or "").strip())
    except InvalidOperation:
        return None
    return int(amount * 100) if 0 < amount < 10**8 else None


def _result(found: Simulation) -> dict[str, Any]:
    most = max((each.points for each in found.board), default=0)
    return {
        "found": found,
        "rows": found.posts,
        "board": [
            {
                "rank": rank,
                "name": f"{each.post} {each.number}",
                "points": each.points,
                "share": max(each.points * 100 // most, 0) if most > 0 else 0,
            }
            for rank, each in enumerate(found.board[:BOARD_SHOWN], start=1)
        ],
        "more": max(len(found.board) - BOARD_SHOWN, 0),
        "skipped": [{"code": rule.code, "name": named(rule)} for rule in found.skipped],
    }
