"""Idempotency keys: a repeated request gets the first one's answer and does nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from meritbook.kit.errors import Refusal

KEY_MAX = 200

Answer = tuple[int, Any]
"""Status and JSON body."""


class KeyReused(Refusal):
    """The key was used for a request with other content."""

    code = "idempotency_key_reused"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("这个 Idempotency-Key 已用于另一个内容不同的请求"))


class BadKey(Refusal):
    """The key is empty or too long."""

    code = "bad_idempotency_key"

    def __init__(self) -> None:
        super().__init__(_("Idempotency-Key 应为 1 至 %(n)s 个可见字符") % {"n": KEY_MAX})


def once(
    *,
    company_id: int,
    token_id: int,
    key: str,
    payload_hash: bytes,
    now: datetime,
    work: Callable[[], Answer],
) -> tuple[Answer, bool]:
    """Do ``work`` once per key of an API key; (its answer, whether it is an earlier one).

    Runs in the caller's transaction: the key is kept exactly when the work is. Two at once wait
    for each other. Raises KeyReused or BadKey.
    """
    if not 1 <= len(key) <= KEY_MAX or not key.isprintable():
        raise BadKey
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO awards_idempotencykey"
            " (company_id, token_id, key, payload_hash, status_code, answer, created_at)"
            " VALUES (%s, %s, %s, %s, 0, 'null', %s) ON CONFLICT DO NOTHING RETURNING id",
            [company_id, token_id, key, payload_hash, now],
        )
        claimed = cursor.fetchone()
        if claimed is None:
            cursor.execute(
                "SELECT payload_hash, status_code, answer::text FROM awards_idempotencykey"
                " WHERE company_id = %s AND token_id = %s AND key = %s",
                [company_id, token_id, key],
            )
            known, status, answer = cursor.fetchone()
            if bytes(known) != payload_hash:
                raise KeyReused
            return (status, json.loads(answer)), True
    status, answer = work()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE awards_idempotencykey SET status_code = %s, answer = %s"
            " WHERE company_id = %s AND id = %s",
            [status, json.dumps(answer, ensure_ascii=False), company_id, claimed[0]],
        )
    return (status, answer), False
