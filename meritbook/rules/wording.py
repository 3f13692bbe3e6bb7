"""The fields of a rule version as people read them: facts, chips, and what changed between two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from meritbook.rules.content import checklist_of, tiers_of
from meritbook.rules.listings import Names
from meritbook.rules.models import RuleVersion
from meritbook.rules.presets import PERIOD_NAMES, shape_title
from meritbook.rules.queries import version_content, version_spec
from meritbook.rules.sentences import checklist_item_text, when_phrase
from meritbook.rules.spec import CAP_PER_EVENT
from meritbook.rules.texts import number_text

Label = str | Promise

LABELS: Mapping[str, Label] = {
    "shape": gettext_lazy("计分方式"),
    "indicator": gettext_lazy("关键指标"),
    "process": gettext_lazy("关键过程"),
    "result": gettext_lazy("关键结果"),
    "weight_percent": gettext_lazy("权重"),
    "standard": gettext_lazy("衡量标准"),
    "points_text": gettext_lazy("原文积分"),
    "points": gettext_lazy("分值"),
    "points_min": gettext_lazy("最低分"),
    "points_max": gettext_lazy("最高分"),
    "divisor": gettext_lazy("每满"),
    "unit": gettext_lazy("单位"),
    "period": gettext_lazy("周期"),
    "target": gettext_lazy("目标"),
    "threshold": gettext_lazy("起计点"),
    "tiers": gettext_lazy("分档"),
    "cap": gettext_lazy("封顶"),
    "multiplier": gettext_lazy("倍数"),
    "strict": gettext_lazy("必须超过"),
    "proportional": gettext_lazy("按比例"),
    "deadline": gettext_lazy("截止时间"),
    "limit_minutes": gettext_lazy("时限"),
    "project_total": gettext_lazy("项目总分"),
    "checklist": gettext_lazy("要求清单"),
    "exclude": gettext_lazy("不适用于"),
    "evidence": gettext_lazy("凭据"),
    "needs": gettext_lazy("前提"),
    "condition": gettext_lazy("计分条件"),
    "definitions": gettext_lazy("中间量"),
    "newcomer": gettext_lazy("新人扶持"),
    "distinct": gettext_lazy("同一对象只算一次"),
    "company_value": gettext_lazy("公司价值观"),
    "approval": gettext_lazy("由谁审核"),
    "succeeds": gettext_lazy("接替"),
    "population": gettext_lazy("适用范围"),
    "active_from": gettext_lazy("生效日期"),
}

SOURCE = (
    "indicator",
    "process",
    "result",
    "weight_percent",
    "standard",
    "points_text",
)
READING = (
    "shape",
    "points",
    "points_min",
    "points_max",
    "divisor",
    "unit",
    "period",
    "target",
    "threshold",
    "tiers",
    "cap",
    "multiplier",
    "strict",
    "proportional",
    "deadline",
    "limit_minutes",
    "project_total",
    "checklist",
    "exclude",
    "evidence",
    "needs",
    "condition",
    "definitions",
    "newcomer",
    "distinct",
    "company_value",
    "approval",
    "succeeds",
)
AGREED = ("evidence", "approval", "company_value", "succeeds")
"""What is written down beside the rule and takes no part in scoring."""


@dataclass(frozen=True, slots=True)
class FieldFact:
    """One field of a rule with its value in words."""

    name: str
    label: Label
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One field that two versions of a rule say differently; empty text = nothing there."""

    label: Label
    before: str
    after: str


def source_facts(version: RuleVersion) -> list[FieldFact]:
    """What the rule table said, in its own words."""
    return _facts(version, SOURCE)


def reading_facts(version: RuleVersion) -> list[FieldFact]:
    """How the line was read: the fields that scoring uses and that say something."""
    return _facts(version, READING)


def agreed_facts(version: RuleVersion) -> list[FieldFact]:
    """Evidence, who reviews, the company's value that it serves, the rules that it follows."""
    return _facts(version, AGREED)


def _facts(version: RuleVersion, names: tuple[str, ...]) -> list[FieldFact]:
    texts = field_texts(version)
    return [FieldFact(name, LABELS[name], texts[name]) for name in names if texts.get(name)]


def changes_between(before: RuleVersion, after: RuleVersion, *, names: Names) -> list[Change]:
    """The fields in which ``after`` differs from ``before``, in the order of LABELS."""
    old, new = field_texts(before), field_texts(after)
    old["population"], new["population"] = names.of(before.population), names.of(after.population)
    return [
        Change(label, old.get(name, ""), new.get(name, ""))
        for name, label in LABELS.items()
        if name != "active_from" and old.get(name, "") != new.get(name, "")
    ]


def field_texts(version: RuleVersion) -> dict[str, str]:
    """Every field of a version in words; a field that says nothing is an empty text."""
    content = version_content(version)
    values: dict[str, Any] = {**content, **content["extra"]}
    texts = {name: _text(values.get(name)) for name in (*SOURCE, *READING)}
    if values["weight_percent"] is not None:
        texts["weight_percent"] += "%"
    texts["shape"] = str(shape_title(version.shape))
    texts["period"] = str(PERIOD_NAMES.get(version.period or "", ""))
    texts["deadline"] = when_phrase(version_spec(version), tr=_) if version.deadline else ""
    if values["limit_minutes"] is not None:
        texts["limit_minutes"] = _("%(n)s 分钟") % {"n": texts["limit_minutes"]}
    texts["checklist"] = "；".join(
        checklist_item_text(each.item, each.op, each.value)
        for each in checklist_of(values.get("checklist"))
    )
    texts |= _steps_and_limits(values)
    if version.divisor == 1:
        texts["divisor"] = ""
    return texts


def _steps_and_limits(values: Mapping[str, Any]) -> dict[str, str]:
    """Tiers, cap and multiplier in words. Tiers alone decide points and target."""
    texts = {"tiers": "", "cap": "", "multiplier": ""}
    tiers = tiers_of(values.get("tiers"))
    if tiers:
        texts |= {"points": "", "target": ""}
        template = (
            _("超过 %(bound)s：%(points)s 分")
            if values["strict"]
            else _("达到 %(bound)s：%(points)s 分")
        )
        texts["tiers"] = "；".join(
            template % {"bound": number_text(tier.from_), "points": number_text(tier.points)}
            for tier in tiers
        )
    if values.get("cap"):
        per = values.get("cap_per") or ""
        every = _("每次") if per == CAP_PER_EVENT else str(PERIOD_NAMES.get(per, ""))
        points = number_text(abs(Decimal(str(values["cap"]))))
        texts["cap"] = (
            _("%(every)s最多 %(points)s 分") % {"every": every, "points": points}
            if every
            else _("最多 %(points)s 分") % {"points": points}
        )
    texts |= _condition_words(values)
    if values.get("multiplier"):
        texts["multiplier"] = f"×{number_text(Decimal(str(values['multiplier'])))}"
    return texts


def _condition_words(values: Mapping[str, Any]) -> dict[str, str]:
    condition = values.get("condition") or {}
    newcomer = values.get("newcomer") or {}
    return {
        "condition": condition.get("text", ""),
        "definitions": "；".join(
            f"{name} = {text}" for name, text in (condition.get("definitions") or {}).items()
        ),
        "newcomer": _("入职不满 %(months)s 个月的乘 %(times)s") % newcomer if newcomer else "",
    }


def _text(value: object) -> str:
    match value:
        case None | "" | False:
            return ""
        case True:
            return _("是")
        case Decimal():
            return number_text(value)
        case list() | tuple():
            return "、".join(str(each) for each in value)
    return str(value)
