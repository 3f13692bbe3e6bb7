"""Every operation of the ledger as a request that is right, to be asked with one thing wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from meritbook.ledger.operations import (
    Issue,
    Result,
    Reversal,
    Source,
    capture,
    convert,
    expire,
    forfeit,
    grant_quota,
    hold,
    move,
    post,
    post_bulk,
    refund,
    release,
    release_pending,
    reverse,
    reverse_bulk,
    set_policy,
    set_rate,
    set_state,
    spend,
)
from meritbook.ledger.operations.refusals import refusal
from tests.ledger.books import NOVEMBER_3, Book, gift, owner_of
from tests.ledger.caps import cap

NOON = datetime(2026, 11, 3, 4, 0, tzinfo=UTC)
SOURCE = Source("order", 1)


@dataclass
class Ids:
    """Things of a company that requests name."""

    award: int
    pending: int
    order: int
    held: int
    cap: int


def furnish(book: Book) -> Ids:
    """Something of everything, and policies that let points be handed on and converted."""
    change = {"company_id": book.company_id, "changed_at": NOON, "actor_id": 1}
    policy: Any = {"is_convertible": True, "is_transferable": True}
    for code in ("spendable", "coin"):
        set_policy(code=code, policy=policy, **change)  # type: ignore[arg-type]
    day = date(2026, 1, 1)
    set_rate(
        company_id=book.company_id,
        from_code="spendable",
        to_code="coin",
        valid_from=day,
        numerator=1,
        denominator=10,
        announced_at=NOON,
        announced_on=day,
    )
    book.post("before/gift", (("coin", 300), ("honour", 1000), ("spendable", 1000)))
    book.post("before/quota", (("quota", 500),), party_id=book.hanmeimei, kind="grant")
    return Ids(
        award=book.post("before/award", gift(100)).tx_id,
        pending=book.post("before/pending", gift(50), is_pending=True).tx_id,
        order=book.spend("before/order", 80).tx_id,
        held=book.hold("before/hold", 60),
        cap=cap(book, 40, policy="refuse"),
    )


@dataclass
class Desk:
    """A company at work, and the operations with what is right in each; changes make it wrong."""

    book: Book
    ids: Ids

    def _issue(self, changes: dict[str, Any]) -> Issue:
        amount = changes.pop("amount", 10)
        code = changes.pop("code", "spendable")
        key = changes.pop("key", "new")
        return self.book.issue(key, ((code, amount),), **{"kind": "adjust"} | changes)

    def post(self, **changes: Any) -> Any:
        return post(company_id=self.book.company_id, issue=self._issue(changes))

    def post_in_bulk(self, **changes: Any) -> Any:
        """The second of three, of two people: no short way is taken."""
        fine = self.book.issue("fine/1", gift(5))
        other = self.book.issue("fine/2", gift(5), party_id=self.book.hanmeimei)
        results = post_bulk(
            company_id=self.book.company_id, issues=[fine, self._issue(changes), other]
        )
        assert [results[0].status, results[2].status] == ["new", "new"]
        return raised(results[1])

    def post_in_publicity(self, **changes: Any) -> Any:
        return self.post(is_pending=True, **changes)

    def praise(self, **changes: Any) -> Any:
        giver = changes.pop("giver", self.book.hanmeimei)
        amount = changes.pop("amount", 10)
        return self.post(quota=(giver, amount), **changes)

    def praise_in_bulk(self, **changes: Any) -> Any:
        giver = changes.pop("giver", self.book.hanmeimei)
        amount = changes.pop("amount", 10)
        return self.post_in_bulk(quota=(giver, amount), **changes)

    def spend(self, **changes: Any) -> Any:
        return spend(**self._movement(changes))

    def forfeit(self, **changes: Any) -> Any:
        return forfeit(**self._movement(changes))

    def hold(self, **changes: Any) -> Any:
        return hold(**{"lapses_at": None} | self._movement(changes))

    def move(self, **changes: Any) -> Any:
        ends = {"from_party_id": self.book.lilei, "to_party_id": self.book.hanmeimei} | changes
        whole = self._movement(ends)
        del whole["party_id"]
        return move(**whole)

    def convert(self, **changes: Any) -> Any:
        whole = self._movement({"from_code": "spendable", "to_code": "coin"} | changes)
        del whole["code"]
        return convert(**whole)

    def capture(self, **changes: Any) -> Any:
        return capture(
            **{
                "company_id": self.book.company_id,
                "hold_id": self.ids.held,
                "key": "new",
                "today": NOVEMBER_3,
                "amount": 10,
            }
            | changes
        )

    def release(self, **changes: Any) -> Any:
        return release(
            **{
                "company_id": self.book.company_id,
                "hold_id": self.ids.held,
                "released_at": NOON,
            }
            | changes
        )

    def release_pending(self, **changes: Any) -> Any:
        return release_pending(
            **{
                "company_id": self.book.company_id,
                "tx_id": self.ids.pending,
                "today": NOVEMBER_3,
            }
            | changes
        )

    def reverse(self, **changes: Any) -> Any:
        return reverse(**self._reversal(self.ids.award, -10, changes))

    def refund(self, **changes: Any) -> Any:
        whole = {
            "company_id": self.book.company_id,
            "tx_id": self.ids.order,
            "key": "new",
            "today": NOVEMBER_3,
            "code": "spendable",
            "amount": 10,
        }
        return refund(**whole | changes)  # type: ignore[arg-type]

    def reverse_in_bulk(self, **changes: Any) -> Any:
        whole = self._reversal(self.ids.award, -10, changes)
        del whole["company_id"]
        results = reverse_bulk(
            company_id=self.book.company_id,
            reversals=[Reversal(**whole), Reversal(10**12, "nothing", NOVEMBER_3)],
        )
        assert results[1].reason == "unknown_transaction"
        return raised(results[0])

    def grant_quota(self, **changes: Any) -> Any:
        return grant_quota(
            **{
                "company_id": self.book.company_id,
                "party_id": self.book.lilei,
                "month": date(2026, 11, 1),
                "amount": 10,
                "actor_id": 1,
            }
            | changes
        )

    def expire(self, **changes: Any) -> Any:
        return expire(**{"company_id": self.book.company_id, "today": NOVEMBER_3} | changes)

    def set_state(self, **changes: Any) -> Any:
        return set_state(
            **{
                "company_id": self.book.company_id,
                "party_id": self.book.lilei,
                "state": "blocked",
                "reason": "核查",
                "changed_at": NOON,
                "actor_id": 1,
            }
            | changes
        )

    def set_policy(self, **changes: Any) -> Any:
        return set_policy(
            **{
                "company_id": self.book.company_id,
                "code": "spendable",
                "policy": {"name": "星星"},
                "changed_at": NOON,
                "actor_id": 1,
            }
            | changes
        )

    def set_rate(self, **changes: Any) -> Any:
        whole = {
            "company_id": self.book.company_id,
            "from_code": "coin",
            "to_code": "spendable",
            "valid_from": NOVEMBER_3,
            "numerator": changes.pop("amount", 10),
            "denominator": 1,
            "announced_at": NOON,
            "announced_on": NOVEMBER_3,
            "approver_id": owner_of(self.book.company_id),
        }
        return set_rate(**whole | changes)  # type: ignore[arg-type]

    def _reversal(self, tx_id: int, amount: int, changes: dict[str, Any]) -> dict[str, Any]:
        amount = changes.pop("amount", amount)
        code = changes.pop("code", "spendable")
        return {
            "company_id": self.book.company_id,
            "tx_id": tx_id,
            "key": "new",
            "fact_on": changes.pop("today", NOVEMBER_3),
            "amounts": ((code, amount),),
        } | changes

    def _movement(self, changes: dict[str, Any]) -> dict[str, Any]:
        return {
            "company_id": self.book.company_id,
            "key": "new",
            "party_id": self.book.lilei,
            "code": "spendable",
            "amount": 10,
            "today": NOVEMBER_3,
            "source": SOURCE,
        } | changes


def raised(result: Result) -> Result:
    """A row's refusal as the error that a single request raises."""
    if result.status in ("refused", "conflict"):
        raise refusal(result.reason)
    return result
