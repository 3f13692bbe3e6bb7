"""The journal as plain text that beancount and hledger read, with balance assertions.

Transfers are written from the transfers; the balances asserted come from elsewhere: from the day
totals at the end of each month and from the stored balances at the end, so that a program that is
not ours compares the two. Signs are those of bookkeeping: what a person holds is owed by the
company and stands below zero in ``Liabilities``. What is held is still the holder's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple, TextIO

from django.db import connection, transaction
from django.utils.translation import gettext as _

from meritbook.kit.errors import Refusal
from meritbook.ledger.balances import SYSTEM_KINDS

BEANCOUNT, HLEDGER = "beancount", "hledger"
FORMATS = (BEANCOUNT, HLEDGER)


class UnknownFormat(Refusal):
    """Neither beancount nor hledger."""

    code = "unknown_format"

    def __init__(self, text: str) -> None:
        super().__init__(
            _("不认识的格式“%(format)s”，可选 beancount 或 hledger") % {"format": text[:40]}
        )


class Written(NamedTuple):
    """What an export holds."""

    transactions: int
    transfers: int
    assertions: int


@dataclass(frozen=True, slots=True)
class _Book:
    """How accounts and assets are written."""

    accounts: Mapping[int, str]
    commodities: Mapping[int, str]
    codes: Mapping[int, str]
    scales: Mapping[int, int]
    asset_of: Mapping[int, int]

    def amount(self, minor: int, asset_id: int) -> str:
        scale = self.scales[asset_id]
        whole, part = divmod(abs(minor), 10**scale)
        sign = "-" if minor < 0 else ""
        return f"{sign}{whole}.{part:0{scale}d}" if scale else f"{sign}{whole}"


class _Assertion(NamedTuple):
    """That an account held ``minor`` when ``day`` had ended, in the ledger's own sign."""

    day: date
    account_id: int
    minor: int


_ACCOUNTS = """
SELECT a.account_id, a.asset_id, a.kind, a.party_id FROM ledger_account a
WHERE a.company_id = %s ORDER BY a.account_id
"""

_TRANSFERS = """
SELECT x.tx_id, x.effective_on, x.posted_at, x.kind, x.source_kind, x.source_id, x.reverses_tx_id,
    f.asset_id, f.debit_id, f.credit_id, f.amount
FROM ledger_tx x
JOIN ledger_transfer f ON f.company_id = x.company_id AND f.tx_id = x.tx_id
WHERE x.company_id = %s
ORDER BY x.effective_on, x.tx_id, f.seq
"""

_MONTH_ENDS = """
SELECT (month + interval '1 month')::date - 1 AS day, account_id,
    (sum(gain) OVER (PARTITION BY account_id ORDER BY month))::bigint
FROM (
    SELECT date_trunc('month', day)::date AS month, account_id,
        sum(earned - deducted - spent + other) AS gain
    FROM ledger_day_total WHERE company_id = %(company)s GROUP BY 1, 2
) party
UNION ALL
SELECT (month + interval '1 month')::date - 1, account_id,
    (sum(gain) OVER (PARTITION BY account_id ORDER BY month))::bigint
FROM (
    SELECT date_trunc('month', e.effective_on)::date AS month, a.account_id, sum(e.gain) AS gain
    FROM ledger_account a
    JOIN (
        SELECT credit_id AS account_id, effective_on, amount AS gain
        FROM ledger_transfer WHERE company_id = %(company)s
        UNION ALL
        SELECT debit_id, effective_on, -amount FROM ledger_transfer WHERE company_id = %(company)s
    ) e ON e.account_id = a.account_id
    WHERE a.company_id = %(company)s AND a.party_id IS NULL
    GROUP BY 1, 2
) company
ORDER BY 1, 2
"""

_ENDS = """
SELECT b.account_id, b.posted FROM ledger_balance b
WHERE b.company_id = %(company)s AND b.version > 0
ORDER BY b.account_id
"""


