"""Long rule tables: read and published by jobs, while the run in the history tells how far it is.

The run is the one place that knows: RUNNING with ``options["doing"]``, then waiting, done or failed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from meritbook.files.models import ImportRun
from meritbook.files.operations.runs import fail_run, start_run, store_file
from meritbook.files.queries.runs import FileGone, content_of
from meritbook.kit.errors import Refusal
from meritbook.kit.tenancy import company_scope
from meritbook.rules.operations.importing import ImportOver, fill_run, publish_import
from meritbook.rules.sheets import read_rule_file

READING, PUBLISHING = "reading", "publishing"
READ_AT_ONCE = 40_000
"""A file of so many bytes is read while its sender waits; a longer one by a job."""
PUBLISHED_AT_ONCE = 300
"""So many drafts are published while somebody waits."""


def begin_reading(
    *, company_id: int, name: str, content: bytes, actor_id: int | None, now: datetime
) -> ImportRun:
    """Keep the file and open a run that a job will read."""
    return start_run(
        company_id=company_id,
        kind=ImportRun.Kind.RULES,
        file_name=name,
        file=store_file(
            company_id=company_id, name=name, content=content, created_by=actor_id, now=now
        ),
        now=now,
        created_by=actor_id,
        options={"doing": READING},
    )


def read_table(*, company_id: int, run_id: int, now: datetime) -> None:
    """Read a run's file into drafts; a file that cannot be read leaves a failed run that says why.

    Runs outside of a company's scope, because reading takes long and needs no transaction. Again:
    nothing, once it is done.
    """
    run = _claimed(company_id, run_id, READING)
    if run is None:
        return
    try:
        with company_scope(company_id):
            if run.file is None:
                raise FileGone
            content = content_of(run.file)
        reading = read_rule_file(name=run.file_name, data=content)
        with company_scope(company_id), transaction.atomic():
            fill_run(run=run, reading=reading, population={}, actor_id=run.created_by_id, now=now)
    except Refusal as trouble:
        with company_scope(company_id):
            fail_run(run=run, error=str(trouble.message), now=now)


def begin_publishing(
    *,
    company_id: int,
    run: ImportRun,
    population: Mapping[str, Any] | None,
    active_from: date,
    accept_proposals: bool,
    actor_id: int | None,
) -> None:
    """Leave a waiting run to a job that publishes its drafts. Raises ImportOver."""
    options = {name: value for name, value in run.options.items() if name != "refused"}
    begun = ImportRun.objects.filter(
        company_id=company_id, pk=run.pk, state=ImportRun.State.DRAFT
    ).update(
        state=ImportRun.State.RUNNING,
        options={
            **options,
            "doing": PUBLISHING,
            "publish": {
                "population": None if population is None else dict(population),
                "active_from": active_from.isoformat(),
                "accept_proposals": accept_proposals,
                "actor": actor_id,
            },
        },
    )
    if not begun:
        raise ImportOver(_("这次导入已经处理完了"))


def publish_table(*, company_id: int, run_id: int, now: datetime) -> None:
    """Publish a run's drafts; what stands against it is written down, and the run waits again."""
    run = _claimed(company_id, run_id, PUBLISHING)
    if run is None:
        return
    asked = run.options["publish"]
    waiting = {
        name: value for name, value in run.options.items() if name not in ("publish", "doing")
    }
    run.state, run.options = ImportRun.State.DRAFT, waiting
    try:
        with company_scope(company_id), transaction.atomic():
            run.save(update_fields=["state", "options"])
            publish_import(
                company_id=company_id,
                run=run,
                population=asked["population"],
                active_from=date.fromisoformat(asked["active_from"]),
                accept_proposals=asked["accept_proposals"],
                actor_id=asked["actor"],
                now=now,
            )
    except Refusal as trouble:
        with company_scope(company_id):
            ImportRun.objects.filter(company_id=company_id, pk=run_id).update(
                state=ImportRun.State.DRAFT,
                options={**waiting, "refused": str(trouble.message)},
            )


def _claimed(company_id: int, run_id: int, doing: str) -> ImportRun | None:
    """The run, when it is still being done what the job is for."""
    with company_scope(company_id):
        run = (
            ImportRun.objects.select_related("file")
            .filter(company_id=company_id, pk=run_id, state=ImportRun.State.RUNNING)
            .first()
        )
    return run if run is not None and run.options.get("doing") == doing else None
