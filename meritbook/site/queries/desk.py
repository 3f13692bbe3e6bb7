"""The parts of the home desk, each a dictionary for its template."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from meritbook.awards.budgets import AHEAD, FINE, REACHED
from meritbook.awards.models import Budget
from meritbook.awards.paying import QUOTA_SCALE
from meritbook.awards.queries import desk as awards_desk
from meritbook.awards.queries.budgets import Standing, standings_of
from meritbook.awards.queries.quotas import own_quota
from meritbook.awards.queries.wallets import statement
from meritbook.kit.periods import DAY, MONTH, Period
from meritbook.kit.points import from_minor
from meritbook.kit.templatetags.kit import points as shown
from meritbook.kit.templatetags.kit import signed
from meritbook.ledger.names import Named, asset_name
from meritbook.ledger.statements import wallet
from meritbook.org.models import Employee
from meritbook.org.queries.departments import subtree_ids
from meritbook.org.queries.members import Member
from meritbook.org.queries.roster import last_in_departments
from meritbook.rules import listings
from meritbook.rules.queries import rulebook
from meritbook.site.queries.entry_rows import entry_row, line_row
from meritbook.site.queries.sight import assets_in_sight, boards_in_sight, receipts_in_sight
from meritbook.standings.pages import gap_note, lines
from meritbook.standings.queries import Board, BoardRow, points_of, points_of_all
from meritbook.standings.views import reader_of

TOP = 5
LATEST = 6
BUDGETS = 3
EARNABLE = 6
QUIET_DAYS = 14


class Earnable(NamedTuple):
    """A rule that concerns the reader; with a target also how far the running window is."""

    address: str
    sentence: str
    points: str
    tone: str
    period: str
    measure: Decimal | None = None
    target: Decimal | None = None
    share: int = 0


def greeting(*, name: str, at: time) -> str:
    """A greeting that fits the time of the day where the company is."""
    if at < time(5):
        words = _("夜深了，%(name)s")
    elif at < time(9):
        words = _("早上好，%(name)s")
    elif at < time(11, 30):
        words = _("上午好，%(name)s")
    elif at < time(13, 30):
        words = _("中午好，%(name)s")
    elif at < time(18):
        words = _("下午好，%(name)s")
    else:
        words = _("晚上好，%(name)s")
    return words % {"name": name}


def board_part(*, member: Member, month: Board, named: Mapping[str, Named]) -> dict[str, Any]:
    """The first of the month's board, and the reader's own row when it is further down."""
    reader = reader_of(member)
    if month.asset not in boards_in_sight(member, named=named):
        return {"top": [], "my_row": None}
    first = [row for row in month.rows[:TOP] if row.points > 0]
    own = month.own(reader.employee_id)
    return {
        "top": lines(month, first, reader=reader),
        "my_row": lines(month, [own], reader=reader)[0]
        if own is not None and own not in first and first
        else None,
    }


def latest_part(*, member: Member, named: Mapping[str, Named]) -> dict[str, Any]:
    """The newest entries: an officer's of the company, a head's of the team, else one's own."""
    company = member.company
    if member.is_officer or member.headed_department_ids:
        people = None if member.is_officer else _team(member)
        entries = awards_desk.latest_entries(
            company_id=company.pk, zone=company.time_zone, limit=LATEST, employee_ids=people
        )
        names = dict(
            Employee.objects.filter(
                company_id=company.pk, pk__in={one.row.employee_id for one in entries}
            ).values_list("pk", "name")
        )
        rows = [entry_row(one, person=names.get(one.row.employee_id, "")) for one in entries]
        title = _("最近入账") if member.is_officer else _("团队最近的积分")
        return {"latest": rows, "latest_title": title, "latest_address": "/events/"}
    if member.employee is None:
        return {"latest": [], "latest_title": _("最近入账"), "latest_address": "/boards/"}
    if "honour" not in assets_in_sight(member, of=member.employee, named=named):
        return {"latest": [], "latest_title": _("我最近的积分"), "latest_address": "/wallet/"}
    own = statement(
        company_id=company.pk,
        party_id=member.employee.party_id,
        asset="honour",
        newest_first=True,
        limit=LATEST,
    )
    receipts = receipts_in_sight(
        member,
        of=member.employee,
        tx_ids={line.movement.tx_id for line in own},
        named=named,
    )
    return {
        "latest": [line_row(line, has_receipt=line.movement.tx_id in receipts) for line in own],
        "latest_title": _("我最近的积分"),
        "latest_address": "/wallet/",
    }


