"""What is gained and lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from meritbook.ledger.operations import post_bulk
from tests.ledger.machine.comparing import Comparing
from tests.ledger.machine.draws import ago, fines, gifts, keys, pairs, shapes, shares, who
from tests.ledger.model_books import Gain


class Gains(Comparing):
    def _gain(self, n: int, party: int, amounts: Any, days_ago: int, **more: Any) -> Gain:
        return Gain(
            kind="adjust",
            party=self.parties[party],
            amounts=amounts,
            day=self.today - timedelta(days_ago),
            source_id=n % 3,
            department=self.book.sales if n % 2 else None,
            **more,
        )

    def _issue(self, key: str, gain: Gain) -> Any:
        return self.book.issue(
            key,
            gain.amounts,
            kind=gain.kind,
            party_id=gain.party,
            effective_on=gain.day,
            fact_on=gain.day,
            source_id=gain.source_id,
            department_id=gain.department,
            caps=gain.caps,
            is_pending=gain.is_pending,
            quota=gain.quota,
        )

    def _post(self, key: str, gain: Gain) -> None:
        self.again = lambda: self._post(key, gain)
        self.agrees = False
        expected = self.model.post(key, gain)
        (result,) = post_bulk(company_id=self.book.company_id, issues=[self._issue(key, gain)])
        assert result.status == expected.status, (result, expected)
        assert not result.reason or result.reason in expected.reasons, (result, expected)
        self._same_transaction(expected, result.tx_id)
        self._compare()

    @rule(n=keys, party=who, amounts=shapes, days_ago=ago)
    def post(self, n: int, party: int, amounts: Any, days_ago: int) -> None:
        self._post(self._key(n), self._gain(n, party, amounts, days_ago))

    @rule(n=keys, party=who, amounts=gifts | fines, days_ago=ago, caps=st.integers(1, 15))
    def post_under_caps(self, n: int, party: int, amounts: Any, days_ago: int, caps: int) -> None:
        chosen = tuple(number for bit, number in enumerate(self.caps) if caps >> bit & 1)
        self._post(self._key(n), self._gain(n, party, amounts, days_ago, caps=chosen))

    @rule(n=keys, party=who, amounts=gifts | fines, days_ago=ago)
    def post_in_publicity(self, n: int, party: int, amounts: Any, days_ago: int) -> None:
        self._post(self._key(n), self._gain(n, party, amounts, days_ago, is_pending=True))

    @rule(n=keys, pair=pairs, share=shares)
    def praise_by_quota(self, n: int, pair: tuple[int, int], share: int) -> None:
        amount = self._amount(pair[0], "quota", share)
        amounts = (("honour", amount), ("spendable", amount))
        gain = self._gain(n, pair[1], amounts, 0, quota=(self.parties[pair[0]], amount))
        self._post(self._key(n), gain)

    @rule(n=keys, party=who, amount=st.integers(50, 300))
    def grant_quota(self, n: int, party: int, amount: int) -> None:
        gain = self._gain(n, party, (("quota", amount),), 0)._replace(kind="grant")
        self._post(self._key(n), gain)

    @rule(
        rows=st.lists(st.tuples(keys, who, shapes, ago), min_size=6, max_size=12),
        waits=st.booleans(),
    )
    def post_many(self, rows: list[tuple[int, int, Any, int]], waits: bool) -> None:
        self.agrees = False
        gains = [
            (self._key(n), self._gain(n, *rest, is_pending=waits and n % 4 == 2))
            for n, *rest in rows
        ]
        expected = self.model.post_bulk(gains)
        results = post_bulk(
            company_id=self.book.company_id, issues=[self._issue(*row) for row in gains]
        )
        for wanted, result in zip(expected, results, strict=True):
            assert result.status == wanted.status, (results, expected)
            assert not result.reason or result.reason in wanted.reasons
            self._same_transaction(wanted, result.tx_id)
        self._compare()
