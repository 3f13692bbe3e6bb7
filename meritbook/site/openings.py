"""Opening balances: looked at, posted, taken back.

The same balance of the same person, asset and day is posted once, however often the file comes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from meritbook.files.models import ImportRun
from meritbook.files.operations.runs import (
    fail_run,
    finish_run,
    keep_problems,
    start_run,
    store_file,
)
from meritbook.files.queries.runs import FileGone, content_of
from meritbook.kit.errors import Refusal
from meritbook.kit.problems import Problem
from meritbook.ledger.operations import Reversal, reason_text, reverse_bulk
from meritbook.ledger.operations.openings import (
    first_day,
    known_amounts,
    post_openings,
    turns_of,
)
from meritbook.ledger.queries import is_open
from meritbook.org.models import Membership, RoleGrant
from meritbook.org.operations.audit import Actor, note
from meritbook.site.opening_sheet import Line, OpeningFile, read_opening

COUNTS = ("new", "duplicate", "conflict", "refused")
EARLIEST = date(1990, 1, 1)
AT_ONCE = 200
"""A file of up to so many rows is posted while the page waits."""


class OpeningRefused(Refusal):
    """The balances cannot be posted on that day, or not taken back."""

    code = "opening_refused"


@dataclass(slots=True)
class Loaded:
    """What became of the balances."""

    counts: dict[str, int]
    problems: list[Problem]
    tx_ids: list[int]
    rolled_back: bool = False

    def as_dict(self) -> dict[str, object]:
        """The JSON of the command."""
        counts = dict(self.counts)
        if self.rolled_back:
            counts["new"] = 0
        return {**counts, "problems": [problem.as_dict() for problem in self.problems]}


def default_day(*, company_id: int, today: date) -> date:
    """The day before the first month on which something counts, or the last day of last month."""
    first = first_day(company_id=company_id) or today
    return min(first, today).replace(day=1) - timedelta(days=1)


def check_day(*, company_id: int, on: date, today: date) -> None:
    """Raise OpeningRefused when balances cannot count on that day."""
    if not EARLIEST <= on <= today:
        raise OpeningRefused(_("期初日不能晚于今天"))
    if not is_open(company_id=company_id, day=on):
        raise OpeningRefused(
            _("%(month)s 已经关账，请换一个期初日，或先重新打开这个月") % {"month": f"{on:%Y-%m}"}
        )


def load_opening(
    *,
    company_id: int,
    file: OpeningFile,
    on: date,
    actor_id: int | None,
    all_or_nothing: bool = False,
) -> Loaded:
    """Post what the file holds. Runs inside the company's scope."""
    counts = dict.fromkeys(COUNTS, 0)
    problems = list(file.problems)
    counts["refused"] = len({problem.row for problem in problems})
    tx_ids: list[int] = []
    lines, own = _without_own(file, company_id=company_id, actor_id=actor_id)
    problems += own
    counts["refused"] = len({problem.row for problem in problems})
    openings = [line.opening for line in lines]
    with transaction.atomic():
        results = post_openings(
            company_id=company_id,
            openings=openings,
            turns=turns_of(company_id=company_id, openings=openings, on=on),
            on=on,
            actor_id=actor_id,
        )
        for line, result in zip(lines, results, strict=True):
            counts[result.status] += 1
            if result.status == "new" and result.tx_id is not None:
                tx_ids.append(result.tx_id)
            elif result.status in ("conflict", "refused"):
                problems.append(
                    _problem(file, line, conflict=result.status == "conflict", reason=result.reason)
                )
        rolled_back = all_or_nothing and bool(problems)
        transaction.set_rollback(rolled_back)
    problems.sort(key=lambda problem: problem.row)
    return Loaded(counts, problems, [] if rolled_back else tx_ids, rolled_back)


def _without_own(
    file: OpeningFile, *, company_id: int, actor_id: int | None
) -> tuple[list[Line], list[Problem]]:
    """The lines, and a problem for each that is the actor's own: nobody gives themselves points.

    Of an owner's balance nobody else could say more, so an owner brings it.
    """
    own = _own_party(company_id=company_id, actor_id=actor_id)
    lines = [line for line in file.lines if line.opening.party_id != own]
    return lines, [_own_problem(file, line) for line in file.lines if line not in lines]


def _own_party(*, company_id: int, actor_id: int | None) -> int | None:
    """The party of a membership that is not an owner's."""
    if actor_id is None:
        return None
    member = (
        Membership.objects.filter(company_id=company_id, pk=actor_id, employee__isnull=False)
        .exclude(grants__role=RoleGrant.Role.OWNER)
        .select_related("employee")
        .first()
    )
    return member.employee.party_id if member is not None and member.employee else None


def _own_problem(file: OpeningFile, line: Line) -> Problem:
    return Problem(
        file.table.sheet,
        line.row,
        line.column,
        _("这是导入人本人的期初余额"),
        _("请由负责人或另一位积分专员导入这一行"),
    )


def _problem(file: OpeningFile, line: Line, *, conflict: bool, reason: str | None) -> Problem:
    if conflict:
        return Problem(
            file.table.sheet,
            line.row,
            line.column,
            _("%(name)s 的%(asset)s以前导入过，数量不同")
            % {"name": line.name, "asset": line.asset},
            _("先撤销那次导入，再导入新的"),
        )
    return Problem(file.table.sheet, line.row, line.column, reason_text(reason or "refused"), "")


