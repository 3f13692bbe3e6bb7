"""One company at a time: the transaction-local setting that row-level security reads.

PostgreSQL refuses every tenant row while ``app.company_id`` is unset, so forgetting to enter a
scope is an error and never a leak. The setting is transaction-local: a pooled connection
cannot carry it to the next request.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connections, transaction

_company: ContextVar[int | None] = ContextVar("company", default=None)


class NoCompany(RuntimeError):
    """Code that needs a company ran outside ``company_scope``."""


class ForeignScope(RuntimeError):
    """A scope of one company was opened inside the scope of another."""


def current_company_id() -> int:
    """The company of the scope that is open. Raises NoCompany outside of one."""
    company_id = _company.get()
    if company_id is None:
        raise NoCompany("no company scope is open")
    return company_id


def _set(company_id: int | None, *, using: str) -> None:
    text = "" if company_id is None else str(company_id)
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT set_config('app.company_id', %s, true)", [text])


@contextmanager
def company_scope(company_id: int, *, using: str = "default") -> Iterator[None]:
    """Open a transaction in which the rows of one company, and no other, can be seen.

    Nests for the same company (a savepoint); another company inside it raises ForeignScope.
    An exception rolls back what was written inside.
    """
    outer = _company.get()
    if outer is not None and outer != company_id:
        raise ForeignScope(f"scope of company {company_id} inside that of {outer}")
    inside_a_transaction = connections[using].in_atomic_block
    with transaction.atomic(using=using):
        _set(company_id, using=using)
        token = _company.set(company_id)
        try:
            yield
        finally:
            _company.reset(token)
    # A commit forgets the setting; only a surrounding transaction would keep it. After an error
    # the savepoint's rollback restores the old value.
    if inside_a_transaction and outer is None:
        _set(None, using=using)
