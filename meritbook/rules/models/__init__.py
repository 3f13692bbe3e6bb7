"""Schemes, rules and their versions."""

from meritbook.rules.models.rules import Rule, RuleVersion
from meritbook.rules.models.schemes import Lock, Review, Scheme

__all__ = ["Lock", "Review", "Rule", "RuleVersion", "Scheme"]
