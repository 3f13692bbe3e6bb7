"""Signing in with django-allauth underneath: phone, or company code + 工号, and password."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from allauth.account.auth_backends import AuthenticationBackend
from django.core.signing import BadSignature, dumps, loads
from django.db import connection
from django.forms import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from meritbook.kit.errors import Refusal
from meritbook.kit.sheets import BadValue, code_of, phone_of
from meritbook.kit.tenancy import company_scope
from meritbook.org.models import Login
from meritbook.org.operations.audit import Actor, note
from meritbook.org.operations.throttle import forgive, limits, take_attempt
from meritbook.org.queries.members import Place, place_of

DEVICE_COOKIE = "mb_device"
COMPANY_COOKIE = "mb_company"
YEAR = 365 * 24 * 3600
_LOGINS_PER_DEVICE = 20


class MeritbookBackend(AuthenticationBackend):
    """allauth's backend; ``sign_in`` resolves phone or 工号 to the log-in's username first."""


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up by themselves."""

    def is_open_for_signup(self, request: object) -> bool:
        return False


class SignInRefused(Refusal):
    """Nobody was signed in. One sentence for every cause: it must not tell who exists."""

    code = "sign_in_refused"
    status = 403


class TooManyAttempts(SignInRefused):
    """Too many attempts; ``seconds`` until the next one counts."""

    code = "too_many_attempts"
    status = 429

    def __init__(self, seconds: float) -> None:
        self.seconds = max(1, round(seconds))
        super().__init__(
            ngettext(
                "尝试次数过多，请 %(n)s 秒后再试",
                "尝试次数过多，请 %(n)s 秒后再试",
                self.seconds,
            )
            % {"n": self.seconds}
        )


@dataclass(frozen=True, slots=True)
class Resolved:
    """The log-in that was named, when there is one, and the company that was named with it."""

    username: str
    company_code: str


def resolve_login(*, identity: str, company_code: str) -> Resolved:
    """Find the log-in by company code + 工号, else by phone.

    Without a company code the only company of the installation is meant. Somebody unknown gets a
    username that nobody has: what follows then takes as long as for a wrong password.
    """
    identity = identity.strip()
    try:
        phone = phone_of(identity)
    except BadValue:
        phone = ""
    with connection.cursor() as cursor:
        code = company_code.strip()
        if not code:
            cursor.execute("SELECT org_only_company_code()")
            code = (cursor.fetchone() or [""])[0] or ""
        login = None
        if code and identity:
            cursor.execute("SELECT org_login_of(%s, %s)", [code, code_of(identity)])
            found = cursor.fetchone()[0]
            login = Login.objects.filter(id=found).first() if found else None
    if login is None and phone:
        login = Login.objects.filter(phone=phone).first()
        code = company_code.strip()
    username = login.username if login else f"nobody:{code.lower()}:{identity.lower()[:60]}"
    return Resolved(username=username, company_code=code if login else "")


def sign_in(
    *, request: HttpRequest, identity: str, company_code: str, password: str, now: datetime
) -> Place:
    """Sign somebody in and open the session's company. Raises SignInRefused, TooManyAttempts."""
    resolved = resolve_login(identity=identity, company_code=company_code)
    counted = limits(
        login=resolved.username,
        address=get_adapter().get_client_ip(request),
        device=_trusted_device(request, username=resolved.username),
    )
    wait = take_attempt(limits=counted, now=now)
    if wait:
        raise TooManyAttempts(wait)
    try:
        login = get_adapter().authenticate(request, username=resolved.username, password=password)
    except ValidationError as error:
        raise TooManyAttempts(60) from error
    if login is None:
        _note_failure(username=resolved.username, now=now)
        raise SignInRefused(_("手机号、工号或密码不对"))
    place = _place(login_id=login.pk, company_code=resolved.company_code)
    if place is None:
        raise SignInRefused(_("这个账号目前不属于任何公司，请联系积分专员"))
    forgive(limits=counted)
    get_adapter().login(request, login)
    request.session["company_id"] = place.company_id
    _note(place, action="sign_in", now=now)
    return place


def remember_device(
    *, request: HttpRequest, response: HttpResponse, username: str, company_code: str
) -> None:
    """Let this browser keep its own count of failures, and the company code it used last."""
    device = _device(request) or _Device(id=secrets.token_hex(12), logins=[])
    others = [each for each in device["logins"] if each != username]
    device["logins"] = [*others, username][-_LOGINS_PER_DEVICE:]
    value = dumps(device, salt=DEVICE_COOKIE, compress=True)
    for name, text in ((DEVICE_COOKIE, value), (COMPANY_COOKIE, company_code)):
        response.set_cookie(
            name, text, max_age=YEAR, httponly=True, samesite="Lax", secure=request.is_secure()
        )


class _Device(TypedDict):
    """What the signed cookie says of a browser: its id, and who has signed in with it."""

    id: str
    logins: list[str]


def _device(request: HttpRequest) -> _Device | None:
    try:
        device: _Device = loads(
            request.COOKIES.get(DEVICE_COOKIE, ""), salt=DEVICE_COOKIE, max_age=YEAR
        )
    except (BadSignature, ValueError):
        return None
    return device


def _trusted_device(request: HttpRequest, *, username: str) -> str | None:
    device = _device(request)
    return device["id"] if device and username in device["logins"] else None


def _place(*, login_id: int, company_code: str) -> Place | None:
    place = place_of(login_id=login_id, company_id=None)
    if place is None or not company_code:
        return place
    with connection.cursor() as cursor:
        cursor.execute("SELECT org_company_id(%s)", [company_code])
        return place_of(login_id=login_id, company_id=cursor.fetchone()[0])


def _note(place: Place, *, action: str, now: datetime) -> None:
    with company_scope(place.company_id):
        note(
            company_id=place.company_id,
            actor=Actor(membership_id=place.membership_id, name=""),
            now=now,
            action=action,
            object_kind="membership",
            object_id=place.membership_id,
        )


def _note_failure(*, username: str, now: datetime) -> None:
    login = Login.objects.filter(username=username).first()
    place = place_of(login_id=login.pk, company_id=None) if login else None
    if place is not None:
        _note(place, action="sign_in.failed", now=now)
