"""What people call the company's points: the one place for names and units of assets.

A company may give every asset a name and a unit of its own; the seven that each company has know a
usual one. Pages, statements, boards, exports and the API all ask here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from meritbook.kit.once import once

USUAL = {
    "honour": (gettext_lazy("荣誉分"), pgettext_lazy("unit of points", "分")),
    "spendable": (gettext_lazy("可用分"), pgettext_lazy("unit of points", "分")),
    "coin": (gettext_lazy("现金币"), pgettext_lazy("unit of coins", "枚")),
    "stock": (gettext_lazy("虚拟股"), pgettext_lazy("unit of stock", "股")),
    "option": (gettext_lazy("期权"), pgettext_lazy("unit of options", "份")),
    "annuity": (gettext_lazy("年金"), pgettext_lazy("unit of annuity", "份")),
    "quota": (gettext_lazy("额度"), pgettext_lazy("unit of points", "分")),
}
"""Name and unit by code, where the company says nothing else."""


class Named(NamedTuple):
    """An asset in words. ``visible_to`` is its circle (``visibility``)."""

    code: str
    name: str
    unit: str
    scale: int
    decimals: int
    is_own: bool
    visible_to: str
    is_transferable: bool
    is_convertible: bool


def usual_name(code: str) -> str:
    """The name of an asset that the company has not named; an unknown code names itself."""
    return str(USUAL[code][0]) if code in USUAL else code


def usual_unit(code: str) -> str:
    """The unit of an asset that the company has not given one."""
    return str(USUAL[code][1]) if code in USUAL else _("分")


@once
def named_assets(*, company_id: int) -> dict[str, Named]:
    """The company's assets by code, in the order in which they were made; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT code, name, unit, scale, decimals, is_own, visible_to,"
            " is_transferable, is_convertible FROM ledger_asset"
            " WHERE company_id = %s ORDER BY asset_id",
            [company_id],
        )
        return {
            row[0]: Named(
                row[0], row[1] or usual_name(row[0]), row[2] or usual_unit(row[0]), *row[3:]
            )
            for row in cursor.fetchall()
        }


def asset_names(*, company_id: int) -> dict[str, str]:
    """The names alone, by code."""
    return {code: one.name for code, one in named_assets(company_id=company_id).items()}


def asset_name(code: str, names: Mapping[str, str]) -> str:
    """One name out of ``asset_names``; what is not there has its usual name."""
    return names.get(code) or usual_name(code)
