"""Caps as awards ask for them."""

from __future__ import annotations

from collections.abc import Sequence

from meritbook.awards.caps import NO_CAPS, CapBook
from meritbook.ledger.caps import Cap, find_caps
from meritbook.org.models import Department


def cap_book(*, company_id: int) -> CapBook:
    """The company's caps, ended ones too: an event may tell of a day long ago. One query or two."""
    return book_of(company_id=company_id, caps=find_caps(company_id=company_id))


def book_of(*, company_id: int, caps: Sequence[Cap]) -> CapBook:
    """The book of these caps."""
    if not caps:
        return NO_CAPS
    paths = (
        dict(Department.objects.filter(company_id=company_id).values_list("id", "path_ids"))
        if any(cap.department_id is not None for cap in caps)
        else {}
    )
    return CapBook(caps, paths)
