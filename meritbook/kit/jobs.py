"""Jobs: each runs in the scope of one company, with ids as its only arguments."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ParamSpec, Protocol

from django.db import connection, transaction
from procrastinate.contrib.django import app

from meritbook.kit.retries import retried
from meritbook.kit.tenancy import company_scope

P = ParamSpec("P")


class Job(Protocol):
    """A registered task."""

    name: str

    def defer(self, **arguments: Any) -> int: ...

    def configure(self, **options: Any) -> Job: ...


class NotAnId(TypeError):
    """A job was given something else than ids and short codes; its row is readable by every company's
    administrator of the database, so it carries no content."""


def tenant_job(
    *, name: str, queue: str = "default", scoped: bool = True, lock: str | None = None
) -> Callable[[Callable[P, Any]], Job]:
    """Register a job whose first argument is ``company_id``; it runs inside that company's scope.

    ``scoped=False`` leaves opening scopes to the job (many small transactions). A job whose
    transaction the database broke off runs again at once; the queue retries what fails a few times.
    """

    def decorate(work: Callable[P, Any]) -> Job:
        @functools.wraps(work)
        def run(*args: P.args, **kwargs: P.kwargs) -> Any:
            company_id = kwargs["company_id"]
            if not isinstance(company_id, int):
                raise NotAnId(f"company_id of job {name} is {type(company_id).__name__}")
            if not scoped:
                return work(*args, **kwargs)

            def scoped_work() -> Any:
                with company_scope(company_id):
                    return work(*args, **kwargs)

            return retried(scoped_work)

        task: Job = app.task(name=name, queue=queue, retry=3, lock=lock)(run)
        return task

    return decorate


def enqueue(name: str, /, **ids: int | str) -> None:
    """Enqueue a registered job in the caller's transaction: rolled back, it never was.

    Takes a name, so that a lower context can ask for a job of a higher one. Raises NotAnId.
    """
    for key, value in ids.items():
        if not isinstance(value, int) and not (isinstance(value, str) and len(value) <= 60):
            raise NotAnId(f"{key} of job {name} is no id")
    app.configure_task(name, allow_unknown=False).defer(**ids)


def companies_due() -> list[int]:
    """The ids of all companies that are not suspended, for a job that fans out."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT org_companies_due()")
        return [int(row[0]) for row in cursor.fetchall()]
