"""Schemes, rules and their versions; types of events; revisions; editions and who signed them."""

from meritbook.rules.models.event_types import EventType, Feed
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
    "EventType",
    "Feed",
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
