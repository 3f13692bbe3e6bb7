"""The company's kinds of points: what they are called, how long they last, who sees them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.ledger.asset_codes import proposed_code
from meritbook.ledger.assets import (
    AssetPolicy,
    PolicyChange,
    asset_policies,
    asset_policy,
    policy_changes,
)
from meritbook.ledger.names import asset_names
from meritbook.ledger.operations.asset_changes import change_policy, make_asset
from meritbook.ledger.policy_words import (
    VISIBLE_TO,
    change_words,
    expiry_sentence,
    floor_sentence,
)
from meritbook.ledger.presets import PRESETS, preset
from meritbook.ledger.tabs import ledger_tabs
from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.org.operations.audit import actor_of
from meritbook.org.permissions import may_manage_assets
from meritbook.site.asset_forms import NewAssetForm, PolicyForm, first_error, initial_of
from meritbook.site.queries.ledger_words import actor_names
from meritbook.site.queries.wallets import ICONS, OWN

manager_page = for_members(may_manage_assets)


@manager_page
def assets(request: MemberRequest) -> HttpResponse:
    """All kinds of points with their policies in words."""
    today = today_of(request)
    context = {
        "tabs": ledger_tabs("/ledger/assets/", member=request.member),
        "assets": [
            _card(one, today=today) for one in asset_policies(company_id=request.company.pk)
        ],
    }
    return render(request, "site/ledger/assets.html", context)


def _card(policy: AssetPolicy, *, today: date) -> dict[str, Any]:
    return {
        "policy": policy,
        "icon": ICONS.get(policy.code, OWN)["icon"],
        "lasting": expiry_sentence(policy),
        "until": _until(policy, today=today),
        "visible": VISIBLE_TO[policy.visible_to],
        "floor": floor_sentence(policy),
    }


def _until(policy: AssetPolicy, *, today: date) -> str:
    """When what is given out today lapses."""
    day = policy.last_day(on=today)
    if day is None:
        return _("现在发放的一直有效")
    return _("现在发放的将于 %(day)s 到期") % {"day": day.isoformat()}


@manager_page
def asset(request: MemberRequest, code: str) -> HttpResponse:
    """One kind of points: its policy as a form, what it would mean, and how it came about."""
    policy = asset_policy(company_id=request.company.pk, code=code)
    chosen = preset(request.GET.get("preset", ""))
    form = PolicyForm(
        request.POST if request.method == "POST" else None,
        policy=policy,
        initial=initial_of(policy, chosen.policy if chosen and policy.keeps_lots else None),
    )
    if request.method == "POST" and form.is_valid():
        try:
            changed = _save(request, form)
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            if changed:
                messages.success(request, _("已保存。新发放的按新规定，已发放的不变。"))
            else:
                messages.info(request, _("没有改动。"))
            return redirect("ledger-asset", code=policy.code)
    shown = policy if form.is_bound or chosen is None else _with(policy, dict(chosen.policy))
    context = {
        "form": form,
        "policy": policy,
        "presets": [
            {"key": one.key, "label": one.label, "text": one.text, "current": one == chosen}
            for one in PRESETS
        ],
        "chosen": chosen,
        "history": _history(request, policy),
        "back_address": "/ledger/assets/",
        **_preview(shown, today=today_of(request)),
    }
    return render(request, "site/ledger/asset.html", context, status=422 if form.errors else 200)


@transaction.atomic
def _save(request: MemberRequest, form: PolicyForm) -> bool:
    return change_policy(
        company_id=request.company.pk,
        code=form.policy.code,
        policy=form.changes(),
        actor=actor_of(request.member),
        now=clock.now(),
        reason=form.cleaned_data["reason"],
    )


def _with(policy: AssetPolicy, changes: dict[str, Any]) -> AssetPolicy:
    """The policy as it would be."""
    renamed = {"name": "own_name", "unit": "own_unit"}
    columns: dict[str, Any] = {
        renamed.get(name, name): (value or "") if name in renamed else value
        for name, value in changes.items()
    }
    return replace(policy, **columns)


def _preview(policy: AssetPolicy, *, today: date) -> dict[str, Any]:
    return {
        "sentence": expiry_sentence(policy),
        "until": _until(policy, today=today),
        "shown": policy,
        "visible": VISIBLE_TO[policy.visible_to],
        "floor": floor_sentence(policy),
    }


@manager_page
@require_POST
def asset_preview(request: MemberRequest, code: str) -> HttpResponse:
    """What stands in the form, in a sentence (htmx)."""
    policy = asset_policy(company_id=request.company.pk, code=code)
    form = PolicyForm(request.POST, policy=policy)
    if not form.is_valid():
        wrong = first_error(form)
        return render(request, "site/ledger/_policy.html", {"wrong": wrong})
    would_be = _with(policy, dict(form.changes()))
    return render(request, "site/ledger/_policy.html", _preview(would_be, today=today_of(request)))


def _history(request: MemberRequest, policy: AssetPolicy) -> list[dict[str, Any]]:
    found = policy_changes(company_id=request.company.pk, code=policy.code)
    names = actor_names(
        company_id=request.company.pk,
        actor_ids={one.actor_id for one in found if one.actor_id is not None},
    )
    return [_step(one, names=names, scale=policy.scale) for one in found]


def _step(change: PolicyChange, *, names: dict[int, str], scale: int) -> dict[str, Any]:
    if not change.before:
        title, lines = _("新增这种积分"), []
    else:
        lines = change_words(change.before, change.after, scale=scale)
        title = _("、").join(label for label, _before, _after in lines)
    return {
        "title": title,
        "at": change.changed_at,
        "by": names.get(change.actor_id or 0, _("系统")),
        "text": "；".join(
            _("%(label)s：%(before)s → %(after)s")
            % {"label": label, "before": before, "after": after}
            for label, before, after in lines
        ),
        "tone": "live",
    }


@manager_page
def asset_new(request: MemberRequest) -> HttpResponse:
    """Add a kind of points of the company's own."""
    form = NewAssetForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = _make(request, form)
        except Refusal as refusal:
            form.add_error("code" if "code" in refusal.code else None, refusal.message)
        else:
            messages.success(request, _("已新增“%(name)s”。") % {"name": made.name})
            return redirect("ledger-asset", code=made.code)
    context = {"form": form, "back_address": "/ledger/assets/"}
    return render(
        request, "site/ledger/asset_new.html", context, status=422 if form.errors else 200
    )


@transaction.atomic
def _make(request: MemberRequest, form: NewAssetForm) -> AssetPolicy:
    said = form.cleaned_data
    company_id = request.company.pk
    return make_asset(
        company_id=company_id,
        code=said["code"] or proposed_code(said["name"], taken=asset_names(company_id=company_id)),
        name=said["name"],
        unit=said["unit"],
        scale=said["scale"],
        keeps_lots=said["keeps_lots"],
        actor=actor_of(request.member),
        now=clock.now(),
    )


@manager_page
def asset_code(request: MemberRequest) -> HttpResponse:
    """The code that a name would get (htmx): the field again, with it as the placeholder."""
    name = request.GET.get("name", "")[:40].strip()
    form = NewAssetForm(initial={"code": request.GET.get("code", "")[:40]})
    if name:
        form.fields["code"].widget.attrs["placeholder"] = proposed_code(
            name, taken=asset_names(company_id=request.company.pk)
        )
    return render(request, "kit/parts/_field.html", {"field": form["code"]})
