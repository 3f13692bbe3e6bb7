"""One rule written by hand: a new rule, or a new version of one that exists."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from meritbook.org.models import Programme
from meritbook.rules.codes import rule_code
from meritbook.rules.content import content_of
from meritbook.rules.models import Rule, RuleVersion
from meritbook.rules.operations.loading import NAME_LENGTH
from meritbook.rules.operations.versions import Proposal, write_draft

HAND_SHEET = ""


def save_rule(
    *,
    company_id: int,
    values: Mapping[str, Any],
    population: Mapping[str, Any],
    postings: Mapping[str, Any],
    reason: str,
    actor_id: int | None,
    now: datetime,
    rule: Rule | None = None,
) -> RuleVersion:
    """Write a draft version from DRAFT-like ``values``; without ``rule`` a new one is made.

    ``values`` must hold ``shape`` and ``standard``. Publish it with ``publish``.
    """
    if rule is None:
        rule = _new_rule(company_id=company_id, values=values)
    latest = (
        RuleVersion.objects.filter(company_id=company_id, rule_id=rule.pk)
        .order_by("-number")
        .first()
    )
    return write_draft(
        company_id=company_id,
        rule=rule,
        latest=latest,
        proposal=Proposal(
            content=content_of(values),
            population=population,
            postings=postings,
            questions=[],
            findings=[],
            reason=reason,
        ),
        actor_id=actor_id,
        now=now,
    )


def _new_rule(*, company_id: int, values: Mapping[str, Any]) -> Rule:
    taken = set(Rule.objects.filter(company_id=company_id).values_list("code", flat=True))
    ordinal = 1
    while (
        code := rule_code(
            sheet=HAND_SHEET,
            indicator=str(values.get("indicator") or ""),
            standard=str(values["standard"]),
            ordinal=ordinal,
        )
    ) in taken:
        ordinal += 1
    return Rule.objects.create(
        company_id=company_id,
        programme=Programme.objects.get(company_id=company_id, code="employees"),
        code=code,
        name=str(values["standard"])[:NAME_LENGTH],
        category=str(values.get("category") or "")[:40],
    )
