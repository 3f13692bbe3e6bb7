"""Backtests asked for, run by a job, cancelled, shared."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import override

from meritbook.insight.models import Backtest
from meritbook.insight.operations.computing import compute
from meritbook.insight.operations.keeping import keep
from meritbook.insight.queries.books import drafts_of, rulings
from meritbook.insight.queries.past import has_events, snapshot
from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.kit.jobs import enqueue
from meritbook.kit.periods import Period
from meritbook.kit.tenancy import company_scope
from meritbook.org.models import Company, Employee
from meritbook.org.operations.audit import Actor, note

TELL_EVERY = 0.5
"""Seconds between two looks at whether somebody cancelled."""


class NothingToReplay(Refusal):
    """No people, or no events in the days."""

    code = "nothing_to_replay"


class NotRunning(Refusal):
    """The backtest is over already."""

    code = "not_running"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("这次试算已经结束了，不用取消"))


class _Cancelled(Exception):
    """Leaves the computation."""


def ask(
    *,
    company_id: int,
    name: str,
    span: Period,
    version_ids: Sequence[int],
    actor: Actor,
    now: datetime,
) -> Backtest:
    """A backtest that waits for its job. Raises DraftGone, DraftIncomplete, NothingToReplay."""
    drafts = drafts_of(company_id=company_id, version_ids=version_ids) if version_ids else []
    rulings(company_id=company_id, drafts=drafts)
    if not Employee.objects.filter(company_id=company_id).exists():
        raise NothingToReplay(_("公司还没有员工，没有可以试算的人；请先导入员工"))
    if not has_events(company_id=company_id, span=span):
        raise NothingToReplay(
            _("%(start)s 至 %(end)s 没有记录过事件，没有可以试算的；请换一段日期，或者先用“模拟”")
            % {"start": span.start, "end": span.end}
        )
    made = Backtest.objects.create(
        company_id=company_id,
        name=name[:120],
        starts_on=span.start,
        ends_on=span.end,
        version_ids=list(version_ids),
        created_by_id=actor.membership_id,
        created_at=now,
    )
    note(
        company_id=company_id,
        actor=actor,
        now=now,
        action="backtest.ask",
        object_kind="backtest",
        object_id=made.pk,
        after={"from": span.start, "to": span.end, "drafts": len(drafts)},
    )
    return made


def ask_and_enqueue(**asked: Any) -> Backtest:
    """The same, with its job in the same transaction."""
    made = ask(**asked)
    enqueue("insight.run_backtest", company_id=made.company_id, backtest_id=made.pk)
    return made


def cancel(*, company_id: int, backtest_id: int, now: datetime) -> None:
    """Stop a backtest: one that waits at once, one that runs within a second. Raises NotRunning."""
    own = Backtest.objects.filter(company_id=company_id, pk=backtest_id)
    waiting = own.filter(state=Backtest.State.WAITING)
    if waiting.update(state=Backtest.State.CANCELLED, is_cancelled=True, finished_at=now):
        return
    if not own.filter(state=Backtest.State.RUNNING).update(is_cancelled=True):
        raise NotRunning


def share(*, company_id: int, backtest_id: int, is_shared: bool) -> None:
    """Show a backtest to heads, or no longer."""
    Backtest.objects.filter(company_id=company_id, pk=backtest_id).update(is_shared=is_shared)


def run(*, company_id: int, backtest_id: int, now: datetime) -> None:
    """Compute a backtest and keep what came of it. After a crash it begins again.

    Runs outside of a scope: it reads in one long snapshot and writes afterwards.
    """
    with company_scope(company_id):
        own = Backtest.objects.filter(company_id=company_id, pk=backtest_id)
        if not own.filter(
            state__in=[Backtest.State.WAITING, Backtest.State.RUNNING], is_cancelled=False
        ).update(state=Backtest.State.RUNNING, done=0):
            return
        asked = own.get()
        zone = Company.objects.values_list("time_zone", flat=True).get(pk=company_id)
    teller = _Teller(company_id, backtest_id)
    try:
        with override(settings.LANGUAGE_CODE), snapshot(company_id):
            found = compute(
                company_id=company_id,
                starts_on=asked.starts_on,
                ends_on=asked.ends_on,
                version_ids=asked.version_ids,
                closed_by=clock.today(time_zone=zone),
                now=now,
                progress=teller,
            )
            result = keep(backtest=asked, found=found)
    except _Cancelled:
        _finish(asked, state=Backtest.State.CANCELLED)
        return
    except Refusal as refusal:
        _finish(asked, state=Backtest.State.FAILED, error=refusal.message[:400])
        return
    finally:
        teller.close()
    people = len(found.standings)
    with company_scope(company_id):
        result.write()
        _finish(asked, state=Backtest.State.DONE, summary=result.summary, done=people, total=people)


def _finish(asked: Backtest, **values: Any) -> None:
    with company_scope(asked.company_id):
        Backtest.objects.filter(company_id=asked.company_id, pk=asked.pk).update(
            finished_at=clock.now(), **values
        )


class _Teller:
    """Writes down how far a run is, and raises when it was cancelled.

    On a connection of its own: the snapshot cannot write, and sees nothing that comes later.
    Inside a caller's transaction there is one connection, which does both.
    """

    def __init__(self, company_id: int, backtest_id: int) -> None:
        self._ids = (company_id, backtest_id)
        self._next = 0.0
        self._thread = None if connection.in_atomic_block else ThreadPoolExecutor(1, "backtest")

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() < self._next and done < total:
            return
        self._next = time.monotonic() + TELL_EVERY
        if self._in_turn(lambda: self._tell(done, total)):
            raise _Cancelled

    def _in_turn(self, work: Callable[[], bool]) -> bool:
        if self._thread is None:
            return work()
        return self._thread.submit(Context().run, work).result()

    def _tell(self, done: int, total: int) -> bool:
        company_id, backtest_id = self._ids
        with company_scope(company_id):
            own = Backtest.objects.filter(company_id=company_id, pk=backtest_id)
            own.update(done=done, total=total)
            return bool(own.values_list("is_cancelled", flat=True).first())

    def close(self) -> None:
        """Close the connection."""
        if self._thread is not None:
            self._thread.submit(connection.close)
            self._thread.shutdown()
