"""A policy in sentences that people read: how long points last, what one may do with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from meritbook.kit.points import points_text
from meritbook.ledger.assets import AssetPolicy
from meritbook.ledger.lasting import Lasting

VISIBLE_TO = {
    "everyone": gettext_lazy("公司所有人（可上排行榜）"),
    "managers": gettext_lazy("本人、上级主管和积分专员"),
    "self": gettext_lazy("本人和积分专员"),
    "officers": gettext_lazy("只有积分专员和负责人（本人也看不到）"),
}
CLAWBACK = {
    "clip": gettext_lazy("有多少扣多少，不足的记下来"),
    "debt": gettext_lazy("记成欠账，以后得的先还"),
    "hold": gettext_lazy("先不扣，由人决定"),
}
RATE_BASIS = {
    "redemption": gettext_lazy("按兑换当天的比例"),
    "earning": gettext_lazy("按获得当天的比例"),
}
EXPIRY = {
    "never": gettext_lazy("终身有效，不清零"),
    "months": gettext_lazy("获得后若干个月到期"),
    "date": gettext_lazy("每年固定日期清零"),
    "period_end": gettext_lazy("周期结束时到期"),
}
SPANS = {
    "day": gettext_lazy("到当天"),
    "month": gettext_lazy("到月底"),
    "quarter": gettext_lazy("到季末"),
    "half_year": gettext_lazy("到半年末"),
    "year": gettext_lazy("到年底"),
}


def lasting_sentence(lasting: Lasting) -> str:
    """How long points last, without what is carried over: 获得之日起 12 个月后的月底到期."""
    match lasting.expiry:
        case "never":
            return _("终身有效，不清零")
        case "months":
            text = _after_months(lasting)
        case "date":
            text = _("每年 %(month)s 月 %(day)s 日清零") % {
                "month": lasting.month,
                "day": lasting.day,
            }
        case "period_end":
            text = _after_period(lasting)
    if lasting.grace_days:
        text = _("%(text)s，宽限 %(n)s 天") % {"text": text, "n": lasting.grace_days}
    return text


def _after_months(lasting: Lasting) -> str:
    texts = {
        "day": _("获得之日起 %(n)s 个月到期"),
        "month": _("获得之日起 %(n)s 个月后的月底到期"),
        "quarter": _("获得之日起 %(n)s 个月后的季末到期"),
        "half_year": _("获得之日起 %(n)s 个月后的半年末到期"),
        "year": _("获得之日起 %(n)s 个月后的年底到期"),
    }
    return texts[lasting.span] % {"n": lasting.count}


def _after_period(lasting: Lasting) -> str:
    if not lasting.count:
        return {
            "month": _("获得当月的月底到期"),
            "quarter": _("获得当季的季末到期"),
            "half_year": _("获得当期的半年末到期"),
            "year": _("获得当年的年底到期"),
        }[lasting.span]
    return {
        "month": _("获得当月结束后再过 %(n)s 个月到期"),
        "quarter": _("获得当季结束后再过 %(n)s 个月到期"),
        "half_year": _("获得的半年结束后再过 %(n)s 个月到期"),
        "year": _("获得当年结束后再过 %(n)s 个月到期"),
    }[lasting.span] % {"n": lasting.count}


def expiry_sentence(policy: AssetPolicy) -> str:
    """How long points last and what is carried over."""
    text = lasting_sentence(policy.lasting)
    if policy.expiry == "never" or not policy.carry_percent:
        return text
    if policy.carry_max is None:
        return _("%(text)s；到期时剩余的 %(percent)s%% 结转到下一期") % {
            "text": text,
            "percent": policy.carry_percent,
        }
    return _("%(text)s；到期时剩余的 %(percent)s%% 结转到下一期，每批最多 %(most)s%(unit)s") % {
        "text": text,
        "percent": policy.carry_percent,
        "most": points_text(policy.carry_max, policy.scale),
        "unit": policy.unit,
    }


def floor_sentence(policy: AssetPolicy) -> str:
    """How low a balance may fall."""
    if policy.wallet_floor is None:
        return _("余额可以为负，欠的以后还")
    if policy.wallet_floor == 0:
        return _("余额不会低于 0")
    return _("余额不会低于 %(floor)s") % {"floor": points_text(policy.wallet_floor, policy.scale)}


def yes_no(is_so: bool) -> str:
    return _("可以") if is_so else _("不可以")


LABELS = {
    "name": gettext_lazy("名称"),
    "unit": gettext_lazy("单位"),
    "decimals": gettext_lazy("显示的小数位数"),
    "wallet_floor": gettext_lazy("最低余额"),
    "clawback": gettext_lazy("冲销时已用掉的"),
    "expiry": gettext_lazy("有效期"),
    "expiry_count": gettext_lazy("月数"),
    "expiry_period": gettext_lazy("到期日取"),
    "expiry_month": gettext_lazy("清零的月份"),
    "expiry_day": gettext_lazy("清零的日期"),
    "grace_days": gettext_lazy("宽限天数"),
    "carry_percent": gettext_lazy("结转比例"),
    "carry_max": gettext_lazy("每批最多结转"),
    "refund_grace_days": gettext_lazy("退款宽限天数"),
    "is_transferable": gettext_lazy("转给同事"),
    "is_convertible": gettext_lazy("兑换成其他积分"),
    "rate_basis": gettext_lazy("兑换比例"),
    "visible_to": gettext_lazy("谁能看到"),
}
_TERMS: Mapping[str, Mapping[str, Any]] = {
    "clawback": CLAWBACK,
    "expiry": EXPIRY,
    "expiry_period": SPANS,
    "rate_basis": RATE_BASIS,
    "visible_to": VISIBLE_TO,
}


def change_words(
    before: Mapping[str, Any], after: Mapping[str, Any], *, scale: int
) -> list[tuple[str, str, str]]:
    """What a change of policy changed: label, before, after."""
    return [
        (
            str(LABELS[name]),
            value_words(name, before.get(name), scale),
            value_words(name, to, scale),
        )
        for name, to in after.items()
        if name in LABELS
    ]


def value_words(name: str, value: Any, scale: int) -> str:
    """One column of a policy as people read it."""
    if name in _TERMS:
        return str(_TERMS[name].get(value, value))
    match name, value:
        case "wallet_floor", None:
            return _("可以为负")
        case _, None | "":
            return "—"
        case (("wallet_floor" | "carry_max"), _):
            return points_text(int(value), scale)
        case "carry_percent", _:
            return f"{value}%"
        case _, bool():
            return yes_no(value)
    return str(value)