def write_journal(
    *, company_id: int, form: str, file: TextIO, title: str, names: Mapping[int, str]
) -> Written:
    """Write every transfer and the balances that must come out. Raises UnknownFormat.

    ``names``: what each party's account is called (a 工号); a party without a name is its number.
    """
    if form not in FORMATS:
        raise UnknownFormat(form)
    book = _book(company_id, names)
    with connection.cursor() as cursor:
        cursor.execute(_MONTH_ENDS, {"company": company_id})
        month_ends = [_Assertion(*row) for row in cursor.fetchall()]
        cursor.execute(_ENDS, {"company": company_id})
        ends = cursor.fetchall()
    writer = (_Beancount if form == BEANCOUNT else _Hledger)(book, file)
    writer.begin(title)
    transactions = transfers = 0
    waiting = iter([*month_ends, None])
    following = next(waiting)
    last = None
    for rows in _transactions(company_id):
        day = rows[0][1]
        while following is not None and following.day < day:
            writer.claim(following)
            following = next(waiting)
        writer.transaction(rows)
        transactions += 1
        transfers += len(rows)
        last = day
    while following is not None:
        writer.claim(following)
        following = next(waiting)
    if last is not None:
        # Of one day with the last month's end, so that the days go on rising.
        day = max([last, *(one.day for one in month_ends[-1:])])
        for account_id, posted in ends:
            writer.claim(_Assertion(day, account_id, posted))
    writer.end()
    return Written(transactions, transfers, writer.assertions)


def _transactions(company_id: int) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of one transaction at a time, by the day on which they count."""
    rows: list[tuple[Any, ...]] = []
    # A cursor on the server holds its rows back until they are asked for.
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(_TRANSFERS, [company_id])
        for row in cursor:
            if rows and rows[0][0] != row[0]:
                yield rows
                rows = []
            rows.append(row)
    if rows:
        yield rows


def _book(company_id: int, names: Mapping[int, str]) -> _Book:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT asset_id, code, scale FROM ledger_asset WHERE company_id = %s"
            " ORDER BY asset_id",
            [company_id],
        )
        assets = cursor.fetchall()
        cursor.execute(_ACCOUNTS, [company_id])
        accounts = cursor.fetchall()
    words = _party_words({row[3] for row in accounts if row[3] is not None}, names)
    return _Book(
        accounts={
            account_id: f"Equity:{kind.capitalize()}"
            if kind in SYSTEM_KINDS
            else f"Liabilities:{kind.capitalize()}:{words[party_id]}"
            for account_id, _asset_id, kind, party_id in accounts
        },
        commodities=_commodities(assets),
        codes={asset_id: code for asset_id, code, _scale in assets},
        scales={asset_id: scale for asset_id, _code, scale in assets},
        asset_of={account_id: asset_id for account_id, asset_id, _kind, _party in accounts},
    )


def _party_words(party_ids: set[int], names: Mapping[int, str]) -> dict[int, str]:
    """A part of an account's name for each party: ``E-0012``, or ``P-7`` without a name."""
    words: dict[int, str] = {}
    taken: set[str] = set()
    for party_id in sorted(party_ids):
        name = names.get(party_id, "")
        word = "E-" + re.sub(r"[^A-Za-z0-9-]", "-", name) if name else f"P-{party_id}"
        if word.lower() in taken or (name and word != f"E-{name}"):
            word = f"{word}-{party_id}"
        taken.add(word.lower())
        words[party_id] = word
    return words


def _commodities(assets: list[tuple[int, str, int]]) -> dict[int, str]:
    """Asset codes in capitals; one that beancount would not read gets its number instead."""
    found: dict[int, str] = {}
    for asset_id, code, _scale in assets:
        word = code.upper()
        if not re.fullmatch(r"[A-Z][A-Z0-9_]{0,21}[A-Z0-9]", word):
            word = f"ASSET{asset_id}"
        found[asset_id] = word
    return found


def _quoted(text: str) -> str:
    return '"' + re.sub(r'[\r\n"\\]', " ", text) + '"'


