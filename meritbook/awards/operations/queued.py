"""What a cap holds back until somebody agrees: a case for it, and posting it after approval."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from meritbook.approvals.models import Case
from meritbook.approvals.operations import OFFICERS, OWNERS, Outcome, call_off, open_case
from meritbook.awards.caps import CAP_REST
from meritbook.awards.models import Budget, Event
from meritbook.awards.operations import storing
from meritbook.awards.operations.copytext import json_text
from meritbook.awards.operations.storing import NewEntry
from meritbook.kit.errors import Refusal
from meritbook.kit.points import points_text
from meritbook.kit.words import told
from meritbook.ledger.caps import Cut
from meritbook.ledger.operations import Amounts, Issue, PostingRefused, post_bulk
from meritbook.org.models import Employee
from meritbook.org.operations.audit import Actor

REST = CAP_REST


class NothingToAdd(Refusal):
    """What the case is about was taken back or corrected since."""

    code = "nothing_to_add"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("对应的得分已经撤回或更正，没有可补记的积分；请拒绝这件审批"))


class Queued(NamedTuple):
    """The rest of one posting: points of the rule and amounts by asset, beyond a cap."""

    tx_id: int
    employee_id: int
    points: int
    amounts: Amounts
    cap: Cut


def open_cases(*, company_id: int, queued: Sequence[Queued], now: datetime) -> None:
    """One case for each person and cap of a batch. Joins the caller's transaction."""
    groups: dict[tuple[int, int, date], list[Queued]] = {}
    for one in queued:
        key = (one.employee_id, one.cap.cap_id, one.cap.period_start)
        groups.setdefault(key, []).append(one)
    if not groups:
        return
    names = dict(
        Employee.objects.filter(
            company_id=company_id, pk__in={one.employee_id for one in queued}
        ).values_list("pk", "name")
    )
    budgeted = _caps_of_budgets(company_id)
    for (employee_id, cap_id, start), some in groups.items():
        points = points_text(sum(one.points for one in some))
        open_case(
            company_id=company_id,
            key=f"cap:{cap_id}:{min(one.tx_id for one in some)}",
            kind=REST,
            title=told(
                "%(name)s 超出上限“%(cap)s”的 %(points)s 分",
                name=names[employee_id],
                cap=some[0].cap.name,
                points=points,
            ),
            # A budget is the company's money: who records points does not let them through.
            ask=[OWNERS] if cap_id in budgeted else [OWNERS, OFFICERS],
            payload={
                "cap_id": cap_id,
                "cap": some[0].cap.name,
                "period": some[0].cap.period,
                "start": start.isoformat(),
                "employee_id": employee_id,
                "rests": [
                    {"tx_id": one.tx_id, "points": one.points, "amounts": dict(one.amounts)}
                    for one in some
                ],
            },
            subject_kind="cap",
            subject_id=cap_id,
            amount=told("%(points)s 分", points=points),
            beneficiary_ids=[employee_id],
            now=now,
        )


def _caps_of_budgets(company_id: int) -> set[int]:
    found = Budget.objects.filter(company_id=company_id, policy=Budget.Policy.QUEUE)
    return {cap_id for caps in found.values_list("cap_ids", flat=True) for cap_id in caps}


class _Standing(NamedTuple):
    """An entry that still stands, with what its rest needs."""

    tx_id: int
    rule_version_id: int
    event_id: int | None
    window_id: int | None
    employee_id: int
    party_id: int
    effective_on: date
    fact_on: date
    facts: str


_STANDING = """
SELECT n.tx_id, n.rule_version_id, n.event_id, n.window_id, n.employee_id, p.party_id,
    n.effective_on, t.fact_on, n.facts::text
FROM awards_entry n
JOIN org_employee p ON p.company_id = n.company_id AND p.id = n.employee_id
JOIN ledger_tx t ON t.company_id = n.company_id AND t.tx_id = n.tx_id
LEFT JOIN awards_event e ON e.company_id = n.company_id AND e.id = n.event_id
WHERE n.company_id = %(company)s AND n.id = ANY (%(ids)s)
    AND (n.event_id IS NULL OR (e.is_current AND e.status <> 'withdrawn'))
    -- A later result of a window was asked for anew, beginning with what caps had cut.
    AND NOT EXISTS (SELECT FROM awards_entry l
        WHERE l.company_id = n.company_id AND l.window_id = n.window_id
            AND (l.facts->>'revision')::int > (n.facts->>'revision')::int)
    AND NOT EXISTS (SELECT FROM awards_entry r
        WHERE r.company_id = n.company_id AND r.reverses_id = n.id
            AND (r.event_id = n.event_id OR r.window_id = n.window_id))
ORDER BY n.id
"""


