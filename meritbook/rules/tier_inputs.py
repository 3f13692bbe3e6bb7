"""The rows of a rule in tiers, in a form: two inputs a row, as many rows as there are tiers."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

MOST_TIERS = 20
LARGEST = Decimal(10) ** 10
FROM, POINTS = "tier_from", "tier_points"

Row = dict[str, str]


def rows_in(data: Mapping[str, Any]) -> list[Row]:
    """The rows that a request brings, empty ones too, as they were typed."""
    if not hasattr(data, "getlist"):
        return []
    pairs = zip(data.getlist(FROM), data.getlist(POINTS), strict=False)
    return [{"from": str(bound).strip(), "points": str(points).strip()} for bound, points in pairs][
        :MOST_TIERS
    ]


def rows_after(rows: list[Row], *, step: str, target: str, points: str) -> list[Row]:
    """The rows after somebody pressed ``add`` or a row's ``drop-<index>``.

    The first row begins with the target and the points that stood there before.
    """
    if step == "add" and len(rows) < MOST_TIERS:
        first = [] if rows else [{"from": target, "points": points}]
        return [*rows, *first, {"from": "", "points": ""}]
    _name, _sep, index = step.partition("drop-")
    if index.isdecimal():
        return [row for at, row in enumerate(rows) if at != int(index)]
    return rows


class _TierRows(forms.Widget):
    """Reads the rows; a template of its own shows them."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Row]:
        return rows_in(data)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False


class TiersField(forms.Field):
    """Tiers by rising bound: [{"from", "points"}] in plain numbers; without rows, []."""

    widget = _TierRows

    def clean(self, value: Any) -> list[Row]:
        rows: list[Row] = value or []
        filled = [row for row in rows if row["from"] or row["points"]]
        if rows and not filled:
            raise forms.ValidationError(_("请至少填写一档，或者删去各档。"))
        tiers = [self._tier(row) for row in filled]
        tiers.sort()
        for (low, less), (high, more) in pairwise(tiers):
            if low == high:
                raise forms.ValidationError(_now("“%(bound)s”写了两档。") % {"bound": f"{low:f}"})
            if less == more:
                raise forms.ValidationError(
                    _now("有两档的分值都是 %(points)s，请合成一档。") % {"points": f"{less:f}"}
                )
        return [{"from": f"{bound:f}", "points": f"{points:f}"} for bound, points in tiers]

    def _tier(self, row: Row) -> tuple[Decimal, Decimal]:
        try:
            bound, points = Decimal(row["from"]), Decimal(row["points"])
        except InvalidOperation:
            raise forms.ValidationError(_("每一档都要填起点和分值，而且都是数字。")) from None
        if not (bound.is_finite() and points.is_finite()):
            raise forms.ValidationError(_("每一档都要填起点和分值，而且都是数字。"))
        if bound < 0 or bound >= LARGEST or abs(points) >= LARGEST:
            raise forms.ValidationError(_("起点不能小于 0，数字也不能超过 100 亿。"))
        if points == 0:
            raise forms.ValidationError(_("分值不能是 0。"))
        return bound, points
