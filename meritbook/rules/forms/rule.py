"""The form of one rule by hand: the inputs of its shape, its people, and what it says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

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
from meritbook.rules.forms.conditions import ConditionField
from meritbook.rules.forms.deadline import DeadlineForm
from meritbook.rules.forms.population import PopulationForm
from meritbook.rules.presets import BY_SHAPE, DEADLINE_INPUTS, PERIOD_NAMES
from meritbook.rules.spec import CAP_PER_EVENT, PER_EVENT
from meritbook.rules.tier_inputs import TiersField, rows_in
from meritbook.rules.vocabulary import Vocabulary

_SIGNS = {"≥": ">=", "＞": ">", "≤": "<=", "＜": "<", "＝": "=", "==": "=", "=>": ">=", "=<": "<="}
_ITEM = re.compile(
    r"^(?P<item>.+?)\s*(?:(?P<op>>=|<=|=>|=<|==|[<>=≥≤＞＜＝])\s*(?P<value>[\d.,]+))?$"
)


def _number(label: Any, *, low: str | None = None, help_text: Any = "") -> Any:
    return forms.DecimalField(
        label=label,
        required=False,
        max_digits=14,
        decimal_places=4,
        help_text=help_text,
        min_value=Decimal(low) if low is not None else None,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )


class RuleForm(PopulationForm, DeadlineForm):
    """One rule in one shape. Only the inputs of the shape are in the form."""

    standard = forms.CharField(
        label=_("衡量标准"),
        max_length=200,
        help_text=_("员工看到的名字：做到什么算数，例如“提交日报”。"),
    )
    indicator = forms.CharField(label=_("关键指标"), max_length=200, required=False)
    process = forms.CharField(label=_("关键过程"), max_length=400, required=False)
    result = forms.CharField(label=_("关键结果"), max_length=400, required=False)
    direction = forms.ChoiceField(
        label=_("加分还是扣分"),
        required=False,
        choices=((AWARD, _("加分")), (DEDUCT, _("扣分"))),
        initial=AWARD,
        widget=forms.RadioSelect,
    )
    worth = forms.ChoiceField(
        label=_("怎么给分"),
        required=False,
        choices=((FIXED, _("固定分")), (TIMES, _("原分值的倍数"))),
        initial=FIXED,
        widget=forms.RadioSelect,
    )
    points = _number(_("分值"), low="0")
    multiplier = _number(
        _("倍数"), low="1", help_text=_("双倍填 2。只补发多出来的部分，原来的分由原标准计。")
    )
    points_min = _number(_("最低分"), help_text=_("扣分写负数，例如 -1000。"))
    points_max = _number(_("最高分"), help_text=_("例如 -50。"))
    measured_in = forms.ChoiceField(
        label=_("按什么计"),
        required=False,
        choices=((COUNT, _("数量")), (MONEY, _("金额（元）")), (PERCENT, _("完成率（%）"))),
        initial=COUNT,
        widget=forms.RadioSelect,
    )
    divisor = _number(
        _("每满多少计一次"), low="0.0001", help_text=_("数量填 1；每 1,000 元填 1000。")
    )
    unit = forms.CharField(
        label=_("单位"), max_length=10, required=False, help_text=_("个、次、单、张……")
    )
    threshold = _number(_("起计点"), help_text=_("单次不到这个数就不计，可不填。"))
    target = _number(_("目标"), low="0")
    tiers = TiersField(label=_("分档"), required=False)
    strict = forms.BooleanField(label=_("必须超过，等于不算"), required=False)
    period = forms.ChoiceField(
        label=_("周期"), required=False, choices=(("", _("不限周期")), *PERIOD_NAMES.items())
    )
    cap = _number(_("封顶分值"), low="0", help_text=_("最多得或扣多少分，写正数，可不填。"))
    cap_per = forms.ChoiceField(
        label=_("封顶按什么算"),
        required=False,
        choices=((CAP_PER_EVENT, _("每次")), *PERIOD_NAMES.items(), ("", _("没有说明"))),
        initial=CAP_PER_EVENT,
        help_text=_("“没有说明”的只记下来，不限制得分；扣分只按“每次”限制。"),
    )
    limit_minutes = _number(_("时限（分钟）"), low="0")
    project_total = _number(_("项目总分"), low="0")
    weight_percent = _number(_("本阶段权重（%）"), low="0")
    checklist = forms.CharField(
        label=_("要求清单"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("一行一项，例如“电话量 ≥ 50”“拜访 ≥ 1”。全部做到才算完成，可不填。"),
    )
    exclude = forms.CharField(
        label=_("不适用于"),
        max_length=100,
        required=False,
        help_text=_("例如“标签类”，多项用顿号隔开，可不填。"),
    )

    condition = ConditionField(label=_("计分条件"), required=False)
    distinct = forms.BooleanField(
        label=_("同一对象一个周期只算一次"),
        required=False,
        help_text=_("例如同一位客户一周回访三次，只算一次。记录时要填对象。"),
    )
    newcomer_months = forms.IntegerField(
        label=_("入职不满几个月算新人"), required=False, min_value=1, max_value=36
    )
    newcomer_times = _number(
        _("新人得分的倍数"), low="1", help_text=_("例如 1.5。只放大加分，扣分不变。")
    )
    company_value = forms.CharField(
        label=_("对应的公司价值观"), max_length=60, required=False, help_text=_("例如客户第一。")
    )
    evidence = forms.CharField(
        label=_("要什么凭据"), max_length=120, required=False, help_text=_("例如发货单照片。")
    )
    approval = forms.CharField(
        label=_("由谁审核"), max_length=120, required=False, help_text=_("例如部门经理，再到人事。")
    )
    succeeds = forms.CharField(
        required=False, max_length=2000, widget=forms.HiddenInput, label=_("接替")
    )
    active_from = forms.DateField(
        label=_("生效日期"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("从这一天起发生的事按这条标准计分。"),
    )
    reason = forms.CharField(label=_("修改原因"), max_length=400, required=False)

    TEXTS = ("standard", "indicator", "process", "result", *AGREED)

    def __init__(
        self,
        *args: Any,
        shape: str,
        company_id: int = 0,
        departments: list[tuple[int, str]],
        posts: list[tuple[int, str]],
        grades: list[tuple[int, str]] | None = None,
        words: Vocabulary | None = None,
        is_change: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.preset, self.company_id = BY_SHAPE[shape], company_id
        kept = {
            *self.TEXTS,
            *self.PEOPLE,
            *self.preset.fields,
            "active_from",
            "condition",
            "succeeds",
        }
        if is_change:
            kept.add("reason")
        if shape in PER_EVENT and shape != "S8":
            kept |= {"newcomer_months", "newcomer_times"}
        if shape in ("S4", "S5"):
            kept.add("distinct")
        for name in (set(self.fields) - kept) | self._replaced():
            del self.fields[name]
        for name in self.preset.required & set(self.fields):
            self.fields[name].required = True
        self.choose_from(departments=departments, posts=posts, grades=grades or [])
        cast(ConditionField, self.fields["condition"]).words = words or Vocabulary()
        if shape == "S3" and "measured_in" in self.fields:
            cast(forms.ChoiceField, self.fields["measured_in"]).choices = (
                (COUNT, _("数量")),
                (MONEY, _("金额（元）")),
            )
        if shape in ("S2", "S4", "S5"):
            cast(forms.ChoiceField, self.fields["period"]).choices = tuple(PERIOD_NAMES.items())
            self.initial.setdefault("period", "day" if shape == "S2" else "month")

    def _replaced(self) -> set[str]:
        """The inputs that tiers or a multiplier stand in place of, and those not chosen."""
        match self.preset.shape:
            case "S5":
                return {"points", "target"} if self.tier_rows else set()
            case "S10":
                times = (self.data if self.is_bound else self.initial).get("worth") == TIMES
                return {"points", "unit"} if times else {"multiplier"}
        return set()

    @property
    def tier_rows(self) -> list[dict[str, str]]:
        """The tiers to show, as typed or as stored; also those that are still empty."""
        return rows_in(self.data) if self.is_bound else self.initial.get("tiers") or []

    @property
    def shape_fields(self) -> list[forms.BoundField]:
        """The bound inputs of the shape, without those that the chosen deadline does not need."""
        kind = str(self["deadline_kind"].value() or "") if "deadline_kind" in self.fields else ""
        wanted = DEADLINE_INPUTS.get(kind, frozenset())
        measured_in = self["measured_in"].value() if "measured_in" in self.fields else COUNT
        return [
            self[name]
            for name in self.preset.fields
            if name in self.fields
            and (name == "deadline_kind" or not name.startswith("deadline_") or name in wanted)
            and not (name == "unit" and measured_in in (MONEY, PERCENT))
        ]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("points") == 0:
            self.add_error("points", _("分值不能是 0。"))
        low, high = data.get("points_min"), data.get("points_max")
        if low is not None and high is not None and low > high:
            self.add_error("points_max", _("最高分不能小于最低分。"))
        if data.get("cap") == 0:
            self.add_error("cap", _("分值不能是 0。"))
        if "multiplier" in self.fields and "multiplier" not in self.errors:
            times = data.get("multiplier")
            if times is None or times <= 1:
                self.add_error("multiplier", _("倍数要大于 1。"))
        if data.get("target") == 0 and self.preset.shape in ("S4", "S5"):
            self.add_error("target", _("目标要大于 0。"))
        if data.get("checklist"):
            self._read_checklist(data["checklist"])
        months, times = data.get("newcomer_months"), data.get("newcomer_times")
        if (months is None) != (times is None) and "newcomer_times" not in self.errors:
            self.add_error("newcomer_times", _("新人扶持要同时填月数和倍数。"))
        if times is not None and times <= 1:
            self.add_error("newcomer_times", _("倍数要大于 1。"))
        return data

    def _read_checklist(self, text: str) -> list[dict[str, str]]:
        items = []
        for line in filter(None, (line.strip() for line in text.splitlines())):
            found = _ITEM.match(line)
            if found is None:
                self.add_error("checklist", _now("看不懂这一行：%(line)s") % {"line": line})
                continue
            op = found["op"] or ""
            items.append(
                {
                    "item": found["item"].strip(),
                    "op": _SIGNS.get(op, op),
                    "value": (found["value"] or "").replace(",", ""),
                }
            )
        return items

    def values(self, *, base: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """What the rule says, as ``content.content_of`` reads it; needs a valid form.

        ``base`` is the content that is changed: what the form does not show stays as it was.
        """
        data = self.cleaned_data
        values: dict[str, Any] = {}
        if base is not None and base["shape"] == self.preset.shape:
            values = {**base, **base["extra"]}
        shown = set(self.fields)
        values["shape"] = self.preset.shape
        for name in self.TEXTS:
            values[name] = data.get(name) or ""
        for name in PLAIN_INPUTS & shown:
            values[name] = data[name]
        values["points_text"] = ""
        if data.get("direction") == DEDUCT or (
            self.preset.shape == "S8" and data["points"] is None
        ):
            values["points"] = -abs(data["points"])
        if "measured_in" in shown:
            measured_in = data.get("measured_in") or COUNT
            values["money"] = measured_in == MONEY
            values["percent_target"] = measured_in == PERCENT
            if measured_in == MONEY:
                values["unit"] = "元"
            elif measured_in == PERCENT:
                values["unit"] = "%"
        values |= self._limits_and_steps(shown) | self._extras(shown)
        if "deadline_kind" in shown:
            values["deadline"] = self.deadline()
        if "checklist" in shown:
            values["checklist"] = self._read_checklist(data["checklist"])
        if "exclude" in shown:
            values["exclude"] = [
                each for each in re.split(r"[、,，;；\s]+", data["exclude"]) if each
            ]
        return values

    def _limits_and_steps(self, shown: set[str]) -> dict[str, Any]:
        """Tiers, cap and multiplier: what is empty takes away what stood there."""
        data = self.cleaned_data
        values: dict[str, Any] = {}
        if "tiers" in shown:
            values["tiers"] = data["tiers"]
            if data["tiers"]:
                values["proportional"] = False
        if "cap" in shown:
            values |= {
                "cap": data["cap"],
                "cap_per": data["cap_per"] if data["cap"] is not None else "",
            }
        if "worth" in shown:
            values["multiplier"] = data.get("multiplier")
            if values["multiplier"] is not None:
                values["points"] = None
        return values

    def _extras(self, shown: set[str]) -> dict[str, Any]:
        """Condition, support of newcomers, distinct objects: what is empty goes away."""
        data = self.cleaned_data
        values: dict[str, Any] = {
            "condition": data.get("condition"),
            "succeeds": [code for code in data.get("succeeds", "").split("\t") if code],
        }
        if "newcomer_months" in shown:
            months, times = data["newcomer_months"], data["newcomer_times"]
            values["newcomer"] = (
                None if months is None else {"months": months, "times": f"{times.normalize():f}"}
            )
        if "distinct" in shown:
            values["distinct"] = data["distinct"]
        return values
