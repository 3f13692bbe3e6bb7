"""The ledger's functions and what its triggers check, as migrations write them anew."""

from pathlib import Path

SQL = Path(__file__).resolve().parent / "sql"


def functions() -> str:
    """All functions and what triggers check, each from its one text; run by migrations only."""
    paths = [
        SQL / "functions.drop.sql",
        *sorted((SQL / "functions").glob("*.sql")),
        *sorted((SQL / "checks").glob("*.sql")),
    ]
    return "".join(path.read_text(encoding="utf-8") for path in paths)
