"""A manager's quota: points that may be given away this month and lapse with it."""

from __future__ import annotations

from datetime import date

from meritbook.ledger.operations.calls import Posted
from meritbook.ledger.operations.postings import Issue, post
from meritbook.ledger.quotas import quota_key


def grant_quota(
    *, company_id: int, party_id: int, month: date, amount: int, actor_id: int | None
) -> Posted:
    """Give a manager the quota of a month (its first day), in minor units; once a month.

    What is left lapses with the month, by the policy of the asset ``quota``. Giving out of it is an
    ``Issue`` with ``quota``. Raises KeyReused when the month was granted with another amount.
    """
    return post(
        company_id=company_id,
        issue=Issue(
            key=quota_key(party_id=party_id, month=month),
            kind="grant",
            party_id=party_id,
            # What is not above zero takes nothing away: it is refused as no amount.
            amounts=(("quota", max(amount, 0)),),
            effective_on=month,
            fact_on=month,
            source_kind="quota",
            source_id=party_id,
            actor_id=actor_id,
        ),
    )
