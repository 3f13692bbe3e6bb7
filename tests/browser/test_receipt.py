"""The check of a receipt in the reader's own browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from meritbook.kit import clock
from meritbook.kit.tenancy import company_scope
from meritbook.ledger.operations.sealing import seal
from tests.ledger.books import raw
from tests.people import Cast
from tests.tenancy.world import furnish

CHECK = "在我的浏览器里核对"


@pytest.fixture
def tx_id(cast: Cast) -> int:
    """李雷's entry, sealed, among others in its block."""
    world = furnish(cast, employee_no="0001", note="测试")
    from meritbook.ledger.operations import Issue, post

    with company_scope(cast.company.pk):
        employee = cast.people["0002"]
        for n in range(5):
            post(
                company_id=cast.company.pk,
                issue=Issue(
                    key=f"more/{n}",
                    kind="award",
                    party_id=employee.party_id,
                    amounts=(("honour", 100),),
                    effective_on=clock.now().date(),
                    fact_on=clock.now().date(),
                    source_kind="event",
                    source_id=n,
                ),
            )
    seal(company_id=cast.company.pk, now=clock.now())
    found = world.ids["tx_id"]
    assert isinstance(found, int)
    return found


def test_the_browser_proves_an_entry(visit: Callable[..., Page], tx_id: int) -> None:
    for size in ("desktop", "phone"):
        page = visit("employee", size=size)
        page.goto("/wallet/")
        page.get_by_role("link", name="收据").first.click()
        page.get_by_role("button", name=CHECK).click()

        expect(page.get_by_text("核对无误")).to_be_visible()
        assert page.locator('[data-when="good"]:visible').count() == 4
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_browser_sees_that_an_entry_was_changed(
    visit: Callable[..., Page], cast: Cast, tx_id: int
) -> None:
    with raw("superuser", cast.company.pk) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("UPDATE ledger_transfer SET amount = amount + 1 WHERE tx_id = %s", [tx_id])
    page = visit("employee")
    page.goto(f"/receipts/{tx_id}/")
    page.get_by_role("button", name=CHECK).click()

    expect(page.get_by_text("对不上")).to_be_visible()
    assert page.locator('[data-when="bad"]:visible').count() == 3


def test_what_waits_for_its_seal_says_so(visit: Callable[..., Page], cast: Cast) -> None:
    world = furnish(cast, employee_no="0001", note="测试")
    page = visit("employee")
    page.goto(f"/receipts/{world.ids['tx_id']}/")

    expect(page.get_by_text("还在等待封存")).to_be_visible()
