"""What the demo's officer tried: a mend of the health check, and what it would have changed."""

from __future__ import annotations

from datetime import date, datetime

from meritbook.insight.models import Backtest
from meritbook.insight.operations.backtests import ask, run, share
from meritbook.insight.operations.mending import apply_mend
from meritbook.insight.queries.health import health, span_before
from meritbook.kit.tenancy import company_scope
from meritbook.org.models import Company
from meritbook.org.operations.audit import Actor

NAME = "统一定价，按权重调分"
MENDED = ("priced_differently", "weight_apart")


def try_rules(company: Company, *, today: date, actor: Actor, now: datetime) -> None:
    """Bring prices and weights in order in drafts, and try them over the last two months; once."""
    with company_scope(company.pk):
        if Backtest.objects.filter(company_id=company.pk).exists():
            return
        found = health(company_id=company.pk, today=today).findings
        drafts = [
            draft.pk
            for each in [one for one in found if one.code in MENDED][:2]
            for draft in apply_mend(
                company_id=company.pk, key=each.key, today=today, actor=actor, now=now
            ).drafts
        ]
        backtest = ask(
            company_id=company.pk,
            name=NAME,
            span=span_before(today, months=2),
            version_ids=drafts,
            actor=actor,
            now=now,
        )
    run(company_id=company.pk, backtest_id=backtest.pk, now=now)
    with company_scope(company.pk):
        share(company_id=company.pk, backtest_id=backtest.pk, is_shared=True)
