"""The health check (体检) of a scheme: what is wrong with rules, seen from the rules and from their use.

Nouns: scheme rule, crowd (people who are alike for the rules), reach, use, finding, mend.

Always holds: a finding says what, where and why, and has a mend; the scheme with the mend's changes
no longer has that finding. Pure: values in, findings out.

Does not know: the database, the clock, the ledger.
"""

from meritbook.rules.health.checking import check_scheme
from meritbook.rules.health.reach import Reach, ReachRow, reach_of, reach_table
from meritbook.rules.health.scheme import (
    HIGH,
    LOW,
    MEDIUM,
    Change,
    Crowd,
    Finding,
    Mend,
    RuleUse,
    Scheme,
    SchemeRule,
)

__all__ = [
    "HIGH",
    "LOW",
    "MEDIUM",
    "Change",
    "Crowd",
    "Finding",
    "Mend",
    "Reach",
    "ReachRow",
    "RuleUse",
    "Scheme",
    "SchemeRule",
    "check_scheme",
    "reach_of",
    "reach_table",
]
