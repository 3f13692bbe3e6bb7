"""An events file in a real browser: 韩梅梅 sees what is wrong, chooses, corrects, imports."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from meritbook.awards.imports import run_import
from meritbook.files.models import ImportRun
from meritbook.kit import clock
from meritbook.kit.tenancy import company_scope
from tests.browser.standards import published
from tests.people import Cast

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]
LONG = "Beschleunigungsmessgeraet" * 6
BEYOND = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def hand_in(page: Page, file: Path, *rows: str) -> None:
    file.write_text("\n".join(("事件编号,类型,工号,时间,备注", *rows)) + "\n", encoding="utf-8")
    page.goto("/events/import/")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="先看一看").click()
    expect(page.locator("main")).to_contain_text(file.name)


def carry_out(cast: Cast) -> None:
    """What the worker does."""
    with company_scope(cast.company.pk):
        run = ImportRun.objects.filter(kind=ImportRun.Kind.EVENTS).latest("id")
    run_import(company_id=cast.company.pk, run_id=run.pk, now=clock.now())


def test_the_look_names_the_rows_and_the_choice_is_kept(
    visit: Visit, cast: Cast, tmp_path: Path
) -> None:
    code, day = published(cast, points="10"), clock.yesterday(time_zone="Asia/Shanghai")
    page = visit("officer")
    hand_in(
        page,
        tmp_path / "十一月.csv",
        f"A1,{code},0001,{day} 10:00,",
        f"A1,{code},0001,{day} 10:00,",
        f"A2,{code},8888,{day} 10:00,",
    )
    main = page.locator("main")
    expect(main).to_contain_text("没有工号为“8888”的员工")
    page.get_by_role("link", name="重复").click()
    expect(main).to_contain_text("编号“A1”和第 2 行相同，内容也相同")
    page.get_by_label("只要有一行不行，就全部不导入").check()
    page.get_by_role("button", name="开始导入").click()
    expect(page.get_by_text("正在记录和计分")).to_be_visible()
    carry_out(cast)
    expect(main).to_contain_text("没有记录任何事件")

    hand_in(page, tmp_path / "十一月.csv", f"A1,{code},0001,{day} 10:00,")
    expect(main).to_contain_text("每一行都可以导入")
    page.get_by_role("button", name="开始导入").click()
    expect(page.get_by_text("正在记录和计分")).to_be_visible()
    carry_out(cast)
    expect(page.get_by_role("link", name="看这些事件")).to_be_visible()

    hand_in(page, tmp_path / "更正.csv", f"A1,{code},0001,{day} 11:00,")
    expect(main).to_contain_text("没有可以导入的行")
    page.get_by_role("button", name="按更正处理", exact=True).click()
    expect(main).to_contain_text("编号“A1”会更正以前记录的事件")
    expect(page.get_by_role("button", name="开始导入")).to_be_visible()


def test_long_names_and_many_problems_fit_a_phone_in_the_dark(
    visit: Visit, cast: Cast, tmp_path: Path
) -> None:
    day = clock.yesterday(time_zone="Asia/Shanghai")
    page = visit("officer", size="phone", theme="dark")
    rows = (f"{LONG[:100]}{n},{LONG},{LONG},{day} 10:00,{LONG}" for n in range(250))
    hand_in(page, tmp_path / f"{'很长的文件名' * 8}.csv", *rows)
    expect(page.locator("main")).to_contain_text("共 500 处，这里列出前 200 处")
    assert page.evaluate(BEYOND) <= 0
    expect(page.get_by_role("button", name="开始导入")).to_have_count(0)
