"""What pages, files and commands call things of insight."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from meritbook.rules.health import HIGH, LOW, MEDIUM

SEVERITY: dict[str, tuple[str | Promise, str, str | Promise]] = {
    HIGH: (_("要马上改"), "bad", _("违法、写反了，或者自相矛盾")),
    MEDIUM: (_("建议改"), "wait", _("会让分数失去意义，或者让预算失控")),
    LOW: (_("可以更好"), "calm", _("不影响计分，但会有人不服")),
}

FINDINGS: dict[str, str | Promise] = {
    "unlawful_wording": _("违法的说法"),
    "subjective_wording": _("主观的说法"),
    "missing_sign": _("漏了负号"),
    "no_cap": _("没有封顶"),
    "no_floor": _("没有扣分下限"),
    "target_without_period": _("目标没有期限"),
    "priced_differently": _("同事不同价"),
    "weight_apart": _("权重和分值对不上"),
    "contradiction": _("互相矛盾"),
    "overlap": _("重复计分"),
    "fixed_drowns": _("固定分太多"),
    "routine_paid": _("人人都能拿"),
    "never_used": _("从没用过"),
}


def finding_title(code: str) -> str:
    """A finding's kind in two words or three."""
    return str(FINDINGS.get(code, code))
