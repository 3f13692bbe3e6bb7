"""Sign-in, sign-out, activation, password, language."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from meritbook.kit import clock
from meritbook.kit.tenancy import company_scope
from meritbook.org import keys
from meritbook.org.doors import MemberRequest, for_members
from meritbook.org.forms import ChangePasswordForm, NewPasswordForm, SignInForm
from meritbook.org.models import Company, Employee, Login
from meritbook.org.operations.audit import actor_of, note
from meritbook.org.operations.logins import (
    ActivationSpent,
    WeakPassword,
    activate,
    change_password,
    set_language,
)
from meritbook.org.queries.members import Member
from meritbook.org.signin import (
    COMPANY_COOKIE,
    SignInRefused,
    TooManyAttempts,
    remember_device,
    sign_in,
)


def _next(request: HttpRequest) -> str:
    address = request.POST.get("next") or request.GET.get("next") or "/"
    # Only addresses that begin at the root: anything else is no page of ours, or a view's name.
    if address.startswith("/") and url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return address
    return "/"


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """The sign-in page."""
    if request.user.is_authenticated and getattr(request, "member", None) is not None:
        return redirect(_next(request))
    form = SignInForm(
        request.POST or None, initial={"company": request.COOKIES.get(COMPANY_COOKIE, "")}
    )
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            place = sign_in(
                request=request,
                identity=form.cleaned_data["identity"],
                company_code=form.cleaned_data["company"],
                password=form.cleaned_data["password"],
                now=clock.now(),
            )
        except SignInRefused as refusal:
            form.add_error(None, refusal.message)
            status = 429 if isinstance(refusal, TooManyAttempts) else 200
        else:
            response = redirect(_next(request))
            _remember(request, response, company_code=place.company_code)
            return response
    return render(request, "org/login.html", {"form": form, "next": _next(request)}, status=status)


def _remember(request: HttpRequest, response: HttpResponse, *, company_code: str) -> None:
    login = request.user
    if not isinstance(login, Login):
        return
    remember_device(
        request=request, response=response, username=login.username, company_code=company_code
    )
    if login.language:
        _set_language_cookie(response, login.language)


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    member: Member | None = getattr(request, "member", None)
    if member is not None:
        note(
            company_id=member.company.pk,
            actor=actor_of(member),
            now=clock.now(),
            action="sign_out",
            object_kind="membership",
            object_id=member.membership.pk,
        )
    logout(request)
    return redirect("login")


@never_cache
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "POST"])
def activation(request: HttpRequest, token: str) -> HttpResponse:
    """Set a first password, or a new one, by a link that works once."""
    now = clock.now()
    found = keys.resolve(token)
    if (
        found is None
        or found.kind != "activation"
        or found.used_at is not None
        or found.subject_id is None
        or not found.is_open(now=now)
    ):
        return render(request, "org/activation_spent.html", status=410)
    if request.user.is_authenticated:
        # A session of somebody else on this device must not get in between.
        logout(request)
        return redirect(request.path)
    form = NewPasswordForm(request.POST or None)
    with company_scope(found.company_id):
        company = Company.objects.get(id=found.company_id)
        person = Employee.objects.filter(company_id=found.company_id, id=found.subject_id).first()
        if request.method == "POST" and form.is_valid():
            try:
                activate(
                    company_id=found.company_id,
                    token_id=found.token_id,
                    password=form.cleaned_data["password"],
                    now=now,
                )
            except WeakPassword as refusal:
                form.add_error("password", refusal.message)
            except ActivationSpent:
                return render(request, "org/activation_spent.html", status=410)
            else:
                messages.success(request, _("密码已设好，请登录"))
                response = redirect("login")
                response.set_cookie(COMPANY_COOKIE, company.code, httponly=True, samesite="Lax")
                return response
    context = {"form": form, "company": company, "person": person}
    return render(request, "org/activation.html", context, status=422 if form.errors else 200)


@never_cache
@sensitive_post_parameters("old", "password", "again")
@require_http_methods(["GET", "POST"])
@for_members()
def password(request: MemberRequest) -> HttpResponse:
    """Change one's own password."""
    form = ChangePasswordForm(request.POST or None)
    who = request.member.membership.login
    if request.method == "POST" and form.is_valid():
        if not who.check_password(form.cleaned_data["old"]):
            form.add_error("old", _("现在的密码不对"))
        else:
            try:
                change_password(
                    company_id=request.company.pk,
                    login=who,
                    password=form.cleaned_data["password"],
                    now=clock.now(),
                    actor=actor_of(request.member),
                )
            except WeakPassword as refusal:
                form.add_error("password", refusal.message)
            else:
                update_session_auth_hash(request, who)
                messages.success(request, _("密码已修改，其他设备需要重新登录"))
                return redirect("/")
    return render(
        request,
        "org/password.html",
        {"form": form, "back_address": "/me/"},
        status=422 if form.errors else 200,
    )


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Choose the language; a signed-in person's choice goes along to the next device."""
    response = HttpResponseRedirect(_next(request))
    wanted = request.POST.get("language", "")
    if wanted in dict(settings.LANGUAGES) and check_for_language(wanted):
        _set_language_cookie(response, wanted)
        if isinstance(request.user, Login):
            set_language(login=request.user, language=wanted)
    return response


def _set_language_cookie(response: HttpResponse, language_code: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language_code,
        max_age=365 * 24 * 3600,
        samesite="Lax",
    )
