"""Jobs of the whole installation, and of long files handed in on its pages."""

import logging
import subprocess
import sys
from pathlib import Path

from procrastinate.contrib.django import app

from meritbook.files.models import ImportRun
from meritbook.kit import clock
from meritbook.kit.jobs import companies_due, enqueue, tenant_job
from meritbook.site.approvals import keep_limits_of
from meritbook.site.backups.schedule import is_due, newest, run_backup
from meritbook.site.openings import carry_out

log = logging.getLogger(__name__)
RUN_PY = Path(__file__).resolve().parents[2] / "run.py"
DRILL_SECONDS = 3600


@app.task(name="site.backup", lock="site.backup")
def backup() -> None:
    """Make a backup into the folder of backups."""
    run = run_backup(now=clock.now())
    if run is not None and run.error:
        log.warning("backup failed: %s", run.error)


@tenant_job(name="site.load_opening")
def load_opening_of(*, company_id: int, run_id: int) -> None:
    """Post the opening balances of a long file that somebody handed in on a page."""
    run = ImportRun.objects.select_related("file").get(company_id=company_id, pk=run_id)
    carry_out(run=run, now=clock.now())


@app.periodic(cron="*/10 * * * *")
@app.task(name="site.approval_limits", queueing_lock="site.approval_limits")
def approval_limits(timestamp: int) -> None:
    """Every ten minutes: remind, ask owners where an approval is late, end votes that are over."""
    for company_id in companies_due():
        keep_limits_of(company_id=company_id, now=clock.now())


@app.periodic(cron="41 * * * *")
@app.task(name="site.backup_daily", queueing_lock="site.backup_daily")
def backup_daily(timestamp: int) -> None:
    """Every hour: is the backup of the last night missing? Computers are off at night."""
    if is_due(now=clock.now()):
        enqueue("site.backup")


@app.periodic(cron="13 4 * * 0")
@app.task(name="site.backup_drill", queueing_lock="site.backup_drill", lock="site.backup")
def backup_drill(timestamp: int) -> None:
    """Every week: restore the newest backup into a throw-away server, and compare."""
    path = newest()
    if path is None or not RUN_PY.exists():
        return
    done = subprocess.run(  # noqa: S603 -- our own program, no shell
        [sys.executable, str(RUN_PY), "drill", str(path)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=DRILL_SECONDS,
    )
    if done.returncode != 0:
        log.warning("drill failed: %s", done.stderr.strip()[-300:])
