"""Schemes, rules and their versions; revisions; editions and who signed them."""

from meritbook.rules.models.revisions import (
    Change,
    Edition,
    Minutes,
    Opinion,
    Revision,
    Signature,
)
from meritbook.rules.models.rules import Rule, RuleVersion
from meritbook.rules.models.schemes import Lock, Review, Scheme

__all__ = [
    "Change",
    "Edition",
    "Lock",
    "Minutes",
    "Opinion",
    "Review",
    "Revision",
    "Rule",
    "RuleVersion",
    "Scheme",
    "Signature",
]
