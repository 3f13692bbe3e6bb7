"""Files as they were handed in, and the runs of their import."""

import gzip
import hashlib
import json
import os
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from django.conf import settings

from meritbook.files.models import ImportRun, StoredFile
from meritbook.files.queries.runs import problems_place
from meritbook.kit.problems import Problem

PROBLEMS_IN_ROW = 2_000


def store_file(
    *, company_id: int, name: str, content: bytes, created_by: int | None, now: datetime
) -> StoredFile:
    """Keep the bytes under a random name in the data folder, readable by the service alone."""
    path = f"{company_id}/{secrets.token_hex(20)}"
    _write(Path(settings.MEDIA_ROOT) / path, content)
    return StoredFile.objects.create(
        company_id=company_id,
        name=Path(name).name[:200] or "文件",
        path=path,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        created_at=now,
        created_by_id=created_by,
    )


def _write(place: Path, content: bytes) -> None:
    """The whole file or none, readable by the service alone."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = place.with_name(f"{place.name}.{secrets.token_hex(4)}.part")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(place)


def start_run(
    *,
    company_id: int,
    kind: str,
    file_name: str,
    now: datetime,
    file: StoredFile | None = None,
    options: Mapping[str, object] | None = None,
    created_by: int | None = None,
    state: str = ImportRun.State.RUNNING,
) -> ImportRun:
    """A new run in the history, running or (state DRAFT) waiting for somebody's word."""
    return ImportRun.objects.create(
        company_id=company_id,
        kind=kind,
        file=file,
        file_name=Path(file_name).name[:200] or "文件",
        state=state,
        options=dict(options or {}),
        created_by_id=created_by,
        created_at=now,
    )


def finish_run(
    *,
    run: ImportRun,
    counts: Mapping[str, object],
    problems: Sequence[Problem],
    undo: Mapping[str, object],
    total: int,
    now: datetime,
    state: str = ImportRun.State.DONE,
) -> ImportRun:
    """Write down what came of the run."""
    run.state = state
    run.counts = dict(counts)
    run.problems = [problem.as_dict() for problem in problems]
    run.undo = dict(undo)
    run.total = run.done = total
    run.finished_at = now
    run.save(update_fields=["state", "counts", "problems", "undo", "total", "done", "finished_at"])
    return run


def keep_problems(*, run: ImportRun, problems: Sequence[Problem]) -> None:
    """Keep all problems of a run: the first 2,000 in its row, a longer list in a file beside.

    ``options["problem_count"]`` says how many there are. The file is written again in its place
    when the run is looked at again.
    """
    run.problems = [problem.as_dict() for problem in problems[:PROBLEMS_IN_ROW]]
    run.options = {**run.options, "problem_count": len(problems)}
    place = problems_place(run)
    if len(problems) > PROBLEMS_IN_ROW:
        _write(
            place,
            gzip.compress(
                json.dumps(
                    [problem.as_dict() for problem in problems], ensure_ascii=False
                ).encode(),
                compresslevel=1,
            ),
        )
    run.save(update_fields=["problems", "options"])


def fail_run(*, run: ImportRun, error: str, now: datetime) -> ImportRun:
    """Write down that nothing came of the run, and why."""
    run.state = ImportRun.State.FAILED
    run.error = error[:400]
    run.finished_at = now
    run.save(update_fields=["state", "error", "finished_at"])
    return run
