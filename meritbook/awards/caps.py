"""Which caps count a gain: by rule, person, department, day and asset. Values in, cap ids out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from meritbook.ledger.caps import Cap

Amounts = Iterable[tuple[str, int]]
CAP_REST = "awards.cap_rest"
"""The kind of an approval that is about points beyond a cap."""


class CapBook:
    """All caps of a company, asked once for each posting.

    ``paths`` holds the departments at or above each department, itself included.
    """

    def __init__(self, caps: Sequence[Cap], paths: Mapping[int, Sequence[int]]) -> None:
        self.caps = tuple(caps)
        self._paths = paths
        self._of_everything = [one for one in caps if one.subject is None]
        self._of_subject: dict[str, list[Cap]] = {}
        self._of_version: dict[int, Cap] = {}
        for one in caps:
            if one.rule_version_id is not None:
                self._of_version[one.rule_version_id] = one
            elif one.subject is not None:
                self._of_subject.setdefault(one.subject, []).append(one)
        self._named = frozenset(one.party_id for one in caps if one.party_id is not None)
        self._known: dict[tuple[object, ...], tuple[int, ...]] = {}

    def of(
        self,
        *,
        rule_code: str,
        version_id: int,
        party_id: int,
        department_id: int | None,
        day: date,
        amounts: Amounts,
    ) -> tuple[int, ...]:
        """The caps that count these amounts, as ``Issue.caps`` takes them.

        A cap that a version of a rule states counts what that version gave. A cap that refuses is
        named by its negative id: an event happened, so that it earned nothing is recorded.
        """
        if not self.caps:
            return ()
        gains = tuple(sorted(asset for asset, amount in amounts if amount > 0))
        if not gains:
            return ()
        own = party_id if party_id in self._named else None
        key = (rule_code, version_id, own, department_id, day, gains)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = tuple(
                sorted(
                    -one.cap_id if one.policy == "refuse" else one.cap_id
                    for one in self._candidates(rule_code, version_id)
                    if one.asset_code in gains
                    and one.counts_on(day)
                    and one.party_id in (None, party_id)
                    and self._is_inside(department_id, one.department_id)
                )
            )
        return known

    def _candidates(self, rule_code: str, version_id: int) -> list[Cap]:
        stated = self._of_version.get(version_id)
        return [
            *self._of_everything,
            *self._of_subject.get(rule_code, ()),
            *([] if stated is None else [stated]),
        ]

    def _is_inside(self, department_id: int | None, above_id: int | None) -> bool:
        if above_id is None:
            return True
        return department_id is not None and above_id in self._paths.get(department_id, ())


NO_CAPS = CapBook((), {})


def allowed_points(points: int, asked: Mapping[str, int], gained: Mapping[str, int]) -> int:
    """How many of a rule's ``points`` a cut posting gained, rounded down."""
    asset = max(asked, key=lambda code: (asked[code], code))
    return points * gained.get(asset, 0) // asked[asset]
