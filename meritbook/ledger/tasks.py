"""Jobs of the ledger: ids in, one operation."""

from procrastinate.contrib.django import app

from meritbook.kit import clock
from meritbook.kit.jobs import companies_due, enqueue, tenant_job
from meritbook.kit.tenancy import company_scope
from meritbook.ledger.operations.sealing import seal, waiting


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
