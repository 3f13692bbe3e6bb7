"""What is given away, and what is set aside for it."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from meritbook.ledger.operations import (
    Source,
    capture,
    convert,
    forfeit,
    hold,
    move,
    release,
    spend,
)
from tests.ledger.machine.comparing import Comparing, at
from tests.ledger.machine.draws import codes, keys, pairs, shares, which, who


class Gifts(Comparing):
    @rule(n=keys, party=who, code=codes, share=shares)
    def spend(self, n: int, party: int, code: str, share: int) -> None:
        key, amount = self._key(n), self._amount(party, code, share)
        kind = "lapse" if n % 5 == 4 else "spend"
        self._agree(
            lambda: self.model.spend(key, self.parties[party], code, amount, self.today, kind),
            lambda: (forfeit if kind == "lapse" else spend)(
                company_id=self.book.company_id,
                key=key,
                party_id=self.parties[party],
                code=code,
                amount=amount,
                today=self.today,
                source=Source("order", 1),
            ),
        )

    @rule(n=keys, pair=pairs, code=codes, share=shares)
    def move(self, n: int, pair: tuple[int, int], code: str, share: int) -> None:
        giver, taker = pair
        key, amount = self._key(n), self._amount(giver, code, share)
        self._agree(
            lambda: self.model.move(
                key, self.parties[giver], self.parties[taker], code, amount, self.today
            ),
            lambda: move(
                company_id=self.book.company_id,
                key=key,
                from_party_id=self.parties[giver],
                to_party_id=self.parties[taker],
                code=code,
                amount=amount,
                today=self.today,
                source=Source("gift", 1),
            ),
        )

    @rule(n=keys, party=who, back=st.booleans(), share=shares)
    def convert(self, n: int, party: int, back: bool, share: int) -> None:
        source, target = ("coin", "spendable") if back else ("spendable", "coin")
        key, amount = self._key(n), self._amount(party, source, share)
        self._agree(
            lambda: self.model.convert(
                key, self.parties[party], source, target, amount, self.today
            ),
            lambda: convert(
                company_id=self.book.company_id,
                key=key,
                party_id=self.parties[party],
                from_code=source,
                to_code=target,
                amount=amount,
                today=self.today,
                source=Source("exchange", 1),
            ),
        )

    # what is set aside

    @rule(n=keys, party=who, code=codes, share=shares, days=st.none() | st.integers(1, 40))
    def hold(self, n: int, party: int, code: str, share: int, days: int | None) -> None:
        until = None if days is None else self.today + timedelta(days)
        key, amount = self._key(n), self._amount(party, code, share)
        self._agree(
            lambda: self.model.hold(key, self.parties[party], code, amount, self.today, until),
            lambda: hold(
                company_id=self.book.company_id,
                key=key,
                party_id=self.parties[party],
                code=code,
                amount=amount,
                today=self.today,
                lapses_at=until and at(until),
                source=Source("order", 1),
            ),
        )

    @precondition(lambda self: self.hold_ids)
    @rule(n=keys, which=which, share=st.none() | shares)
    def capture(self, n: int, which: int, share: int | None) -> None:
        key, number = self._key(n), which % len(self.hold_ids)
        amount = share and max(1, self.model.holds[number].amount * share // 100)
        self._agree(
            lambda: self.model.capture(number, key, amount, self.today),
            lambda: capture(
                company_id=self.book.company_id,
                hold_id=self.hold_ids[number],
                key=key,
                today=self.today,
                amount=amount,
            ),
        )

    @precondition(lambda self: self.hold_ids)
    @rule(which=which)
    def release(self, which: int) -> None:
        number = which % len(self.hold_ids)
        self._agree(
            lambda: self.model.release(number),
            lambda: release(
                company_id=self.book.company_id,
                hold_id=self.hold_ids[number],
                released_at=at(self.today),
            ),
        )
