"""财务 and 审计: they read the books, everybody's statement, budgets and caps, and write nothing."""

from typing import Any

import pytest
from django.test import Client

from meritbook.kit.tenancy import company_scope
from meritbook.ledger.operations.policies import set_policy
from meritbook.org.models import RoleGrant
from tests.people import NOW, Cast
from tests.tenancy.world import World, furnish

pytestmark = pytest.mark.django_db
READ = [
    "/ledger/",
    "/ledger/{tx_id}/",
    "/ledger/balances/",
    "/ledger/expiry/",
    "/ledger/liability/",
    "/ledger/budget/",
    "/ledger/caps/",
    "/ledger/periods/",
    "/ledger/proof/",
    "/people/0001/wallet/",
    "/entries/{tx_id}/why/",
    "/receipts/{tx_id}/",
]
CLOSED = [
    "/ledger/quotas/",
    "/ledger/opening/",
    "/ledger/assets/",
    "/ledger/rates/",
    "/ledger/{tx_id}/reverse/",
    "/ledger/budget/new/",
    "/ledger/caps/new/",
    "/people/",
    "/imports/",
    "/settings/api-keys/",
    "/settings/backups/",
]
WRITES = [
    "/ledger/{tx_id}/reverse/",
    "/ledger/periods/2026-10/close/",
    "/ledger/budget/new/",
    "/ledger/caps/new/",
    "/ledger/assets/spendable/",
    "/ledger/rates/new/",
    "/ledger/proof/witnesses/",
    "/people/0002/roles/",
]


@pytest.fixture(autouse=True)
def _at_noon(time_machine: Any) -> None:
    time_machine.move_to(NOW)


@pytest.fixture
def world(home: Cast) -> World:
    return furnish(home, employee_no="0001", note="测试")


def given(cast: Cast, *roles: str) -> Client:
    """李雷, to whom 张总 gave roles on his page."""
    answer = cast.client("owner").post("/people/0001/roles/", {"role": list(roles)})
    assert answer.status_code == 302
    with company_scope(cast.company.pk):
        held = set(
            RoleGrant.objects.filter(
                company_id=cast.company.pk, membership=cast.members["employee"]
            ).values_list("role", flat=True)
        )
    assert held == {"employee", *roles}
    return cast.client("employee")


@pytest.mark.parametrize("role", ["finance", "auditor"])
def test_they_read_the_books_and_write_nothing(world: World, role: str) -> None:
    plain = world.cast.client("employee")
    assert plain.get("/ledger/").status_code == 403
    client = given(world.cast, role)
    ids = {"tx_id": world.ids["tx_id"]}
    for address in READ:
        assert client.get(address.format(**ids)).status_code == 200, address
    for address in CLOSED:
        assert client.get(address.format(**ids)).status_code in (403, 404), address
    for address in WRITES:
        assert client.post(address.format(**ids)).status_code in (403, 404), address
    shown = client.get("/ledger/").content.decode()
    assert 'href="/ledger/balances/"' in shown
    assert 'href="/ledger/assets/"' not in shown
    assert 'href="/ledger/"' in client.get("/").content.decode()
    # Taken away, the books are closed again.
    assert given(world.cast).get("/ledger/").status_code == 403


def test_they_see_points_that_are_for_officers_alone(world: World) -> None:
    with company_scope(world.cast.company.pk):
        set_policy(
            company_id=world.cast.company.pk,
            code="spendable",
            policy={"visible_to": "officers"},
            changed_at=NOW,
            actor_id=1,
        )
    address = "/people/0001/wallet/?asset=spendable"
    assert world.cast.client("head").get(address).context["asset"] != "spendable"
    assert given(world.cast, "finance").get(address).context["asset"] == "spendable"
