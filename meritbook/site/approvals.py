"""What follows from the outcome of a case: each kind has its own operation.

The one place that acts for all kinds; ``queries.approval_words`` says what each is about. A context
that opens cases of a new kind gets a line in both; nobody is told by a signal.
"""

from __future__ import annotations

import logging
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from meritbook.approvals.models import Case
from meritbook.approvals.operations import Outcome, settle_vote
from meritbook.approvals.operations.limits import Kept, keep_limits
from meritbook.awards.operations import budgets, queued
from meritbook.kit.errors import Refusal
from meritbook.kit.tenancy import company_scope
from meritbook.ledger.operations import rates as rate_changes
from meritbook.ledger.operations import worths
from meritbook.org.models import Company
from meritbook.org.operations.audit import SYSTEM, Actor
from meritbook.rules.operations import revisions

log = logging.getLogger(__name__)


class UnknownKind(Refusal):
    """Nothing here knows what to do after this case."""

    code = "unknown_kind"

    def __init__(self, kind: str) -> None:
        super().__init__(_("不知道如何处理这类审批：%(kind)s") % {"kind": kind})


def act(outcome: Outcome, *, company_id: int, actor: Actor, today: date, now: datetime) -> None:
    """Do what an outcome asks for, in the transaction of the decision.

    Raises what the context's operation refuses: then the decision is not kept either.
    """
    if outcome.state == Case.State.OPEN:
        return  # other decisions are needed first
    match outcome.kind:
        case worths.CHANGE:
            worths.settle_worth(company_id=company_id, outcome=outcome, actor=actor, today=today)
            if outcome.is_approved:
                budgets.follow_worth(
                    company_id=company_id,
                    asset_code=outcome.payload["asset_code"],
                    day=date.fromisoformat(outcome.payload["valid_from"]),
                    actor=actor,
                    now=now,
                )
        case rate_changes.CHANGE:
            rate_changes.settle_rate(
                company_id=company_id, outcome=outcome, actor=actor, today=today
            )
        case queued.REST:
            queued.settle_rest(company_id=company_id, outcome=outcome, actor=actor, now=now)
        case revisions.REVISION:
            revisions.settle_revision(
                company_id=company_id, outcome=outcome, actor=actor, today=today, now=now
            )
        case _ if outcome.is_approved:
            raise UnknownKind(outcome.kind)


def keep_limits_of(*, company_id: int, now: datetime) -> Kept:
    """Remind and ask on in a company; what a vote came to is done, each in its own transaction."""
    with company_scope(company_id):
        kept = keep_limits(company_id=company_id, now=now)
        zone = Company.objects.values_list("time_zone", flat=True).get(pk=company_id)
    today = now.astimezone(ZoneInfo(zone)).date()
    for case_id in kept.votes_over:
        try:
            with company_scope(company_id):
                outcome = settle_vote(company_id=company_id, case_id=case_id, now=now)
                act(outcome, company_id=company_id, actor=SYSTEM, today=today, now=now)
        except Refusal as refusal:
            # What was voted for cannot be done any more: the case stays, and people see why.
            log.warning("vote on case %s: %s", case_id, refusal.message)
    return kept