def company_part(*, member: Member, month: Board, now: datetime, day: date) -> dict[str, Any]:
    """The company's figures of today."""
    company_id = member.company.pk
    events = awards_desk.event_counts(
        company_id=company_id, day=day, before=day - timedelta(days=1)
    )
    windows = awards_desk.window_counts(company_id=company_id, now=now)
    today = points_of_all(company_id=company_id, period=Period.containing(DAY, day))
    quiet = awards_desk.people_without_entries(
        company_id=company_id, since=day - timedelta(days=QUIET_DAYS - 1), day=day
    )
    next_close = windows.next_ends_on
    return {
        "company_cards": [
            {
                "icon": "calendar-check",
                "label": _("今日事件"),
                "value": shown(events.today),
                "unit": _("件"),
                "note": _("昨日 %(count)s 件") % {"count": shown(events.before)},
                "address": "/events/",
            },
            {
                "icon": "coins",
                "label": _("本月积分"),
                "value": shown(from_minor(month.points, month.scale)),
                "unit": _("分"),
                "note": _("今日 %(points)s") % {"points": signed(from_minor(today, month.scale))},
                "address": "/boards/",
            },
            {
                "icon": "hourglass",
                "label": _("进行中的周期"),
                "value": shown(windows.open),
                "unit": _("个"),
                "note": _("最近 %(day)s 结束") % {"day": next_close.isoformat()}
                if next_close
                else _("没有等待结算的"),
            },
            {
                "icon": "user-search",
                "label": _("%(days)s 天没有积分") % {"days": QUIET_DAYS},
                "value": shown(quiet),
                "unit": _("人"),
                "note": _("看看他们做了什么") if quiet else _("人人都有记录"),
                "note_tone": "warn" if quiet else "",
            },
        ],
        "overdue": windows.overdue,
    }


def budget_part(*, member: Member, day: date, named: Mapping[str, Named]) -> dict[str, Any]:
    """The budgets around today, the one that is used up most first; nothing without any."""
    company_id = member.company.pk
    if not Budget.objects.filter(company_id=company_id, ends_on__isnull=True).exists():
        return {}
    standings = standings_of(company_id=company_id, period=Period.containing(MONTH, day), today=day)
    lines = [_budget_line(one, named=named) for one in standings]
    lines.sort(key=lambda line: -line["share"])
    return {"budgets": lines[:BUDGETS]}


def _budget_line(one: Standing, *, named: Mapping[str, Named]) -> dict[str, Any]:
    in_money = one.budget.unit == Budget.Unit.MONEY
    amount, used = (one.cents, one.used_cents) if in_money else (one.points or 0, one.used)
    scale = 2 if in_money else one.scale
    state, tone = {
        FINE: (_("正常"), "good"),
        AHEAD: (_("照此速度会超出"), "wait"),
        REACHED: (_("已用完"), "bad"),
    }[one.state]
    if amount and used > amount:
        state = _("已超出")
    return {
        "title": one.department or _("全公司"),
        "what": asset_name(
            one.budget.asset_code, {code: each.name for code, each in named.items()}
        ),
        "period": one.period,
        "used": from_minor(used, scale),
        "amount": from_minor(amount, scale),
        "unit": _("元") if in_money else _("分"),
        "share": used * 100 // amount if amount else 100,
        "state": state,
        "tone": tone,
        "bar": "success" if tone == "good" else tone,
    }


