"""Points in minor units: exact, rounded once, half up; written without idle zeros."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meritbook.kit.points import from_minor, points_text, ratio_to_minor, to_minor

amounts = st.decimals(-(10**9), 10**9, places=4)


@pytest.mark.parametrize(
    ("value", "scale", "minor"),
    [
        ("65", 2, 6500),
        ("0.125", 2, 13),
        ("-0.125", 2, -13),
        ("0.124", 2, 12),
        ("0.005", 2, 1),
        ("2.5", 0, 3),
        ("123456789012345678901234567.895", 2, 12345678901234567890123456790),
    ],
)
def test_half_up(value: str, scale: int, minor: int) -> None:
    assert to_minor(Decimal(value), scale) == minor


@pytest.mark.parametrize(
    ("minor", "scale", "text"),
    [
        (6500, 2, "65"),
        (-5000, 2, "-50"),
        (20, 2, "0.2"),
        (-5, 2, "-0.05"),
        (0, 2, "0"),
        (7, 0, "7"),
        (123456, 2, "1234.56"),
    ],
)
def test_points_as_people_write_them(minor: int, scale: int, text: str) -> None:
    assert points_text(minor, scale) == text


@given(st.integers(-(10**15), 10**15), st.integers(0, 6))
def test_text_and_minor_units_round_trip(minor: int, scale: int) -> None:
    assert to_minor(Decimal(points_text(minor, scale)), scale) == minor
    assert to_minor(from_minor(minor, scale), scale) == minor


@given(amounts, st.decimals(Decimal("0.0001"), 10**6, places=4))
def test_a_ratio_is_rounded_once_and_exactly(above: Decimal, below: Decimal) -> None:
    exact = Fraction(above) / Fraction(below) * 100
    minor = ratio_to_minor(above, below)
    assert abs(Fraction(minor) - exact) <= Fraction(1, 2)
    if abs(Fraction(minor) - exact) == Fraction(1, 2):
        assert abs(minor) > abs(exact)


def test_thirteen_of_twenty() -> None:
    assert ratio_to_minor(Decimal(100) * 13, Decimal(20)) == 6500
    assert ratio_to_minor(Decimal(100), Decimal(3)) == 3333
    assert ratio_to_minor(Decimal(-1), Decimal(8)) == to_minor(
        Decimal("-0.125").quantize(Decimal("0.01"), ROUND_HALF_UP)
    )
