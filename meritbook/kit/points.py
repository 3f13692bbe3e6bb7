"""Points as whole minor units: exact, rounded once and half up (away from zero)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext

_WIDE = 60
"""Digits: far more than any product of a points value, a factor and an amount."""


def to_minor(value: Decimal, scale: int = 2) -> int:
    """``value`` points in minor units of ``scale`` decimals, half up: 0.125 → 13, -0.125 → -13."""
    with localcontext() as context:
        context.prec = _WIDE
        return int(value.scaleb(scale).to_integral_value(rounding=ROUND_HALF_UP))


def ratio_to_minor(numerator: Decimal, denominator: Decimal, scale: int = 2) -> int:
    """``numerator / denominator`` points in minor units, half up, without a rounded quotient.

    ``denominator`` is above zero.
    """
    top, top_unit = numerator.as_integer_ratio()
    bottom, bottom_unit = denominator.as_integer_ratio()
    above: int = top * bottom_unit * int(10**scale)
    below: int = bottom * top_unit
    if above < 0:
        return -((-2 * above + below) // (2 * below))
    return (2 * above + below) // (2 * below)


def from_minor(minor: int, scale: int = 2) -> Decimal:
    """Minor units as points: 6500 at scale 2 → 65.00."""
    return Decimal(minor).scaleb(-scale)


def points_text(minor: int, scale: int = 2) -> str:
    """Minor units as people write them, without idle zeros: "65", "-50", "0.2"."""
    sign = "-" if minor < 0 else ""
    whole, part = divmod(abs(minor), 10**scale)
    decimals = f"{part:0{scale}d}".rstrip("0") if scale else ""
    return f"{sign}{whole}.{decimals}" if decimals else f"{sign}{whole}"
