"""Importing people: the file, the run, and what org makes of the rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from meritbook.files.models import ImportRun, StoredFile
from meritbook.files.operations.runs import fail_run, finish_run, start_run
from meritbook.files.queries.runs import FileGone, content_of
from meritbook.kit.errors import Refusal
from meritbook.kit.problems import Problem
from meritbook.kit.sheets import read_workbook
from meritbook.org.operations import audit
from meritbook.org.operations.people_import import PeopleLoaded, load_people
from meritbook.org.operations.people_undo import PeopleUndone, undo_people
from meritbook.org.people_file import PersonRow
from meritbook.org.sheets import PeopleFile, read_people, title_of


@dataclass(frozen=True)
class PeopleResult:
    """What an import did, or would do."""

    created: int
    updated: int
    unchanged: int
    refused: int
    problems: tuple[Problem, ...]
    departments_created: tuple[str, ...]
    rolled_back: bool
    file: PeopleFile
    run_id: int | None = None

    def as_json(self) -> dict[str, object]:
        """The command's answer; ``skipped`` is every row that changed nothing."""
        return {
            "created": self.created,
            "updated": self.updated,
            "skipped": self.unchanged + self.refused,
            "unchanged": self.unchanged,
            "refused": self.refused,
            "problems": [problem.as_dict() for problem in self.problems],
            "departments_created": list(self.departments_created),
        }


def check_people(
    *, company_id: int, content: bytes, file_name: str, today: date, now: datetime
) -> PeopleResult:
    """What ``import_people`` would do; writes nothing."""
    people = read_people(read_workbook(content, name=file_name))
    with transaction.atomic():
        loaded = _load(company_id=company_id, people=people, today=today, now=now)
        transaction.set_rollback(True)
    return _result(people, loaded)


def import_people(
    *,
    company_id: int,
    content: bytes,
    file_name: str,
    all_or_nothing: bool,
    today: date,
    now: datetime,
    actor: audit.Actor = audit.SYSTEM,
    run: ImportRun | None = None,
    file: StoredFile | None = None,
) -> PeopleResult:
    """Load the good rows, or with ``all_or_nothing`` nothing when any row has a problem.

    Records the import in the history (``run`` when the page has opened one) and in the audit
    log. Raises UnreadableFile or MissingColumns. Runs inside the company's scope.
    """
    people = read_people(read_workbook(content, name=file_name))
    with transaction.atomic():
        loaded = _load(company_id=company_id, people=people, today=today, now=now)
        rolled_back = all_or_nothing and bool(loaded.problems or people.problems)
        transaction.set_rollback(rolled_back)
    result = _result(people, loaded, rolled_back=rolled_back)
    run = run or start_run(
        company_id=company_id,
        kind=ImportRun.Kind.PEOPLE,
        file_name=file_name,
        file=file,
        now=now,
        created_by=actor.membership_id,
        options={"all_or_nothing": all_or_nothing},
    )
    counts = result.as_json()
    del counts["problems"]
    finish_run(
        run=run,
        counts=counts,
        problems=result.problems,
        undo={} if rolled_back else loaded.undo,
        total=len(people.table.rows),
        now=now,
        state=ImportRun.State.FAILED if rolled_back else ImportRun.State.DONE,
    )
    audit.note(
        company_id=company_id,
        actor=actor,
        now=now,
        action="people.import",
        object_kind="import_run",
        object_id=run.pk,
        after={"file": file_name, **counts},
    )
    return replace(result, run_id=run.pk)


class ImportNotWaiting(Refusal):
    """The import was started or finished already."""

    code = "import_not_waiting"
    status = 409


def claim_people_import(
    *, company_id: int, run: ImportRun, all_or_nothing: bool, actor: audit.Actor
) -> None:
    """Mark a waiting run as running, once, with what its job must know. Raises ImportNotWaiting."""
    options = {
        **run.options,
        "all_or_nothing": all_or_nothing,
        "actor": {"membership_id": actor.membership_id, "name": actor.name},
    }
    claimed = ImportRun.objects.filter(
        company_id=company_id,
        id=run.pk,
        kind=ImportRun.Kind.PEOPLE,
        state=ImportRun.State.DRAFT,
    ).update(state=ImportRun.State.RUNNING, options=options)
    if not claimed:
        raise ImportNotWaiting(_("这次导入已经开始或处理完了"))
    run.state, run.options = ImportRun.State.RUNNING, options


def carry_out_people_import(
    *, company_id: int, run: ImportRun, today: date, now: datetime
) -> PeopleResult | None:
    """Load the file of a claimed run; None when it was carried out before, or its file is gone.

    Runs inside the company's scope; run again after a crash it starts anew, as nothing was kept.
    """
    if run.state != ImportRun.State.RUNNING:
        return None
    try:
        if run.file is None:
            raise FileGone
        return import_people(
            company_id=company_id,
            content=content_of(run.file),
            file_name=run.file_name,
            all_or_nothing=run.options["all_or_nothing"],
            today=today,
            now=now,
            actor=audit.Actor(**run.options["actor"]),
            run=run,
        )
    except Refusal as trouble:
        fail_run(run=run, error=str(trouble), now=now)
        return None


def _load(*, company_id: int, people: PeopleFile, today: date, now: datetime) -> PeopleLoaded:
    def problem_of(row: PersonRow, key: str, reason: str, remedy: str) -> Problem:
        return Problem(
            sheet=people.sheet,
            row=row.row,
            column=title_of(people.table, key),
            reason=reason,
            remedy=remedy,
        )

    return load_people(
        company_id=company_id,
        rows=people.rows,
        refused=people.refused,
        problem_of=problem_of,
        today=today,
        now=now,
    )


def _result(people: PeopleFile, loaded: PeopleLoaded, *, rolled_back: bool = False) -> PeopleResult:
    rows = len(people.table.rows)
    done = loaded.created + loaded.updated + loaded.unchanged
    return PeopleResult(
        created=0 if rolled_back else loaded.created,
        updated=0 if rolled_back else loaded.updated,
        unchanged=loaded.unchanged,
        refused=rows - loaded.unchanged if rolled_back else rows - done,
        problems=_sorted((*people.problems, *loaded.problems)),
        departments_created=() if rolled_back else loaded.departments_created,
        rolled_back=rolled_back,
        file=people,
    )


def _sorted(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda problem: problem.row))


class CannotUndo(Refusal):
    """The import cannot be taken back: nothing came of it, or it was taken back already."""

    code = "cannot_undo"


def undo_people_import(
    *, company_id: int, run: ImportRun, now: datetime, actor: audit.Actor
) -> PeopleUndone:
    """Take an import of people back as far as nothing was built upon it. Raises CannotUndo."""
    claimed = ImportRun.objects.filter(
        company_id=company_id,
        id=run.pk,
        kind=ImportRun.Kind.PEOPLE,
        state=ImportRun.State.DONE,
        undone_at__isnull=True,
    ).update(state=ImportRun.State.UNDONE, undone_at=now)
    if not claimed:
        raise CannotUndo(_("这次导入不能撤销：没有导入内容，或者已经撤销过"))
    undone = undo_people(company_id=company_id, undo=run.undo)
    audit.note(
        company_id=company_id,
        actor=actor,
        now=now,
        action="people.import.undo",
        object_kind="import_run",
        object_id=run.pk,
        after={
            "removed": undone.removed,
            "restored": undone.restored,
            "kept": list(undone.kept)[:100],
        },
    )
    return undone