def open_run(
    *,
    company_id: int,
    name: str,
    content: bytes,
    on: date,
    today: date,
    actor: Actor,
    now: datetime,
) -> ImportRun:
    """Keep the file and open a run that waits. Raises what reading raises, OpeningRefused."""
    check_day(company_id=company_id, on=on, today=today)
    file = read_opening(content, name=name, company_id=company_id, on=on)
    stored = store_file(
        company_id=company_id,
        name=name,
        content=content,
        created_by=actor.membership_id,
        now=now,
    )
    run = start_run(
        company_id=company_id,
        kind=ImportRun.Kind.OPENING,
        file_name=name,
        now=now,
        file=stored,
        created_by=actor.membership_id,
        state=ImportRun.State.DRAFT,
        options={"on": on.isoformat()},
    )
    run.total = len(file.table.rows)
    run.save(update_fields=["total"])
    return run


def look(*, run: ImportRun) -> tuple[OpeningFile, Loaded]:
    """What a waiting run would do now, without posting: what is known is compared."""
    file, on = _file(run), _day(run)
    lines, own = _without_own(file, company_id=run.company_id, actor_id=run.created_by_id)
    openings = [line.opening for line in lines]
    turns = turns_of(company_id=run.company_id, openings=openings, on=on)
    known = known_amounts(
        company_id=run.company_id,
        keys=[one.key(on=on, turn=turn) for one, turn in zip(openings, turns, strict=True)],
    )
    counts = dict.fromkeys(COUNTS, 0)
    problems = [*file.problems, *own]
    counts["refused"] = len({problem.row for problem in problems})
    for line, turn in zip(lines, turns, strict=True):
        amount = known.get(line.opening.key(on=on, turn=turn))
        status = {None: "new", line.opening.amount: "duplicate"}.get(amount, "conflict")
        counts[status] += 1
        if status == "conflict":
            problems.append(_problem(file, line, conflict=True, reason=None))
    problems.sort(key=lambda problem: problem.row)
    return file, Loaded(counts, problems, [])


def claim(
    *, run: ImportRun, all_or_nothing: bool, today: date, now: datetime, actor: Actor
) -> bool:
    """Mark a waiting run as running, once, and post it when it is short; False: a job must.

    Raises OpeningRefused.
    """
    check_day(company_id=run.company_id, on=_day(run), today=today)
    run.options = {
        **run.options,
        "all_or_nothing": all_or_nothing,
        "actor": actor.membership_id,
        "actor_name": actor.name,
    }
    claimed = ImportRun.objects.filter(
        company_id=run.company_id, pk=run.pk, state=ImportRun.State.DRAFT
    ).update(state=ImportRun.State.RUNNING, options=run.options)
    if not claimed:
        raise OpeningRefused(_("这次导入已经开始或处理完了"))
    run.state = ImportRun.State.RUNNING
    if run.total > AT_ONCE:
        return False
    carry_out(run=run, now=now)
    return True


def carry_out(*, run: ImportRun, now: datetime) -> None:
    """Post what a claimed run's file holds; again (the job was killed): nothing is doubled."""
    if run.state != ImportRun.State.RUNNING:
        return
    actor = Actor(run.options["actor"], run.options["actor_name"])
    try:
        loaded = load_opening(
            company_id=run.company_id,
            file=_file(run),
            on=_day(run),
            actor_id=actor.membership_id,
            all_or_nothing=run.options["all_or_nothing"],
        )
    except Refusal as trouble:
        fail_run(run=run, error=str(trouble), now=now)
        return
    record_run(run=run, loaded=loaded, now=now, actor=actor)


def record_run(*, run: ImportRun, loaded: Loaded, now: datetime, actor: Actor) -> None:
    """Write down what came of a run, in the history and in the audit log."""
    answer = loaded.as_dict()
    counts = {name: answer[name] for name in COUNTS}
    finish_run(
        run=run,
        counts=counts,
        problems=[],
        undo={"tx_ids": loaded.tx_ids},
        total=run.total,
        now=now,
        state=ImportRun.State.FAILED if loaded.rolled_back else ImportRun.State.DONE,
    )
    keep_problems(run=run, problems=loaded.problems)
    note(
        company_id=run.company_id,
        actor=actor,
        now=now,
        action="opening.import",
        object_kind="import_run",
        object_id=run.pk,
        after={"file": run.file_name, "on": run.options.get("on"), **counts},
    )


def undo_run(*, run: ImportRun, now: datetime, actor: Actor) -> int:
    """Take back what a run posted, by reversals; how many. Raises OpeningRefused, PostingRefused."""
    claimed = ImportRun.objects.filter(
        company_id=run.company_id, pk=run.pk, state=ImportRun.State.DONE
    ).update(state=ImportRun.State.UNDONE, undone_at=now)
    if not claimed:
        raise OpeningRefused(_("这次导入没有完成，或已经撤销"))
    results = reverse_bulk(
        company_id=run.company_id,
        reversals=[
            Reversal(
                tx_id,
                f"opening-undo/{tx_id}",
                _day(run),
                actor.membership_id,
                _("撤销期初余额导入"),
            )
            for tx_id in run.undo.get("tx_ids", [])
        ],
    )
    for result in results:
        # What somebody took back by hand has nothing left.
        if result.status == "refused" and result.reason != "nothing_left":
            raise OpeningRefused(reason_text(result.reason or "refused"))
    note(
        company_id=run.company_id,
        actor=actor,
        now=now,
        action="opening.undo",
        object_kind="import_run",
        object_id=run.pk,
        before={"file": run.file_name, "n": len(run.undo.get("tx_ids", []))},
    )
    return len(run.undo.get("tx_ids", []))


def _day(run: ImportRun) -> date:
    return date.fromisoformat(run.options["on"])


def _file(run: ImportRun) -> OpeningFile:
    if run.file is None:
        raise FileGone
    return read_opening(
        content_of(run.file), name=run.file_name, company_id=run.company_id, on=_day(run)
    )
