"""What one does with the own points: turn them into others, hand them to a colleague."""

from __future__ import annotations

from decimal import Decimal
from secrets import token_urlsafe
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.kit.points import from_minor, to_minor
from meritbook.kit.templatetags.kit import points as shown
from meritbook.ledger.assets import AssetPolicy
from meritbook.ledger.operations import KeyReused
from meritbook.ledger.operations.rates import conversion_preview
from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.org.models import Employee
from meritbook.site.asset_forms import first_error
from meritbook.site.movements import convert_own, hand_on
from meritbook.site.queries.movement_choices import (
    Convertible,
    Transferable,
    convertible,
    transferable,
)
from meritbook.site.queries.sight import assets_in_sight

POINTS_MAX = Decimal(10) ** 9


class AmountForm(forms.Form):
    """How much of what; the token makes a second click the same deed."""

    what = forms.ChoiceField(label=gettext_lazy("兑换"))
    amount = forms.DecimalField(
        label=gettext_lazy("数量"), min_value=Decimal("0.0001"), max_value=POINTS_MAX
    )
    token = forms.RegexField(r"^[A-Za-z0-9_-]{8,40}$", widget=forms.HiddenInput)

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["what"].choices = choices  # type: ignore[attr-defined]

    def minor(self, policy: AssetPolicy) -> int:
        """The amount in minor units; adds an error and gives 0 where it has too many decimals."""
        amount: Decimal = self.cleaned_data["amount"]
        if to_minor(amount, policy.scale) != amount.scaleb(policy.scale):
            self.add_error("amount", _("最多 %(n)s 位小数") % {"n": policy.scale})
            return 0
        return to_minor(amount, policy.scale)


