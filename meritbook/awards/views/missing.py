"""“I did X and got no points”: a search over one's own day, or a day of one's people."""

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from meritbook.awards import listings
from meritbook.awards.queries.missing import EARNED, FAILED, PENDING, WAITING, why_missing
from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.org.models import Employee
from meritbook.org.permissions import may_see_employee, may_see_events, scope_of
from meritbook.org.queries.people import current_path_ids
from meritbook.org.queries.roster import roster
from meritbook.rules.steps import HEADINGS

PEOPLE_SHOWN = 8
TONES = {EARNED: "good", WAITING: "live", PENDING: "wait", FAILED: "bad"}
LABELS = {
    EARNED: _("已得分"),
    WAITING: _("等待结算"),
    PENDING: _("待审批"),
    FAILED: _("没有得分"),
}


class MissingForm(forms.Form):
    """What was done, and when."""

    what = forms.CharField(
        label=_("做了什么"),
        required=False,
        max_length=80,
        widget=forms.TextInput(
            attrs={"placeholder": _("例如 交日报、拜访客户、rb"), "autocomplete": "off"}
        ),
        help_text=_("用自己的话写，也可以写拼音；不写就列出这一天的全部记录。"),
    )
    on = forms.DateField(
        label=_("哪一天"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    rule = forms.CharField(required=False, max_length=120, widget=forms.HiddenInput)

    def __init__(self, *args: object, today: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # a form's own arguments
        self.today = today

    def clean_on(self) -> object:
        day = self.cleaned_data["on"]
        if day > self.today:
            raise forms.ValidationError(_("这一天还没有到"))
        return day


@for_members()
@require_safe
def why_not(request: MemberRequest) -> HttpResponse:
    """What was done and when; for each standard that may be meant the first step that failed."""
    person = _person(request)
    today = today_of(request)
    asked = "on" in request.GET
    form = MissingForm(request.GET if asked else None, today=today, initial={"on": today})
    context: dict[str, object] = {
        "form": form,
        "person": person,
        "is_self": person is not None and person == request.member.employee,
        "sees_others": may_see_events(request.member),
        "people": [] if person is not None else _people(request, ""),
        "back_address": "/events/",
    }
    if asked and person is not None and form.is_valid():
        asked_for = form.cleaned_data
        found = why_missing(
            company_id=request.company.pk,
            zone=request.company.time_zone,
            person=roster(company_id=request.company.pk, employee_nos=[person.employee_no])[
                person.employee_no
            ],
            day=asked_for["on"],
            typed=asked_for["what"],
            rule_code=asked_for["rule"],
            is_self=person == request.member.employee,
        )
        context["found"] = found
        context["lines"] = [
            {
                "finding": one,
                "tone": TONES.get(one.state, "calm"),
                "label": LABELS.get(one.state, _("没有记录")),
                "heading": HEADINGS.get(one.failed_step, ""),
            }
            for one in found.findings
        ]
    return render(request, "awards/why_not.html", context, status=422 if form.errors else 200)


def _person(request: MemberRequest) -> Employee | None:
    """The person named, or the reader; whom the reader may not see is not found."""
    wanted = request.GET.get("employee", "")
    if not wanted:
        return request.member.employee
    found = Employee.objects.filter(company_id=request.company.pk, employee_no=wanted).first()
    if found is None or not may_see_employee(
        request.member,
        employee_id=found.pk,
        path_ids=current_path_ids(
            company_id=request.company.pk, employee_id=found.pk, today=today_of(request)
        ),
    ):
        raise Http404
    return found


@for_members(may_see_events)
@require_safe
def find_people(request: MemberRequest) -> HttpResponse:
    """The reader's people whose 工号, name or pinyin begins so (htmx)."""
    context = {"people": _people(request, request.GET.get("q", ""))}
    return render(request, "awards/_why_not_people.html", context)


def _people(request: MemberRequest, text: str) -> list[Employee]:
    found = listings.search_people(
        company_id=request.company.pk, text=text, scope=scope_of(request.member)
    )
    return list(found.exclude(state=Employee.State.LEFT)[:PEOPLE_SHOWN])
