"""Where the points of a rule go: which assets, how much of each."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.kit.points import to_minor
from meritbook.ledger.names import Named, named_assets
from meritbook.org.doors import MemberRequest, for_members
from meritbook.org.operations.audit import actor_of
from meritbook.org.permissions import may_manage_rules
from meritbook.rules.queries import rule as rule_of
from meritbook.rules.queries import versions as versions_of
from meritbook.site.asset_forms import first_error
from meritbook.site.postings import (
    FACTOR_MAX,
    change_postings,
    deducts,
    earned_assets,
    factors_of,
    kept_factors,
    posted_words,
)

EXAMPLE = Decimal(10)


class PostingsForm(forms.Form):
    """A factor for each asset; empty is none of it."""

    reason = forms.CharField(label=gettext_lazy("修改原因"), max_length=200, required=False)

    def __init__(self, *args: Any, assets: dict[str, Named], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.assets = assets
        for code, one in assets.items():
            self.fields[f"asset_{code}"] = forms.DecimalField(
                label=one.name,
                min_value=0,
                max_value=FACTOR_MAX,
                max_digits=12,
                decimal_places=6,
                required=False,
                widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
            )

    @property
    def factors(self) -> dict[str, Decimal]:
        """By asset code, zeros left out."""
        return {
            code: self.cleaned_data[f"asset_{code}"]
            for code in self.assets
            if self.cleaned_data.get(f"asset_{code}")
        }


@for_members(may_manage_rules)
def rule_postings(request: MemberRequest, code: str) -> HttpResponse:
    """Which assets one point of the rule becomes; saving writes a draft to be published."""
    company_id = request.company.pk
    rule = rule_of(company_id=company_id, code=code)
    version = versions_of(company_id=company_id, rule_id=rule.pk)[0]
    named = named_assets(company_id=company_id)
    form = PostingsForm(
        request.POST if request.method == "POST" else None,
        assets=earned_assets(named),
        initial={
            f"asset_{code}": factor for code, factor in factors_of(version, named=named).items()
        },
    )
    example = posted_words(
        version, postings=version.postings, named=named, points=_example(deducts(version))
    )
    wrong = ""
    if request.method == "POST" and form.is_valid():
        try:
            if request.htmx:
                kept = kept_factors(form.factors, version=version, named=named)
                example = posted_words(
                    version, postings=kept, named=named, points=_example(deducts(version))
                )
            else:
                with transaction.atomic():
                    change_postings(
                        company_id=company_id,
                        rule=rule,
                        version=version,
                        factors=form.factors,
                        named=named,
                        reason=form.cleaned_data["reason"],
                        actor=actor_of(request.member),
                        now=clock.now(),
                    )
                messages.success(request, _("已存为草稿，发布后按新的记法。"))
                return redirect("rule", code=rule.code)
        except Refusal as refusal:
            wrong = refusal.message
            form.add_error(None, refusal.message)
    elif request.method == "POST":
        wrong = first_error(form)
    context = {
        "form": form,
        "rule": rule,
        "fields": [form[f"asset_{code}"] for code in form.assets],
        "deducts": deducts(version),
        "example_points": EXAMPLE,
        "example": example,
        "wrong": wrong,
        "back_address": f"/rules/{rule.code}/",
    }
    if request.htmx:
        return render(request, "site/_postings_example.html", context)
    return render(request, "site/postings.html", context, status=422 if form.errors else 200)


def _example(is_loss: bool) -> int:
    return to_minor(-EXAMPLE if is_loss else EXAMPLE)
