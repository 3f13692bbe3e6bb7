"""The ledger's browser: transactions with filters, their sums, one transaction whole."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from meritbook.awards.queries.entries import Explained
from meritbook.kit.points import from_minor
from meritbook.ledger.browsing import (
    EFFECTIVE,
    TxFilter,
    source_kinds,
    totals_of,
    transactions,
)
from meritbook.ledger.kinds import KINDS, kind_name
from meritbook.ledger.names import asset_names
from meritbook.ledger.tabs import ledger_tabs
from meritbook.ledger.transactions import Whole, transaction
from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.org.permissions import may_reverse, may_see_ledger
from meritbook.org.queries.people import PersonFilter, employees
from meritbook.rules.models import Rule, RuleVersion
from meritbook.rules.steps import step_lines
from meritbook.site.ledger_forms import LedgerFilterForm
from meritbook.site.queries.ledger_rows import (
    explanations,
    lot_lines,
    rows_of,
    transfer_lines,
)
from meritbook.site.queries.ledger_words import (
    Words,
    source_kind_name,
    words_for,
)
from meritbook.site.reversals import NONE, road_of

PER_PAGE = 50
PEOPLE_MAX = 200
"""A search text that fits more people than this is no search."""
EVENTS_SHOWN = 10


def filter_of(request: MemberRequest) -> tuple[TxFilter, dict[str, Any]]:
    """What the reader asks for, and the values to show in the fields again."""
    form = LedgerFilterForm(request.GET)
    form.is_valid()
    asked = {name: form.cleaned_data.get(name) for name in form.fields}
    company_id = request.company.pk
    text = asked.get("q") or ""
    rule = asked.get("rule") or ""
    wanted = TxFilter(
        party_ids=_parties(request, text) if text else None,
        asset=asked.get("asset") or "",
        kind=asked.get("kind") or "",
        rule_version_ids=_versions(company_id, rule) if rule else None,
        source_kind=asked.get("source") or "",
        start=asked.get("start"),
        end=asked.get("end"),
        by=asked.get("by") or EFFECTIVE,
        zone=request.company.time_zone,
        tx_id=asked.get("tx"),
        only_reversals=bool(asked.get("reversals")),
    )
    return wanted, asked


def _parties(request: MemberRequest, text: str) -> list[int]:
    found = employees(
        company_id=request.company.pk,
        wanted=PersonFilter(text=text, today=today_of(request)),
        per_page=PEOPLE_MAX,
    )
    return [line.employee.party_id for line in found]


def _versions(company_id: int, code: str) -> list[int]:
    return list(
        RuleVersion.objects.filter(company_id=company_id, rule__code=code).values_list(
            "id", flat=True
        )
    )


@for_members(may_see_ledger)
def ledger(request: MemberRequest) -> HttpResponse:
    """All transactions, the latest first, with filters."""
    company = request.company
    wanted, asked = filter_of(request)
    found = transactions(
        company_id=company.pk, wanted=wanted, before=asked.get("before"), limit=PER_PAGE + 1
    )
    shown = found[:PER_PAGE]
    words = words_for(company_id=company.pk, transactions=shown)
    explained = explanations(company_id=company.pk, zone=company.time_zone, transactions=shown)
    query = request.GET.copy()
    query.pop("before", None)
    context = {
        "tabs": ledger_tabs("/ledger/", member=request.member),
        "rows": rows_of(transactions=shown, words=words, explained=explained),
        "following": shown[-1].tx_id if len(found) > PER_PAGE else None,
        "is_first": asked.get("before") is None,
        "asked": asked,
        "by": wanted.by,
        "filtered": any(
            value not in (None, "", False) for name, value in asked.items() if name != "before"
        ),
        "query": query.urlencode(),
        "assets": asset_names(company_id=company.pk),
        "kinds": [(code, str(name)) for code, name in KINDS.items()],
        "sources": [(code, source_kind_name(code)) for code in source_kinds(company_id=company.pk)],
        "rules": Rule.objects.filter(company_id=company.pk).order_by("name", "code"),
    }
    return render(request, "site/ledger/browser.html", context)


@for_members(may_see_ledger)
def ledger_totals(request: MemberRequest) -> HttpResponse:
    """What the transactions of the filter sum to."""
    company = request.company
    wanted, _asked = filter_of(request)
    totals = totals_of(company_id=company.pk, wanted=wanted)
    names = asset_names(company_id=company.pk)
    context = {
        "transactions": totals.transactions,
        "sums": [
            {
                "asset": names.get(one.asset, one.asset),
                "gained": from_minor(one.gained, one.scale),
                "lost": from_minor(one.lost, one.scale),
                "net": from_minor(one.gained - one.lost, one.scale),
                "moved": from_minor(one.moved, one.scale),
            }
            for one in totals.sums
        ],
    }
    return render(request, "site/ledger/_totals.html", context)


@for_members(may_see_ledger)
def ledger_transaction(request: MemberRequest, tx_id: int) -> HttpResponse:
    """One transaction: both sides, why, its lots, and what took it back."""
    company = request.company
    whole = transaction(company_id=company.pk, tx_id=tx_id)
    others = [*whole.reversals, *whole.related, *([whole.original] if whole.original else [])]
    words = words_for(company_id=company.pk, transactions=[whole.tx, *others])
    explained = explanations(
        company_id=company.pk, zone=company.time_zone, transactions=[whole.tx, *others]
    )
    road = road_of(company_id=company.pk, tx=whole.tx, asker_party_id=own_party(request))
    context = {
        **whole_context(whole, words=words, explained=explained.get(tx_id)),
        "back_address": "/ledger/",
        "reversals": rows_of(transactions=whole.reversals, words=words, explained=explained),
        "related": rows_of(transactions=whole.related, words=words, explained=explained),
        "originals": rows_of(
            transactions=[whole.original] if whole.original else [],
            words=words,
            explained=explained,
        ),
        "road": road,
        "seal": whole.seal,
        "may_reverse": may_reverse(request.member) and road.kind != NONE,
    }
    return render(request, "site/ledger/transaction.html", context)


def own_party(request: MemberRequest) -> int | None:
    """The reader's own account holder."""
    return request.member.employee.party_id if request.member.employee else None


def whole_context(whole: Whole, *, words: Words, explained: Explained | None) -> dict[str, Any]:
    """What the page and the preview of a reversal show of one transaction."""
    tx = whole.tx
    return {
        "tx": tx,
        "row": rows_of(
            transactions=[tx], words=words, explained={tx.tx_id: explained} if explained else {}
        )[0],
        "kind": kind_name(tx.kind),
        "source": source_kind_name(tx.source_kind),
        "actor": words.actor(tx.actor_id),
        "transfers": transfer_lines(tx, words=words),
        "lots": lot_lines(whole.lots, words=words),
        "shortfalls": [
            {
                "who": words.who(one.party_id) if one.party_id is not None else "",
                "asset": words.asset(one.asset),
                "points": from_minor(one.amount, one.scale),
            }
            for one in whole.shortfalls
        ],
        "cuts": [
            {
                "cap": one.cap,
                "asset": words.asset(one.asset),
                "asked": from_minor(one.asked, one.scale),
                "allowed": from_minor(one.allowed, one.scale),
            }
            for one in whole.cuts
        ],
        "explained": explained,
        "spec": explained.rule.spec if explained else None,
        "steps": step_lines(explained.steps) if explained else [],
        "events": explained.events[:EVENTS_SHOWN] if explained else [],
        "more_events": max(0, len(explained.events) - EVENTS_SHOWN) if explained else 0,
    }
