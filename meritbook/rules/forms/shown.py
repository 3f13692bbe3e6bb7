"""What the form of a rule shows for a version that exists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from meritbook.rules.content import checklist_of, tiers_of
from meritbook.rules.forms.choices import (
    AGREED,
    AWARD,
    COUNT,
    DEDUCT,
    FIXED,
    MONEY,
    PERCENT,
    PLAIN_INPUTS,
    TIMES,
)
from meritbook.rules.forms.conditions import shown_condition
from meritbook.rules.forms.population import shown_population
from meritbook.rules.queries import number_text, version_content
from meritbook.rules.spec import CAP_PER_EVENT


def _deadline_shown(deadline: Mapping[str, Any]) -> Mapping[str, Any]:
    """The deadline for inputs that know no 24:00: the whole day is what no time says, too."""
    if deadline.get("time") != "24:00":
        return deadline
    if deadline["kind"] == "time_of_day":
        return {}
    return {name: value for name, value in deadline.items() if name != "time"}


def initial_of(version: Any, *, company_id: int) -> dict[str, Any]:
    """What RuleForm shows for an existing version."""
    content = version_content(version)
    extra = content["extra"]
    deadline = _deadline_shown(content["deadline"] or {})
    points = content["points"]
    is_money = bool(extra.get("money", content["unit"] == "元"))
    is_percent = bool(extra.get("percent_target", content["unit"] == "%"))
    later = str(deadline.get("after") or "").rpartition(" ")[2]
    numbers = {
        name: number_text(content[name])
        for name in PLAIN_INPUTS - {"unit", "strict", "period", "points"}
        if content[name] is not None
    }
    checklist = "\n".join(
        f"{each.item} {each.op or '>='} {number_text(each.value)}"
        if each.value is not None
        else each.item
        for each in checklist_of(extra.get("checklist"))
    )
    exclude = extra.get("exclude") or []
    newcomer = extra.get("newcomer") or {}
    return {
        **numbers,
        "indicator": content["indicator"],
        "process": content["process"],
        "result": content["result"],
        "standard": content["standard"],
        "direction": DEDUCT if points is not None and points < 0 else AWARD,
        "points": None if points is None else number_text(abs(points)),
        "measured_in": MONEY if is_money else PERCENT if is_percent else COUNT,
        "unit": content["unit"],
        "strict": content["strict"],
        "tiers": [
            {"from": number_text(tier.from_), "points": number_text(tier.points)}
            for tier in tiers_of(extra.get("tiers"))
        ],
        "cap": extra.get("cap"),
        "cap_per": extra.get("cap_per", "") if extra.get("cap") else CAP_PER_EVENT,
        "worth": TIMES if extra.get("multiplier") else FIXED,
        "multiplier": extra.get("multiplier"),
        "period": content["period"] or "",
        "checklist": checklist,
        "exclude": exclude if isinstance(exclude, str) else "、".join(exclude),
        "deadline_kind": deadline.get("kind", ""),
        "deadline_weekday": str(deadline.get("weekday") or "1"),
        "deadline_month": deadline.get("month"),
        "deadline_day": deadline.get("day"),
        "deadline_time": str(deadline.get("time") or ""),
        "deadline_next_time": later if ":" in later else "",
        "condition": shown_condition(extra.get("condition")),
        "succeeds": "\t".join(extra.get("succeeds") or ()),
        "distinct": bool(extra.get("distinct")),
        "newcomer_months": newcomer.get("months"),
        "newcomer_times": newcomer.get("times"),
        **{name: extra.get(name, "") for name in AGREED},
        **shown_population(version.population, company_id=company_id),
    }
