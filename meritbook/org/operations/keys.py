"""API keys: made, revoked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from meritbook.kit.errors import Refusal
from meritbook.org.keys import SCOPES
from meritbook.org.models import AccessToken
from meritbook.org.operations.audit import Actor, note
from meritbook.org.operations.tokens import hash_of, new_token


class UnknownScope(Refusal):
    """A scope that no key can have."""

    code = "unknown_scope"


class UnknownKey(Refusal):
    """No key of the company has the id."""

    code = "unknown_key"
    status = 404


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key with its text, which is told this once."""

    key: AccessToken
    token: str


def create_key(
    *,
    company_id: int,
    name: str,
    scopes: Iterable[str],
    now: datetime,
    actor: Actor,
    expires_at: datetime | None = None,
) -> NewKey:
    """Make a key with ``scopes`` (of org.keys.SCOPES). Raises UnknownScope."""
    wanted = sorted(set(scopes))
    for scope in wanted:
        if scope not in SCOPES:
            raise UnknownScope(_("没有“%(scope)s”这个权限") % {"scope": scope})
    if not wanted:
        raise UnknownScope(_("请至少选择一个权限"))
    token = new_token()
    key = AccessToken.objects.create(
        company_id=company_id,
        kind=AccessToken.Kind.API_KEY,
        name=name.strip()[:80] or "API",
        prefix=token[:10],
        token_hash=hash_of(token),
        scopes=wanted,
        created_by=actor.membership_id,
        created_at=now,
        expires_at=expires_at,
    )
    note(
        company_id=company_id,
        actor=actor,
        now=now,
        action="key.create",
        object_kind="api_key",
        object_id=key.pk,
        after={"name": key.name, "prefix": key.prefix, "scopes": wanted},
    )
    return NewKey(key=key, token=token)


def revoke_key(*, company_id: int, key_id: int, now: datetime, actor: Actor) -> AccessToken:
    """End a key at once; ending it again changes nothing. Raises UnknownKey."""
    key = AccessToken.objects.filter(
        company_id=company_id, id=key_id, kind=AccessToken.Kind.API_KEY
    ).first()
    if key is None:
        raise UnknownKey(_("没有这个密钥"))
    if key.revoked_at is None:
        key.revoked_at = now
        key.save(update_fields=["revoked_at"])
        note(
            company_id=company_id,
            actor=actor,
            now=now,
            action="key.revoke",
            object_kind="api_key",
            object_id=key.pk,
            before={"name": key.name, "prefix": key.prefix},
        )
    return key
