"""What time does and people decide."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from meritbook.ledger.operations import (
    Policy,
    PostingRefused,
    close_month,
    expire,
    lapse_holds,
    reopen_month,
    set_policy,
    set_state,
)
from tests.ledger.machine.comparing import Comparing, at
from tests.ledger.machine.draws import ALL_CODES, POLICIES, who


class Days(Comparing):
    @rule(days=st.sampled_from([1, 3, 10, 31, 95]))
    def days_pass(self, days: int) -> None:
        self.today += timedelta(days)

    @precondition(lambda self: any(not hold.outcome for hold in self.model.holds))
    @rule()
    def lapse_holds(self) -> None:
        expected = self.model.lapse_holds(self.today)
        assert lapse_holds(company_id=self.book.company_id, now=at(self.today)) == expected
        self._compare()

    @precondition(
        lambda self: any(
            left and until < self.today
            for account in self.model.accounts.values()
            for until, left in account.left.items()
        )
    )
    @rule()
    def expire(self) -> None:
        begun = len(self.model.transactions)
        expected = self.model.expire(self.today)
        assert expire(company_id=self.book.company_id, today=self.today) == expected
        by_lot = {
            (each.uses[0].place.party, each.uses[0].place.code, each.uses[0].until): each.number
            for each in self.model.transactions[begun:]
        }
        rows = self.book.rows(
            "SELECT t.tx_id, w.party_id, a.code, u.expires_on FROM ledger_tx t"
            " JOIN ledger_lot_use u USING (company_id, tx_id)"
            " JOIN ledger_account w USING (company_id, account_id)"
            " JOIN ledger_asset a USING (company_id, asset_id)"
            " WHERE t.source_kind = 'lot' AND t.kind <> 'reverse' AND u.part = 'expired'"
            " AND t.tx_id > %s",
            max(self.ids.values(), default=0),
        )
        for tx_id, *lot in rows:
            self.ids[by_lot.pop(tuple(lot))] = tx_id
        assert not by_lot
        self._compare()

    @rule(back=st.sampled_from([0, 1, 2]))
    def close_month(self, back: int) -> None:
        month = (self.today - timedelta(30 * back)).replace(day=1)
        assert close_month(
            company_id=self.book.company_id, month=month, closed_by=1, closed_at=self._now()
        ) == self.model.close_month(month)

    def _now(self) -> datetime:
        """The clock by which postings are stamped."""
        ((now,),) = self.book.rows("SELECT clock_timestamp()")
        return now

    @precondition(lambda self: self.model.closed)
    @rule(which=st.integers(0, 3))
    def reopen_month(self, which: int) -> None:
        months = sorted(self.model.closed, reverse=True)
        month = months[which % len(months)]
        self._agree(
            lambda: self.model.reopen_month(month),
            lambda: reopen_month(
                company_id=self.book.company_id,
                month=month,
                reason="漏记",
                reopened_by=1,
                reopened_at=self._now(),
            ),
        )

    @rule(change=st.sampled_from(POLICIES))
    def set_policy(self, change: tuple[str, Policy]) -> None:
        code, policy = change
        self._agree(
            lambda: self.model.set_policy(code, dict(policy)),
            lambda: self.put_policy(code, policy),
        )

    def put_policy(self, code: str, policy: Policy) -> bool:
        return set_policy(
            company_id=self.book.company_id,
            code=code,
            policy=policy,
            changed_at=at(self.today),
            actor_id=1,
        )

    @rule(party=who, state=st.sampled_from(["open", "open", "open", "blocked", "archived"]))
    def set_state(self, party: int, state: Any) -> None:
        expected = self.model.set_state(self.parties[party], state, ALL_CODES)
        try:
            changed = set_state(
                company_id=self.book.company_id,
                party_id=self.parties[party],
                state=state,
                reason="核查",
                changed_at=at(self.today),
                actor_id=1,
            )
        except PostingRefused as error:
            answer: Any = error.code
        else:
            answer = changed
        assert answer in {*expected.reasons, expected.number}
        self._compare()
