"""Ready lives of points (终身, 一年, 三个月, 年底清零, 季度并入年度): one click fills the form."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from meritbook.ledger.operations.policies import Policy


class Preset(NamedTuple):
    """A life of points under a name."""

    key: str
    label: str | Promise
    text: str | Promise
    policy: Policy


_PLAIN: Policy = {"grace_days": 0, "carry_percent": 0, "carry_max": None}

PRESETS = (
    Preset("never", _("终身有效"), _("不清零，一直累积"), {**_PLAIN, "expiry": "never"}),
    Preset(
        "year",
        _("一年"),
        _("获得 12 个月后的月底到期"),
        {**_PLAIN, "expiry": "months", "expiry_count": 12, "expiry_period": "month"},
    ),
    Preset(
        "quarter",
        _("三个月"),
        _("获得 3 个月后的当天到期"),
        {**_PLAIN, "expiry": "months", "expiry_count": 3, "expiry_period": "day"},
    ),
    Preset(
        "year_end",
        _("年底清零（可结转）"),
        _("12 月 31 日清零，剩余的一半结转到下一年"),
        {
            **_PLAIN,
            "expiry": "date",
            "expiry_month": 12,
            "expiry_day": 31,
            "carry_percent": 50,
        },
    ),
    Preset(
        "into_year",
        _("季度并入年度"),
        _("每季的积分累积到年度，年度结束后 3 个月内兑换"),
        {**_PLAIN, "expiry": "period_end", "expiry_period": "year", "expiry_count": 3},
    ),
)


def preset(key: str) -> Preset | None:
    """The ready life of that name."""
    return next((one for one in PRESETS if one.key == key), None)
