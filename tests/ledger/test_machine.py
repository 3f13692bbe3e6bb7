"""Any sequence of operations leaves the ledger as the model says, after each step and at the end."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test

from meritbook.ledger.operations import Policy, set_policy, set_rate
from meritbook.org.models import Party
from tests.counts import examples
from tests.ledger.books import FOUNDED_AT, Book, owner_of
from tests.ledger.caps import cap
from tests.ledger.machine.comparing import SEEN
from tests.ledger.machine.days import Days
from tests.ledger.machine.draws import POLICIES, RATES
from tests.ledger.machine.gains import Gains
from tests.ledger.machine.gifts import Gifts
from tests.ledger.machine.reversals import Reversals
from tests.ledger.model_books import Cap


class Machine(Gains, Gifts, Reversals, Days):
    """One company; each sequence is rolled back at its end."""

    @initialize(changes=st.lists(st.sampled_from(POLICIES), max_size=5))
    def begin(self, changes: list[tuple[str, Policy]]) -> None:
        """Policies for this sequence."""
        for code, policy in changes:
            self.model.set_policy(code, dict(policy))
            self.put_policy(code, policy)
        self._compare()

    @rule()
    def say_it_again(self) -> None:
        """The reply was lost: the same request once more."""
        self.again()

    def tell_before(self) -> dict[str, Any]:
        """What every sequence finds: lots of several days, holds, publicity, quotas, orders."""
        for code in ("spendable", "coin"):
            self.set_policy((code, {"is_convertible": True, "is_transferable": True}))
        for n, policy in enumerate([*POLICIES[:5], POLICIES[13]]):
            self.set_policy(policy)
            both = (("honour", 90 + n), ("spendable", 100 + 30 * n))
            self._post(f"gift/{n}", self._gain(n, n % 3, both, 20 * n))
            self._post(f"coin/{n}", self._gain(n, n % 3, (("coin", 70), ("stock", 40)), 9))
        for party in (0, 1):
            self.post_in_publicity(n=1, party=party, amounts=both, days_ago=2)
            self.grant_quota(n=1, party=party, amount=200)
            self.hold(n=1, party=party, code="spendable", share=30, days=20)
            self.hold(n=1, party=party, code="coin", share=30, days=None)
            self.spend(n=1, party=party, code="spendable", share=60)
        self.move(n=1, pair=(0, 2), code="spendable", share=30)
        self.convert(n=1, party=1, back=False, share=60)
        names = ("model", "today", "ids", "hold_ids", "_key_count")
        return {name: deepcopy(vars(self)[name]) for name in names}


def prepare(book: Book) -> tuple[list[int], dict[int, Cap]]:
    """Parties, caps, rates and convertible assets, once for all sequences."""
    team = Party.objects.create(company_id=book.company_id, kind="team").pk
    for code in ("spendable", "coin"):
        set_policy(
            company_id=book.company_id,
            code=code,
            policy={"is_convertible": True},
            changed_at=FOUNDED_AT,
            actor_id=1,
        )
    owner = owner_of(book.company_id)
    for (source, target), (numerator, denominator) in RATES.items():
        set_rate(
            company_id=book.company_id,
            from_code=source,
            to_code=target,
            valid_from=date(2026, 1, 1),
            numerator=numerator,
            denominator=denominator,
            announced_at=FOUNDED_AT,
            announced_on=date(2026, 1, 1),
            approver_id=owner,
        )
    caps = [
        Cap("honour", 130, "person", "month", "clip"),
        Cap("honour", 300, "company", "week", "refuse"),
        Cap("spendable", 90, "person", "day", "queue"),
        Cap("honour", 350, "department", "year", "clip"),
    ]
    ids = [
        cap(
            book,
            each.amount,
            asset_code=each.code,
            scope=each.scope,
            period=each.period,
            policy=each.policy,
            valid_from=date(2026, 1, 1),
        )
        for each in caps
    ]
    return [book.lilei, book.hanmeimei, team], dict(zip(ids, caps, strict=True))


@pytest.mark.timeout(examples(900, long=6 * 3600))
def test_any_sequence_ends_as_in_the_model(book: Book) -> None:
    Machine.book = book
    Machine.parties, Machine.caps = prepare(book)
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
        for name, query in SEEN.items():
            cursor.execute(f"PREPARE {name} AS {query}")
    Machine.base = None
    before = Machine()
    Machine.base = before.tell_before()
    before.atomic.__exit__(None, None, None)
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=examples(100, long=10_000),
            stateful_step_count=30,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
