"""Re-runs: looked at first, asked for with a reason, carried out by a job."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from meritbook.awards.operations.posting import PostingsRefused
from meritbook.awards.operations.reruns import Rescored, rescore
from meritbook.insight.models import Rerun
from meritbook.kit.errors import Refusal
from meritbook.kit.jobs import enqueue
from meritbook.kit.periods import Period
from meritbook.kit.points import points_text
from meritbook.kit.tenancy import company_scope
from meritbook.org.operations.audit import Actor, note
from meritbook.rules.models import Rule, RuleVersion

LOOKED_AT_MAX = 20_000


class RerunRefused(Refusal):
    """The days or the rule cannot be scored again as asked."""

    code = "rerun_refused"


def checked_span(*, start: date, end: date, today: date) -> Period:
    """The days of a re-run. Raises RerunRefused."""
    if end < start:
        raise RerunRefused(_("结束日期不能早于开始日期"))
    if end >= today:
        raise RerunRefused(_("只能重算已经过去的日子，请把结束日期改到今天以前"))
    return Period("all", start, end)


def preview(*, company_id: int, rule: Rule, span: Period, now: datetime) -> Rescored:
    """What a re-run would post: it is done and taken back. Raises RerunRefused."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT FROM awards_event WHERE company_id = %s"
            " AND fact_on BETWEEN %s AND %s AND (rule_id = %s OR type_code = %s) LIMIT %s) e",
            [company_id, span.start, span.end, rule.pk, rule.name, LOOKED_AT_MAX + 1],
        )
        if cursor.fetchone()[0] > LOOKED_AT_MAX:
            raise RerunRefused(
                _("这段日子有超过 %(n)s 个事件，一次看不完；请把日子分成几段重算")
                % {"n": LOOKED_AT_MAX}
            )
    try:
        return rescore(
            company_id=company_id,
            rule_ids=[rule.pk],
            start=span.start,
            end=span.end,
            run_id=0,
            now=now,
            is_rehearsal=True,
        )
    except PostingsRefused as refused:
        raise RerunRefused(_("账本不接受这次重算：%(reason)s") % {"reason": refused}) from refused


def ask(
    *,
    company_id: int,
    rule: Rule,
    span: Period,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Rerun:
    """A re-run that waits for its job, in the caller's transaction. Raises RerunRefused."""
    if not reason.strip():
        raise RerunRefused(_("请写明为什么要重算：员工会看到分数变了"))
    if not RuleVersion.objects.filter(
        company_id=company_id, rule_id=rule.pk, active_from__isnull=False
    ).exists():
        raise RerunRefused(_("这条标准还没有发布过，没有可以重算的；请先发布"))
    made = Rerun.objects.create(
        company_id=company_id,
        rule_ids=[rule.pk],
        starts_on=span.start,
        ends_on=span.end,
        reason=reason.strip()[:400],
        created_by_id=actor.membership_id,
        created_at=now,
    )
    note(
        company_id=company_id,
        actor=actor,
        now=now,
        action="rule.rerun",
        object_kind="rule",
        object_id=rule.code,
        after={"from": span.start, "to": span.end, "run": made.pk},
        reason=reason,
    )
    enqueue("insight.run_again", company_id=company_id, rerun_id=made.pk)
    return made


def run(*, company_id: int, rerun_id: int, now: datetime) -> None:
    """Carry a re-run out. After a crash it goes on: what was posted stays as it is."""
    with company_scope(company_id):
        own = Rerun.objects.filter(company_id=company_id, pk=rerun_id)
        if not own.filter(state__in=[Rerun.State.WAITING, Rerun.State.RUNNING]).update(
            state=Rerun.State.RUNNING
        ):
            return
        asked = own.get()
    values: dict[str, Any]
    try:
        found = rescore(
            company_id=company_id,
            rule_ids=asked.rule_ids,
            start=asked.starts_on,
            end=asked.ends_on,
            run_id=asked.pk,
            now=now,
        )
        values = {"state": Rerun.State.DONE, "counts": counts_of(found)}
    except (PostingsRefused, Refusal) as refused:
        values = {"state": Rerun.State.FAILED, "error": str(refused)[:400]}
    with company_scope(company_id):
        Rerun.objects.filter(company_id=company_id, pk=rerun_id).update(finished_at=now, **values)


def counts_of(found: Rescored) -> dict[str, Any]:
    """What a re-run posted, for its row: points as text."""
    return {
        "events": found.events,
        "entries": found.entries,
        "people": len(found.people),
        "points": points_text(found.points),
        "moved": found.moved,
    }
