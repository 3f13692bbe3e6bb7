"""Jobs that look after jobs."""

import logging

from procrastinate import builtin_tasks
from procrastinate.contrib.django import app
from procrastinate.job_context import JobContext
from procrastinate.jobs import Job

log = logging.getLogger(__name__)
STALLED_AFTER = 120.0
"""Seconds without a sign of life from its worker after which a job is taken for abandoned."""
KEPT_HOURS = 7 * 24


@app.periodic(cron="*/2 * * * *")
@app.task(name="kit.retry_stalled_jobs", queueing_lock="kit.retry_stalled_jobs", pass_context=True)
async def retry_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """Put jobs whose worker was killed back into the queue; every job may run twice."""
    stalled: list[Job] = list(
        await context.app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER)
    )
    for job in stalled:
        log.warning("job %s (%s) is retried: its worker is gone", job.id, job.task_name)
        await context.app.job_manager.retry_job(job)


@app.periodic(cron="23 3 * * *")
@app.task(name="kit.remove_old_jobs", queueing_lock="kit.remove_old_jobs", pass_context=True)
async def remove_old_jobs(context: JobContext, timestamp: int) -> None:
    """Forget jobs that succeeded more than a week ago."""
    await builtin_tasks.remove_old_jobs(context, max_hours=KEPT_HOURS)
