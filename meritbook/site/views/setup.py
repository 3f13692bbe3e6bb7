"""The set-up page of the first company."""

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.kit.retelling import retold
from meritbook.org.operations.companies import CompanyRefused
from meritbook.org.operations.logins import WeakPassword
from meritbook.org.operations.people import PersonRefused
from meritbook.rules.library import templates
from meritbook.site.forms import SetupForm
from meritbook.site.founding import Founding, SetupClosed, check_setup, found_first_company


@never_cache
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "POST"])
def setup(request: HttpRequest, token: str) -> HttpResponse:
    """Name the company and its owner, choose a template or none; then sign in."""
    now = clock.now()
    try:
        check_setup(token=token, now=now)
    except SetupClosed as refusal:
        raise Http404(refusal.message) from refusal
    ready = templates()
    form = SetupForm(
        request.POST or None,
        templates=[*((one.code, retold(one.name)) for one in ready), ("", _("空白公司"))],
        initial={"template": ready[0].code},
    )
    if request.method == "POST" and form.is_valid():
        try:
            membership = found_first_company(
                token=token,
                founding=Founding(
                    code=form.cleaned_data["code"],
                    name=form.cleaned_data["name"],
                    admin_name=form.cleaned_data["admin_name"],
                    employee_no=form.cleaned_data["employee_no"],
                    phone=form.cleaned_data["phone"],
                    password=form.cleaned_data["password"],
                    department=_("总经办"),
                    template=form.cleaned_data["template"],
                ),
                now=now,
            )
        except SetupClosed as refusal:
            raise Http404(refusal.message) from refusal
        except Refusal as refusal:
            form.add_error(_field_of(refusal), refusal.message)
        else:
            get_adapter().login(request, membership.login)
            request.session["company_id"] = membership.company_id
            messages.success(request, _("公司已建好，接下来导入花名册吧"))
            return redirect("/")
    descriptions = {one.code: retold(one.description) for one in ready}
    descriptions[""] = _("不带任何标准，之后自己导入或新建。")
    choices = [(option, descriptions[str(option.data["value"])]) for option in form["template"]]
    return render(
        request,
        "site/setup.html",
        {"form": form, "choices": choices},
        status=422 if form.errors else 200,
    )


def _field_of(refusal: Refusal) -> str | None:
    match refusal:
        case WeakPassword():
            return "password"
        case CompanyRefused():
            return "code"
        case PersonRefused(field="phone"):
            return "phone"
        case PersonRefused(field="name"):
            return "admin_name"
        case PersonRefused(field="employee_no"):
            return "employee_no"
    return None
