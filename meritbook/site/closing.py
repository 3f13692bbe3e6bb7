"""Closing a month: what to look at before, closing it, opening it again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from meritbook.approvals.models import Case
from meritbook.awards.models import Event, Window
from meritbook.files.models import ImportRun
from meritbook.kit.errors import Refusal
from meritbook.kit.periods import MONTH, Period, PeriodUnknown
from meritbook.kit.templatetags.kit import moment, period_name
from meritbook.ledger.operations import close_month, reopen_month
from meritbook.ledger.queries import closed_months
from meritbook.org.models import Company, Employee
from meritbook.org.operations.audit import Actor, actor_of, note
from meritbook.org.permissions import may_close_months
from meritbook.org.queries.members import member
from meritbook.org.queries.people import member_of_employee

GOOD, LOOK, STOP = "good", "wait", "bad"
"""Nothing to do; look at it, then close all the same; the month cannot be closed like this."""


class MonthNotOver(Refusal):
    """The month still runs where the company is."""

    code = "month_not_over"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("这个月还没有结束，月底过后再关账"))


class LedgerUnsound(Refusal):
    """The last verification found a fault."""

    code = "ledger_unsound"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("最近一次对账没有通过，先查明原因再关账"))


class Unlooked(Refusal):
    """Something is open, and nobody said that it was looked at."""

    code = "unlooked"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("还有没处理完的事项，请先处理，或勾选“我已核对”再关账"))


class NotAllowed(Refusal):
    """Whoever closes a month answers for it: an officer or the owner, by name."""

    code = "not_allowed"
    status = 403

    def __init__(self, employee_no: str) -> None:
        super().__init__(
            _("工号“%(no)s”不能关账：只有积分专员和负责人可以") % {"no": employee_no[:60]}
        )


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at before a month is closed."""

    key: str
    title: str
    text: str
    state: str
    address: str
    action: str


def month_of(text: str) -> Period:
    """The month that a text names (2026-11). Raises PeriodUnknown, also for another period."""
    period = Period.parse(text)
    if period.kind != MONTH:
        raise PeriodUnknown(text)
    return period


def closer(*, company_id: int, employee_no: str) -> Actor:
    """Who closes a month from the command line. Raises NotAllowed."""
    employee = Employee.objects.filter(company_id=company_id, employee_no=employee_no).first()
    membership = employee and member_of_employee(company_id=company_id, employee=employee)
    if not membership or membership.ended_at is not None:
        raise NotAllowed(employee_no)
    found = member(company_id=company_id, membership_id=membership.pk)
    if not may_close_months(found):
        raise NotAllowed(employee_no)
    return actor_of(found)


def checklist(*, company: Company, month: Period, today: date) -> list[Check]:
    """What to look at before ``month`` is closed, the gravest first as it stands."""
    days = f"start={month.start}&end={month.end}"
    windows = Window.objects.filter(
        company_id=company.pk,
        state=Window.State.OPEN,
        ends_on__range=(month.start, month.end),
    ).count()
    pending = Event.objects.filter(
        company_id=company.pk,
        is_current=True,
        status=Event.Status.PENDING,
        fact_on__range=(month.start, month.end),
    ).count()
    found = [
        _over(month, today),
        _earlier(company, month),
        Check(
            "windows",
            _("周期结算"),
            _("还有 %(n)s 个当月到期的周期没有结算") % {"n": windows}
            if windows
            else _("当月到期的周期都已结算"),
            LOOK if windows else GOOD,
            f"{reverse('events')}?status=in_window&{days}",
            _("看等待结算的事件"),
        ),
        Check(
            "events",
            _("待处理的事件"),
            _("还有 %(n)s 个当月的事件没有审完") % {"n": pending}
            if pending
            else _("当月没有等待审核的事件"),
            LOOK if pending else GOOD,
            f"{reverse('events')}?status=pending&{days}",
            _("看待审的事件"),
        ),
        _imports(company, month),
        _approvals(company, month),
        _verified(company),
        _sealed(company),
    ]
    return sorted(found, key=lambda each: (STOP, LOOK, GOOD).index(each.state))


def close(
    *, company: Company, month: Period, today: date, now: datetime, actor: Actor, looked: bool
) -> bool:
    """Close a month; False when it was closed before.

    Raises MonthNotOver or LedgerUnsound; Unlooked when something is open and not ``looked`` at.
    """
    if month.start in closed_months(company_id=company.pk):
        return False
    checks = checklist(company=company, month=month, today=today)
    stopped = {each.key for each in checks if each.state == STOP}
    if "over" in stopped:
        raise MonthNotOver
    if "verified" in stopped:
        raise LedgerUnsound
    left = [each.key for each in checks if each.state == LOOK]
    if left and not looked:
        raise Unlooked
    is_new = close_month(
        company_id=company.pk,
        month=month.start,
        closed_by=actor.membership_id or 0,
        closed_at=now,
    )
    if is_new:
        note(
            company_id=company.pk,
            actor=actor,
            now=now,
            action="period.close",
            object_kind="month",
            object_id=month.text,
            after={"left_open": left},
        )
    return is_new


