"""What the machine draws from: assets, policies, rates, amounts, people."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

CODES = ["honour", "spendable", "coin", "stock"]
ALL_CODES = [*CODES, "option", "annuity", "quota"]
RATES = {("spendable", "coin"): (1, 10), ("coin", "spendable"): (7, 1)}
POLICIES: list[tuple[str, dict[str, Any]]] = [
    ("spendable", {"expiry": "never"}),
    ("spendable", {"expiry": "months", "expiry_count": 1, "expiry_period": "day"}),
    ("spendable", {"expiry": "months", "expiry_count": 3, "expiry_period": "month"}),
    ("spendable", {"expiry": "period_end", "expiry_period": "quarter", "expiry_count": 0}),
    ("spendable", {"expiry": "date", "expiry_month": 12, "expiry_day": 31, "grace_days": 10}),
    ("spendable", {"carry_percent": 50, "carry_max": 40}),
    ("spendable", {"carry_percent": 0, "grace_days": 0}),
    ("spendable", {"refund_grace_days": 0}),
    ("spendable", {"refund_grace_days": 20}),
    ("spendable", {"clawback": "hold"}),
    ("spendable", {"clawback": "debt", "wallet_floor": None}),
    ("spendable", {"clawback": "clip", "wallet_floor": 0}),
    ("spendable", {"is_transferable": False}),
    ("coin", {"expiry": "period_end", "expiry_period": "month", "expiry_count": 1}),
    ("coin", {"is_transferable": True, "expiry": "never"}),
    ("coin", {"is_convertible": False}),
    ("coin", {"is_convertible": True, "clawback": "hold"}),
    ("stock", {"is_transferable": True, "wallet_floor": -30}),
    ("stock", {"wallet_floor": 0}),
    ("honour", {"clawback": "clip"}),
    ("honour", {"clawback": "debt"}),
]

points = st.integers(1, 120)
shares = st.sampled_from([5, 30, 60, 100, 100, 130])
"""Hundredths of what is there: most requests can be met, some just so, some not."""
gifts = points.map(lambda n: (("honour", n), ("spendable", n)))
fines = points.map(lambda n: (("honour", -n),))
shapes = st.one_of(
    gifts,
    gifts,
    fines,
    points.map(lambda n: (("spendable", -n),)),
    st.tuples(st.integers(-60, 90), st.integers(-60, 90))
    .filter(all)
    .map(lambda pair: (("coin", pair[0]), ("stock", pair[1]))),
)
keys = st.integers(0, 19)
"""13: a key that was used before, else one of its own."""
ago = st.sampled_from([0, 0, 0, 1, 5, 35, 70])
who = st.sampled_from([0, 0, 1, 2])
pairs = st.sampled_from([(0, 1), (0, 2), (1, 0), (2, 1), (2, 0), (1, 1)])
codes = st.sampled_from([*["spendable"] * 5, *["coin"] * 3, *["stock"] * 2, "honour"])
which = st.integers(0, 60)
