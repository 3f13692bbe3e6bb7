"""Jobs of insight: ids in, one operation."""

from meritbook.insight.operations import reruns
from meritbook.insight.operations.backtests import run
from meritbook.kit import clock
from meritbook.kit.jobs import tenant_job


@tenant_job(name="insight.run_backtest", scoped=False)
def run_backtest(*, company_id: int, backtest_id: int) -> None:
    """Try rules out over past events."""
    run(company_id=company_id, backtest_id=backtest_id, now=clock.now())


@tenant_job(name="insight.run_again", scoped=False)
def run_again(*, company_id: int, rerun_id: int) -> None:
    """Score past days again and post what differs."""
    reruns.run(company_id=company_id, rerun_id=rerun_id, now=clock.now())
