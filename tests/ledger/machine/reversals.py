"""What is taken back, and what publicity lets go."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from meritbook.ledger.operations import release_pending, reverse
from tests.ledger.machine.comparing import Comparing
from tests.ledger.machine.draws import keys, shares, which


class Reversals(Comparing):
    @precondition(lambda self: self.ids)
    @rule(n=keys, which=which, share=st.none() | shares)
    def reverse(self, n: int, which: int, share: int | None) -> None:
        # Half of them something of late.
        key, number = self._key(n), sorted(self.ids)[(which, -which % 8 - 8)[n % 2] % len(self.ids)]
        part = self._part(number, share)
        self._agree(
            lambda: self.model.reverse(number, key, self.today, part),
            lambda: reverse(
                company_id=self.book.company_id,
                tx_id=self.ids[number],
                key=key,
                fact_on=self.today,
                amounts=None if part is None else tuple(part.items()),
            ),
        )

    def _part(self, number: int, share: int | None) -> dict[str, int] | None:
        """So many hundredths of what is left of the first leg; whole where a part has no sense."""
        original = self.model.transactions[number]
        if share is None or original.kind in ("expire", "lapse") or not original.legs:
            return None
        leg = original.legs[-1 if share % 2 else 0]
        left = sum(
            each.amount - each.back for each in original.legs if each.taker.code == leg.taker.code
        )
        if not left:
            return None
        gained = leg.taker.party and (not leg.giver.party or leg.giver.kind == "pending")
        return {leg.taker.code: (-1 if gained else 1) * max(1, left * share // 100)}

    @precondition(lambda self: self.ids)
    @rule(which=which)
    def release_pending(self, which: int) -> None:
        waiting = [
            number
            for number in self.ids
            if any(leg.taker.kind == "pending" for leg in self.model.transactions[number].legs)
        ] or sorted(self.ids)
        number = waiting[which % len(waiting)]
        self._agree(
            lambda: self.model.release_pending(number),
            lambda: release_pending(
                company_id=self.book.company_id, tx_id=self.ids[number], today=self.today
            ),
        )
