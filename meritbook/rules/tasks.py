"""Jobs of rules: telling of what comes near, and tables that take long."""

from procrastinate.contrib.django import app

from meritbook.kit import clock
from meritbook.kit.jobs import companies_due, tenant_job
from meritbook.kit.tenancy import company_scope
from meritbook.org.models import Company
from meritbook.rules import table_runs
from meritbook.rules.operations.schemes import tell_reviews_due


@app.periodic(cron="23 * * * *")
@app.task(name="rules.reviews_due", queueing_lock="rules.reviews_due")
def reviews_due(timestamp: int) -> None:
    """Every hour, because the day begins at another hour in another zone: each date is told once."""
    now = clock.now()
    for company_id in companies_due():
        with company_scope(company_id):
            zone = Company.objects.values_list("time_zone", flat=True).get(pk=company_id)
            today = clock.today(time_zone=zone)
            tell_reviews_due(company_id=company_id, today=today, now=now)


@tenant_job(name="rules.read_table", scoped=False)
def read_table(*, company_id: int, run_id: int) -> None:
    """Read a long rule table that somebody handed in on a page."""
    table_runs.read_table(company_id=company_id, run_id=run_id, now=clock.now())


@tenant_job(name="rules.publish_table", scoped=False)
def publish_table(*, company_id: int, run_id: int) -> None:
    """Publish the many drafts of an import."""
    table_runs.publish_table(company_id=company_id, run_id=run_id, now=clock.now())
