"""API keys as their list shows them."""

from dataclasses import dataclass
from datetime import datetime

from meritbook.org.keys import SCOPES
from meritbook.org.models import AccessToken


@dataclass(frozen=True, slots=True)
class KeyLine:
    """A key, what it may do in words, and whether it still opens."""

    key: AccessToken
    scopes: list[str]
    is_open: bool
    has_expired: bool


def api_keys(*, company_id: int, now: datetime) -> list[KeyLine]:
    """The company's keys, open ones first, latest first."""
    rows = AccessToken.objects.filter(
        company_id=company_id, kind=AccessToken.Kind.API_KEY
    ).order_by("-created_at", "-id")
    lines = []
    for key in rows:
        expired = key.expires_at is not None and key.expires_at <= now
        lines.append(
            KeyLine(
                key=key,
                scopes=[str(SCOPES.get(scope, scope)) for scope in key.scopes],
                is_open=key.revoked_at is None and not expired,
                has_expired=expired,
            )
        )
    return sorted(lines, key=lambda line: not line.is_open)