class TransferForm(AmountForm):
    """Whom to give how much."""

    receiver = forms.CharField(
        label=gettext_lazy("给谁"),
        max_length=100,
        help_text=gettext_lazy("填工号或姓名"),
        widget=forms.TextInput(attrs={"list": "colleagues", "autocomplete": "off"}),
    )
    note = forms.CharField(
        label=gettext_lazy("说一句"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("对方在明细里看得到"),
    )
    field_order = ("what", "receiver", "amount", "note", "token")


def _told(form: AmountForm, refusal: Refusal) -> None:
    """Say why nothing was done. Who came back to a page that was sent gets a new one."""
    if not isinstance(refusal, KeyReused):
        form.add_error(None, refusal.message)
        return
    form.data = {**form.data.dict(), "token": token_urlsafe(12)}  # type: ignore[attr-defined]  # a QueryDict
    form.add_error(None, _("这一页刚才已经提交过一次，那一笔已经办好。要再办一笔，请核对后再提交"))


def _own(request: MemberRequest) -> Employee:
    if request.member.employee is None:
        raise PermissionDenied
    return request.member.employee


def _convertible(request: MemberRequest, employee: Employee) -> dict[str, Convertible]:
    sight = assets_in_sight(request.member, of=employee)
    found = convertible(employee=employee, today=today_of(request), sight=sight)
    return {one.key: one for one in found}


def _conversion_form(request: MemberRequest, found: dict[str, Convertible]) -> AmountForm:
    return AmountForm(
        request.POST if request.method == "POST" else None,
        choices=[(one.key, one.label) for one in found.values()],
        initial={"token": token_urlsafe(12), "what": request.GET.get("what", "")},
    )


@for_members()
def convert_page(request: MemberRequest) -> HttpResponse:
    """Turn one's own points into others; what one would get shows first."""
    employee = _own(request)
    found = _convertible(request, employee)
    form = _conversion_form(request, found)
    if request.method == "POST" and form.is_valid():
        chosen = found[form.cleaned_data["what"]]
        minor = form.minor(chosen.source)
        if minor:
            try:
                with transaction.atomic():
                    _posted, gained = convert_own(
                        employee=employee,
                        from_code=chosen.source.code,
                        to_code=chosen.target.code,
                        amount=minor,
                        key=f"page/convert/{employee.pk}/{form.cleaned_data['token']}",
                        today=today_of(request),
                        actor_id=request.member.membership.pk,
                    )
            except Refusal as refusal:
                _told(form, refusal)
            else:
                got = shown(from_minor(gained, chosen.target.scale))
                messages.success(
                    request,
                    _("已兑换，得到 %(got)s %(target)s。")
                    % {"got": got, "target": chosen.target.name},
                )
                return redirect("wallet")
    context = {"form": form, "choices": list(found.values()), "back_address": "/wallet/"}
    return render(request, "site/convert.html", context, status=422 if form.errors else 200)


@for_members()
@require_POST
def convert_preview(request: MemberRequest) -> HttpResponse:
    """What one would get (htmx)."""
    employee = _own(request)
    found = _convertible(request, employee)
    form = _conversion_form(request, found)
    words: dict[str, Any] = {}
    if form.is_valid():
        chosen = found[form.cleaned_data["what"]]
        minor = form.minor(chosen.source)
        try:
            if minor:
                gained = conversion_preview(
                    company_id=request.company.pk,
                    party_id=employee.party_id,
                    from_code=chosen.source.code,
                    to_code=chosen.target.code,
                    amount=minor,
                    today=today_of(request),
                )
                words = {"chosen": chosen, "got": from_minor(gained, chosen.target.scale)}
        except Refusal as refusal:
            words = {"wrong": refusal.message}
    if form.errors and not words:
        words = {"wrong": first_error(form)}
    return render(request, "site/_convert_preview.html", words)


@for_members()
def transfer_page(request: MemberRequest) -> HttpResponse:
    """Hand one's own points to a colleague, where the company allows it."""
    employee = _own(request)
    sight = assets_in_sight(request.member, of=employee)
    found = {one.policy.code: one for one in transferable(employee=employee, sight=sight)}
    form = TransferForm(
        request.POST if request.method == "POST" else None,
        choices=[(code, one.label) for code, one in found.items()],
        initial={"token": token_urlsafe(12)},
    )
    form.fields["what"].label = _("什么积分")
    if request.method == "POST" and form.is_valid():
        receiver = _colleague(request, form)
        if receiver is not None and _handed(request, form, found, receiver):
            return redirect("wallet")
    context = {
        "form": form,
        "choices": list(found.values()),
        "colleagues": _colleagues(employee) if found else (),
        "back_address": "/wallet/",
    }
    return render(request, "site/transfer.html", context, status=422 if form.errors else 200)


def _colleague(request: MemberRequest, form: TransferForm) -> Employee | None:
    """Whom the field names: a number, a number with the name, or a name that only one has."""
    text = form.cleaned_data["receiver"].strip()
    staff = Employee.objects.filter(company_id=request.company.pk).exclude(
        state=Employee.State.LEFT
    )
    number, _blank, name = text.partition(" ")
    receiver = staff.filter(employee_no=number).first()
    if receiver is not None and name.strip() in ("", receiver.name):
        return receiver
    namesakes = list(staff.filter(name=text)[:2])
    if len(namesakes) == 1:
        return namesakes[0]
    if namesakes:
        form.add_error("receiver", _("有几位同事叫“%(name)s”，请填工号") % {"name": text})
    else:
        form.add_error("receiver", _("没有工号或姓名为“%(no)s”的在职同事") % {"no": text})
    return None


def _handed(
    request: MemberRequest,
    form: TransferForm,
    found: dict[str, Transferable],
    receiver: Employee,
) -> bool:
    employee, said = _own(request), form.cleaned_data
    policy = found[said["what"]].policy
    minor = form.minor(policy)
    if not minor:
        return False
    try:
        with transaction.atomic():
            hand_on(
                giver=employee,
                receiver=receiver,
                code=policy.code,
                amount=minor,
                key=f"page/transfer/{employee.pk}/{said['token']}",
                today=today_of(request),
                now=clock.now(),
                actor_id=request.member.membership.pk,
                note=said["note"],
            )
    except Refusal as refusal:
        _told(form, refusal)
        return False
    messages.success(
        request,
        _("已转给%(name)s %(points)s %(asset)s。")
        % {"name": receiver.name, "points": shown(said["amount"]), "asset": policy.name},
    )
    return True


def _colleagues(employee: Employee) -> list[tuple[str, str]]:
    rows = (
        Employee.objects.filter(company_id=employee.company_id)
        .exclude(pk=employee.pk)
        .exclude(state=Employee.State.LEFT)
        .order_by("employee_no")
    )
    return list(rows.values_list("employee_no", "name")[:2000])
