"""Forms about somebody's accounts."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

KEEP, PAY, FORFEIT = "keep", "pay", "forfeit"
TREATMENTS = ((KEEP, _("保留")), (PAY, _("已付清")), (FORFEIT, _("作废")))


class StateForm(forms.Form):
    """Block, open again or archive all wallets of a person, or one of them."""

    state = forms.ChoiceField(
        choices=[("blocked", _("冻结")), ("open", _("恢复使用")), ("archived", _("归档"))],
        label=_("操作"),
    )
    code = forms.CharField(required=False, max_length=40)
    reason = forms.CharField(
        label=_("原因"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("原因会一直留着，本人也能看到。"),
    )


class SettleForm(forms.Form):
    """What becomes of each asset that somebody leaves with."""

    reason = forms.CharField(
        label=_("说明"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("例如：11 月 30 日离职，现金币已随工资支付。"),
    )
    looked = forms.BooleanField(label=_("已和本人核对上面的余额"))
