"""Making balances, lots, day totals and balances at the end of days anew from the transfers."""

from __future__ import annotations

from typing import NamedTuple

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from meritbook.kit.errors import Refusal


class Difference(NamedTuple):
    """What was kept, and what the transfers say."""

    what: str
    """``balance``, ``lot``, ``day_total`` or ``checkpoint``."""
    place: str
    stored: str
    rebuilt: str


class Unrebuildable(Refusal):
    """What the transfers say breaks a promise itself: they were tampered with."""

    code = "unrebuildable"
    status = 409

    def __init__(self, constraint: str) -> None:
        super().__init__(
            _("按记账重算的结果违反了账本的规定（%(constraint)s），没有改动任何内容。请先对账。")
            % {"constraint": constraint}
        )


def rebuild(*, company_id: int, apply: bool = False) -> list[Difference]:
    """Where what is kept beside the transfers differs from them; with ``apply`` it is replaced.

    Applying waits for postings under way and keeps others waiting. Raises Unrebuildable.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT what, place, stored, rebuilt FROM ledger_rebuild(%s, %s)",
                [company_id, apply],
            )
            return [Difference(*row) for row in cursor.fetchall()]
    except IntegrityError as error:
        cause = getattr(error.__cause__, "diag", None)
        raise Unrebuildable(getattr(cause, "constraint_name", None) or "") from error
