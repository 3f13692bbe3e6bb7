"""Events as pages list them: filters, a page of them with the points they earned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from meritbook.awards.models import Entry, Event, Window, WindowEvent
from meritbook.kit.retelling import retold
from meritbook.kit.sheets import plain
from meritbook.org.models import Assignment, Employee
from meritbook.rules.models import Feed, Rule
from meritbook.rules.type_queries import types_of

PAGE = 50

TONES = {
    Event.Status.POSTED: "good",
    Event.Status.IN_WINDOW: "live",
    Event.Status.PENDING: "wait",
    Event.Status.NOTHING: "calm",
    Event.Status.WITHDRAWN: "bad",
}
BY_HAND = "manual"
"""The source of events that somebody entered on a page."""

SOURCE_NAMES: dict[str, str | Promise] = {
    BY_HAND: _("手工录入"),
    "default": _("文件导入"),
    "demo": _("演示数据"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """What the list is narrowed to. ``scope`` limits it to departments and what lies below,
    ``own`` to one employee; both empty is everything."""

    text: str = ""
    rule_code: str = ""
    status: str = ""
    source: str = ""
    start: date | None = None
    end: date | None = None
    run_id: int | None = None
    scope: frozenset[int] | None = None
    own: int | None = None


@dataclass(frozen=True, slots=True)
class EventLine:
    """One event in a list; ``points`` are net minor units, None while nothing is posted.

    ``window_points`` is what the closed windows gave in which the event counts, together with
    others.
    """

    event: Event
    rule: Rule | None
    points: int | None
    window_points: int | None = None
    type_name: str = ""

    @property
    def title(self) -> str:
        return self.rule.name if self.rule else self.type_name or self.event.type_code

    @property
    def says_more(self) -> bool:
        """Whether there is anything beside who, what and when."""
        event = self.event
        return bool(
            event.quantity is not None
            or event.amount is not None
            or event.object
            or event.note
            or event.attributes
        )

    @property
    def status_label(self) -> str:
        return str(Event.Status(self.event.status).label)

    @property
    def status_tone(self) -> str:
        return TONES[Event.Status(self.event.status)]

    @property
    def source_name(self) -> str | Promise:
        return source_name(self.event.source)


def source_name(source: str) -> str | Promise:
    """A source as people read it."""
    return SOURCE_NAMES.get(source, source)


def events(
    *, company_id: int, wanted: EventFilter, page: int | str = 1, per_page: int = PAGE
) -> Page[EventLine]:
    """A page of current events, the latest first; four queries."""
    found = _found(company_id=company_id, wanted=wanted).order_by("-happened_at", "-id")
    shown = Paginator(found.select_related("employee", "rule"), per_page).get_page(page)
    lines = lines_of(company_id=company_id, events=list(shown.object_list))
    shown.object_list = lines  # type: ignore[assignment]
    return shown  # type: ignore[return-value]


def lines_of(*, company_id: int, events: Iterable[Event]) -> list[EventLine]:
    """Events with what they earned by themselves and through windows; two queries."""
    own = list(events)
    points = dict(
        Entry.objects.filter(company_id=company_id, event_id__in=[each.pk for each in own])
        .values_list("event_id")
        .annotate(net=Sum("points"))
    )
    shared = dict(
        WindowEvent.objects.filter(
            company_id=company_id,
            event_id__in=[each.pk for each in own],
            counted=True,
            window__company_id=company_id,
            window__state=Window.State.CLOSED,
        )
        .values_list("event_id")
        .annotate(total=Sum("window__points"))
    )
    types = (
        types_of(company_id=company_id).by_code if any(each.rule_id is None for each in own) else {}
    )
    return [
        EventLine(
            each,
            each.rule,
            points.get(each.pk),
            shared.get(each.pk),
            retold(types[each.type_code].name) if each.type_code in types else "",
        )
        for each in own
    ]


def _found(*, company_id: int, wanted: EventFilter) -> QuerySet[Event]:
    found = Event.objects.filter(company_id=company_id, is_current=True)
    if wanted.own is not None and wanted.scope is not None:
        found = found.filter(
            Q(employee_id=wanted.own) | Q(employee_id__in=people_of(company_id, wanted.scope))
        )
    elif wanted.own is not None:
        found = found.filter(employee_id=wanted.own)
    elif wanted.scope is not None:
        found = found.filter(employee_id__in=people_of(company_id, wanted.scope))
    if wanted.text:
        people = search_people(company_id=company_id, text=wanted.text).values("id")
        found = found.filter(Q(employee_id__in=people) | Q(event_no=wanted.text.strip()))
    if wanted.rule_code:
        feeding = Feed.objects.filter(company_id=company_id, rule__code=wanted.rule_code)
        found = found.filter(
            Q(type_code=wanted.rule_code) | Q(type_code__in=feeding.values("event_type__code"))
        )
    if wanted.status:
        found = found.filter(status=wanted.status)
    if wanted.source:
        found = found.filter(source=wanted.source)
    if wanted.start:
        found = found.filter(fact_on__gte=wanted.start)
    if wanted.end:
        found = found.filter(fact_on__lte=wanted.end)
    if wanted.run_id is not None:
        found = found.filter(import_run_id=wanted.run_id)
    return found


def people_of(company_id: int, departments: Iterable[int]) -> QuerySet[Assignment, Any]:
    """The ids of those who work, or worked, in departments or below them, for a filter."""
    return Assignment.objects.filter(
        company_id=company_id, valid_to=None, department__path_ids__overlap=list(departments)
    ).values("employee_id")


def search_people(
    *, company_id: int, text: str, scope: frozenset[int] | None = None
) -> QuerySet[Employee]:
    """Employees by 工号, name, pinyin or its initials, phone; in order of 工号."""
    wanted = plain(text).strip().lower().replace(" ", "")
    found = Employee.objects.filter(company_id=company_id)
    if wanted:
        found = found.filter(
            Q(employee_no__istartswith=wanted)
            | Q(name__icontains=wanted)
            | Q(pinyin__istartswith=wanted)
            | Q(initials__istartswith=wanted)
        )
    if scope is not None:
        found = found.filter(pk__in=people_of(company_id, scope))
    return found.order_by("employee_no")


def sources(*, company_id: int) -> list[tuple[str, str | Promise]]:
    """The sources that events came from, with their names."""
    found = (
        Event.objects.filter(company_id=company_id)
        .order_by("source")
        .values_list("source", flat=True)
        .distinct()
    )
    return [(each, source_name(each)) for each in found]
