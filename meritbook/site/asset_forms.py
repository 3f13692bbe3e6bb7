"""What the pages about assets and rates ask for."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from meritbook.kit.points import from_minor, to_minor
from meritbook.ledger import policy_words
from meritbook.ledger.assets import AssetPolicy
from meritbook.ledger.names import usual_name, usual_unit
from meritbook.ledger.operations.policies import Policy

AMOUNT_MAX = Decimal(10) ** 9
LEAP_YEAR = 2000
LOT_FIELDS = (
    "expiry",
    "expiry_count",
    "expiry_period",
    "expiry_month",
    "expiry_day",
    "grace_days",
    "carry_percent",
    "carry_max",
    "refund_grace_days",
)
RANK_LACKS = ("wallet_floor", "is_transferable", "is_convertible", "rate_basis")
"""What honour has no choice about: it is rank."""
PERIODS = {
    "month": gettext_lazy("月"),
    "quarter": gettext_lazy("季度"),
    "half_year": gettext_lazy("半年"),
    "year": gettext_lazy("年"),
}


class PolicyForm(forms.Form):
    """The policy of one asset. Fields that mean nothing for the asset are not there."""

    name = forms.CharField(label=gettext_lazy("名称"), max_length=40, required=False)
    unit = forms.CharField(label=gettext_lazy("单位"), max_length=10, required=False)
    decimals = forms.TypedChoiceField(label=gettext_lazy("显示的小数位数"), coerce=int)
    visible_to = forms.ChoiceField(
        label=gettext_lazy("谁能看到"), choices=list(policy_words.VISIBLE_TO.items())
    )
    expiry = forms.ChoiceField(
        label=gettext_lazy("有效期"), choices=list(policy_words.EXPIRY.items())
    )
    expiry_count = forms.IntegerField(
        label=gettext_lazy("月数"), min_value=0, max_value=120, required=False
    )
    round_to = forms.ChoiceField(
        label=gettext_lazy("到期日取"), choices=list(policy_words.SPANS.items()), required=False
    )
    period = forms.ChoiceField(
        label=gettext_lazy("周期"), choices=list(PERIODS.items()), required=False
    )
    expiry_month = forms.TypedChoiceField(
        label=gettext_lazy("月份"), coerce=int, choices=[(n, n) for n in range(1, 13)]
    )
    expiry_day = forms.TypedChoiceField(
        label=gettext_lazy("日期"),
        coerce=int,
        choices=[(n, n) for n in range(1, 32)],
        help_text=gettext_lazy("选 2 月 29 日的，平年按 2 月 28 日"),
    )
    grace_days = forms.IntegerField(
        label=gettext_lazy("到期后宽限几天"), min_value=0, max_value=366, required=False
    )
    carry_percent = forms.IntegerField(
        label=gettext_lazy("到期时结转百分之几"), min_value=0, max_value=100, required=False
    )
    carry_max = forms.DecimalField(
        label=gettext_lazy("每批最多结转"),
        min_value=0,
        max_value=AMOUNT_MAX,
        required=False,
        help_text=gettext_lazy("不填就不限"),
    )
    refund_grace_days = forms.IntegerField(
        label=gettext_lazy("退款时已过期的，再给几天"), min_value=0, max_value=366, required=False
    )
    wallet_floor = forms.DecimalField(
        label=gettext_lazy("余额最低到"),
        min_value=-AMOUNT_MAX,
        max_value=AMOUNT_MAX,
        required=False,
        help_text=gettext_lazy("一般是 0；不填表示可以为负，欠的以后还"),
    )
    clawback = forms.ChoiceField(
        label=gettext_lazy("冲销时已用掉的"), choices=list(policy_words.CLAWBACK.items())
    )
    is_transferable = forms.BooleanField(label=gettext_lazy("员工可以转给同事"), required=False)
    is_convertible = forms.BooleanField(label=gettext_lazy("可以兑换成其他积分"), required=False)
    rate_basis = forms.ChoiceField(
        label=gettext_lazy("兑换时用哪一天的比例"), choices=list(policy_words.RATE_BASIS.items())
    )
    reason = forms.CharField(
        label=gettext_lazy("修改原因"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("写进操作日志，选填"),
    )

    def __init__(self, *args: Any, policy: AssetPolicy, **kwargs: Any) -> None:
        self.policy = policy
        super().__init__(*args, **kwargs)
        self.fields["decimals"].choices = [  # type: ignore[attr-defined]
            (n, n) for n in range(policy.scale + 1)
        ]
        self.fields["name"].widget.attrs["placeholder"] = usual_name(policy.code)
        self.fields["unit"].widget.attrs["placeholder"] = usual_unit(policy.code)
        for amount in ("wallet_floor", "carry_max"):
            self.fields[amount].widget.attrs["step"] = "any"
        missing = () if policy.keeps_lots else (*LOT_FIELDS, "round_to", "period", "rate_basis")
        for name in {*missing, *(RANK_LACKS if policy.is_rank else ())}:
            self.fields.pop(name, None)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for amount in ("wallet_floor", "carry_max"):
            value: Decimal | None = cleaned.get(amount)
            if value is not None and value != from_minor(
                to_minor(value, self.policy.scale), self.policy.scale
            ):
                self.add_error(amount, _("最多 %(n)s 位小数") % {"n": self.policy.scale})
        expiry = cleaned.get("expiry")
        if expiry == "months" and not cleaned.get("expiry_count"):
            self.add_error("expiry_count", _("请填 1 到 120 个月"))
        month, day = cleaned.get("expiry_month"), cleaned.get("expiry_day")
        if expiry == "date" and month and day and day > monthrange(LEAP_YEAR, month)[1]:
            self.add_error(
                "expiry_day", _("%(month)s 月没有 %(day)s 日") % {"month": month, "day": day}
            )
        floor, clawback = cleaned.get("wallet_floor"), cleaned.get("clawback")
        if "wallet_floor" in self.fields and clawback == "debt" and floor is not None:
            self.add_error("clawback", _("设了最低余额的积分不能记欠账"))
        return cleaned

    def changes(self) -> Policy:
        """What the form says, as columns of the policy."""
        said = self.cleaned_data
        found: dict[str, Any] = {
            "name": said["name"] or None,
            "unit": said["unit"] or None,
            "decimals": said["decimals"],
            "visible_to": said["visible_to"],
            "clawback": said["clawback"],
        }
        scale = self.policy.scale
        if "wallet_floor" in self.fields:
            floor = said["wallet_floor"]
            found["wallet_floor"] = None if floor is None else to_minor(floor, scale)
            found["is_transferable"] = said["is_transferable"]
            found["is_convertible"] = said["is_convertible"]
        if "rate_basis" in self.fields:
            found["rate_basis"] = said["rate_basis"]
        if "expiry" in self.fields:
            found |= self._life()
        return found  # type: ignore[return-value]

    def _life(self) -> dict[str, Any]:
        said, expiry = self.cleaned_data, self.cleaned_data["expiry"]
        most = said["carry_max"]
        life: dict[str, Any] = {
            "expiry": expiry,
            "refund_grace_days": said["refund_grace_days"] or 0,
        }
        if expiry == "never":
            return life | {"grace_days": 0, "carry_percent": 0, "carry_max": None}
        life |= {
            "grace_days": said["grace_days"] or 0,
            "carry_percent": said["carry_percent"] or 0,
            "carry_max": to_minor(most, self.policy.scale) if most else None,
        }
        match expiry:
            case "months":
                life |= {
                    "expiry_count": said["expiry_count"],
                    "expiry_period": said["round_to"] or "day",
                }
            case "period_end":
                life |= {
                    "expiry_count": said["expiry_count"] or 0,
                    "expiry_period": said["period"] or "month",
                }
            case "date":
                life |= {"expiry_month": said["expiry_month"], "expiry_day": said["expiry_day"]}
        return life


def initial_of(policy: AssetPolicy, changed: Policy | None = None) -> dict[str, Any]:
    """What the form shows at first: the policy, or a preset over it."""
    known: dict[str, Any] = {
        name: getattr(policy, name)
        for name in (
            *LOT_FIELDS,
            "decimals",
            "visible_to",
            "wallet_floor",
            "clawback",
            "is_transferable",
            "is_convertible",
            "rate_basis",
        )
    } | dict(changed or {})
    for amount in ("wallet_floor", "carry_max"):
        if known[amount] is not None:
            value = from_minor(known[amount], policy.scale)
            known[amount] = value.quantize(Decimal(1)) if value == value.to_integral() else value
    span = known["expiry_period"]
    return known | {
        "name": policy.own_name,
        "unit": policy.own_unit,
        "round_to": span if known["expiry"] == "months" else "month",
        "period": span if span != "day" else "year",
    }


class NewAssetForm(forms.Form):
    """A kind of points of the company's own."""

    name = forms.CharField(
        label=gettext_lazy("名称"), max_length=40, help_text=gettext_lazy("例如：成长星、服务币")
    )
    unit = forms.CharField(
        label=gettext_lazy("单位"),
        max_length=10,
        required=False,
        help_text=gettext_lazy("例如：颗"),
    )
    code = forms.RegexField(
        r"^[a-z][a-z0-9_]{0,39}$",
        label=gettext_lazy("代码"),
        required=False,
        help_text=gettext_lazy("接口和导出文件里用；不填就用名称的拼音，定了以后不能改"),
        error_messages={"invalid": gettext_lazy("代码只能用小写字母、数字和下划线，并以字母开头")},
    )
    scale = forms.TypedChoiceField(
        label=gettext_lazy("最多几位小数"),
        coerce=int,
        choices=[(n, n) for n in range(5)],
        initial=0,
        help_text=gettext_lazy("定了以后不能改"),
    )
    keeps_lots = forms.BooleanField(
        label=gettext_lazy("按批次记，可以设有效期，先到期的先用"),
        required=False,
        initial=True,
    )


