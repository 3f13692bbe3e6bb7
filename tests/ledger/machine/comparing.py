"""The machine without its rules: each answer and each state is compared with the model's."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ClassVar

from django.db import transaction
from hypothesis.stateful import RuleBasedStateMachine

from meritbook.ledger.operations import Held, Posted, PostingRefused
from meritbook.ledger.queries import totals
from tests.ledger.books import NOVEMBER_3, Book
from tests.ledger.machine.draws import RATES
from tests.ledger.model import Model
from tests.ledger.model_books import Answer, Cap, Place, nonzero

_OWNED = (
    " JOIN ledger_account w USING (company_id, account_id)"
    " JOIN ledger_asset a USING (company_id, asset_id)"
)
SEEN = {
    "seen_balances": "SELECT w.kind, w.party_id, a.code, b.posted, b.held, b.state"
    f" FROM ledger_balance b{_OWNED}",
    "seen_lots": "SELECT w.party_id, a.code, least(l.expires_on, '9999-12-31'),"
    " l.granted - l.used - l.revoked - l.expired - l.held, l.held"
    f" FROM ledger_lot l{_OWNED} WHERE l.granted > l.used + l.revoked + l.expired",
    "seen_totals": "SELECT w.kind, w.party_id, a.code, d.day, sum(d.earned), sum(d.deducted),"
    f" sum(d.spent), sum(d.other) FROM ledger_day_total d{_OWNED} GROUP BY 1, 2, 3, 4",
    "seen_caps": "SELECT cap_id, scope_id, period_start, sum(used)::bigint"
    " FROM ledger_cap_bucket GROUP BY 1, 2, 3",
}
"""What is compared after each step, planned once."""


class Comparing(RuleBasedStateMachine):
    """What rules stand on: the books and the model, one key after another, and no difference."""

    book: ClassVar[Book]
    parties: ClassVar[list[int]]
    caps: ClassVar[dict[int, Cap]]
    base: ClassVar[dict[str, Any] | None] = None

    def __init__(self) -> None:
        super().__init__()
        self.model = Model(self.parties[:2], self.parties[2:])
        self.model.caps = self.caps
        self.model.rates = RATES
        self.today = NOVEMBER_3
        self.ids: dict[int, int] = {}
        self.hold_ids: dict[int, int] = {}
        if self.base is not None:
            vars(self).update(deepcopy(self.base))
        self._key_count = 0
        self.again: Callable[[], None] = lambda: None
        self.agrees = True
        self.atomic = transaction.atomic()
        self.atomic.__enter__()

    def teardown(self) -> None:
        try:
            # After a step that failed that failure is the news.
            if self.agrees:
                self.book.assert_sound()
                for month in sorted({day.replace(day=1) for _place, day in self.model.totals}):
                    self._compare_board(month)
        finally:
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    def _key(self, n: int) -> str:
        """A key of its own, or for 13 one that was used."""
        if n == 13 and self._key_count:
            return f"k{self.today.toordinal() % self._key_count}"
        self._key_count += 1
        return f"k{self._key_count - 1}"

    def _amount(self, party: int, code: str, share: int) -> int:
        """So many hundredths of what a party could give now."""
        account = self.model.wallet(self.parties[party], code)
        return max(1, (account.posted - account.held) * share // 100)

    def _agree(self, wanted: Callable[[], Answer], operation: Callable[[], Any]) -> None:
        """The operation answers as the model does, and leaves what the model has."""
        self.again = lambda: self._agree(wanted, operation)
        self.agrees = False
        expected = wanted()
        try:
            done = operation()
        except PostingRefused as error:
            done = error
        if isinstance(done, PostingRefused):
            assert expected.status in ("refused", "conflict"), (done.code, expected)
            assert done.code in expected.reasons, (done.code, expected)
        else:
            is_new = done if isinstance(done, bool) else done.is_new
            assert ("new" if is_new else "duplicate") == expected.status, expected
        if isinstance(done, Held):
            assert self.hold_ids.setdefault(expected.number or 0, done.hold_id) == done.hold_id
        elif isinstance(done, Posted):
            self._same_transaction(expected, done.tx_id)
        self._compare()

    def _same_transaction(self, expected: Answer, tx_id: int | None) -> None:
        if expected.number is not None and tx_id is not None:
            assert self.ids.setdefault(expected.number, tx_id) == tx_id

    def _compare(self) -> None:
        seen = {name: self.book.rows(f"EXECUTE {name}") for name in SEEN}
        assert {
            Place(*place): tuple(state)
            for *place, posted, held, word in seen["seen_balances"]
            if (state := (posted, held, word)) != (0, 0, "open")
        } == {
            place: state
            for place, account in self.model.accounts.items()
            if (state := (account.posted, account.held, account.state)) != (0, 0, "open")
        }
        assert {
            (Place("wallet", party, code), until): parts
            for party, code, until, *parts in seen["seen_lots"]
        } == {
            (place, until): parts
            for place, account in self.model.accounts.items()
            for until in {*account.left, *account.set_aside}
            if any(parts := [account.left[until], account.set_aside[until]])
        }
        assert {
            (Place(*place), day): nonzero(
                dict(zip(("earned", "deducted", "spent", "other"), sums, strict=True))
            )
            for *place, day, earned, deducted, spent, other in seen["seen_totals"]
            if any(sums := (earned, deducted, spent, other))
        } == {spot: parts for spot, sums in self.model.totals.items() if (parts := nonzero(sums))}
        self.agrees = {tuple(spot): used for *spot, used in seen["seen_caps"] if used} == nonzero(
            self.model.taken
        )
        assert self.agrees

    def _compare_board(self, month: date) -> None:
        for code in ("honour", "spendable"):
            sums: dict[int, int] = {}
            for total in totals(
                company_id=self.book.company_id,
                asset_code=code,
                date_from=month,
                date_to=(month + timedelta(31)).replace(day=1) - timedelta(1),
            ):
                sums[total.party_id] = sums.get(total.party_id, 0) + total.points
            assert nonzero(sums) == self.model.board(code, month)


def at(day: date) -> datetime:
    return datetime.combine(day, time(4), tzinfo=UTC)
