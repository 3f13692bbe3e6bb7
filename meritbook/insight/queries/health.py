"""The company's scheme as the health check sees it: rules, people, and the use of the last months."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from meritbook.kit import periods
from meritbook.kit.periods import Period
from meritbook.org.models import Post
from meritbook.org.queries.calendar import calendar
from meritbook.org.queries.roster import roster
from meritbook.rules.health import (
    Crowd,
    Finding,
    ReachRow,
    RuleUse,
    Scheme,
    SchemeRule,
    check_scheme,
    reach_table,
)
from meritbook.rules.health.reach import times_a_month
from meritbook.rules.models import RuleVersion
from meritbook.rules.persons import person_facts
from meritbook.rules.queries import version_spec
from meritbook.rules.spec import PersonFacts
from meritbook.rules.windows import period_kind

MONTHS = 6
DAYS_A_MONTH = Decimal("30.44")


@dataclass(frozen=True)
class Health:
    """A scheme with what the check says of it."""

    scheme: Scheme
    with_drafts: bool

    @cached_property
    def findings(self) -> list[Finding]:
        return check_scheme(self.scheme)

    @cached_property
    def reach(self) -> list[ReachRow]:
        return reach_table(self.scheme)


def health(
    *, company_id: int, today: date, with_drafts: bool = True, months: int = MONTHS
) -> Health:
    """The scheme as it stands on ``today``, drafts in place of what they would change."""
    versions = scheme_versions(company_id=company_id, today=today, with_drafts=with_drafts)
    rules = tuple(
        SchemeRule(
            spec=version_spec(version),
            indicator=version.indicator,
            sheet=version.rule.sheet,
            row=version.rule.row,
            category=version.rule.category,
            points_text=version.points_text,
            is_draft=version.status == RuleVersion.Status.DRAFT,
            on=today,
        )
        for version in versions
    )
    scheme = Scheme(
        rules=rules,
        crowds=crowds_on(company_id=company_id, day=today),
        workdays=workdays_a_month(company_id=company_id, year=today.year),
    )
    span = span_before(today, months=months)
    uses = _uses(company_id, scheme, span) if rules else {}
    return Health(
        Scheme(
            rules=scheme.rules,
            crowds=scheme.crowds,
            workdays=scheme.workdays,
            months=months if any(use.entries for use in uses.values()) else 0,
            uses=uses,
        ),
        with_drafts,
    )


def span_before(today: date, *, months: int) -> Period:
    """From the first day of the month ``months`` back until yesterday."""
    start = Period.containing(periods.MONTH, today)
    for _n in range(months):
        start = start.previous()
    return Period(periods.ALL, start.start, today - timedelta(days=1))


def scheme_versions(*, company_id: int, today: date, with_drafts: bool) -> list[RuleVersion]:
    """One version of each rule that counts on ``today`` or will: the draft, else the latest."""
    found: dict[int, RuleVersion] = {}
    wanted = RuleVersion.objects.filter(company_id=company_id).select_related("rule")
    for version in wanted.order_by("rule__sheet", "rule__row", "rule__code", "number"):
        is_draft = version.status == RuleVersion.Status.DRAFT
        if is_draft and not with_drafts:
            continue
        if not is_draft and version.active_to is not None and version.active_to <= today:
            continue
        found[version.rule_id] = version
    return list(found.values())


def crowds_on(*, company_id: int, day: date) -> tuple[Crowd, ...]:
    """Everybody employed on the day, by main post; three queries."""
    names = dict(Post.objects.filter(company_id=company_id).values_list("id", "name"))
    counted: Counter[tuple[str, PersonFacts]] = Counter()
    for person in roster(company_id=company_id).values():
        now = [each for each in person.assignments if each.covers(day)]
        if not now:
            continue
        main = next((each for each in now if each.is_main), now[0])
        post = names.get(main.post_id or 0) or _("未设岗位")
        counted[post, person_facts(person, person.place_on(day))] += 1
    return tuple(Crowd(post, facts, n) for (post, facts), n in counted.items())


def workdays_a_month(*, company_id: int, year: int) -> Decimal:
    """Working days of the company's calendar in an average month of the year."""
    days = calendar(company_id=company_id)
    first = date(year, 1, 1)
    worked = sum(days.is_workday(first + timedelta(days=n)) for n in range(365))
    return Decimal(worked) / 12


class _Posted(NamedTuple):
    gained: int
    lost: int
    entries: int
    best_month: int


