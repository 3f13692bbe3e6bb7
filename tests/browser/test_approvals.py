"""A budget in a real browser: 张总 sets it, what goes beyond it waits, he answers on the phone."""

from collections.abc import Callable
from datetime import datetime, time

import pytest
from playwright.sync_api import Page, expect

from meritbook.awards.content import NewEvent
from meritbook.awards.operations import record
from meritbook.kit import clock
from meritbook.kit.tenancy import company_scope
from meritbook.ledger.statements import wallet
from tests.browser.standards import published
from tests.people import Cast

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]


def sign(cast: Cast, code: str, number: str, who: str) -> None:
    today = clock.today(time_zone="Asia/Shanghai")
    event = NewEvent(
        event_no=number,
        type=code,
        employee_no=who,
        happened_at=datetime.combine(today, time()),
        has_time=False,
    )
    recorded = record(company_id=cast.company.pk, events=[event], source="crm", now=clock.now())
    assert recorded.count("new") == 1, recorded.problems


def spendable(cast: Cast, who: str) -> int:
    with company_scope(cast.company.pk):
        accounts = wallet(company_id=cast.company.pk, party_id=cast.people[who].party_id)
        return next(each.balance for each in accounts if each.asset == "spendable") // 100


def test_a_budget_and_what_goes_beyond_it(visit: Visit, cast: Cast) -> None:
    code = published(cast, points="60")
    desk = visit("owner")
    desk.goto("/ledger/budget/")
    desk.get_by_role("link", name="设定预算").first.click()
    desk.locator("#id_amount").fill("100")
    desk.get_by_label("超出预算时").select_option("queue")
    desk.get_by_role("button", name="保存").click()
    expect(desk.locator("main")).to_contain_text("/ 100 分")
    expect(desk.locator("main")).to_contain_text("正常")

    # 60 fit; of the next 60 there are 40, and 20 wait; then 60 wait.
    for number, who in (("D-1", "0001"), ("D-2", "0004"), ("D-3", "0001")):
        sign(cast, code, number, who)
    assert (spendable(cast, "0001"), spendable(cast, "0004")) == (60, 40)
    desk.reload()
    expect(desk.locator("main")).to_contain_text("已用完")

    # On the phone: the desk says that two wait; one is read and approved.
    phone = visit("owner", size="phone")
    phone.goto("/")
    phone.get_by_role("link", name="2 件事等你审批").click()
    phone.get_by_role("link", name="赵敏").click()
    expect(phone.locator("main")).to_contain_text("签合同")
    phone.get_by_label("意见").fill("应得的")
    phone.get_by_role("button", name="同意").click()
    expect(phone.get_by_text("已同意").first).to_be_visible()
    assert spendable(cast, "0004") == 60

    # The other is ticked, there too, and refused with a reason and a question whether one is sure.
    for where in (desk, phone):
        where.goto("/approvals/")
        where.locator("[data-tick]").check()
        expect(where.get_by_placeholder("意见")).to_be_visible()
    phone.locator("[data-tick]").uncheck()
    expect(phone.get_by_placeholder("意见")).to_be_hidden()
    phone.locator("label", has_text="全选").get_by_role("checkbox").check()
    phone.get_by_placeholder("意见").fill("等下个月")
    phone.get_by_role("button", name="拒绝").click()
    phone.get_by_role("dialog").get_by_role("button", name="拒绝").click()
    expect(phone.get_by_text("已拒绝 1 件").first).to_be_visible()
    expect(phone.locator("main")).to_contain_text("没有等你审批的事")
    assert spendable(cast, "0001") == 60
    desk.goto("/approvals/?tab=done")
    expect(desk.locator("main")).to_contain_text("已拒绝")
    expect(desk.locator("main")).to_contain_text("已同意")