def employee_part(
    *, member: Member, month: Board, now: datetime, day: date, named: Mapping[str, Named]
) -> dict[str, Any]:
    """The reader's own figures, and what can be earned."""
    employee = member.employee
    if employee is None:
        return {}
    company_id = member.company.pk
    today = points_of(
        company_id=company_id, period=Period.containing(DAY, day), employee_id=employee.pk
    )
    own = month.own(employee.pk)
    sight = assets_in_sight(member, of=employee, named=named)
    accounts = {
        one.asset: from_minor(one.balance, one.scale)
        for one in wallet(company_id=company_id, party_id=employee.party_id)
        if one.asset in sight
    }
    ranked = month.asset in boards_in_sight(member, named=named)
    gained = signed(from_minor(today or 0, month.scale))
    return {
        "my_cards": {
            "month": (from_minor(own.points, month.scale) if own else Decimal(0))
            if "honour" in sight
            else None,
            "today_note": _("今天 %(points)s") % {"points": gained} if "honour" in sight else "",
            "rank": own.rank if ranked and own and month.rows[0].points > 0 else None,
            "rank_note": _rank_note(month, own) if ranked else "",
            "spendable": accounts.get("spendable"),
            "spendable_name": sight["spendable"].name if "spendable" in sight else "",
            "honour": accounts.get("honour"),
            "honour_name": sight["honour"].name if "honour" in sight else "",
            "quota": _quota(member, day=day),
        },
        "earnable": [] if member.is_officer else earnable(member=member, now=now, day=day),
    }


def _quota(member: Member, *, day: date) -> dict[str, Any] | None:
    """What a manager may still give away this month; None for who has no quota."""
    if member.employee is None or not (member.is_head or member.is_officer):
        return None
    line = own_quota(company_id=member.company.pk, employee=member.employee, today=day)
    if line is None:
        return None
    return {
        "left": from_minor(line.use.left, QUOTA_SCALE),
        "granted": from_minor(line.use.granted, QUOTA_SCALE),
        "act_max": None if line.act_max is None else from_minor(line.act_max, QUOTA_SCALE),
    }


def _rank_note(month: Board, own: BoardRow | None) -> str:
    if own is None:
        return _("本月不在榜上")
    return gap_note(month, own) if month.rows[0].points > 0 else _("还没有人得分")


def earnable(*, member: Member, now: datetime, day: date) -> list[Earnable]:
    """What gives the reader points: running targets first, then the rest by points."""
    company = member.company
    if member.employee is None:
        return []
    names = listings.Names(company_id=company.pk)
    concerned = listings.chosen(
        listings.rule_lines(company_id=company.pk, day=day, names=names, with_drafts=False),
        names=names,
        state=listings.IN_FORCE,
        reader=listings.reader_on(company_id=company.pk, employee_id=member.employee.pk, day=day),
    )
    running = awards_desk.progress(
        company_id=company.pk,
        zone=company.time_zone,
        employee_id=member.employee.pk,
        now=now,
        book=rulebook(company_id=company.pk),
    )
    found = []
    for line in concerned:
        if line.badge.tone != "gain":
            continue
        one = running.get(line.version.rule_id)
        target = one.target if one else None
        found.append(
            Earnable(
                address=f"/rules/{line.code}/",
                sentence=line.sentence,
                points=line.badge.text,
                tone=line.badge.tone,
                period=line.badge.per,
                measure=one.measure if one else None,
                target=target,
                share=min(100, int(one.measure * 100 / target)) if one and target else 0,
            )
        )
    found.sort(key=lambda each: (each.target is None, -_worth(each.points)))
    return found[:EARNABLE]


def _worth(text: str) -> Decimal:
    text = text.rpartition("~")[2].strip().replace(",", "")
    return Decimal(text) if text.lstrip("+-").replace(".", "", 1).isdigit() else Decimal(0)


def _team(member: Member) -> list[int]:
    """The employees of the departments that a head leads, and of those below."""
    company_id = member.company.pk
    headed = subtree_ids(company_id=company_id, department_ids=member.headed_department_ids)
    return last_in_departments(company_id=company_id, department_ids=headed)
