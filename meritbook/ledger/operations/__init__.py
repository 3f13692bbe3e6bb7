"""Writing to the ledger. Everything goes through SQL functions; these modules only call them.

Amounts are whole minor units of their asset (``kit.points``). All calls run inside the scope of
the company they name and join the caller's transaction.
"""

from meritbook.ledger.operations.accounts import create_assets, open_wallets
from meritbook.ledger.operations.calls import Posted, Result
from meritbook.ledger.operations.periods import close_month
from meritbook.ledger.operations.postings import (
    Issue,
    Reversal,
    post,
    post_bulk,
    reverse,
    reverse_bulk,
)
from meritbook.ledger.operations.refusals import (
    BelowFloor,
    KeyReused,
    NothingLeft,
    PostingRefused,
    reason_text,
)
from meritbook.ledger.staging import AMOUNT_MAX, Amounts

__all__ = [
    "AMOUNT_MAX",
    "Amounts",
    "BelowFloor",
    "Issue",
    "KeyReused",
    "NothingLeft",
    "Posted",
    "PostingRefused",
    "Result",
    "Reversal",
    "close_month",
    "create_assets",
    "open_wallets",
    "post",
    "post_bulk",
    "reason_text",
    "reverse",
    "reverse_bulk",
]
