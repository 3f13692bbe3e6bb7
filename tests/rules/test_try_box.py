"""The try-out box: an event against what stands in the form, its points and its trace."""

import time
from typing import Any

import pytest
from django.test import Client

from meritbook.kit.tenancy import company_scope
from meritbook.rules.models import RuleVersion
from tests.people import Cast

RULE = {
    "standard": "处理投诉",
    "direction": "award",
    "points": "5",
    "unit": "次",
    "cap_per": "event",
    "active_from": "2026-11-01",
    "condition_mode": "text",
    "condition_text": "延迟天数 > 3 且 岗位 = “业务员”",
    "condition_attributes": "延迟天数（数字）",
}
EVENT = {
    "try-employee_no": "0001 李雷",
    "try-happened_on": "2026-11-12",
    "try-happened_time": "21:30",
    "try-field_0": "2",
}


@pytest.fixture
def officer(home: Cast) -> Client:
    return home.client("officer")


def tried(client: Client, *, shape: str = "S1", part: str = "result", **data: Any) -> str:
    response = client.post(f"/rules/new/try/?shape={shape}&part={part}", {**RULE, **EVENT, **data})
    assert response.status_code == 200
    return response.content.decode()


def test_opens_with_the_inputs_that_the_rule_asks_for(officer: Client) -> None:
    response = officer.post("/rules/new/try/?shape=S1", RULE)
    page = response.content.decode()
    assert "延迟天数" in page
    assert "0001 李雷" in page
    assert 'value="0002"' in page  # 韩梅梅 herself


def test_says_what_it_earns_and_why(officer: Client) -> None:
    page = tried(officer, **{"try-field_1": "5"})
    assert "+10" in page
    assert "条件成立：延迟天数 &gt; 3（延迟天数为 5）" in page
    assert "记入" not in page


def test_says_why_it_earns_nothing(officer: Client) -> None:
    page = tried(officer, **{"try-field_1": "2"})
    assert "不得分" in page
    assert "条件不成立：延迟天数 &gt; 3（延迟天数为 2）" in page
    page = tried(officer, **{"try-field_1": "5", "try-employee_no": "0004"})
    assert "条件不成立：岗位 = “业务员”" in page


def test_a_window_waits_for_its_end(officer: Client) -> None:
    page = tried(
        officer,
        shape="S4",
        target="20",
        period="week",
        measured_in="count",
        condition_text="",
        **{"try-field_0": "13"},
    )
    assert "先记下，周期结束时结算" in page
    assert "5 × 13/20 = 3.25 分" in page


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"try-employee_no": "7777"}, "没有工号“7777”"),
        ({"try-happened_on": "昨天"}, "日期"),
        ({"points": ""}, ""),
        ({"condition_text": "延迟天书 > 3"}, "没有“延迟天书”这个字段"),
    ],
)
def test_what_is_missing_is_said(officer: Client, data: dict[str, str], said: str) -> None:
    page = tried(officer, **data)
    assert "field-error" in page
    assert said in page


def test_stores_nothing_and_answers_at_once(officer: Client, home: Cast) -> None:
    tried(officer)
    taken = []
    for days in ("5", "2", "4", "1", "9"):
        started = time.perf_counter()
        tried(officer, **{"try-field_1": days})
        taken.append(time.perf_counter() - started)
    assert min(taken) < 0.1  # the machine may be busy with other things meanwhile
    with company_scope(home.company.pk):
        assert not RuleVersion.objects.filter(company=home.company).exists()


def test_an_employee_may_not(home: Cast) -> None:
    assert home.client("employee").post("/rules/new/try/?shape=S1", RULE).status_code == 403
