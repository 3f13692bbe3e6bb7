"""What a rule version says, as plain values: between draft, table row and evaluator."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from meritbook.rules.spec import (
    PER_EVENT,
    ChecklistItem,
    Condition,
    Newcomer,
    Population,
    RuleSpec,
    Tier,
)

TEXTS = ("indicator", "process", "result", "standard", "points_text", "unit")
NUMBERS = (
    "weight_percent",
    "points",
    "points_min",
    "points_max",
    "divisor",
    "target",
    "threshold",
    "limit_minutes",
    "project_total",
)
FLAGS = ("strict", "proportional")
EXTRA = (
    "checklist",
    "exclude",
    "percent_target",
    "money",
    "evidence",
    "needs",
    "on_time",
    "tiers",
    "cap",
    "cap_per",
    "multiplier",
    "condition",
    "newcomer",
    "distinct",
    "succeeds",
    "company_value",
    "approval",
)
EXTRA_NUMBERS = ("cap", "multiplier")
MONEY_UNITS = frozenset({"元", "块", "人民币", "块钱"})


def _number(value: object) -> Decimal | None:
    if value is None or value == "":
        return None
    number = Decimal(str(value)).normalize()
    if not number.is_finite():
        raise InvalidOperation(value)
    return number


def content_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a rule version from a DRAFT-like mapping (see docs/structure.md).

    Numbers become Decimal or None; what has no column of its own goes into ``extra``. Tiers speak
    for the rule: ``points`` and ``target`` are those of the highest. Raises ArithmeticError.
    """
    content: dict[str, Any] = {name: str(values.get(name) or "") for name in TEXTS}
    content |= {name: _number(values.get(name)) for name in NUMBERS}
    content |= {name: bool(values.get(name)) for name in FLAGS}
    content["shape"] = values["shape"]
    content["period"] = values.get("period") or None
    content["deadline"] = values.get("deadline") or None
    content["extra"] = {
        name: values[name] for name in EXTRA if values.get(name) not in (None, "", [], False, {})
    }
    content["extra"] |= {
        name: _text(_number(content["extra"][name]))
        for name in EXTRA_NUMBERS
        if name in content["extra"]
    }
    tiers = tiers_of(values.get("tiers")) if values["shape"] == "S5" else ()
    content["extra"].pop("tiers", None)
    if tiers:
        content["extra"]["tiers"] = [
            {"from": _text(tier.from_), "points": _text(tier.points)} for tier in tiers
        ]
        content |= {"points": tiers[-1].points, "target": tiers[-1].from_}
    return content


def _text(number: Decimal | None) -> str:
    return "" if number is None else f"{number:f}"


def same_content(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two contents say the same, numbers compared by value."""
    return all(one.get(name) == other.get(name) for name in set(one) | set(other))


def checklist_of(items: object) -> tuple[ChecklistItem, ...]:
    """Checklist items from their JSON form [{"item", "op", "value"}]."""
    if not isinstance(items, list):
        return ()
    return tuple(
        ChecklistItem(
            item=str(each["item"]), op=str(each.get("op") or ""), value=_number(each.get("value"))
        )
        for each in items
    )


def tiers_of(items: object) -> tuple[Tier, ...]:
    """Tiers from their JSON form [{"from", "points"}], by rising bound; empty lines are left out.

    Raises ArithmeticError for what is no number.
    """
    if not isinstance(items, list | tuple):
        return ()
    tiers = []
    for each in items:
        bound, points = _number(each.get("from")), _number(each.get("points"))
        if bound is not None and points is not None:
            tiers.append(Tier(bound, points))
    return tuple(sorted(tiers, key=lambda tier: tier.from_))


def condition_of(stored: object) -> Condition | None:
    """The condition from its JSON form {"text", "attributes", "definitions", "ids", "facts"}."""
    if not isinstance(stored, Mapping) or not str(stored.get("text") or "").strip():
        return None
    ids: Mapping[str, Mapping[str, int]] = stored.get("ids") or {}
    return Condition(
        text=str(stored["text"]),
        attributes=tuple((stored.get("attributes") or {}).items()),
        definitions=tuple((stored.get("definitions") or {}).items()),
        ids=tuple((name, tuple(choices.items())) for name, choices in ids.items()),
        facts=tuple(stored.get("facts") or ()),
    )


def newcomer_of(stored: object) -> Newcomer | None:
    """The support of newcomers from {"months", "times"}."""
    if not isinstance(stored, Mapping) or not stored.get("months"):
        return None
    return Newcomer(int(stored["months"]), Decimal(str(stored["times"])))


def population_of(stored: Mapping[str, Any]) -> Population:
    """Whom a version concerns, from the JSON of ``RuleVersion.population``."""
    sets = {
        name: frozenset(stored.get(name) or ())
        for name in (
            "departments",
            "posts",
            "grades",
            "employees",
            "except_departments",
            "except_posts",
            "except_employees",
        )
    }
    return Population(
        **sets,
        tenure_from=stored.get("tenure_from"),
        tenure_to=stored.get("tenure_to"),
        reason=str(stored.get("reason") or ""),
    )


def spec_of(
    content: Mapping[str, Any],
    *,
    version_id: int,
    rule_id: int,
    code: str,
    name: str,
    number: int,
    population: Mapping[str, Any],
    postings: Mapping[str, Any],
    active_from: date,
    active_to: date | None,
    counts_from: date | None,
) -> RuleSpec:
    """The evaluator's view of a version; raises nothing, ``compile_rule`` checks completeness."""
    extra: Mapping[str, Any] = content.get("extra") or {}
    unit = str(content["unit"])
    exclude = extra.get("exclude") or ()
    return RuleSpec(
        version_id=version_id,
        rule_id=rule_id,
        code=code,
        name=name,
        number=number,
        shape=content["shape"],
        points=content["points"],
        points_min=content["points_min"],
        points_max=content["points_max"],
        unit=unit,
        divisor=content["divisor"],
        period=content["period"],
        target=content["target"],
        threshold=content["threshold"],
        strict=content["strict"],
        proportional=content["proportional"],
        deadline=content["deadline"],
        limit_minutes=content["limit_minutes"],
        project_total=content["project_total"],
        weight_percent=content["weight_percent"],
        checklist=checklist_of(extra.get("checklist")),
        tiers=tiers_of(extra.get("tiers")) if content["shape"] == "S5" else (),
        cap=_number(extra.get("cap")),
        cap_per=str(extra.get("cap_per") or ""),
        multiplier=_number(extra.get("multiplier")) if content["shape"] == "S10" else None,
        exclude=tuple([exclude] if isinstance(exclude, str) else exclude),
        money=bool(extra.get("money", unit in MONEY_UNITS)),
        percent_target=bool(extra.get("percent_target", unit == "%")),
        population=population_of(population),
        condition=condition_of(extra.get("condition")),
        newcomer=newcomer_of(extra.get("newcomer")) if content["shape"] in PER_EVENT else None,
        distinct=bool(extra.get("distinct")) and content["shape"] in ("S4", "S5"),
        postings={asset: Decimal(str(factor)) for asset, factor in postings.items()},
        active_from=active_from,
        active_to=active_to,
        counts_from=counts_from,
        standard=str(content["standard"]),
    )
