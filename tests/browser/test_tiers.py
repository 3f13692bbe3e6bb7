"""Rows of tiers in the form of a rule: added, filled in, dropped, and told in one sentence."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.people import Cast

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_tiers_are_added_and_dropped_while_the_sentence_follows(
    visit: Visit, cast: Cast, size: str
) -> None:
    page = visit("officer", size=size)
    page.goto("/rules/new/?shape=S5")
    page.get_by_label("衡量标准").fill("月度业绩")
    page.get_by_text("金额（元）").click()
    expect(page.get_by_label("单位")).to_have_count(0)
    page.get_by_label("目标").fill("100000")
    page.get_by_label("分值").fill("100")
    page.get_by_role("button", name="分几档给分").click()
    expect(page.get_by_label("第 1 档：达到")).to_have_value("100000")
    expect(page.get_by_label("目标")).to_have_count(0)
    expect(page.get_by_label("第 2 档：达到")).to_be_focused()
    page.get_by_label("第 2 档：达到").fill("380000")
    page.get_by_label("第 2 档：得分").fill("800")
    sentence = page.locator("#sentence")
    expect(sentence).to_contain_text("只取最高一档")
    expect(sentence).to_contain_text("100 ~ 800")

    page.get_by_role("button", name="再加一档").click()
    page.get_by_label("第 3 档：达到").fill("500000")
    page.get_by_label("第 3 档：得分").fill("1500")
    expect(sentence).to_contain_text("100 ~ 1,500")
    page.get_by_role("button", name="删去第 1 档").click()
    expect(sentence).to_contain_text("800 ~ 1,500")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    page.get_by_role("button", name="发布", exact=True).click()
    expect(page.locator(".timeline-list")).to_be_visible()
    expect(page.locator("main")).to_contain_text("800 ~ 1,500")
