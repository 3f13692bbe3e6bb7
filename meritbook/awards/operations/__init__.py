"""Writing events: record, withdraw, close windows. The only road into the ledger for what is earned."""

from meritbook.awards.operations.checking import Checked, check
from meritbook.awards.operations.closing import Closed, close_windows
from meritbook.awards.operations.recording import BadSource, record
from meritbook.awards.operations.results import Recorded, RowResult
from meritbook.awards.operations.withdrawing import Withdrawn, withdraw

__all__ = [
    "BadSource",
    "Checked",
    "Closed",
    "Recorded",
    "RowResult",
    "Withdrawn",
    "check",
    "close_windows",
    "record",
    "withdraw",
]
