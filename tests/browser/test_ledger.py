"""The ledger in a real browser: found by keys, taken back after a look at what would happen."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from meritbook.kit.tenancy import company_scope
from tests.ledger.books import Book, gift
from tests.people import Cast

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]


@pytest.fixture
def book(cast: Cast) -> Book:
    """李雷 got 12.5 and used 3; a coin was entered by mistake."""
    book = Book(cast.company.pk, cast.people["0001"].party_id, 0, 0)
    with company_scope(cast.company.pk):
        book.post("visit/1", gift(1_250), department_id=None)
        book.spend("order/1", 300)
        book.post("opening/1", (("coin", 5_000),), kind="opening", department_id=None)
    return book


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_a_mistake_is_found_and_taken_back_in_part(
    visit: Visit, cast: Cast, book: Book, size: str
) -> None:
    page = visit("officer", size=size)
    page.goto("/ledger/")
    expect(page.locator("#ledger-sums")).to_contain_text("现金币")
    page.locator("#ledger-q").fill("lilei")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=lilei**")
    row = page.locator("tbody tr", has_text="期初余额")
    expect(row).to_have_count(1)
    row.locator(".row-link").focus()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("李雷的现金币")
    page.get_by_role("link", name="冲销").click()
    expect(page.locator("main")).to_contain_text("50 → 0")

    page.get_by_label("现金币").fill("20.5")
    page.get_by_role("button", name="更新预览").click()
    expect(page.locator("main")).to_contain_text("50 → 29.5")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_label("冲销原因").fill("期初录多了")
    page.get_by_role("button", name="确认冲销").click()
    expect(page.locator("main")).to_contain_text("部分冲销")
    expect(page.locator("main")).to_contain_text("期初录多了")
    with company_scope(cast.company.pk):
        assert book.balance("coin") == 2_950


def test_a_statement_is_saved_as_a_file(visit: Visit, book: Book) -> None:
    page = visit("employee")
    page.goto("/wallet/")
    page.get_by_role("button", name="导出对账单").click()
    with page.expect_download() as coming:
        page.get_by_role("menuitem", name="全部种类 PDF").or_(
            page.get_by_text("全部种类 PDF")
        ).first.click()
    assert coming.value.suggested_filename == "李雷-0001.pdf"
    assert coming.value.path().read_bytes()[:5] == b"%PDF-"