def settle_rest(*, company_id: int, outcome: Outcome, actor: Actor, now: datetime) -> int:
    """Post what an approved case asks for, beyond the cap; how many entries were added.

    A case that was refused or withdrawn adds nothing, and events that waited for it alone have earned
    nothing. What was taken back or corrected meanwhile has no rest any more. Joins the caller's
    transaction. Raises NothingToAdd, PostingRefused.
    """
    if not outcome.is_approved:
        _give_up(company_id=company_id, tx_ids=[one["tx_id"] for one in outcome.payload["rests"]])
        return 0
    rests: Mapping[int, Mapping[str, Any]] = {
        one["tx_id"]: one for one in outcome.payload["rests"] if one["amounts"]
    }
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, {"company": company_id, "ids": list(rests)})
        standing = [_Standing(*row) for row in cursor.fetchall()]
    if not standing:
        raise NothingToAdd
    storing.stage_entries(
        entries=(
            NewEntry(
                one.rule_version_id,
                one.event_id,
                one.window_id,
                one.employee_id,
                rests[one.tx_id]["points"],
                one.effective_on,
                None,
                json_text(_facts(one, outcome.case_id)),
            )
            for one in standing
        )
    )
    results = post_bulk(
        company_id=company_id,
        issues=[_issue(one, rests[one.tx_id], outcome.case_id, actor) for one in standing],
    )
    for result in results:
        if result.status != "new":
            raise PostingRefused(result.reason or "refused")
    storing.insert_entries(
        company_id=company_id, now=now, tx_ids=[one.tx_id or 0 for one in results]
    )
    storing.set_statuses(
        company_id=company_id,
        event_ids=sorted({one.event_id for one in standing if one.event_id is not None}),
        status="posted",
    )
    return len(standing)


def call_off_moot(*, company_id: int, event_ids: Sequence[int], now: datetime) -> None:
    """Close the cases of which nothing stands since these events were withdrawn or corrected.

    A case about several awards stays open while one of them stands. Joins the caller's transaction.
    """
    if not event_ids:
        return
    people = Event.objects.filter(company_id=company_id, pk__in=event_ids).values("employee_id")
    waiting = Case.objects.filter(
        company_id=company_id,
        kind=REST,
        state=Case.State.OPEN,
        beneficiaries__employee_id__in=people,
    )
    rests = {
        case.pk: {one["tx_id"] for one in case.payload["rests"]}
        for case in waiting.order_by("pk").distinct()
    }
    if not rests:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _STANDING, {"company": company_id, "ids": sorted(set().union(*rests.values()))}
        )
        standing = {_Standing(*row).tx_id for row in cursor.fetchall()}
    for case_id, tx_ids in rests.items():
        if not tx_ids & standing:
            call_off(
                company_id=company_id, case_id=case_id, why=_("对应的得分已经撤回或更正"), now=now
            )


_GIVE_UP = """
SELECT DISTINCT e.id FROM awards_entry n
JOIN awards_event e ON e.company_id = n.company_id AND e.id = n.event_id
WHERE n.company_id = %(company)s AND n.id = ANY (%(ids)s)
    AND e.is_current AND e.status = 'pending'
    AND NOT EXISTS (SELECT FROM awards_entry g
        WHERE g.company_id = n.company_id AND g.event_id = n.event_id AND g.points <> 0)
"""


def _give_up(*, company_id: int, tx_ids: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_UP, {"company": company_id, "ids": list(tx_ids)})
        ids = [row[0] for row in cursor.fetchall()]
    storing.set_statuses(company_id=company_id, event_ids=ids, status="nothing")


def _issue(one: _Standing, rest: Mapping[str, Any], case_id: int, actor: Actor) -> Issue:
    return Issue(
        f"cap-case:{case_id}:{one.tx_id}",
        "award",
        one.party_id,
        tuple(rest["amounts"].items()),
        one.effective_on,
        one.fact_on,
        "event" if one.event_id is not None else "window",
        one.event_id or one.window_id or 0,
        one.rule_version_id,
        json.loads(one.facts).get("department"),
        actor.membership_id,
    )


def _facts(one: _Standing, case_id: int) -> dict[str, Any]:
    """The facts of the entry that was cut, and which entry and case this one belongs to."""
    facts: dict[str, Any] = json.loads(one.facts)
    asked = facts["cap"]["asked"]
    return facts | {"cap": {"asked": asked, "rest_of": one.tx_id, "case": case_id, "cuts": []}}
