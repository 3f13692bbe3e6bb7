"""Withdrawing events that did not happen after all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple
from zoneinfo import ZoneInfo

from meritbook.awards.content import event_no_of
from meritbook.awards.evaluation import Versions
from meritbook.awards.operations import storing, window_rows, windows
from meritbook.awards.operations.intake import Intake
from meritbook.awards.operations.posting import outstanding_of_events, post_all, taking_back
from meritbook.awards.operations.queued import call_off_moot
from meritbook.awards.operations.rule_caps import keep_rule_caps
from meritbook.kit.retries import retried
from meritbook.kit.tenancy import company_scope
from meritbook.org.models import Company
from meritbook.org.queries.roster import roster
from meritbook.rules.queries import rulebook


class Withdrawn(NamedTuple):
    """Numbers by what became of them; ``already`` were withdrawn before."""

    withdrawn: tuple[str, ...]
    already: tuple[str, ...]
    unknown: tuple[str, ...]


def withdraw(*, company_id: int, source: str, event_nos: Sequence[str], now: datetime) -> Withdrawn:
    """Take back what events earned, and take them out of their windows. Again: nothing new."""
    return retried(partial(_withdraw, company_id, source, event_nos, now))


def _withdraw(company_id: int, source: str, event_nos: Sequence[str], now: datetime) -> Withdrawn:
    with company_scope(company_id):
        zone = ZoneInfo(Company.objects.values_list("time_zone", flat=True).get(id=company_id))
        book = rulebook(company_id=company_id)
        intake = Intake(
            company_id=company_id,
            zone=zone,
            now=now,
            book=Versions(book),
            roster=roster(company_id=company_id),
            caps=keep_rule_caps(company_id=company_id, book=book, now=now),
        )
        wanted = {no: event_no_of(no) for no in event_nos}
        current = storing.find_current(
            company_id=company_id, source=source, event_nos=sorted(set(wanted.values())), lock=True
        )
        going = {no: one for no, one in current.items() if one.status != "withdrawn"}
        ids = [one.id for one in going.values()]
        if ids:
            _take_back(intake, ids)
        return Withdrawn(
            tuple(no for no, stored in wanted.items() if stored in going),
            tuple(no for no, stored in wanted.items() if stored in current.keys() - going.keys()),
            tuple(no for no, stored in wanted.items() if stored not in current),
        )


def _take_back(intake: Intake, event_ids: list[int]) -> None:
    company_id = intake.company_id
    storing.set_statuses(company_id=company_id, event_ids=event_ids, status="withdrawn")
    today = intake.local_time(intake.now).date()
    postings = []
    for entry in outstanding_of_events(company_id=company_id, event_ids=event_ids):
        if not entry.points:
            continue  # caps had left nothing of it
        rule = intake.book.version(entry.rule_version_id)
        postings.append(
            taking_back(
                entry,
                position=-1,
                cause=f"event:{entry.event_id}:withdrawn",
                amounts=rule.legs(entry.points) if entry.asked is None else (),
                fact_on=today,
            )
        )
    touched = window_rows.bring(
        company_id=company_id, zone=intake.zone.key, brought=(), forgotten_event_ids=event_ids
    )
    closed = [window for window in touched if window.state == "closed"]
    postings += windows.settle(intake=intake, windows=closed)
    post_all(company_id=company_id, postings=postings, now=intake.now)
    window_rows.refresh_statuses(company_id=company_id, windows=closed)
    call_off_moot(company_id=company_id, event_ids=event_ids, now=intake.now)
