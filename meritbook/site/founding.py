"""The first company of an installation, made behind a printed one-time address."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from meritbook.kit.errors import Refusal
from meritbook.kit.tenancy import company_scope
from meritbook.org.models import Membership, RoleGrant, SetupToken
from meritbook.org.operations.audit import Actor
from meritbook.org.operations.department_paths import ensure_departments
from meritbook.org.operations.logins import open_login
from meritbook.org.operations.people import PersonData, add_person
from meritbook.org.operations.tokens import hash_of, new_token
from meritbook.rules.operations import load_template
from meritbook.site.companies import found_company

VALID_FOR = timedelta(days=7)


class SetupClosed(Refusal):
    """The address was used, has expired or never existed, or there is a company already."""

    code = "setup_closed"
    status = 404

    def __init__(self) -> None:
        super().__init__(_("这个链接已失效"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Founding:
    """What the set-up page asks for. ``template`` is a code of the rules' library, "" for none."""

    code: str
    name: str
    admin_name: str
    employee_no: str
    phone: str
    password: str
    department: str
    template: str = ""


def open_setup(*, now: datetime) -> str | None:
    """A fresh token for the set-up page; None when there is a company already."""
    if _has_company():
        return None
    SetupToken.objects.filter(created_at__lte=now - VALID_FOR).delete()
    token = new_token(prefix="")
    SetupToken.objects.create(token_hash=hash_of(token), created_at=now)
    return token


def check_setup(*, token: str, now: datetime) -> None:
    """Raise SetupClosed unless the page may be shown."""
    if _has_company() or not _open_tokens(token, now=now).exists():
        raise SetupClosed


def found_first_company(*, token: str, founding: Founding, now: datetime) -> Membership:
    """Spend the token: the company, its owner, and the template's rules, all or nothing.

    Raises SetupClosed, CompanyRefused, PersonRefused or WeakPassword.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Two browsers with the same address: the second one finds a company.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('site.found_first_company'))")
        if _has_company() or not _open_tokens(token, now=now).update(used_at=now):
            raise SetupClosed
        actor = Actor(membership_id=None, name=founding.admin_name)
        company = found_company(code=founding.code, name=founding.name, now=now, actor=actor)
        today = now.astimezone(ZoneInfo(company.time_zone)).date()
        with company_scope(company.pk):
            path = (founding.department,)
            departments = ensure_departments(company_id=company.pk, paths=[path]).ids
            admin = add_person(
                company_id=company.pk,
                employee_no=founding.employee_no,
                person=PersonData(
                    name=founding.admin_name,
                    department_id=departments[path],
                    phone=founding.phone,
                ),
                today=today,
                now=now,
                actor=actor,
            )
            membership = open_login(
                company_id=company.pk,
                name=admin.name,
                password=founding.password,
                now=now,
                actor=actor,
                employee=admin,
                phone=admin.phone,
                roles=(RoleGrant.Role.OWNER, RoleGrant.Role.OFFICER),
            )
            if founding.template:
                load_template(
                    company_id=company.pk,
                    code=founding.template,
                    now=now,
                    actor_id=membership.pk,
                    # What was done earlier this month counts: the first file brings it along.
                    publish_from=today.replace(day=1),
                )
    return membership


def _open_tokens(token: str, *, now: datetime) -> QuerySet[SetupToken]:
    return SetupToken.objects.filter(
        token_hash=hash_of(token), used_at__isnull=True, created_at__gt=now - VALID_FOR
    )


def _has_company() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT org_has_company()")
        return bool(cursor.fetchone()[0])
