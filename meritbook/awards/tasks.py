"""Jobs of awards: ids in, one operation."""

from procrastinate.contrib.django import app

from meritbook.awards.imports import run_import
from meritbook.kit import clock


@app.task(name="awards.import_events")
def import_events(*, company_id: int, run_id: int) -> None:
    """Record the events of a file that somebody handed in on a page."""
    run_import(company_id=company_id, run_id=run_id, now=clock.now())
