"""What stands behind an entry: who recorded, corrected, published and agreed, and the entries of
the same matter with the version that each of them was worked out by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from meritbook.approvals.models import Case, Decision
from meritbook.awards.caps import CAP_REST
from meritbook.awards.listings import source_name
from meritbook.awards.models import Event
from meritbook.awards.queries.entries import EntryRow, Explained
from meritbook.kit.retelling import retold
from meritbook.org.models import AuditEntry
from meritbook.rules.models import RuleVersion


class Deed(NamedTuple):
    """Something that somebody did on the way to the entry."""

    title: str
    at: datetime | None
    by: str
    text: str = ""
    tone: str = "calm"


class Link(NamedTuple):
    """One entry of the same matter."""

    tx_id: int
    version: int
    """The number of the standard's version by which it was worked out."""
    revision: int | None
    """The event's revision; None for a window's result."""
    points: int
    effective_on: date
    created_at: datetime
    label: str
    is_this: bool


@dataclass(frozen=True, slots=True)
class Background:
    """People and forerunners of one entry, each in order of time."""

    deeds: Sequence[Deed]
    chain: Sequence[Link]
    """Empty when the entry is the only one of its matter."""

    @property
    def versions(self) -> int:
        """How many versions of the standard were at work."""
        return len({one.version for one in self.chain})


def background_of(*, company_id: int, explained: Explained) -> Background:
    """Who and what stands behind an entry; half a dozen queries."""
    return Background(
        deeds=[
            *_published(company_id, explained),
            *_recorded(company_id, explained),
            *_agreed(company_id, explained.row),
        ],
        chain=_chain(company_id, explained),
    )


def _published(company_id: int, explained: Explained) -> list[Deed]:
    version = (
        RuleVersion.objects.filter(company_id=company_id, pk=explained.rule.spec.version_id)
        .select_related("published_by")
        .first()
    )
    if version is None or version.published_at is None:
        return []
    by = version.published_by.name if version.published_by else _("系统")
    title = _("发布标准第 %(number)d 版") % {"number": version.number}
    return [Deed(title, version.published_at, by, retold(version.reason))]


def _recorded(company_id: int, explained: Explained) -> list[Deed]:
    """How the event came in, revision by revision; of a window's events the pages tell."""
    if explained.event is None:
        return []
    one = explained.event
    revisions = Event.objects.filter(
        company_id=company_id, source=one.source, event_no=one.event_no
    ).order_by("revision")
    said = {
        (entry.object_id, entry.action): entry
        for entry in AuditEntry.objects.filter(
            company_id=company_id,
            object_kind="event",
            object_id__in=[str(each.pk) for each in revisions],
        )
    }
    deeds = []
    for each in revisions:
        is_first = each.revision == 1
        entry = said.get((str(each.pk), "event.record" if is_first else "event.correct"))
        by = entry.actor_name if entry else str(source_name(each.source))
        title = _("记录事件") if is_first else pgettext("why", "更正")
        deeds.append(Deed(title, each.received_at, by, tone="live"))
        taken = said.get((str(each.pk), "event.withdraw"))
        if taken is not None:
            deeds.append(
                Deed(
                    pgettext("why", "撤回"),
                    taken.happened_at,
                    taken.actor_name,
                    taken.reason,
                    "bad",
                )
            )
    return deeds


def _agreed(company_id: int, row: EntryRow) -> list[Deed]:
    """What was asked because of a cap, and who said what."""
    cap = row.facts.get("cap") or {}
    if not cap.get("queued") and "case" not in cap:
        return []
    decisions = Decision.objects.filter(company_id=company_id).order_by("decided_at", "pk")
    cases = Case.objects.filter(company_id=company_id, kind=CAP_REST).prefetch_related(
        Prefetch("decisions", decisions)
    )
    if "case" in cap:
        cases = cases.filter(pk=cap["case"])
    else:
        cases = cases.filter(
            beneficiaries__company_id=company_id,
            beneficiaries__employee_id=row.employee_id,
            payload__rests__contains=[{"tx_id": row.tx_id}],
        )
    deeds = []
    for case in cases.order_by("pk"):
        deeds.append(Deed(_("超出上限，转审批"), case.opened_at, "", case.payload["cap"], "wait"))
        deeds += [
            Deed(
                _("同意") if each.approves else _("拒绝"),
                each.decided_at,
                each.decided_name,
                each.comment,
                "good" if each.approves else "bad",
            )
            for each in case.decisions.all()
        ]
        if case.state == Case.State.OPEN:
            deeds.append(Deed(_("等待审批"), None, "", tone="wait"))
    return deeds


_CHAIN = """
SELECT n.tx_id, v.number, e.revision, n.points, n.effective_on, n.created_at, n.reverses_id,
    (n.facts->'cap') ? 'rest_of'
FROM awards_entry n
JOIN rules_ruleversion v ON v.company_id = n.company_id AND v.id = n.rule_version_id
LEFT JOIN awards_event e ON e.company_id = n.company_id AND e.id = n.event_id
WHERE n.company_id = %(company)s AND v.rule_id = %(rule)s
    AND (n.window_id = %(window)s OR n.event_id = ANY (
        SELECT r.id FROM awards_event r WHERE r.company_id = %(company)s
            AND r.source = %(source)s AND r.event_no = %(event_no)s))
ORDER BY n.id
"""


def _chain(company_id: int, explained: Explained) -> list[Link]:
    row, event = explained.row, explained.event
    values: dict[str, Any] = {
        "company": company_id,
        "rule": explained.rule.spec.rule_id,
        "window": row.window_id,
        "source": event.source if event else None,
        "event_no": event.event_no if event else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CHAIN, values)
        found = cursor.fetchall()
    if len(found) < 2:
        return []
    links: list[Link] = []
    for tx_id, version, revision, points, effective_on, created_at, reverses, is_rest in found:
        if reverses is not None:
            label = pgettext("why", "冲回")
        elif is_rest:
            label = _("审批后补记")
        elif not links:
            label = _("首次记分")
        else:
            label = _("重算")
        links.append(
            Link(
                tx_id,
                version,
                revision,
                points,
                effective_on,
                created_at,
                label,
                tx_id == row.tx_id,
            )
        )
    return links
