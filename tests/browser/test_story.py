"""The road of the product in a real browser: from an Excel rule table to a live board.

韩梅梅 signs in, reads the rule table in, answers, publishes, enters what 李雷 did; 李雷 looks why he
has the points and where he stands.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from meritbook.awards.content import NewEvent
from meritbook.awards.imports import run_import
from meritbook.awards.operations import record as record_events
from meritbook.files.models import ImportRun
from meritbook.kit import clock
from meritbook.kit.tenancy import company_scope
from meritbook.rules.operations import publish, save_rule
from tests.people import PASSWORD, Cast

pytestmark = pytest.mark.browser

TABLE = Path(__file__).parent.parent / "data" / "rule-tables-003.xlsx"
Visit = Callable[..., Page]


def sign_in(page: Page, account: str) -> None:
    page.goto("/login/")
    page.get_by_label("手机号").or_(page.get_by_label(re.compile("账号|工号"))).first.fill(account)
    page.get_by_label("密码").first.fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.locator("h1")).to_contain_text("工作台")


def publish_table(page: Page, *, active_from: date) -> None:
    """Hand the table in, answer the first question in place, take the other proposals."""
    page.goto("/rules/import/")
    page.locator("input[type=file]").set_input_files(TABLE)
    expect(page.get_by_text("rule-tables-003.xlsx")).to_be_visible()
    page.get_by_role("button", name="读一读").click()
    expect(page.locator("article.imported")).to_have_count(41)

    waiting = page.locator("form.question")
    before = waiting.count()
    assert 0 < before <= 12
    first = waiting.first
    first.get_by_role("radio").first.focus()
    page.keyboard.press("Space")
    first.get_by_role("button", name="确定").press("Enter")
    expect(waiting).to_have_count(before - 1)
    expect(page.locator("#open-count")).to_contain_text(f"还有 {before - 1} 个问题")

    page.get_by_label("生效日期").fill(active_from.isoformat())
    page.get_by_role("button", name="发布 41 条").click()
    expect(page.get_by_role("alert")).to_contain_text("没有回答")
    page.get_by_label("未回答的问题").check()
    page.get_by_role("button", name="发布 41 条").click()
    expect(page.get_by_text("已发布 41 条标准").first).to_be_visible()


def record(
    page: Page, *, who: str, name: str, rule: str, fields: dict[str, str], day: date
) -> None:
    """Enter one event by hand: the person by pinyin, the rule by a word."""
    page.goto("/events/new/")
    page.get_by_label("找员工").press_sequentially(who)
    page.get_by_role("link", name=name).click()
    page.get_by_label("找积分标准").press_sequentially(rule)
    found = page.locator("#rules a")
    expect(found.first).to_contain_text(rule)
    found.first.click()
    page.get_by_label("日期").fill(day.isoformat())
    for label, value in fields.items():
        page.get_by_label(label).fill(value)


def test_from_a_rule_table_to_the_board(visit: Visit, cast: Cast) -> None:
    yesterday = clock.yesterday(time_zone="Asia/Shanghai")
    officer = visit()
    sign_in(officer, "13800138002")
    publish_table(officer, active_from=yesterday - timedelta(days=10))

    record(
        officer,
        who="lilei",
        name="李雷",
        rule="增加单量",
        fields={"金额": "5600"},
        day=yesterday,
    )
    expect(officer.locator("#preview")).to_contain_text("+250")
    officer.get_by_role("button", name="保存").click()
    expect(officer.get_by_text("已记录")).to_be_visible()
    expect(officer.locator("main")).to_contain_text("250 分")
    expect(officer.locator(".trace-step").first).to_be_visible()

    # Too little to count: the same page says why there is nothing.
    record(officer, who="ll", name="李雷", rule="增加单量", fields={"金额": "600"}, day=yesterday)
    expect(officer.locator("#preview")).to_contain_text("不得分")
    officer.get_by_role("button", name="保存").click()
    expect(officer.get_by_role("heading", name="为什么没有得分")).to_be_visible()

    employee = visit()
    sign_in(employee, "13800138001")
    employee.goto("/wallet/")
    employee.get_by_role("link", name="为什么", exact=True).first.click()
    expect(employee.locator("#sheet")).to_be_visible()
    expect(employee.locator("#sheet .trace-step").first).to_be_visible()
    employee.goto("/boards/?period=all")
    expect(employee.locator(".board-row.is-me").first).to_contain_text("250")


def test_an_event_is_withdrawn_after_a_confirmation(visit: Visit, cast: Cast) -> None:
    yesterday = clock.yesterday(time_zone="Asia/Shanghai")
    page = visit("officer")
    publish_table(page, active_from=yesterday)
    record(page, who="0001", name="李雷", rule="转介绍", fields={}, day=yesterday)
    page.get_by_role("button", name="保存").click()
    page.get_by_role("button", name="撤回").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("撤回原因").fill("客户没有成交")
    dialog.get_by_role("button", name="撤回").click()
    expect(page.get_by_text("这个事件已撤回")).to_be_visible()
    expect(page.get_by_text("客户没有成交")).to_be_visible()


def test_a_rule_by_hand_shows_its_sentence_while_one_types(visit: Visit) -> None:
    page = visit("owner")
    page.goto("/rules/new/")
    page.get_by_role("link", name="每天、每周、每月按要求完成").click()
    page.get_by_label("衡量标准").fill("提交日报")
    page.get_by_label("分值").fill("5")
    page.get_by_label("截止时间").select_option("time_of_day")
    page.get_by_label("时刻").fill("22:00")
    expect(page.locator("#sentence")).to_contain_text("每天 22 点前")
    expect(page.locator("#sentence")).to_contain_text("得 5 分")
    page.get_by_role("button", name="发布").click()
    expect(page.locator("main")).to_contain_text("生效中")


def test_an_events_file_runs_with_a_progress_bar(visit: Visit, cast: Cast, tmp_path: Path) -> None:
    yesterday = clock.yesterday(time_zone="Asia/Shanghai")
    page = visit("officer")
    publish_table(page, active_from=yesterday)
    page.goto("/rules/?q=增加单量")
    page.locator("main ul a").first.click()
    code = page.url.rstrip("/").rpartition("/")[2]
    file = tmp_path / "十一月.csv"
    file.write_text(
        f"事件编号,类型,工号,时间,金额\nA1,{code},0001,{yesterday} 10:00,5600\n"
        f"A2,{code},8888,{yesterday} 10:00,5600\n",
        encoding="gb18030",
    )
    page.goto("/events/import/")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="先看一看").click()
    expect(page.locator(".sheet-table")).to_contain_text("A1")
    page.get_by_role("button", name="开始导入").click()
    expect(page.get_by_text("正在记录和计分")).to_be_visible()
    with company_scope(cast.company.pk):
        run = ImportRun.objects.get(kind=ImportRun.Kind.EVENTS)
    run_import(company_id=cast.company.pk, run_id=run.pk, now=clock.now())
    expect(page.get_by_text("没有工号为“8888”的员工")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="下载错误报告").click()
    assert download.value.suggested_filename.endswith(".xlsx")


PAGES = [
    "/",
    "/rules/",
    "/rules/new/",
    "/rules/new/?shape=S2",
    "/rules/new/?shape=S3",
    "/rules/library/",
    "/rules/library/sales/",
    "/rules/import/",
    "/events/",
    "/events/new/",
    "/events/import/",
    "/boards/",
    "/people/",
    "/departments/",
    "/imports/",
    "/wallet/",
]


def test_no_page_is_wider_than_a_phone(visit: Visit) -> None:
    page = visit("owner", size="phone", theme="dark")
    wide = []
    for address in PAGES:
        response = page.goto(address)
        assert response is not None
        assert response.status == 200, address
        beyond = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if beyond > 0:
            wide.append((address, beyond))
    assert wide == []


WIDE = """() => [...document.querySelectorAll("main *")]
    .filter((each) => each.getBoundingClientRect().right > document.documentElement.clientWidth)
    .slice(0, 5).map((each) => each.outerHTML.slice(0, 160))"""


def test_long_names_break_no_page(visit: Visit, cast: Cast) -> None:
    """A standard of 200 characters without a space, a unit and an object of the same kind."""
    long_word = "Beschleunigungsmessgeraet" * 8
    yesterday = clock.yesterday(time_zone="Asia/Shanghai")
    with company_scope(cast.company.pk):
        version = save_rule(
            company_id=cast.company.pk,
            values={
                "shape": "S1",
                "standard": long_word,
                "indicator": long_word,
                "process": long_word,
                "points": "10",
                "unit": "次",
            },
            population={},
            postings={},
            reason="",
            actor_id=None,
            now=clock.now(),
        )
        publish(
            company_id=cast.company.pk,
            version_ids=[version.pk],
            active_from=yesterday,
            actor_id=None,
            now=clock.now(),
        )
    code = version.rule.code
    done = record_events(
        company_id=cast.company.pk,
        events=[
            NewEvent(
                event_no="L" * 100,
                type=code,
                employee_no="0001",
                happened_at=datetime.combine(yesterday, time(10)),
                object=long_word[:190],
                note=long_word,
                attributes={long_word[:60]: long_word},
            )
        ],
        source="crm",
        now=clock.now(),
    )
    event_id = done.results[0].event_id
    page = visit("officer", size="phone")
    for address in (
        "/rules/",
        f"/rules/{code}/",
        f"/rules/{code}/edit/",
        "/events/",
        f"/events/{event_id}/",
        f"/events/{event_id}/correct/",
        "/events/new/?employee=0001",
        f"/events/new/?employee=0001&rule={code}",
    ):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        beyond = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert beyond <= 0, (address, page.evaluate(WIDE))
