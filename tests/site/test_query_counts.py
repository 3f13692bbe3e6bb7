"""Desk, wallet and board ask the database as often for many people and entries as for a few."""

from collections.abc import Iterator

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from meritbook.kit import pages
from meritbook.kit.tenancy import company_scope
from meritbook.org.models import Department
from meritbook.standings.queries import boards
from tests.awards.worlds import World, event
from tests.people import Cast

PAGES = ("/", "/wallet/", "/boards/", "/people/0001/wallet/")


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel("2026-11-21 04:30Z", tick=False):
        yield


def queries(client: Client, address: str) -> int:
    """How many queries a page takes when nothing is remembered."""
    boards._kept.clear()
    boards._versions.clear()
    pages._pages.clear()
    cache.clear()
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    names = [one["sql"] for one in seen if "is_convertible FROM ledger_asset" in one["sql"]]
    assert len(names) <= 1, "what assets are called is asked once for a page"
    return len(seen)


@pytest.mark.parametrize("role", ["employee", "officer", "head", "owner"])
def test_as_many_queries_for_many_as_for_few(home: Cast, role: str) -> None:
    world = World(home.company.pk, home.company.code)
    deal = world.rule("S1", "签合同", points="10").rule.code
    visits = world.rule(
        "S4", "每月拜访客户 4 次", points="40", period="month", target="4", unit="次"
    ).rule.code
    world.record(
        *(
            event(f"{who}-{what}", what, who, "2026-11-20 10:00")
            for who in ("0001", "0002", "0003", "0009")
            for what in (deal, visits)
        )
    )
    client = home.client(role)
    addresses = [one for one in PAGES if role != "employee" or "people" not in one]
    client.get("/")
    few = {address: queries(client, address) for address in addresses}
    with company_scope(home.company.pk):
        sales = Department.objects.get(company_id=home.company.pk, name="华南组")
    for number in range(30):
        world.hire(f"1{number:03d}", f"新人{number}", sales)
    world.record(
        *(event(f"{n}-n", deal, f"1{n:03d}", "2026-11-20 10:00") for n in range(30)),
        *(event(f"{n}-v", visits, f"1{n:03d}", "2026-11-20 10:00") for n in range(30)),
        *(event(f"{n}-m", deal, "0001", "2026-11-20 11:00") for n in range(30)),
        *(event(f"{n}-w", visits, "0001", "2026-11-20 11:00") for n in range(30)),
    )
    many = {address: queries(client, address) for address in addresses}
    assert many == few
    assert max(many.values()) <= 36, many