class _Beancount:
    """Balances are of the beginning of a day: what a day ended with is said on the next."""

    def __init__(self, book: _Book, file: TextIO) -> None:
        self.book, self.file = book, file
        self.assertions = 0

    def begin(self, title: str) -> None:
        book, write = self.book, self.file.write
        write(f'option "title" {_quoted(title)}\n\n')
        for asset_id, name in book.commodities.items():
            write(f"1970-01-01 commodity {name}\n  asset: {_quoted(book.codes[asset_id])}\n")
        write("\n")
        for name in sorted(set(book.accounts.values())):
            write(f"1970-01-01 open {name}\n")

    def transaction(self, rows: list[tuple[Any, ...]]) -> None:
        tx_id, day, posted_at, kind, source, source_id, reverses = rows[0][:7]
        lines = [
            f'\n{day} * "{kind}" {_quoted(f"{source} {source_id}")}',
            f'  tx: "{tx_id}"',
            f'  posted: "{posted_at.isoformat()}"',
        ]
        if reverses is not None:
            lines.append(f'  reverses: "{reverses}"')
        for asset_id, debit, credit, amount in (row[7:] for row in rows):
            unit = self.book.commodities[asset_id]
            lines += [
                f"  {self.book.accounts[debit]}  {self.book.amount(amount, asset_id)} {unit}",
                f"  {self.book.accounts[credit]}  {self.book.amount(-amount, asset_id)} {unit}",
            ]
        self.file.write("\n".join(lines) + "\n")

    def claim(self, one: _Assertion) -> None:
        asset_id = self.book.asset_of[one.account_id]
        self.assertions += 1
        self.file.write(
            f"{one.day + timedelta(days=1)} balance {self.book.accounts[one.account_id]}"
            f"  {self.book.amount(-one.minor, asset_id)} ~ 0 {self.book.commodities[asset_id]}\n"
        )

    def end(self) -> None:
        """Nothing is left open."""


class _Hledger:
    """Balances are of the postings read so far on or before a day."""

    def __init__(self, book: _Book, file: TextIO) -> None:
        self.book, self.file = book, file
        self.assertions = 0
        self._day: date | None = None

    def _unit(self, asset_id: int) -> str:
        return f'"{self.book.commodities[asset_id]}"'

    def begin(self, title: str) -> None:
        self.file.write(f"; {_quoted(title)[1:-1]}\n\n")
        for asset_id in self.book.commodities:
            # The sign of decimals must be written, whether or not the asset has any.
            sample = self.book.amount(0, asset_id) + ("" if self.book.scales[asset_id] else ".")
            self.file.write(f"commodity {sample} {self._unit(asset_id)}\n")
        self.file.write("\n")
        for name in sorted(set(self.book.accounts.values())):
            self.file.write(f"account {name.lower()}\n")

    def transaction(self, rows: list[tuple[Any, ...]]) -> None:
        self._day = None
        tx_id, day, _posted_at, kind, source, source_id, reverses = rows[0][:7]
        said = re.sub(r"[\r\n;|]", " ", f"{source} {source_id}")
        lines = [f"\n{day} * ({tx_id}) {kind} | {said}"]
        if reverses is not None:
            lines.append(f"    ; reverses: {reverses}")
        for asset_id, debit, credit, amount in (row[7:] for row in rows):
            unit = self._unit(asset_id)
            lines += [
                f"    {self._name(debit)}  {self.book.amount(amount, asset_id)} {unit}",
                f"    {self._name(credit)}  {self.book.amount(-amount, asset_id)} {unit}",
            ]
        self.file.write("\n".join(lines) + "\n")

    def claim(self, one: _Assertion) -> None:
        asset_id = self.book.asset_of[one.account_id]
        if self._day != one.day:
            self._day = one.day
            self.file.write(f"\n{one.day} * balances\n")
        self.assertions += 1
        unit = self._unit(asset_id)
        self.file.write(
            f"    {self._name(one.account_id)}  {self.book.amount(0, asset_id)} {unit}"
            f" = {self.book.amount(-one.minor, asset_id)} {unit}\n"
        )

    def _name(self, account_id: int) -> str:
        return self.book.accounts[account_id].lower()

    def end(self) -> None:
        """Nothing is left open."""
