"""A backtest computed: one snapshot, people one after the other, nothing written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from meritbook.awards.evaluation import Versions
from meritbook.awards.operations.intake import Intake
from meritbook.insight.queries.books import drafts_of, rulings
from meritbook.insight.queries.past import events_of, posted_points, reach_back, read_until
from meritbook.insight.queries.standing import Standing, standings_on
from meritbook.insight.replaying import Replay, Rulings
from meritbook.insight.tallying import Tally
from meritbook.kit.periods import ALL, Period
from meritbook.org.models import Company
from meritbook.org.queries.roster import roster

Progress = Callable[[int, int], None]
"""Called with people done and people in all; may raise to stop."""


class Computed(NamedTuple):
    """A backtest's sums, with what explains its changes and where people stand."""

    tally: Tally
    rulings: Rulings
    intake: Intake
    standings: dict[int, Standing]
    posted: dict[int, int]


def compute(
    *,
    company_id: int,
    starts_on: date,
    ends_on: date,
    version_ids: Sequence[int],
    closed_by: date,
    now: datetime,
    progress: Progress,
) -> Computed:
    """Score the days again under the published rules and with the drafts; in the caller's scope.

    Windows count that close before the day ``closed_by`` begins. Raises DraftGone,
    DraftIncomplete, and what ``progress`` raises.
    """
    span = Period(ALL, starts_on, ends_on)
    zone = ZoneInfo(Company.objects.values_list("time_zone", flat=True).get(pk=company_id))
    drafts = drafts_of(company_id=company_id, version_ids=version_ids) if version_ids else []
    both = rulings(company_id=company_id, drafts=drafts)
    people = roster(company_id=company_id)
    intake = Intake(
        company_id=company_id, zone=zone, now=now, book=Versions(both.before.book), roster=people
    )
    replay = Replay(
        rulings=both,
        span=span,
        closed_by=datetime.combine(closed_by, time()),
        place=intake.place,
    )
    by_id = {person.id: person for person in people.values()}
    ids = sorted(by_id)
    at = {employee_id: n for n, employee_id in enumerate(ids)}
    tally = Tally()
    progress(0, len(ids))
    for employee_id, events in events_of(
        company_id=company_id,
        zone=zone.key,
        employee_ids=ids,
        start=reach_back((both.before.book, both.after.book), starts_on),
        end=read_until(ends_on),
    ):
        found = replay.person(by_id[employee_id], events)
        tally.add(
            employee_id,
            found,
            changed=both.changed,
            events=sum(span.holds(event.fact_on) for event in events),
        )
        progress(at[employee_id] + 1, len(ids))
    return Computed(
        tally,
        both,
        intake,
        standings_on(company_id=company_id, day=ends_on),
        posted_points(company_id=company_id, span=span),
    )
