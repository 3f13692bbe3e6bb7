"""Balances at a day, what lapses, what points are worth, and the journal for other programs."""

import io
import tempfile
from datetime import date, datetime, time, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from meritbook.kit import clock
from meritbook.kit.periods import MONTH, Period, PeriodUnknown
from meritbook.kit.points import from_minor
from meritbook.ledger.balances import (
    AccountBalance,
    balances_effective,
    balances_posted,
    trial_balance,
)
from meritbook.ledger.browsing import EFFECTIVE, POSTED
from meritbook.ledger.journal import write_journal
from meritbook.ledger.names import asset_names
from meritbook.ledger.tabs import ledger_tabs
from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.org.models import Employee
from meritbook.org.operations.audit import actor_of, note
from meritbook.org.permissions import may_see_ledger
from meritbook.org.queries.people import PersonFilter, employees
from meritbook.site.queries.ledger_words import account_kind_name
from meritbook.site.queries.liabilities import (
    lapses_of_people,
    lapsing_by_month,
    liability,
)
from meritbook.site.sheets import age_names, forecast_workbook, liability_workbook
from meritbook.site.views.statement_files import XLSX, attachment

PER_PAGE = 50
PEOPLE_SHOWN = 8
_FIRST_DAY, _LAST_DAY = date(1970, 1, 1), date(2999, 12, 31)


@for_members(may_see_ledger)
def balances(request: MemberRequest) -> HttpResponse:
    """Every account at the end of a day: what counted until then, or what was posted until then."""
    company, today = request.company, today_of(request)
    day = _day(request.GET.get("day")) or today
    by = POSTED if request.GET.get("by") == POSTED else EFFECTIVE
    text = (request.GET.get("q") or "").strip()[:80]
    end = datetime.combine(
        day + timedelta(days=1), time(), tzinfo=ZoneInfo(company.time_zone)
    ) - timedelta(microseconds=1)
    names = asset_names(company_id=company.pk)
    lines = trial_balance(
        company_id=company.pk,
        posted_until=end if by == POSTED else None,
        effective_until=day if by == EFFECTIVE else None,
    )
    assets: dict[str, dict[str, Any]] = {}
    for one in lines:
        table = assets.setdefault(
            one.asset, {"name": names.get(one.asset, one.asset), "rows": [], "sum": 0}
        )
        table["rows"].append(
            {
                "kind": account_kind_name(one.kind),
                "accounts": one.accounts,
                "balance": from_minor(one.balance, one.scale),
            }
        )
        table["sum"] += one.balance
    people = []
    if text:
        found = employees(
            company_id=company.pk,
            wanted=PersonFilter(text=text, today=today),
            per_page=PEOPLE_SHOWN,
        )
        for line in found:
            if by == POSTED:
                own = balances_posted(
                    company_id=company.pk,
                    party_id=line.employee.party_id,
                    posted_until=end,
                    zone=company.time_zone,
                )
            else:
                own = balances_effective(
                    company_id=company.pk, party_id=line.employee.party_id, effective_until=day
                )
            people.append({"employee": line.employee, "accounts": _accounts(own, names)})
    context = {
        "tabs": ledger_tabs("/ledger/balances/", member=request.member),
        "day": day,
        "by": by,
        "text": text,
        "assets": list(assets.values()),
        "people": people,
        "is_today": day == today,
    }
    return render(request, "site/ledger/balances.html", context)


def _accounts(found: list[AccountBalance], names: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "asset": names.get(one.asset, one.asset),
            "kind": account_kind_name(one.kind),
            "balance": from_minor(one.balance, one.scale),
        }
        for one in found
        if one.balance or one.kind == "wallet"
    ]


@for_members(may_see_ledger)
def expiry(request: MemberRequest) -> HttpResponse:
    """What lapses when: by month for the company, by person for a month."""
    company_id, today = request.company.pk, today_of(request)
    found, people = lapses_of_people(company_id=company_id)
    rows = lapsing_by_month(company_id=company_id, found=found, today=today)
    chosen = _chosen(request.GET.get("month"))
    if chosen is not None:
        people = [one for one in people if chosen.holds(one.day)]
    page = Paginator(people, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "tabs": ledger_tabs("/ledger/expiry/", member=request.member),
        "rows": rows,
        "most": max((one.points for one in rows), default=0),
        "chosen": chosen,
        "page": page,
    }
    return render(request, "site/ledger/expiry.html", context)


@for_members(may_see_ledger)
def expiry_export(request: MemberRequest) -> HttpResponse:
    """The forecast as a workbook."""
    company_id, today = request.company.pk, today_of(request)
    found, people = lapses_of_people(company_id=company_id)
    rows = lapsing_by_month(company_id=company_id, found=found, today=today)
    _kept(request, "expiry")
    return attachment(
        forecast_workbook(months=rows, people=people),
        name=_("到期预告-%(day)s.xlsx") % {"day": today.isoformat()},
        content_type=XLSX,
    )


@for_members(may_see_ledger)
def liability_page(request: MemberRequest) -> HttpResponse:
    """Unspent points by age with their worth, and who holds them."""
    company_id, today = request.company.pk, today_of(request)
    assets, people = liability(company_id=company_id, today=today)
    page = Paginator(people, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "tabs": ledger_tabs("/ledger/liability/", member=request.member),
        "ages": age_names(),
        "assets": [
            {"own": one, "cells": list(zip(age_names(), one.points, one.money, strict=True))}
            for one in assets
        ],
        "money": sum(one.money_total for one in assets),
        "old_money": sum(one.money[-1] for one in assets),
        "holders": len({one.party_id for one in people}),
        "page": page,
        "today": today,
    }
    return render(request, "site/ledger/liability.html", context)


@for_members(may_see_ledger)
def liability_export(request: MemberRequest) -> HttpResponse:
    """The liability as a workbook."""
    today = today_of(request)
    assets, people = liability(company_id=request.company.pk, today=today)
    _kept(request, "liability")
    return attachment(
        liability_workbook(assets=assets, people=people, today=today),
        name=_("积分负债-%(day)s.xlsx") % {"day": today.isoformat()},
        content_type=XLSX,
    )


@for_members(may_see_ledger)
def journal(request: MemberRequest, form: str) -> HttpResponse:
    """The whole journal as plain text; written before it is sent, because sending is outside."""
    company = request.company
    names = dict(
        Employee.objects.filter(company_id=company.pk).values_list("party_id", "employee_no")
    )
    raw = tempfile.TemporaryFile("w+b")  # noqa: SIM115 -- closed when it was sent
    file = io.TextIOWrapper(raw, encoding="utf-8", newline="\n")
    write_journal(company_id=company.pk, form=form, file=file, title=company.name, names=names)
    file.detach()
    raw.seek(0)
    _kept(request, form)
    ending = {"beancount": "beancount", "hledger": "journal"}[form]
    answer = FileResponse(
        raw,
        as_attachment=True,
        filename=f"{company.code}-{today_of(request).isoformat()}.{ending}",
        content_type="text/plain; charset=utf-8",
    )
    return cast(HttpResponse, answer)


def _kept(request: MemberRequest, what: str) -> None:
    note(
        company_id=request.company.pk,
        actor=actor_of(request.member),
        now=clock.now(),
        action="ledger.export",
        object_kind="ledger",
        object_id=what,
    )


def _chosen(text: str | None) -> Period | None:
    try:
        found = Period.parse(text or "")
    except PeriodUnknown:
        return None
    return found if found.kind == MONTH else None


def _day(text: str | None) -> date | None:
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if _FIRST_DAY <= found <= _LAST_DAY else None
