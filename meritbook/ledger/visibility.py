"""Who may see how much somebody has of an asset, as its policy says. Pure.

everyone   the person, managers, officers; boards are open to all
managers   the person, the heads above them, officers; boards for heads and officers
self       the person and officers; boards for officers
officers   officers alone, not even the person
"""

from __future__ import annotations

EVERYONE, MANAGERS, SELF, OFFICERS = "everyone", "managers", "self", "officers"


def may_see_balance(visible_to: str, *, is_self: bool, is_officer: bool) -> bool:
    """See the balance of a person whose wallet is open to the reader anyway.

    Whoever is neither the person nor an officer there is a head above them.
    """
    if is_officer:
        return True
    if is_self:
        return visible_to != OFFICERS
    return visible_to in (EVERYONE, MANAGERS)


def may_see_board(visible_to: str, *, is_head: bool, is_officer: bool) -> bool:
    """See who has earned how much of it."""
    if is_officer or visible_to == EVERYONE:
        return True
    return is_head and visible_to == MANAGERS
