"""Log-ins and memberships: opening, activating, roles, passwords."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from meritbook.kit.errors import Refusal
from meritbook.org.models import (
    AccessToken,
    Department,
    Employee,
    Login,
    Membership,
    RoleGrant,
)
from meritbook.org.operations.audit import Actor, note
from meritbook.org.operations.tokens import hash_of, new_token

ACTIVATION_DAYS = 14


class WeakPassword(Refusal):
    """The password is too easy; the message says why."""

    code = "weak_password"


class ActivationSpent(Refusal):
    """The link was used, has expired, was replaced, or never existed."""

    code = "activation_spent"
    status = 410


class OwnersOnly(Refusal):
    """What concerns an owner's log-in is for owners: else an officer could become one."""

    code = "owners_only"
    status = 403

    def __init__(self) -> None:
        super().__init__(_("负责人的账号只能由负责人自己处理"))


@dataclass(frozen=True, slots=True)
class Activation:
    """A fresh activation: ``token`` is told this once."""

    employee: Employee
    token: str
    expires_at: datetime


def check_password(password: str, *, login: Login | None = None) -> None:
    """Raise WeakPassword unless the password may be used."""
    try:
        validate_password(password, user=login)
    except ValidationError as error:
        raise WeakPassword("".join(error.messages)) from error


def open_login(
    *,
    company_id: int,
    name: str,
    password: str,
    now: datetime,
    actor: Actor,
    employee: Employee | None = None,
    phone: str = "",
    roles: Iterable[str] = (RoleGrant.Role.EMPLOYEE,),
    head_of: Iterable[int] = (),
) -> Membership:
    """A new log-in with a membership of the company. Raises WeakPassword.

    ``phone`` becomes the log-in's only when no other log-in has it: it never links two people.
    ``head_of`` are departments of which it is head, besides those whose manager the employee is.
    """
    check_password(password)
    login = Login.objects.create_login(
        username=f"m-{secrets.token_hex(12)}", password=password, phone=_free_phone(phone)
    )
    membership = Membership.objects.create(
        company_id=company_id, login=login, employee=employee, name=name, created_at=now
    )
    heads = set(head_of)
    if employee is not None:
        heads |= set(
            Department.objects.filter(company_id=company_id, manager=employee).values_list(
                "id", flat=True
            )
        )
    _grant(membership, roles=roles, head_of=heads)
    note(
        company_id=company_id,
        actor=actor,
        now=now,
        action="login.open",
        object_kind="membership",
        object_id=membership.pk,
        after={"name": name, "roles": sorted(map(str, roles)), "head_of": sorted(heads)},
    )
    return membership


def _owners(*, company_id: int) -> QuerySet[RoleGrant]:
    return RoleGrant.objects.filter(
        company_id=company_id,
        role=RoleGrant.Role.OWNER,
        membership__company_id=company_id,
        membership__ended_at__isnull=True,
    )


def owners_among(*, company_id: int, employee_ids: Iterable[int]) -> set[int]:
    """The employees, of those named, who sign in as owners."""
    owners = _owners(company_id=company_id).filter(membership__employee_id__in=list(employee_ids))
    return {each for each in owners.values_list("membership__employee_id", flat=True) if each}


def has_other_owners(*, company_id: int, employee_id: int) -> bool:
    """Whether somebody else than the employee signs in as an owner."""
    mine = Q(membership__employee_id=employee_id)
    return _owners(company_id=company_id).exclude(mine).exists()


def refuse_on_owners(*, company_id: int, employee_ids: Iterable[int], actor: Actor) -> None:
    """Raise OwnersOnly when a member who is no owner would reach into an owner's log-in."""
    if actor.membership_id is None or not owners_among(
        company_id=company_id, employee_ids=employee_ids
    ):
        return
    if not RoleGrant.objects.filter(
        company_id=company_id, role=RoleGrant.Role.OWNER, membership_id=actor.membership_id
    ).exists():
        raise OwnersOnly


def issue_activations(
    *, company_id: int, employees: Iterable[Employee], now: datetime, actor: Actor
) -> list[Activation]:
    """A one-time link for each, for a first password or a forgotten one; older links end.

    Raises OwnersOnly.
    """
    people = list(employees)
    ids = [employee.pk for employee in people]
    refuse_on_owners(company_id=company_id, employee_ids=ids, actor=actor)
    AccessToken.objects.filter(
        company_id=company_id,
        kind=AccessToken.Kind.ACTIVATION,
        subject_id__in=ids,
        used_at__isnull=True,
        revoked_at__isnull=True,
    ).update(revoked_at=now)
    expires_at = now + timedelta(days=ACTIVATION_DAYS)
    made = [Activation(employee, new_token(prefix=""), expires_at) for employee in people]
    AccessToken.objects.bulk_create(
        [
            AccessToken(
                company_id=company_id,
                kind=AccessToken.Kind.ACTIVATION,
                name=each.employee.name,
                prefix=each.token[:6],
                token_hash=hash_of(each.token),
                subject_id=each.employee.pk,
                created_by=actor.membership_id,
                created_at=now,
                expires_at=expires_at,
            )
            for each in made
        ]
    )
    note(
        company_id=company_id,
        actor=actor,
        now=now,
        action="activation.issue",
        object_kind="employee",
        object_id=ids[0] if len(ids) == 1 else "",
        after={"employees": [employee.employee_no for employee in people]},
    )
    return made


