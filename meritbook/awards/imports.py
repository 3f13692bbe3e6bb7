"""An events file handed in on a page: looked at first, then recorded by a job that tells how far it is.

The run in the history is the one place that knows its state: waiting, running, done or failed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from meritbook.awards.operations import Checked, check
from meritbook.awards.operations.recording import checked_source
from meritbook.awards.previews import why_nothing
from meritbook.awards.sheets import EventsFile, load_events, read_events
from meritbook.files.models import ImportRun
from meritbook.files.operations.runs import (
    fail_run,
    finish_run,
    keep_problems,
    start_run,
    store_file,
)
from meritbook.files.queries.runs import FileGone, content_of, problems_of
from meritbook.kit.errors import Refusal
from meritbook.kit.problems import Problem
from meritbook.kit.sheets import text_of, write_error_report
from meritbook.kit.tenancy import company_scope

SHOWN_ROWS = 5
COMMON_REASONS = 5
UNSCORED = "unscored"
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
    """Keep the file, look at its rows, and open a run that waits.

    Raises UnreadableFile, MissingColumns, BadSource.
    """
    source = checked_source(source)
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
        },
    )
    _look(run, file, now)
    return run


def check_again(*, company_id: int, run_id: int, revise: bool, now: datetime) -> None:
    """Look at a waiting run's rows once more: people or standards may have come in the meantime,
    or known numbers shall be corrections. Raises ImportNotWaiting, FileGone."""
    run = (
        ImportRun.objects.select_for_update(of=("self",))
        .select_related("file")
        .filter(company_id=company_id, pk=run_id, state=ImportRun.State.DRAFT)
        .first()
    )
    if run is None:
        raise ImportNotWaiting(_("这次导入已经开始或处理完了"))
    run.options = {**run.options, "revise": revise}
    file = read_events(_content(run), name=run.file_name)
    _look(run, file, now)


def _look(run: ImportRun, file: EventsFile, now: datetime) -> None:
    """Write down what recording the file would do now.

    In the language in which the job will write: ``retold`` knows it, whoever reads it.
    """
    with override(settings.LANGUAGE_CODE):
        checked = check(
            company_id=run.company_id,
            events=file.lines,
            source=run.options["source"],
            now=now,
            revise=run.options["revise"],
            all_or_nothing=run.options["all_or_nothing"],
        )
        found = _found(checked)
    run.total = len(checked.recorded.results)
    run.options = {**run.options, **found, "checked_at": now.isoformat()}
    run.save(update_fields=["total"])
    keep_problems(run=run, problems=checked.problems)


def _found(checked: Checked) -> dict[str, Any]:
    """What the page tells of a look, but for the problems."""
    return {
        "would": {name: checked.recorded.count(name) for name in COUNTS},
        "unscored": checked.unscored,
        "noted": {**checked.noted, UNSCORED: checked.unscored},
        "notes": {
            kind: [problem.as_dict() for problem in found]
            for kind, found in (*checked.notes.items(), (UNSCORED, _idle(checked)))
        },
        "reasons": _reasons(checked.problems),
    }


def _idle(checked: Checked) -> list[Problem]:
    """The rows that would earn nothing, and why."""
    return [
        Problem(
            one.event.sheet,
            one.event.row,
            _("类型"),
            why_nothing(one, checked.book),
            _("会记录下来，但不得分"),
        )
        for one in checked.idle
    ]


def _reasons(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """The most common kinds of problems. Of one kind are those with the same remedy: the reason
    names the cell's own text, and the first one stands for all."""
    kinds: dict[tuple[str, str], dict[str, Any]] = {}
    for problem in problems:
        kind = kinds.setdefault(
            (problem.column, problem.remedy),
            {"column": problem.column, "reason": problem.reason, "count": 0, "differs": False},
        )
        kind["count"] += 1
        kind["differs"] = kind["differs"] or kind["reason"] != problem.reason
    return sorted(kinds.values(), key=lambda kind: -int(kind["count"]))[:COMMON_REASONS]


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


def claim_import(*, company_id: int, run_id: int, all_or_nothing: bool | None = None) -> None:
    """Mark a waiting run as running, once. Raises ImportNotWaiting.

    ``all_or_nothing`` is the last word on whether good rows are kept beside bad ones.
    """
    claimed = ImportRun.objects.filter(
        company_id=company_id,
        pk=run_id,
        kind=ImportRun.Kind.EVENTS,
        state=ImportRun.State.DRAFT,
    ).update(state=ImportRun.State.RUNNING)
    if not claimed:
        raise ImportNotWaiting(_("这次导入已经开始或处理完了"))
    if all_or_nothing is not None:
        run = ImportRun.objects.get(company_id=company_id, pk=run_id)
        run.options = {**run.options, "all_or_nothing": all_or_nothing}
        run.save(update_fields=["options"])


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
            problems=[],
            undo={},
            total=run.total,
            now=now,
            state=ImportRun.State.FAILED if loaded.rolled_back else ImportRun.State.DONE,
        )
        run.options = {**options, "rolled_back": loaded.rolled_back}
        keep_problems(run=run, problems=loaded.problems)


def error_report(run: ImportRun) -> bytes:
    """The rows of the file that were refused, as they came, with the reason in front: xlsx."""
    file = read_events(_content(run), name=run.file_name)
    return write_error_report(file.table, problems=problems_of(run))


def _content(run: ImportRun) -> bytes:
    if run.file is None:
        raise FileGone
    return content_of(run.file)
