"""Writing to the ledger. Everything goes through SQL functions; these modules only call them.

Amounts are whole minor units of their asset (``kit.points``). All calls run inside the scope of
the company they name and join the caller's transaction.
"""

from meritbook.ledger.operations.accounts import (
    create_assets,
    open_wallets,
    set_state,
)
from meritbook.ledger.operations.calls import (
    BatchRefused,
    Posted,
    Result,
)
from meritbook.ledger.operations.lives import (
    Expired,
    convert,
    expire,
    release_pending,
    set_rate,
)
from meritbook.ledger.operations.periods import (
    close_month,
    make_checkpoints,
    reopen_month,
)
from meritbook.ledger.operations.policies import (
    Policy,
    add_asset,
    set_policy,
)
from meritbook.ledger.operations.postings import (
    Issue,
    Reversal,
    post,
    post_bulk,
    reverse,
    reverse_bulk,
)
from meritbook.ledger.operations.quotas import (
    grant_quota,
)
from meritbook.ledger.operations.refusals import (
    AccountBlocked,
    BelowFloor,
    Consumed,
    HoldEnded,
    KeyReused,
    LotsLapsed,
    MoreThanHeld,
    NoRate,
    NotApproved,
    NotConvertible,
    NothingLeft,
    NotTransferable,
    PostingRefused,
    QuotaSpent,
    ShortNotice,
    reason_text,
)
from meritbook.ledger.operations.settlement import (
    Settled,
    Treatment,
    settle,
)
from meritbook.ledger.operations.spending import (
    Held,
    Source,
    capture,
    forfeit,
    hold,
    lapse_holds,
    move,
    refund,
    release,
    spend,
)
from meritbook.ledger.staging import AMOUNT_MAX, Amounts

__all__ = [
    "AMOUNT_MAX",
    "AccountBlocked",
    "Amounts",
    "BatchRefused",
    "BelowFloor",
    "Consumed",
    "Expired",
    "Held",
    "HoldEnded",
    "Issue",
    "KeyReused",
    "LotsLapsed",
    "MoreThanHeld",
    "NoRate",
    "NotApproved",
    "NotConvertible",
    "NotTransferable",
    "NothingLeft",
    "Policy",
    "Posted",
    "PostingRefused",
    "QuotaSpent",
    "Result",
    "Reversal",
    "Settled",
    "ShortNotice",
    "Source",
    "Treatment",
    "add_asset",
    "capture",
    "close_month",
    "convert",
    "create_assets",
    "expire",
    "forfeit",
    "grant_quota",
    "hold",
    "lapse_holds",
    "make_checkpoints",
    "move",
    "open_wallets",
    "post",
    "post_bulk",
    "reason_text",
    "refund",
    "release",
    "release_pending",
    "reopen_month",
    "reverse",
    "reverse_bulk",
    "set_policy",
    "set_rate",
    "set_state",
    "settle",
    "spend",
]
