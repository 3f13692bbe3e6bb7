"""Taking a transaction back: a preview of all that would happen, then the deed."""

import secrets
from decimal import Decimal
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.kit.points import from_minor, to_minor
from meritbook.kit.sheets import BadValue, number_of
from meritbook.ledger.browsing import Tx
from meritbook.ledger.operations import Amounts
from meritbook.ledger.transactions import transaction
from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.org.operations.audit import actor_of
from meritbook.org.permissions import may_reverse
from meritbook.site.ledger_forms import ReversalForm
from meritbook.site.queries.ledger_rows import explanations, transfer_lines
from meritbook.site.queries.ledger_words import Words, words_for
from meritbook.site.reversals import (
    REVERSE,
    WITHDRAW,
    NotReversible,
    Preview,
    Road,
    preview,
    road_of,
    take_back,
)
from meritbook.site.views.ledger import own_party, whole_context

PREVIEW = "preview"
"""What a preview is keyed with; rolled back, it never stays."""


class BadAmount(Refusal):
    """An amount of a part cannot be read, or is more than there is."""

    code = "bad_amount"


@for_members(may_reverse)
def ledger_reverse(request: MemberRequest, tx_id: int) -> HttpResponse:
    """The preview, for the whole or for the amounts asked for; a POST does it."""
    company = request.company
    whole = transaction(company_id=company.pk, tx_id=tx_id)
    road = road_of(company_id=company.pk, tx=whole.tx, asker_party_id=own_party(request))
    if request.method == "POST":
        return _do(request, whole.tx, road)
    problem, found = "", None
    try:
        amounts = _amounts(request, whole.tx, road)
        found = preview(
            company_id=company.pk, tx=whole.tx, take=partial(_take, request, whole.tx, amounts)
        )
    except Refusal as refusal:
        problem = refusal.message
    return _page(request, whole.tx, road, found=found, problem=problem)


def _do(request: MemberRequest, tx: Tx, road: Road) -> HttpResponse:
    form = ReversalForm(request.POST)
    if not form.is_valid():
        return _page(request, tx, road, form=form, problem=_("请写明冲销原因。"))
    try:
        amounts = _amounts(request, tx, road)
        _take(
            request,
            tx,
            amounts,
            token=form.cleaned_data["token"],
            reason=form.cleaned_data["reason"],
        )
    except Refusal as refusal:
        return _page(request, tx, road, form=form, problem=refusal.message)
    messages.success(request, _("已冲销，积分和名次都已更新。"))
    return redirect("ledger-transaction", tx_id=tx.tx_id)


def _take(
    request: MemberRequest,
    tx: Tx,
    amounts: Amounts | None,
    *,
    token: str = PREVIEW,
    reason: str = "",
) -> list[int]:
    return take_back(
        company_id=request.company.pk,
        tx=tx,
        amounts=amounts,
        token=token,
        reason=reason,
        today=today_of(request),
        now=clock.now(),
        actor=actor_of(request.member),
        asker_party_id=own_party(request),
    )


def _amounts(request: MemberRequest, tx: Tx, road: Road) -> Amounts | None:
    """The part asked for, signed as the new movement; None for all that is left."""
    if road.kind != REVERSE:
        return None
    asked: list[tuple[str, int]] = []
    is_part = False
    values = request.POST if request.method == "POST" else request.GET
    for one in tx.transfers:
        left = one.amount - one.reversed
        text = values.get(f"amount_{one.asset}")
        if text is None or not left:
            if left:
                asked.append((one.asset, _taken(left, one.source.party_id)))
            continue
        try:
            number = number_of(text) if text.strip() else Decimal()
        except BadValue:
            raise BadAmount(_("“%(text)s”不是数字。") % {"text": text[:40]}) from None
        minor = to_minor(number, one.scale) if abs(number) < Decimal(10**13) else -1
        if not 0 <= minor <= left or from_minor(minor, one.scale) != number:
            raise BadAmount(
                _("冲销的分值要在 0 到 %(left)s 之间，最多 %(scale)s 位小数。")
                % {"left": from_minor(left, one.scale), "scale": one.scale}
            )
        is_part |= minor != left
        if minor:
            asked.append((one.asset, _taken(minor, one.source.party_id)))
    if not asked:
        raise NotReversible(_("没有要冲销的分值。"))
    return tuple(sorted(asked)) if is_part else None


def _taken(minor: int, source_party_id: int | None) -> int:
    """A party's gain is taken, its loss given back."""
    return -minor if source_party_id is None else minor


def _page(
    request: MemberRequest,
    tx: Tx,
    road: Road,
    *,
    found: Preview | None = None,
    problem: str = "",
    form: ReversalForm | None = None,
) -> HttpResponse:
    company = request.company
    outcomes = [one.tx for one in found.outcomes] if found else []
    words = words_for(company_id=company.pk, transactions=[tx, *outcomes])
    explained = explanations(company_id=company.pk, zone=company.time_zone, transactions=[tx])
    values = request.POST if request.method == "POST" else request.GET
    context: dict[str, Any] = {
        "back_address": f"/ledger/{tx.tx_id}/",
        "tx": tx,
        "road": road,
        "is_event": road.kind == WITHDRAW,
        "is_open": road.kind in (REVERSE, WITHDRAW),
        "problem": problem,
        "original": transfer_lines(tx, words=words),
        "sentence": explained[tx.tx_id].sentence if tx.tx_id in explained else tx.note,
        "form": form or ReversalForm(initial={"token": secrets.token_urlsafe(9)}),
        "parts": [
            {
                "name": f"amount_{one.asset}",
                "asset": words.asset(one.asset),
                "left": from_minor(one.amount - one.reversed, one.scale),
                "value": values.get(f"amount_{one.asset}")
                or format(from_minor(one.amount - one.reversed, one.scale).normalize(), "f"),
            }
            for one in tx.transfers
            if one.amount > one.reversed
        ]
        if road.kind == REVERSE
        else [],
        "found": _shown(found, words) if found else None,
    }
    status = 422 if problem and request.method == "POST" else 200
    return render(request, "site/ledger/reverse.html", context, status=status)


def _shown(found: Preview, words: Words) -> dict[str, Any]:
    return {
        "outcomes": [whole_context(each, words=words, explained=None) for each in found.outcomes],
        "has_shortfall": any(each.shortfalls for each in found.outcomes),
        "balances": [
            {
                "who": words.who(one.party_id),
                "asset": words.asset(one.asset),
                "before": from_minor(one.before, one.scale),
                "after": from_minor(one.after, one.scale),
                "change": from_minor(one.after - one.before, one.scale),
            }
            for one in found.balances
        ],
        "ranks": [
            {
                "who": words.who(one.party_id),
                "asset": words.asset(one.asset),
                "period": one.period,
                "before": one.before.rank,
                "after": one.after.rank,
            }
            for one in found.ranks
        ],
    }
