"""What the ledger's pages ask for."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from meritbook.ledger.browsing import EFFECTIVE, POSTED

TX_MAX = 2**63 - 1


class LedgerFilterForm(forms.Form):
    """Filters of the list of transactions. What cannot be read is left out."""

    q = forms.CharField(required=False, max_length=80)
    asset = forms.CharField(required=False, max_length=40)
    kind = forms.CharField(required=False, max_length=20)
    rule = forms.CharField(required=False, max_length=60)
    source = forms.CharField(required=False, max_length=40)
    start = forms.DateField(required=False)
    end = forms.DateField(required=False)
    by = forms.ChoiceField(
        required=False, choices=[(EFFECTIVE, _("计入日")), (POSTED, _("记账日"))]
    )
    tx = forms.IntegerField(required=False, min_value=1, max_value=TX_MAX)
    reversals = forms.BooleanField(required=False)
    before = forms.IntegerField(required=False, min_value=1, max_value=TX_MAX)


class ReversalForm(forms.Form):
    """Why something is taken back; the amounts are fields of their own, one an asset."""

    reason = forms.CharField(
        label=_("冲销原因"),
        max_length=200,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("原因会一直留着，当事人也能看到，请不要写不相干的隐私"),
    )
    token = forms.RegexField(r"^[A-Za-z0-9_-]{8,40}$", widget=forms.HiddenInput)


class ReasonForm(forms.Form):
    """Why a closed month is opened again."""

    reason = forms.CharField(
        label=_("重新打开的原因"),
        max_length=200,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
