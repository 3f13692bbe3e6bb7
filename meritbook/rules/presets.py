"""The ten shapes in plain words: what a person picks from, and which inputs each one asks for."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Preset:
    """One shape as a card: ``fields`` are the names of RuleForm's inputs, in their order."""

    shape: str
    icon: str
    title: Text
    text: Text
    example: Text
    fields: tuple[str, ...]
    required: frozenset[str]
    hint: Text = ""


_DUE = (
    "deadline_kind",
    "deadline_weekday",
    "deadline_month",
    "deadline_day",
    "deadline_time",
    "deadline_next_time",
)

PRESETS: tuple[Preset, ...] = (
    Preset(
        shape="S1",
        icon="hand",
        title=_("发生一次，加或扣固定分"),
        text=_("做到一次加几分，出一次错扣几分。"),
        example=_("例：迟到，每次 −5 分"),
        fields=("direction", "points", "unit", "exclude", "cap", "cap_per"),
        required=frozenset({"direction", "points"}),
    ),
    Preset(
        shape="S2",
        icon="calendar-check",
        title=_("每天、每周、每月按要求完成"),
        text=_("一个周期内按时完成就得固定分，一个周期只计一次。"),
        example=_("例：每天 22 点前交日报，得 5 分"),
        fields=("points", "period", *_DUE, "checklist"),
        required=frozenset({"points", "period"}),
    ),
    Preset(
        shape="S3",
        icon="layers",
        title=_("按数量或金额计分"),
        text=_("每满一个单位得几分，多做多得，不足一个单位不计。"),
        example=_("例：每增加 1,000 元订单，得 50 分"),
        fields=(
            "direction",
            "points",
            "measured_in",
            "divisor",
            "unit",
            "threshold",
            "cap",
            "cap_per",
            "strict",
            "target",
            "period",
        ),
        required=frozenset({"direction", "points", "divisor"}),
        hint=_("目标只用来显示进度，不影响得分。"),
    ),
    Preset(
        shape="S4",
        icon="gauge",
        title=_("完成目标得满分，未完成按比例"),
        text=_("到周期结束按完成比例计分，最多得满分。"),
        example=_("例：每周回访 20 个客户，满分 100 分"),
        fields=("points", "target", "measured_in", "unit", "period", *_DUE),
        required=frozenset({"points", "target", "period"}),
    ),
    Preset(
        shape="S5",
        icon="target",
        title=_("达到目标才得分"),
        text=_("周期内达到或超过目标得固定分，没达到不得分。"),
        example=_("例：本月业绩达到 38 万元，得 800 分"),
        fields=("points", "target", "tiers", "measured_in", "unit", "strict", "period", *_DUE),
        required=frozenset({"points", "target", "period"}),
    ),
    Preset(
        shape="S6",
        icon="milestone",
        title=_("项目按阶段验收"),
        text=_("项目总分按权重分到各阶段，阶段验收通过就得这一份。"),
        example=_("例：项目共 2,000 分，方案阶段占 40%"),
        fields=("project_total", "weight_percent"),
        required=frozenset({"project_total", "weight_percent"}),
    ),
    Preset(
        shape="S7",
        icon="truck",
        title=_("按期交付加分，延迟按天扣分"),
        text=_("比较应交日期和交付日期；加分与扣分请各建一条。"),
        example=_("例：货期延误，每延迟 1 天 −50 分"),
        fields=("direction", "points", "unit", "cap", "cap_per"),
        required=frozenset({"direction", "points"}),
    ),
    Preset(
        shape="S8",
        icon="timer",
        title=_("响应超时扣分"),
        text=_("响应超过规定的分钟数，每次扣几分。"),
        example=_("例：超过 30 分钟回复，每次 −10 分"),
        fields=("limit_minutes", "direction", "points"),
        required=frozenset({"limit_minutes", "direction", "points"}),
    ),
    Preset(
        shape="S9",
        icon="scale",
        title=_("按轻重程度评定"),
        text=_("先定好范围，每次由负责人在范围内给分。"),
        example=_("例：客户投诉，每次 −1,000 至 −50 分"),
        fields=("points_min", "points_max"),
        required=frozenset({"points_min", "points_max"}),
    ),
    Preset(
        shape="S10",
        icon="sparkles",
        title=_("额外奖励"),
        text=_("在其他标准之外，再多给的固定分。"),
        example=_("例：转介绍带来新客户，额外 20 分"),
        fields=("worth", "points", "multiplier", "unit"),
        required=frozenset({"points"}),
    ),
)

BY_SHAPE = {preset.shape: preset for preset in PRESETS}

PERIOD_NAMES: dict[str, Text] = {
    "day": _("每天"),
    "week": _("每周"),
    "month": _("每月"),
    "quarter": _("每季度"),
    "half_year": _("每半年"),
    "year": _("每年"),
}

DEADLINE_NAMES: dict[str, Text] = {
    "": _("没有截止时间"),
    "time_of_day": _("每天某一时刻前"),
    "weekday": _("每周某一天前"),
    "day_of_month": _("每月某一日前"),
    "last_day": _("每月最后一天前"),
    "first_day_of_next": _("次月 1 日前"),
    "cut_off": _("下单时刻决定当天或次日"),
    "date": _("每年某月某日前"),
}

DEADLINE_INPUTS: dict[str, frozenset[str]] = {
    "": frozenset(),
    "time_of_day": frozenset({"deadline_time"}),
    "weekday": frozenset({"deadline_weekday", "deadline_time"}),
    "day_of_month": frozenset({"deadline_day", "deadline_time"}),
    "last_day": frozenset({"deadline_time"}),
    "first_day_of_next": frozenset({"deadline_time"}),
    "cut_off": frozenset({"deadline_time", "deadline_next_time"}),
    "date": frozenset({"deadline_month", "deadline_day"}),
}


def shape_title(shape: str) -> Text:
    """The shape in plain words; a shape that nobody knows stands for itself."""
    preset = BY_SHAPE.get(shape)
    return preset.title if preset else shape
