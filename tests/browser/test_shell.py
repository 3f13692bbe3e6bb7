"""What every page promises in a real browser: theme, side sheet, dialogs, keyboard, phone."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from meritbook.kit import clock
from tests.awards.worlds import World, event
from tests.people import Cast

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]
PAGES = ("/", "/boards/", "/wallet/", "/me/", "/search/?q=li", "/rules/", "/events/")


@pytest.fixture
def scored(cast: Cast) -> Cast:
    """李雷 signed a deal yesterday."""
    world = World(cast.company.pk, cast.company.code)
    deal = world.rule("S1", "签合同", points="10").rule.code
    now = clock.now()
    yesterday = (now.astimezone(cast.company.zone) - timedelta(days=1)).replace(tzinfo=None)
    world.record(event("D-1", deal, "0001", f"{yesterday:%Y-%m-%d} 10:00"), now=now)
    return cast


def theme_of(page: Page) -> object:
    return page.evaluate("document.documentElement.dataset.theme ?? null")


def test_the_theme_is_chosen_and_there_at_the_first_paint(visit: Visit) -> None:
    page = visit("employee")
    page.goto("/boards/")
    assert theme_of(page) is None
    page.get_by_label("我的账户").click()
    page.get_by_role("button", name="深色").click()
    assert theme_of(page) == "dark"
    page.reload()
    assert theme_of(page) == "dark"
    served = page.request.get("/boards/").text()
    assert 'data-theme="dark"' in served


def test_why_opens_beside_the_statement_and_closes_by_the_keyboard(
    visit: Visit, scored: Cast
) -> None:
    page = visit("employee")
    page.goto("/wallet/")
    page.get_by_role("link", name="为什么", exact=True).first.click()
    sheet = page.locator("dialog#sheet")
    expect(sheet).to_be_visible()
    expect(sheet).to_contain_text("签合同")
    expect(sheet).to_contain_text("记入荣誉分")
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    assert page.url.endswith("/wallet/")


def test_the_keyboard_reaches_search_and_pages(visit: Visit) -> None:
    page = visit("officer")
    page.goto("/")
    page.keyboard.press("/")
    expect(page.locator("[data-search]")).to_be_focused()
    page.keyboard.type("lilei")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="员工")).to_be_visible()
    expect(page.locator("main")).to_contain_text("李雷")
    page.locator("body").press("g")
    page.locator("body").press("b")
    page.wait_for_url("**/boards/")


def test_the_first_tab_skips_to_the_content(visit: Visit) -> None:
    page = visit("employee")
    page.goto("/boards/")
    page.keyboard.press("Tab")
    link = page.get_by_role("link", name="跳到正文")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()


def test_a_filter_is_sent_as_soon_as_it_is_chosen(visit: Visit, scored: Cast) -> None:
    page = visit("officer")
    page.goto("/boards/")
    page.get_by_label("部门", exact=True).select_option(label="销售部")
    page.wait_for_url("**/boards/?*department=*")
    expect(page.locator(".board-row")).to_have_count(2)


def test_a_phone_has_its_bar_and_its_drawer(visit: Visit) -> None:
    page = visit("employee", size="phone")
    page.goto("/")
    bar = page.get_by_role("navigation", name="底部导航")
    expect(bar.get_by_role("link")).to_have_count(5)
    bar.get_by_role("link", name="排行榜").click()
    page.wait_for_url("**/boards/")
    page.get_by_role("button", name="打开导航").click()
    expect(page.locator("dialog#drawer")).to_be_visible()
    page.locator("dialog#drawer").get_by_role("link", name="我的钱包").click()
    page.wait_for_url("**/wallet/")


@pytest.mark.parametrize("role", ["employee", "officer"])
def test_nothing_is_wider_than_a_phone(visit: Visit, scored: Cast, role: str) -> None:
    page = visit(role, size="phone")
    for address in PAGES:
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address


def test_fingers_find_every_control_of_the_phone(visit: Visit, scored: Cast) -> None:
    page = visit("officer", size="phone")
    for address in ("/", "/boards/", "/events/"):
        page.goto(address)
        small = page.evaluate(
            """() => [...document.querySelectorAll('.btn, .input, .select, .phone-dock a, .icon-button')]
                .filter(element => element.offsetParent !== null)
                .filter(element => !element.matches('.btn-xs, .btn-row, .period-step *'))
                .map(element => [element.outerHTML.slice(0, 80), element.getBoundingClientRect().height])
                .filter(([, height]) => height < 40)"""
        )
        assert small == [], address