class RateForm(forms.Form):
    """How much of one asset becomes how much of another, from a day on."""

    source = forms.ChoiceField(label=gettext_lazy("用什么兑换"))
    target = forms.ChoiceField(label=gettext_lazy("换成什么"))
    given = forms.DecimalField(
        label=gettext_lazy("用多少"), min_value=Decimal("0.0001"), max_value=10**5, initial=100
    )
    got = forms.DecimalField(
        label=gettext_lazy("换多少"), min_value=Decimal("0.0001"), max_value=10**5, initial=1
    )
    valid_from = forms.DateField(
        label=gettext_lazy("从哪天起"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    reason = forms.CharField(
        label=gettext_lazy("原因"),
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, policies: list[AssetPolicy], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.policies = {one.code: one for one in policies}
        self.fields["source"].choices = [  # type: ignore[attr-defined]
            (one.code, one.name) for one in policies if one.is_convertible
        ]
        self.fields["target"].choices = [  # type: ignore[attr-defined]
            (one.code, one.name) for one in policies if not one.is_rank and one.code != "quota"
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        source, target = cleaned.get("source"), cleaned.get("target")
        if source and source == target:
            self.add_error("target", _("请选另一种积分"))
        for side, amount in ((source, "given"), (target, "got")):
            value = cleaned.get(amount)
            if side and value is not None:
                scale = self.policies[side].scale
                if value.as_tuple().exponent < -scale:
                    self.add_error(amount, _("最多 %(n)s 位小数") % {"n": scale})
        return cleaned

    @property
    def numerator(self) -> int:
        """What one gets, in minor units."""
        said = self.cleaned_data
        return to_minor(said["got"], self.policies[said["target"]].scale)

    @property
    def denominator(self) -> int:
        """What one gives, in minor units."""
        said = self.cleaned_data
        return to_minor(said["given"], self.policies[said["source"]].scale)

    def valid_day(self) -> date:
        day: date = self.cleaned_data["valid_from"]
        return day


def first_error(form: forms.Form) -> str:
    """What is wrong with a form, with the field that it is about."""
    name, found = next(iter(form.errors.items()))
    return f"{form.fields[name].label}：{found[0]}" if name in form.fields else str(found[0])
