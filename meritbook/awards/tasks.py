"""Jobs of awards: ids in, one operation."""

import logging

from procrastinate.contrib.django import app

from meritbook.awards.imports import run_import
from meritbook.awards.operations import close_windows
from meritbook.awards.operations.budgets import warn
from meritbook.awards.operations.quotas import grant_quotas
from meritbook.awards.queries.retracing import retrace
from meritbook.kit import clock
from meritbook.kit.jobs import companies_due, enqueue, tenant_job
from meritbook.kit.tenancy import company_scope
from meritbook.notices.operations import tell
from meritbook.org.models import Company

log = logging.getLogger(__name__)

NIGHTLY_SAMPLE = 200


@tenant_job(name="awards.import_events", scoped=False)
def import_events(*, company_id: int, run_id: int) -> None:
    """Record the events of a file that somebody handed in on a page."""
    run_import(company_id=company_id, run_id=run_id, now=clock.now())


@tenant_job(name="awards.close_windows", scoped=False)
def close_windows_of(*, company_id: int) -> None:
    """Post the results of the company's windows that are over by today."""
    with company_scope(company_id):
        zone = Company.objects.values_list("time_zone", flat=True).get(id=company_id)
    close_windows(company_id=company_id, until=clock.today(time_zone=zone), now=clock.now())


@tenant_job(name="awards.grant_quotas")
def grant_quotas_of(*, company_id: int) -> None:
    """Give the company's managers this month's quota, once."""
    zone = Company.objects.values_list("time_zone", flat=True).get(id=company_id)
    today = clock.today(time_zone=zone)
    grant_quotas(company_id=company_id, month=today.replace(day=1), today=today)


@app.periodic(cron="3 * * * *")
@app.task(name="awards.grant_all_quotas", queueing_lock="awards.grant_all_quotas")
def grant_all_quotas(timestamp: int) -> None:
    """Every hour, because a month begins at another hour in another zone: one job a company."""
    for company_id in companies_due():
        enqueue("awards.grant_quotas", company_id=company_id)


@app.periodic(cron="7 * * * *")
@app.task(name="awards.close_all_windows", queueing_lock="awards.close_all_windows")
def close_all_windows(timestamp: int) -> None:
    """Every hour, because midnight comes at another hour in another zone: one job a company."""
    for company_id in companies_due():
        enqueue("awards.close_windows", company_id=company_id)


@tenant_job(name="awards.warn_of_budgets")
def warn_of_budgets(*, company_id: int) -> None:
    """Tell of the company's budgets that are exceeded, or will be at this pace."""
    zone = Company.objects.values_list("time_zone", flat=True).get(id=company_id)
    warn(company_id=company_id, today=clock.today(time_zone=zone), now=clock.now())


@app.periodic(cron="23 * * * *")
@app.task(name="awards.warn_of_all_budgets", queueing_lock="awards.warn_of_all_budgets")
def warn_of_all_budgets(timestamp: int) -> None:
    """Every hour: one job a company."""
    for company_id in companies_due():
        enqueue("awards.warn_of_budgets", company_id=company_id)


@tenant_job(name="awards.check_traces")
def check_traces(*, company_id: int) -> None:
    """Work a sample of entries out again; what does not agree is logged and told."""
    zone = Company.objects.values_list("time_zone", flat=True).get(id=company_id)
    found = retrace(company_id=company_id, zone=zone, sample=NIGHTLY_SAMPLE)
    for one in found.mismatches:
        log.error("company %s entry %s: trace differs", company_id, one.tx_id)
    if found.mismatches:
        tell(
            company_id=company_id,
            topic="awards.traces_differ",
            payload={"tx_ids": [one.tx_id for one in found.mismatches]},
            happened_at=clock.now(),
        )


@app.periodic(cron="11 3 * * *")
@app.task(name="awards.check_all_traces", queueing_lock="awards.check_all_traces")
def check_all_traces(timestamp: int) -> None:
    """Every night: one job a company."""
    for company_id in companies_due():
        enqueue("awards.check_traces", company_id=company_id)