def reopen(*, company: Company, month: Period, reason: str, now: datetime, actor: Actor) -> bool:
    """Open a closed month again; False when it is open. Raises what the ledger refuses."""
    is_new = reopen_month(
        company_id=company.pk,
        month=month.start,
        reason=reason,
        reopened_by=actor.membership_id or 0,
        reopened_at=now,
    )
    if is_new:
        note(
            company_id=company.pk,
            actor=actor,
            now=now,
            action="period.reopen",
            object_kind="month",
            object_id=month.text,
            reason=reason,
        )
    return is_new


def _over(month: Period, today: date) -> Check:
    is_over = month.end < today
    return Check(
        "over",
        _("月份已结束"),
        _("%(month)s已经结束") % {"month": period_name(month)}
        if is_over
        else _("%(month)s要到 %(day)s 才结束")
        % {"month": period_name(month), "day": month.end.isoformat()},
        GOOD if is_over else STOP,
        "",
        "",
    )


def _earlier(company: Company, month: Period) -> Check:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(day) FROM ledger_day_total WHERE company_id = %s AND day < %s",
            [company.pk, month.start],
        )
        first: date | None = cursor.fetchone()[0]
    closed = closed_months(company_id=company.pk)
    left = []
    before = month.previous()
    while first is not None and before.end >= first:
        if before.start not in closed:
            left.append(before)
        before = before.previous()
    return Check(
        "earlier",
        _("前面的月份"),
        _("%(month)s还没有关账") % {"month": period_name(left[-1])}
        if left
        else _("前面的月份都已关账"),
        LOOK if left else GOOD,
        f"/ledger/periods/{left[-1].text}/" if left else "",
        _("去关那个月"),
    )


def _imports(company: Company, month: Period) -> Check:
    zone = ZoneInfo(company.time_zone)
    since = datetime.combine(month.start, time(), tzinfo=zone)
    until = datetime.combine(month.end + timedelta(days=15), time(), tzinfo=zone)
    runs = ImportRun.objects.filter(
        company_id=company.pk, kind=ImportRun.Kind.EVENTS, created_at__range=(since, until)
    )
    waiting = runs.filter(state__in=[ImportRun.State.DRAFT, ImportRun.State.RUNNING]).count()
    faulty = (
        runs.filter(state__in=[ImportRun.State.DONE, ImportRun.State.FAILED])
        .exclude(state=ImportRun.State.DONE, problems=[])
        .count()
    )
    texts = []
    if waiting:
        texts.append(_("%(n)s 次导入还没确认") % {"n": waiting})
    if faulty:
        texts.append(_("%(n)s 次导入有问题没处理") % {"n": faulty})
    return Check(
        "imports",
        _("导入"),
        _("，").join(texts) or _("没有未处理的导入"),
        LOOK if texts else GOOD,
        reverse("imports"),
        _("看导入历史"),
    )


def _approvals(company: Company, month: Period) -> Check:
    until = datetime.combine(
        month.end + timedelta(days=1), time(), tzinfo=ZoneInfo(company.time_zone)
    )
    n = Case.objects.filter(
        company_id=company.pk, state=Case.State.OPEN, opened_at__lt=until
    ).count()
    return Check(
        "approvals",
        _("待审批"),
        _("还有 %(n)s 件审批没有结果") % {"n": n} if n else _("没有等待结果的审批"),
        LOOK if n else GOOD,
        _address("approvals"),
        _("看审批"),
    )


def _verified(company: Company) -> Check:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT finished_at, is_ok FROM ledger_verification WHERE company_id = %s"
            " AND finished_at IS NOT NULL ORDER BY verification_id DESC LIMIT 1",
            [company.pk],
        )
        row = cursor.fetchone()
    if row is None:
        text, state = _("还没有对过账"), LOOK
    elif row[1]:
        text = _("%(at)s 对账通过") % {"at": moment(row[0])}
        state = GOOD
    else:
        text = _("%(at)s 对账没有通过") % {"at": moment(row[0])}
        state = STOP
    return Check("verified", _("对账"), text, state, _address("proof"), _("去对账"))


def _sealed(company: Company) -> Check:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(n), 0)::bigint FROM ledger_unsealed WHERE company_id = %s",
            [company.pk],
        )
        (n,) = cursor.fetchone()
    return Check(
        "sealed",
        _("封账"),
        _("还有 %(n)s 笔记账没有封存") % {"n": n} if n else _("所有记账都已封存"),
        LOOK if n else GOOD,
        _address("proof"),
        _("看封账"),
    )


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
