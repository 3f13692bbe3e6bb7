"""The text of transactions that their seals cover, from the query that the program brings.

The database has the same query as a function, for sealing. Reading it from the program's own file
lets a function that was changed in the database show.
"""

import re
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "sql" / "functions" / "leaves.sql"


@cache
def leaves_query() -> str:
    """A query of (tx_id, text, sum), with the parameters ``company`` and ``tx_ids`` (a multirange)."""
    body = FILE.read_text(encoding="utf-8").split("$$")[1]
    return re.sub(
        r"\bp_(company_id|tx_ids)\b",
        lambda found: "%(company)s" if found[1] == "company_id" else "%(tx_ids)s::int8multirange",
        body.replace("%", "%%"),
    )


def block_text(
    *,
    company_id: int,
    seq: int,
    n: int,
    sum_text: str,
    sealed_at_text: str,
    root_hash: bytes,
    prev_hash: bytes,
) -> str:
    """The text that a block's hash covers; ``sealed_at_text`` is UTC with microseconds and Z."""
    return (
        f"meritbook block 1\ncompany={company_id}\nblock={seq}\nn={n}\nsum={sum_text}\n"
        f"sealed_at={sealed_at_text}\nroot={root_hash.hex()}\nprev={prev_hash.hex()}\n"
    )
