"""Jobs of the ledger: ids in, one operation."""

from procrastinate.contrib.django import app

from meritbook.kit import clock
from meritbook.kit.jobs import companies_due, enqueue, tenant_job
from meritbook.kit.tenancy import company_scope
from meritbook.ledger.operations.sealing import seal, waiting
from meritbook.ledger.operations.verifying import begin_verification, run_verification


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
