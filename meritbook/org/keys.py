"""API keys: what they may do, and who calls with one."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils.translation import gettext_lazy as _

from meritbook.kit.tenancy import company_scope

SCOPES = {
    "events:write": _("提交、更正、撤回事件"),
    "events:read": _("读取事件与解释"),
    "boards:read": _("读取排行榜"),
    "wallets:read": _("读取钱包与流水"),
    "wallets:write": _("替员工兑换、使用、转出、冻结积分"),
    "assets:read": _("读取积分种类与兑换比例"),
    "assets:write": _("新增积分种类、修改规定"),
    "ledger:read": _("读取账本、余额与日记账"),
    "employees:read": _("读取人员"),
    "rules:read": _("读取积分标准"),
    "budgets:read": _("读取预算"),
    "budgets:write": _("设定、结束预算"),
    "caps:read": _("读取得分上限"),
    "caps:write": _("设定、结束得分上限"),
    "insight:read": _("读取体检、试算和模拟"),
    "insight:write": _("按体检的建议改标准、发起试算"),
    "approvals:read": _("读取审批"),
    "approvals:write": _("以密钥创建人本人的身份同意或拒绝审批"),
}
# A key's last use is told to the minute; writing it with every call would make it a hot row.
_USE_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ApiCaller:
    """A program that showed a valid key."""

    company_id: int
    key_id: int
    scopes: frozenset[str]

    def may(self, scope: str) -> bool:
        return scope in self.scopes


@dataclass(frozen=True, slots=True)
class ResolvedToken:
    """What is known about a token before any company's scope is open."""

    company_id: int
    token_id: int
    kind: str
    scopes: frozenset[str]
    subject_id: int | None
    expires_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None

    def is_open(self, *, now: datetime) -> bool:
        """Not expired and not revoked."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def resolve(raw_token: str) -> ResolvedToken | None:
    """Look a token up by its hash, in any company that is not suspended."""
    if not 20 <= len(raw_token) <= 200:
        return None
    digest = hashlib.sha256(raw_token.encode()).digest()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT company_id, token_id, kind, scopes, subject_id, expires_at, used_at,"
            " revoked_at FROM org_resolve_token(%s)",
            [digest],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    return ResolvedToken(row[0], row[1], row[2], frozenset(row[3] or ()), *row[4:])


def authenticate(raw_token: str, now: datetime) -> ApiCaller | None:
    """The caller whose API key ``raw_token`` is; None for anything else."""
    found = resolve(raw_token) if raw_token.startswith("mb_") else None
    if found is None or found.kind != "api_key" or not found.is_open(now=now):
        return None
    with company_scope(found.company_id), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE org_accesstoken SET last_used_at = %s WHERE company_id = %s AND id = %s"
            " AND (last_used_at IS NULL OR last_used_at < %s)",
            [now, found.company_id, found.token_id, now - _USE_EVERY],
        )
    return ApiCaller(company_id=found.company_id, key_id=found.token_id, scopes=found.scopes)
