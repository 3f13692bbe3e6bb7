"""Conditions and people in the form of a rule: rows, expression, exceptions, what is refused."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from meritbook.kit.tenancy import company_scope
from meritbook.org.models import AuditEntry, Department, Post
from meritbook.rules.models import RuleVersion
from meritbook.rules.queries import version_spec
from tests.people import Cast

S1 = {
    "standard": "处理投诉",
    "direction": "award",
    "points": "5",
    "unit": "次",
    "cap_per": "event",
    "active_from": "2026-11-01",
    "reason": "试一试",
}


@pytest.fixture
def officer(home: Cast) -> Client:
    return home.client("officer")


def rows(*lines: tuple[str, str, str], **more: Any) -> dict[str, Any]:
    return {
        "condition_mode": "rows",
        "condition_name": [line[0] for line in lines],
        "condition_sign": [line[1] for line in lines],
        "condition_value": [line[2] for line in lines],
        **more,
    }


def publish(client: Client, home: Cast, *, shape: str = "S1", **data: Any) -> RuleVersion:
    response = client.post(
        f"/rules/new/?shape={shape}", {**S1, "action": "publish", **data}, follow=True
    )
    assert response.status_code == 200, response.content.decode()
    with company_scope(home.company.pk):
        return RuleVersion.objects.select_related("rule").order_by("-id")[0]


def refused(client: Client, **data: Any) -> str:
    response = client.post("/rules/new/?shape=S1", {**S1, "action": "publish", **data})
    assert response.status_code == 422
    return response.content.decode()


def test_rows_become_the_expression_and_come_back(officer: Client, home: Cast) -> None:
    version = publish(
        officer,
        home,
        **rows(("岗位", "=", "业务员"), ("延迟天数", ">", "3"), ("等级", "在", "A、B")),
    )
    text = "岗位 = “业务员” 且 延迟天数 > 3 且 等级 在 [“A”, “B”]"
    with company_scope(home.company.pk):
        post = Post.objects.get(company=home.company, name="业务员").pk
    assert version.extra["condition"] == {
        "text": text,
        "attributes": {"延迟天数": "number", "等级": "text"},
        "ids": {"岗位": {"业务员": post}},
    }
    page = officer.get(f"/rules/{version.rule.code}/edit/").content.decode()
    assert 'value="延迟天数"' in page
    assert 'value="A、B"' in page
    shown = officer.get(f"/rules/{version.rule.code}/").content.decode()
    assert "仅当 岗位 = “业务员” 且 延迟天数 &gt; 3" in shown
    form = officer.get(f"/events/new/?employee=0001&rule={version.rule.code}").content.decode()
    assert "延迟天数" in form
    assert "等级" in form


def test_the_expression_is_kept_as_it_was_written(officer: Client, home: Cast) -> None:
    version = publish(
        officer,
        home,
        condition_mode="text",
        condition_text="单价 ≥ 100 且 (加急 或 岗位 ≠ “仓管员”)",
        condition_attributes="加急（是否）",
        condition_definitions="单价 = 金额 / 数量",
    )
    assert version.extra["condition"]["text"] == "单价 ≥ 100 且 (加急 或 岗位 ≠ “仓管员”)"
    assert version.extra["condition"]["definitions"] == {"单价": "金额 / 数量"}
    with company_scope(home.company.pk):
        condition = version_spec(version).condition
    assert condition is not None
    page = officer.get(f"/rules/{version.rule.code}/edit/").content.decode()
    assert "加急（是否）" in page
    assert "单价 = 金额 / 数量" in page


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"condition_text": "延迟天书 > 3"}, "第 1 个字：没有“延迟天书”这个字段"),
        ({"condition_text": "岗位 = “业务”"}, "没有叫“业务”的岗位。是不是“业务员”？"),
        ({"condition_text": "金额 / 0 > 1"}, "除数是 0"),
        ({"condition_text": "金额 > 99999999999999999999"}, "太长"),
        (
            {"condition_text": "甲 > 1", "condition_definitions": "甲 = 乙 + 1\n乙 = 甲 + 1"},
            "甲 → 乙 → 甲 互相引用，算不出来",
        ),
        (
            {"condition_text": "数量 > 1", "condition_definitions": "单价"},
            "看不懂这一行：单价。请写成“单价 = 金额 / 数量”",
        ),
        (
            {"condition_text": "天 > 1", "condition_attributes": "天（整数）"},
            "看不懂这一行：天（整数）",
        ),
        (
            {"condition_text": "数量 > 1", "condition_attributes": "数量（数字）"},
            "“数量”已经有别的意思",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    officer: Client, data: dict[str, str], said: str
) -> None:
    assert said in refused(officer, condition_mode="text", **data)


def test_a_row_half_written_is_refused(officer: Client) -> None:
    assert "“数量”这一行没有写完" in refused(officer, **rows(("数量", ">", "")))


def part(client: Client, step: str, **data: Any) -> str:
    response = client.post(f"/rules/new/preview/?part=condition&step={step}", data)
    assert response.status_code == 200
    return response.content.decode()


def test_the_two_views_turn_into_each_other(officer: Client) -> None:
    added = part(officer, "add", **rows(("数量", ">", "3")))
    assert added.count('name="condition_name"') == 2
    dropped = part(officer, "drop-0", **rows(("数量", ">", "3"), ("金额", "≥", "5")))
    assert 'value="金额"' in dropped
    assert 'value="数量"' not in dropped.replace('<option value="数量">', "")
    text = part(officer, "text", **rows(("数量", ">", "3"), ("急", "=", "是")))
    assert "数量 &gt; 3 且 急 = 是" in text
    assert "急（是否）" in text
    back = part(officer, "rows", condition_mode="text", condition_text="数量 > 3 或 金额 > 5")
    assert back.count('name="condition_name"') == 2
    assert "selected" in back
    stuck = part(officer, "rows", condition_mode="text", condition_text="数量 * 2 > 3")
    assert "逐行选表达不了" in stuck
    assert "数量 * 2 &gt; 3" in stuck


def test_people_described_named_and_excepted(officer: Client, home: Cast) -> None:
    with company_scope(home.company.pk):
        sales = Department.objects.get(company=home.company, name="销售部").pk
    version = publish(
        officer,
        home,
        departments=[sales],
        tenure_from="3",
        employees="0004、0002",
        population_reason="盘点支援",
        except_employees="0003",
    )
    named = [home.people["0004"].pk, home.people["0002"].pk]
    assert version.population == {
        "departments": [sales],
        "employees": named,
        "except_employees": [home.people["0003"].pk],
        "tenure_from": 3,
        "reason": "盘点支援",
    }
    page = officer.get(f"/rules/{version.rule.code}/").content.decode()
    assert "销售部 · 入职满 3 个月 · 另点名 2 人 · 不含1 人" in page
    form = officer.get(f"/rules/{version.rule.code}/edit/").content.decode()
    assert "0004、0002" in form
    with company_scope(home.company.pk):
        noted = AuditEntry.objects.get(company=home.company, action="rule.create").after
    assert (noted["people_named"], noted["named_because"]) == (2, "盘点支援")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"employees": "0001"}, "点名要写明原因"),
        ({"employees": "7777", "population_reason": "x"}, "没有工号“7777”"),
        ({"tenure_from": "6", "tenure_to": "3"}, "否则没有人适用"),
        ({"newcomer_months": "3"}, "要同时填月数和倍数"),
        ({"newcomer_months": "3", "newcomer_times": "1"}, "倍数要大于 1"),
    ],
)
def test_people_that_make_no_sense(officer: Client, data: dict[str, str], said: str) -> None:
    assert said in refused(officer, **data)


def test_whoever_is_chosen_and_excepted_is_nobody(officer: Client, home: Cast) -> None:
    with company_scope(home.company.pk):
        sales = Department.objects.get(company=home.company, name="销售部").pk
    said = refused(officer, departments=[sales], except_departments=[sales])
    assert "选中的都被排除了" in said


def test_the_preview_counts_the_people(officer: Client) -> None:
    def preview(**data: str) -> str:
        response = officer.post("/rules/new/preview/?shape=S1", {**S1, **data})
        return response.content.decode()

    assert "今天适用 5 人" in preview()
    assert "今天没有一个人适用" in preview(tenure_from="500")


def test_what_is_agreed_is_shown(officer: Client, home: Cast) -> None:
    version = publish(
        officer,
        home,
        newcomer_months="3",
        newcomer_times="1.5",
        company_value="客户第一",
        evidence="签收单",
        approval="部门经理",
    )
    assert version.extra["newcomer"] == {"months": 3, "times": "1.5"}
    page = officer.get(f"/rules/{version.rule.code}/").content.decode()
    for word in ("客户第一", "签收单", "部门经理", "入职不满 3 个月的乘 1.5"):
        assert word in page
    assert version.active_from == date(2026, 11, 1)
