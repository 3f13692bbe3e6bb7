"""Fixtures: a served site with committed data, and pages of a real Chromium."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.live import CHROMIUM, MISSING, chromium, serving, session_cookie
from tests.people import Cast

SIZES = {"desktop": (1366, 860), "phone": (390, 844)}


@pytest.fixture(scope="session", name="browser")
def started_browser(django_db_setup: None) -> Iterator[Browser]:
    """One headless Chromium for all browser tests."""
    if not CHROMIUM.exists():
        pytest.fail(MISSING, pytrace=False)
    with chromium() as browser:
        yield browser


@pytest.fixture
def site(live_database: str) -> Iterator[str]:
    """The address of the site on a database of its own."""
    with serving() as address:
        yield address


@pytest.fixture
def cast(live_database: str) -> Cast:
    """宏远贸易 with its people, committed."""
    from tests.people import hongyuan

    return hongyuan()


@dataclass
class Visitor:
    """Opens pages as somebody, and remembers everything that the browser complained about."""

    browser: Browser
    site: str
    cast: Cast
    complaints: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def page(self, role: str | None = None, *, size: str = "desktop", theme: str = "") -> Page:
        """A page in a window of its own; ``role`` None is nobody yet."""
        width, height = SIZES[size]
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            base_url=self.site,
            has_touch=size == "phone",
        )
        self.contexts.append(context)
        if theme:
            context.add_cookies([{"name": "theme", "value": theme, "url": self.site}])
        if role is not None:
            login = self.cast.members[role].login
            context.add_cookies(
                [
                    session_cookie(  # type: ignore[list-item]
                        login=login, company_id=self.cast.company.pk, address=self.site
                    )
                ]
            )
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console",
            lambda message: (
                self.complaints.append(message.text)
                if message.type == "error" and "status of 4" not in message.text
                else None
            ),
        )
        return page


@pytest.fixture
def visit(browser: Browser, site: str, cast: Cast) -> Iterator[Callable[..., Page]]:
    """``visit("officer", size="phone")``: a page; at the end the browser had no complaint."""
    visitor = Visitor(browser, site, cast)
    yield visitor.page
    for context in visitor.contexts:
        context.close()
    assert visitor.complaints == []
