"""Jobs of rules: telling of what comes near."""

from procrastinate.contrib.django import app

from meritbook.kit import clock
from meritbook.kit.jobs import companies_due
from meritbook.kit.tenancy import company_scope
from meritbook.org.models import Company
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