def _uses(company_id: int, scheme: Scheme, span: Period) -> dict[int, RuleUse]:
    posted = _posted(company_id, span)
    windows = _windows(company_id, span)
    lives = _lives(company_id)
    idle = [
        rule.rule_id
        for rule in scheme.rules
        if rule.rule_id not in posted and rule.rule_id not in windows
    ]
    told = _told_of(company_id, span, idle)
    uses = {}
    for rule in scheme.rules:
        done = posted.get(rule.rule_id, _Posted(0, 0, 0, 0))
        own = windows.get(rule.rule_id, {})
        life = lives.get(rule.rule_id)
        in_force = 0 if life is None else (span.end - max(life.begins, span.start)).days + 1
        best = max(own, default=0)
        uses[rule.rule_id] = RuleUse(
            gained=done.gained,
            lost=done.lost,
            entries=done.entries,
            events=done.entries + sum(own.values()) + (rule.rule_id in told),
            full=own.get(best, 0) if best > 0 else 0,
            possible=_possible(scheme, rule, days=in_force),
            price=None if life is None else life.price,
            best_month=done.best_month,
            days_in_force=max(in_force, 0),
        )
    return uses


def _possible(scheme: Scheme, rule: SchemeRule, *, days: int) -> int:
    """So many windows the people concerned had in the days."""
    if not rule.spec.is_windowed or days <= 0:
        return 0
    times = times_a_month(period_kind(rule.spec), workdays=scheme.workdays)
    return int(scheme.people_of(rule) * times * days / DAYS_A_MONTH)


def _posted(company_id: int, span: Period) -> dict[int, _Posted]:
    """What each rule gave and took, reversals taken off, and the most that one got in a month."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rule_id, sum(gained)::bigint, sum(lost)::bigint, sum(entries)::bigint,"
            " max(gained)::bigint FROM ("
            "  SELECT v.rule_id, n.employee_id, date_trunc('month', n.effective_on),"
            "   coalesce(sum(n.points) FILTER (WHERE (n.points > 0) = (n.reverses_id IS NULL)), 0)"
            "    AS gained,"
            "   coalesce(sum(n.points) FILTER (WHERE (n.points > 0) <> (n.reverses_id IS NULL)), 0)"
            "    AS lost,"
            "   count(*) FILTER (WHERE n.reverses_id IS NULL) AS entries"
            "  FROM awards_entry n JOIN rules_ruleversion v"
            "   ON v.company_id = n.company_id AND v.id = n.rule_version_id"
            "  WHERE n.company_id = %s AND n.effective_on BETWEEN %s AND %s GROUP BY 1, 2, 3) m"
            " GROUP BY rule_id",
            [company_id, span.start, span.end],
        )
        return {row[0]: _Posted(*row[1:]) for row in cursor.fetchall()}


def _windows(company_id: int, span: Period) -> Mapping[int, dict[int, int]]:
    """Closed windows of each rule by the points that they earned."""
    found: dict[int, dict[int, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rule_id, points, count(*) FROM awards_window"
            " WHERE company_id = %s AND state = 'closed' AND ends_on BETWEEN %s AND %s"
            " GROUP BY 1, 2",
            [company_id, span.start, span.end],
        )
        for rule_id, points, count in cursor.fetchall():
            found[rule_id][points] = count
    return found


def _told_of(company_id: int, span: Period, rule_ids: Iterable[int]) -> set[int]:
    """The rules among these that events were recorded for, though they earned nothing."""
    wanted = list(rule_ids)
    if not wanted:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT rule_id FROM awards_event WHERE company_id = %s AND is_current"
            " AND fact_on BETWEEN %s AND %s AND rule_id = ANY(%s)",
            [company_id, span.start, span.end, wanted],
        )
        return {row[0] for row in cursor.fetchall()}


class _Life(NamedTuple):
    begins: date
    price: Decimal | None


def _lives(company_id: int) -> dict[int, _Life]:
    """Since when each rule counts, and the price of its latest published version."""
    found: dict[int, _Life] = {}
    published = RuleVersion.objects.filter(company_id=company_id).exclude(
        status=RuleVersion.Status.DRAFT
    )
    for rule_id, begins, points in published.order_by("rule_id", "number").values_list(
        "rule_id", "active_from", "points"
    ):
        first = found[rule_id].begins if rule_id in found else begins
        found[rule_id] = _Life(first or date.min, points)
    return found
