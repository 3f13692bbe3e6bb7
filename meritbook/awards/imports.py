"""An events file handed in on a page: looked at first, then recorded by a job that tells how far it is.

The run in the history is the one place that knows its state: waiting, running, done or failed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from meritbook.awards.sheets import EventsFile, load_events, read_events
from meritbook.files.models import ImportRun
from meritbook.files.operations.runs import fail_run, finish_run, start_run, store_file
from meritbook.files.queries.runs import FileGone, content_of
from meritbook.kit.errors import Refusal
from meritbook.kit.problems import Problem
from meritbook.kit.sheets import text_of, write_error_report
from meritbook.kit.tenancy import company_scope

SHOWN_ROWS = 5
PROBLEMS_KEPT = 2_000
COUNTS = ("new", "duplicate", "revised", "conflict", "refused")


class ImportNotWaiting(Refusal):
    """The import was started, finished or given up already."""

    code = "import_not_waiting"
    status = 409


def open_import(
    *,
    company_id: int,
    name: str,
    content: bytes,
    source: str,
    revise: bool,
    all_or_nothing: bool,
    actor_id: int | None,
    now: datetime,
) -> ImportRun:
    """Keep the file, read it, and open a run that waits. Raises UnreadableFile, MissingColumns."""
    file = read_events(content, name=name)
    stored = store_file(
        company_id=company_id, name=name, content=content, created_by=actor_id, now=now
    )
    run = start_run(
        company_id=company_id,
        kind=ImportRun.Kind.EVENTS,
        file_name=name,
        now=now,
        file=stored,
        created_by=actor_id,
        state=ImportRun.State.DRAFT,
        options={
            "source": source,
            "revise": revise,
            "all_or_nothing": all_or_nothing,
            "preview": _preview(file),
            "refused": len(file.refused),
        },
    )
    run.total = len(file.events) + len(file.refused)
    run.problems = _kept(file.problems)
    run.save(update_fields=["total", "problems"])
    return run


def _preview(file: EventsFile) -> dict[str, Any]:
    """Headings and the first rows as the file writes them."""
    keys = list(file.table.columns)
    return {
        "headings": [*file.table.columns.values(), *file.table.extras],
        "rows": [
            [
                *(text_of(row.values.get(key, "")) for key in keys),
                *(row.extras.get(title, "") for title in file.table.extras),
            ]
            for row in file.table.rows[:SHOWN_ROWS]
        ],
    }


def _kept(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    return [problem.as_dict() for problem in problems[:PROBLEMS_KEPT]]


def claim_import(*, company_id: int, run_id: int) -> None:
    """Mark a waiting run as running, once. Raises ImportNotWaiting."""
    claimed = ImportRun.objects.filter(
        company_id=company_id,
        pk=run_id,
        kind=ImportRun.Kind.EVENTS,
        state=ImportRun.State.DRAFT,
    ).update(state=ImportRun.State.RUNNING)
    if not claimed:
        raise ImportNotWaiting(_("这次导入已经开始或处理完了"))


def drop_import(*, company_id: int, run: ImportRun, now: datetime) -> None:
    """Give a waiting run up. Raises ImportNotWaiting."""
    claim_import(company_id=company_id, run_id=run.pk)
    finish_run(
        run=run,
        counts={},
        problems=[],
        undo={},
        total=run.total,
        now=now,
        state=ImportRun.State.UNDONE,
    )


def run_import(*, company_id: int, run_id: int, now: datetime) -> None:
    """Record what the run's file holds. Each chunk commits by itself and moves the run's count.

    Runs outside of a company's scope, because a scope is a transaction. After a crash it may run
    again: what was recorded already is found to be a duplicate.
    """
    with company_scope(company_id):
        run = ImportRun.objects.select_related("file").get(company_id=company_id, pk=run_id)
    if run.state != ImportRun.State.RUNNING:
        return

    def progress(done: int, _total: int) -> None:
        with company_scope(company_id):
            ImportRun.objects.filter(company_id=company_id, pk=run_id).update(done=done)

    options = run.options
    try:
        file = read_events(_content(run), name=run.file_name)
        loaded = load_events(
            company_id=company_id,
            file=file,
            source=options["source"],
            now=now,
            revise=options["revise"],
            all_or_nothing=options["all_or_nothing"],
            import_run_id=run_id,
            progress=progress,
        )
    except Refusal as trouble:
        with company_scope(company_id):
            fail_run(run=run, error=str(trouble), now=now)
        return
    with company_scope(company_id), transaction.atomic():
        answer = loaded.as_dict()
        finish_run(
            run=run,
            counts={name: answer[name] for name in COUNTS},
            problems=loaded.problems[:PROBLEMS_KEPT],
            undo={},
            total=run.total,
            now=now,
            state=ImportRun.State.FAILED if loaded.rolled_back else ImportRun.State.DONE,
        )
        run.options = {**options, "rolled_back": loaded.rolled_back}
        run.save(update_fields=["options"])


def error_report(run: ImportRun) -> bytes:
    """The rows of the file that were refused, as they came, with the reason in front: xlsx."""
    file = read_events(_content(run), name=run.file_name)
    return write_error_report(file.table, problems=[Problem(**problem) for problem in run.problems])


def _content(run: ImportRun) -> bytes:
    if run.file is None:
        raise FileGone
    return content_of(run.file)
