"""The pages of insight as tabs."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from meritbook.insight.permissions import may_check_rules
from meritbook.org.permissions import Insider


def insight_tabs(current: str, member: Insider) -> list[dict[str, Any]]:
    """The pages that the member may open, one of them at hand; none where there is one alone."""
    if not may_check_rules(member):
        return []
    pages = (
        ("/insight/", _("体检")),
        ("/insight/backtests/", _("试算")),
        ("/insight/simulation/", _("模拟")),
        ("/insight/reruns/", _("重算")),
    )
    return [
        {"address": address, "label": label, "current": address == current}
        for address, label in pages
    ]
