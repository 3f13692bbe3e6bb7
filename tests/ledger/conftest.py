"""Books for the tests of the ledger."""

from collections.abc import Iterator

import pytest

from meritbook.kit.tenancy import company_scope
from tests.ledger.books import Book, found_book


@pytest.fixture
def book(db: None) -> Iterator[Book]:
    """Our company's book with its scope open; rolled back after the test."""
    ours = found_book()
    with company_scope(ours.company_id):
        yield ours


@pytest.fixture
def live_book(live_database: str) -> Book:
    """Our company's book in a database whose commits are real; no scope is open."""
    return found_book()
