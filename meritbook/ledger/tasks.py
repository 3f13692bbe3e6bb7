"""Jobs of the ledger: ids in, one operation."""

from procrastinate.contrib.django import app

from meritbook.kit import clock
from meritbook.kit.jobs import companies_due, enqueue, tenant_job
from meritbook.kit.tenancy import company_scope
from meritbook.ledger.operations.daily import begin_day, lapse_due
from meritbook.ledger.operations.sealing import seal, waiting
from meritbook.ledger.operations.verifying import begin_verification, run_verification
from meritbook.org.models import Company


@tenant_job(name="ledger.seal", scoped=False)
def seal_company(*, company_id: int) -> None:
    """Seal what the company posted since the last block."""
    seal(company_id=company_id, now=clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="ledger.seal_all", queueing_lock="ledger.seal_all")
def seal_all(timestamp: int) -> None:
    """Every minute: one job for each company with something that waits."""
    for company_id in companies_due():
        with company_scope(company_id):
            if waiting(company_id=company_id):
                enqueue("ledger.seal", company_id=company_id)


@tenant_job(name="ledger.verify", scoped=False)
def verify_company(*, company_id: int, verification_id: int) -> None:
    """Recompute what the ledger promises."""
    run_verification(company_id=company_id, verification_id=verification_id)


@app.periodic(cron="41 2 * * *")
@app.task(name="ledger.verify_all", queueing_lock="ledger.verify_all")
def verify_all(timestamp: int) -> None:
    """Every night, each company."""
    for company_id in companies_due():
        with company_scope(company_id):
            verification_id = begin_verification(
                company_id=company_id, actor_id=None, at=clock.now()
            )
            if verification_id is not None:
                enqueue("ledger.verify", company_id=company_id, verification_id=verification_id)


@tenant_job(name="ledger.day", scoped=False)
def begin_day_of(*, company_id: int) -> None:
    """Let what lapsed before the company's own today lapse, and keep the balances of yesterday."""
    with company_scope(company_id):
        zone = Company.objects.values_list("time_zone", flat=True).get(id=company_id)
    begin_day(company_id=company_id, zone=zone, now=clock.now())


@app.periodic(cron="11 * * * *")
@app.task(name="ledger.begin_days", queueing_lock="ledger.begin_days")
def begin_days(timestamp: int) -> None:
    """Every hour, because midnight comes at another hour in another zone: one job a company."""
    for company_id in companies_due():
        enqueue("ledger.day", company_id=company_id)


@app.periodic(cron="* * * * *")
@app.task(name="ledger.lapse_holds", queueing_lock="ledger.lapse_holds")
def lapse_holds_of_all(timestamp: int) -> None:
    """Every minute: what is set aside comes back when its time is over."""
    now = clock.now()
    for company_id in companies_due():
        lapse_due(company_id=company_id, now=now)