def activate(*, company_id: int, token_id: int, password: str, now: datetime) -> Membership:
    """Spend an activation and set the password. Raises ActivationSpent or WeakPassword.

    Runs inside the company's scope. A log-in that belongs to other companies too keeps its
    password: this company's officer could otherwise take it over. The membership then gets a
    log-in of its own.
    """
    check_password(password)
    claimed = AccessToken.objects.filter(
        company_id=company_id,
        id=token_id,
        kind=AccessToken.Kind.ACTIVATION,
        used_at__isnull=True,
        revoked_at__isnull=True,
        expires_at__gt=now,
    ).update(used_at=now)
    token = AccessToken.objects.filter(company_id=company_id, id=token_id).first()
    employee = (
        Employee.objects.filter(company_id=company_id, id=token.subject_id)
        .exclude(state=Employee.State.LEFT)
        .first()
        if claimed and token and token.subject_id
        else None
    )
    if employee is None:
        raise ActivationSpent(_("这个链接已经用过或已过期，请找积分专员重新领取"))
    actor = Actor(membership_id=None, name=employee.name)
    membership = (
        Membership.objects.select_related("login")
        .filter(company_id=company_id, employee_id=employee.pk)
        .first()
    )
    if membership is None:
        return open_login(
            company_id=company_id,
            name=employee.name,
            password=password,
            now=now,
            actor=actor,
            employee=employee,
            phone=employee.phone,
        )
    if _is_shared(membership.login):
        membership.login = Login.objects.create_login(
            username=f"m-{secrets.token_hex(12)}", password=password, phone=None
        )
    else:
        membership.login.set_password(password)
        membership.login.must_change_password = False
        membership.login.save(update_fields=["password", "must_change_password"])
    membership.ended_at = None
    membership.save(update_fields=["login", "ended_at"])
    note(
        company_id=company_id,
        actor=actor,
        now=now,
        action="login.reset",
        object_kind="membership",
        object_id=membership.pk,
    )
    return membership


def change_password(
    *, company_id: int | None, login: Login, password: str, now: datetime, actor: Actor
) -> None:
    """Set a new password; every other session of the log-in ends. Raises WeakPassword."""
    check_password(password, login=login)
    login.set_password(password)
    login.must_change_password = False
    login.save(update_fields=["password", "must_change_password"])
    if company_id is not None:
        note(
            company_id=company_id,
            actor=actor,
            now=now,
            action="login.password",
            object_kind="login",
            object_id=login.pk,
        )


def set_language(*, login: Login, language: str) -> None:
    """Remember the language for the next sign-in."""
    login.language = language
    login.save(update_fields=["language"])


def set_roles(
    *,
    membership: Membership,
    roles: Iterable[str],
    head_of: Iterable[int] = (),
    now: datetime,
    actor: Actor,
) -> None:
    """Replace the roles of a membership. Raises LastOwner."""
    company_id = membership.company_id
    wanted = set(roles)
    grants = RoleGrant.objects.filter(company_id=company_id, membership=membership)
    before = sorted(grants.values_list("role", flat=True))
    if RoleGrant.Role.OWNER in before and RoleGrant.Role.OWNER not in wanted:
        others = _owners(company_id=company_id).exclude(membership=membership)
        if not others.exists():
            raise LastOwner
    if RoleGrant.Role.OWNER in wanted and RoleGrant.Role.OWNER not in before:
        # A link that an officer still holds must not open an owner's log-in.
        AccessToken.objects.filter(
            company_id=company_id,
            kind=AccessToken.Kind.ACTIVATION,
            subject_id=membership.employee_id,
            used_at__isnull=True,
            revoked_at__isnull=True,
        ).update(revoked_at=now)
    grants.delete()
    _grant(membership, roles=wanted, head_of=head_of)
    note(
        company_id=company_id,
        actor=actor,
        now=now,
        action="roles.set",
        object_kind="membership",
        object_id=membership.pk,
        before={"roles": before},
        after={"roles": sorted(wanted), "head_of": sorted(head_of)},
    )


class LastOwner(Refusal):
    """The company would be left without an owner."""

    code = "last_owner"

    def __init__(self) -> None:
        super().__init__(_("公司至少要有一位负责人"))


def sync_head(*, company_id: int, department_id: int, employee_id: int | None) -> None:
    """Let the department's manager, and nobody else, have the head's role for it."""
    grants = RoleGrant.objects.filter(
        company_id=company_id, role=RoleGrant.Role.HEAD, department_id=department_id
    )
    if employee_id is None:
        grants.delete()
        return
    grants.exclude(membership__employee_id=employee_id).delete()
    membership = Membership.objects.filter(company_id=company_id, employee_id=employee_id).first()
    if membership is not None:
        RoleGrant.objects.get_or_create(
            company_id=company_id,
            membership=membership,
            role=RoleGrant.Role.HEAD,
            department_id=department_id,
        )


def _grant(membership: Membership, *, roles: Iterable[str], head_of: Iterable[int]) -> None:
    wanted: set[tuple[str, int | None]] = {
        (role, None) for role in roles if role != RoleGrant.Role.HEAD
    }
    wanted |= {(RoleGrant.Role.HEAD, department_id) for department_id in head_of}
    wanted.add((RoleGrant.Role.EMPLOYEE, None))
    RoleGrant.objects.bulk_create(
        [
            RoleGrant(
                company_id=membership.company_id,
                membership=membership,
                role=role,
                department_id=department_id,
            )
            for role, department_id in sorted(wanted, key=str)
        ]
    )


def _free_phone(phone: str) -> str | None:
    if not phone or Login.objects.filter(phone=phone).exists():
        return None
    return phone


def _is_shared(login: Login) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT org_membership_count(%s)", [login.pk])
        return int(cursor.fetchone()[0]) > 1
