"""Fixtures: the database as the application role sees it, and two companies in it.

``db`` (pytest-django) rolls back after each test. ``live_database`` is a copy of its own for tests
that commit: threads, processes, browsers.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from pytest_django.fixtures import Settings

from tests import counts, databases

if TYPE_CHECKING:
    from meritbook.org.models import Company
    from tests.companies import Companies
    from tests.people import Cast


LONGEST = 6 * 3600
"""Seconds for one test when large counts were asked for."""


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """One seed for all that is drawn by chance, told at the end; all processes of a run share it."""
    if config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = secrets.randbelow(10**9)
    if counts.IS_LONG:
        config.option.timeout = LONGEST


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how to draw the same again."""
    seed = terminalreporter.config.option.hypothesis_seed
    terminalreporter.write_line(f"drawn with --hypothesis-seed={seed}")


def point_to(connection: object, name: str) -> None:
    """Let a Django connection use the database ``name`` as the application role."""
    connection.close()  # type: ignore[attr-defined]
    settings = connection.settings_dict  # type: ignore[attr-defined]
    # A pool would keep connections to the database before; settings may be read before this file.
    settings["OPTIONS"].pop("pool", None)
    parts = databases.urlsplit(databases.url(databases.APP, name))
    settings.update(
        NAME=name,
        USER=databases.APP,
        PASSWORD=databases.PASSWORDS[databases.APP],
        HOST=parts.hostname,
        PORT=str(parts.port),
    )


@pytest.fixture(autouse=True)
def data_folder(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What a test writes beside the database (anchors), no other finds."""
    settings.DATA = tmp_path_factory.getbasetemp() / "data" / uuid4().hex


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """Every worker process gets a copy of the migrated template; tests connect as the app."""
    from django.contrib.auth.hashers import Argon2PasswordHasher
    from django.db import connections

    # The same algorithm with the least cost: tests sign in by the hundred.
    Argon2PasswordHasher.time_cost = 1
    Argon2PasswordHasher.memory_cost = 8
    Argon2PasswordHasher.parallelism = 1
    with databases.copy("suite") as name, django_db_blocker.unblock():  # type: ignore[attr-defined]
        point_to(connections["default"], name)
        yield
        connections.close_all()


@pytest.fixture
def live_database(django_db_setup: None, django_db_blocker: object) -> Iterator[str]:
    """A database of its own whose commits are real; its name. Not together with ``db``."""
    from django.db import connections

    with databases.copy("live") as name, django_db_blocker.unblock():  # type: ignore[attr-defined]
        before = connections["default"].settings_dict["NAME"]
        point_to(connections["default"], name)
        yield name
        connections.close_all()
        point_to(connections["default"], before)


@pytest.fixture
def companies(db: None) -> Companies:
    """Two companies, outside of any scope."""
    from tests.companies import found_two

    return found_two()


@pytest.fixture
def company(companies: Companies) -> Iterator[Company]:
    """Our company, with its scope open."""
    from meritbook.kit.tenancy import company_scope

    with company_scope(companies.ours.pk):
        yield companies.ours


@pytest.fixture
def home(db: None) -> Cast:
    """宏远贸易 with its people (tests/people.py)."""
    from tests.people import hongyuan

    return hongyuan()


@pytest.fixture
def away(db: None) -> Cast:
    """他山贸易, whose people are strangers at home."""
    from tests.people import tashan

    return tashan()
