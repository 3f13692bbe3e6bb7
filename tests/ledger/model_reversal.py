"""Taking back, in the model: the other way round, from and to the lots that the original used."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from tests.ledger.days import FOREVER
from tests.ledger.model_books import Answer, Books, Leg, Transaction, refused

Part = dict[str, int]
"""Signed as the new movement, by asset."""


class Reversals(Books):
    """Whole or in parts, with the policy for what was used meanwhile."""

    def reverse(self, number: int, key: str, today: date, part: Part | None = None) -> Answer:
        original = self.transactions[number]
        if original.kind in ("reverse", "release"):
            return refused("not_reversible")
        return self._take_back(original, key, today, part)

    def _take_back(self, original: Transaction, key: str, today: date, part: Part | None) -> Answer:
        payload = (
            "reverse",
            original.number,
            today,
            tuple(sorted((part or {}).items())),
            part is None,
        )
        if answer := self.known(key, payload):
            return answer
        wanted = self._wanted(original, part)
        if isinstance(wanted, Answer):
            return wanted
        came_back: Counter[str] = Counter()
        if original.release:
            # Out of the wallet first, as much as is there.
            inner = self._take_back(original.release, f"{key}/release", today, part)
            if inner.status == "refused":
                return inner
            for leg in self.transactions[inner.number or 0].legs:
                came_back[leg.giver.code] += leg.amount

        transaction = self.begin(key, payload, "reverse", self.open_day(original.day))
        freed: Counter[str] = Counter()
        for leg, want in wanted:
            leg.back += want
            take = want
            if leg.taker.party:
                freed[leg.taker.code] += want
                room = came_back[leg.taker.code] if original.release else self._clawback(leg)
                take = want if room is None else min(want, room)
            if take:
                self._undo(transaction, original, leg, take, today)
        for spot, taken in original.room.items():
            free = min(taken, freed[self.caps[spot[0]].code])
            self.taken[spot] -= free
            original.room[spot] -= free
        return Answer("new", number=transaction.number)

    def _wanted(self, original: Transaction, part: Part | None) -> list[tuple[Leg, int]] | Answer:
        """How much of each leg; or why not."""
        left = [(leg, leg.amount - leg.back) for leg in original.legs]
        if part is not None:
            wants = {}
            for code, amount in part.items():
                legs = [leg for leg in original.legs if code in (leg.taker.code, leg.giver.code)]
                if not legs:
                    return refused("unknown_asset")
                gained = legs[0].taker.party and (
                    not legs[0].giver.party or legs[0].giver.kind == "pending"
                )
                wants[code] = -amount if gained else amount
                if wants[code] < 0:
                    return refused("bad_amount")
            if original.kind == "transfer":
                (want,) = wants.values()
                shares = []
                for leg, remaining in left:
                    shares.append((leg, min(want, remaining)))
                    want -= shares[-1][1]
                if want:
                    return refused("nothing_left")
                left = shares
            else:
                if any(wants.get(leg.taker.code, 0) > remaining for leg, remaining in left):
                    return refused("nothing_left")
                left = [(leg, wants.get(leg.taker.code, 0)) for leg, _remaining in left]
        left = [(leg, want) for leg, want in left if want]
        if not left:
            return refused("nothing_left")
        for leg, want in left:
            if self.assets[leg.taker.code].clawback == "hold" and leg.taker.party:
                room = self._clawback(leg)
                if not original.release and room is not None and want > room:
                    return refused("consumed")
        return left

    def _clawback(self, leg: Leg) -> int | None:
        """How much can be taken back from whoever received the points; None: all."""
        asset, account = self.assets[leg.taker.code], self.accounts[leg.taker]
        if asset.clawback == "debt" and not account.held:
            return None
        floor = 0 if leg.taker.kind == "pending" else asset.wallet_floor or 0
        room = max(account.posted - account.held - floor, 0)
        if asset.keeps_lots and leg.taker.kind == "wallet":
            room = min(room, account.left[leg.until or FOREVER])
        return room

    def _undo(
        self, transaction: Transaction, original: Transaction, leg: Leg, take: int, today: date
    ) -> None:
        asset = self.assets[leg.taker.code]
        in_lots = asset.keeps_lots
        if in_lots and leg.taker.party and leg.taker.kind == "wallet":
            account = self.accounts[leg.taker]
            # What was owed is in no lot; the granted lot first, then the others.
            rest = min(take, max(account.posted, 0))
            until = leg.until or FOREVER
            first = min(rest, account.left[until])
            account.left[until] -= first
            account.take(rest - first)
        if in_lots and leg.giver.party and leg.giver.kind == "wallet":
            account = self.accounts[leg.giver]
            rest = max(account.posted + take, 0) - max(account.posted, 0)
            self._put_back(original, leg, rest, today)
        self.move_points(transaction, leg.seq, leg.taker, leg.giver, take)

    def _put_back(self, original: Transaction, leg: Leg, rest: int, today: date) -> None:
        """Into the lots it came from, the latest first; what has lapsed gets days of grace."""
        account, grace = self.accounts[leg.giver], self.assets[leg.giver.code].refund_grace_days
        for use in sorted(original.uses, key=lambda use: use.until, reverse=True):
            is_other_lot = original.kind == "transfer" and use.until != leg.until
            if use.place != leg.giver or is_other_lot:
                continue
            back = min(rest, use.amount)
            use.amount -= back
            rest -= back
            has_lapsed = use.until < today and grace
            account.left[today + timedelta(grace) if has_lapsed else use.until] += back
        account.left[FOREVER] += rest
