"""Jobs of org."""

from procrastinate.contrib.django import app

from meritbook.kit import clock
from meritbook.org.operations.throttle import clear_old


@app.periodic(cron="23 3 * * *")
@app.task(name="org.forget_signin_failures", queueing_lock="org.forget_signin_failures")
def forget_signin_failures(timestamp: int) -> None:
    """Every night: counts of failed log-ins that would start again anyway."""
    clear_old(now=clock.now())
