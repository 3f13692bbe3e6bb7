"""Where the points of a rule go: to which assets, and how much of each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from meritbook.rules.models import Rule, RuleVersion
from meritbook.rules.operations.versions import Proposal, write_draft
from meritbook.rules.queries import version_content


def set_postings(
    *,
    company_id: int,
    rule: Rule,
    postings: Mapping[str, str],
    reason: str,
    actor_id: int | None,
    now: datetime,
) -> RuleVersion:
    """A draft that posts as ``postings`` say: a factor by asset code, as decimal text.

    A factor turns the rule's hundredths of a point into minor units of the asset. Empty: the usual
    (awards to honour and spendable, deductions to honour alone). Whoever calls has made sure that
    the company has the assets; this context does not know them.
    """
    latest = (
        RuleVersion.objects.filter(company_id=company_id, rule_id=rule.pk)
        .order_by("-number")
        .first()
    )
    assert latest is not None  # noqa: S101 -- a rule has a version
    return write_draft(
        company_id=company_id,
        rule=rule,
        latest=latest,
        proposal=Proposal(
            content=version_content(latest),
            population=latest.population,
            postings=dict(postings),
            questions=latest.questions,
            findings=latest.findings,
            reason=reason,
        ),
        actor_id=actor_id,
        now=now,
    )
