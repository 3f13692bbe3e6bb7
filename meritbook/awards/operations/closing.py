"""Closing windows: their results into the ledger, each once."""

from __future__ import annotations

from datetime import date, datetime, time
from functools import partial
from typing import NamedTuple
from zoneinfo import ZoneInfo

from meritbook.awards.evaluation import Versions
from meritbook.awards.operations import storing, window_rows, windows
from meritbook.awards.operations.intake import Intake
from meritbook.awards.operations.posting import post_all
from meritbook.awards.operations.rule_caps import keep_rule_caps
from meritbook.kit.retries import retried
from meritbook.kit.statistics import refresh_statistics
from meritbook.kit.tenancy import company_scope
from meritbook.org.models import Company
from meritbook.org.queries.roster import roster
from meritbook.rules.queries import rulebook

CHUNK = 2_000


class Closed(NamedTuple):
    """How many windows were closed, and how many of them earned something."""

    windows: int
    entries: int


def close_windows(*, company_id: int, until: date, now: datetime) -> Closed:
    """Post the results of all windows that are over, deadline included, when ``until`` begins.

    Again: nothing new. Two at once share the work: a window is claimed by its row's lock.
    """
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
    closed = entries = 0
    end = datetime.combine(until, time(), tzinfo=zone)
    while True:
        some = retried(partial(_close_some, intake, end))
        closed += some.windows
        entries += some.entries
        if not some.windows:
            return Closed(closed, entries)


def _close_some(intake: Intake, end: datetime) -> Closed:
    company_id = intake.company_id
    with company_scope(company_id):
        refresh_statistics(storing.TABLES)
        due = window_rows.claim_due(company_id=company_id, until=end, limit=CHUNK)
        postings = windows.settle(intake=intake, windows=due)
        post_all(company_id=company_id, postings=postings, now=intake.now)
        window_rows.refresh_statuses(company_id=company_id, windows=due)
    return Closed(len(due), len(postings))
