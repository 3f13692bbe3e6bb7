"""What no rule can mean, said in the editor: the place, the reason and the way out."""

import pytest
from django.test import Client

from meritbook.kit.tenancy import company_scope
from meritbook.rules.models import Rule
from tests.people import Cast

DUTY = {
    "standard": "盘点",
    "points": "5",
    "period": "month",
    "active_from": "2026-11-01",
    "action": "publish",
}


@pytest.fixture
def officer(home: Cast) -> Client:
    return home.client("officer")


def sent(client: Client, shape: str, **data: str) -> tuple[int, str]:
    response = client.post(f"/rules/new/?shape={shape}", {**DUTY, **data}, follow=True)
    return response.status_code, response.content.decode()


def test_a_deadline_on_the_31st_says_what_short_months_do(officer: Client) -> None:
    status, page = sent(officer, "S2", deadline_kind="day_of_month", deadline_day="31")
    assert status == 200
    assert "每月 31 日前（没有 31 日的月份，按最后一天）" in page
    preview = officer.post(
        "/rules/new/preview/?shape=S2",
        {**DUTY, "deadline_kind": "day_of_month", "deadline_day": "10"},
    ).content.decode()
    assert "每月 10 日前" in preview
    assert "没有" not in preview


@pytest.mark.parametrize(("month", "last"), [("4", 30), ("2", 29)])
def test_a_date_that_no_year_has_is_refused(officer: Client, month: str, last: int) -> None:
    status, page = sent(
        officer, "S2", period="year", deadline_kind="date", deadline_month=month, deadline_day="31"
    )
    assert status == 422
    assert f"{month} 月没有 31 日，请改成 {last} 日或更早。" in page


def test_a_rule_for_nobody_is_not_published_but_kept_as_a_draft(
    officer: Client, home: Cast
) -> None:
    status, page = sent(officer, "S2", tenure_from="500")
    assert status == 422
    assert "没有一个人在适用范围之内，请放宽部门、岗位、职级或司龄，或者先存为草稿" in page
    with company_scope(home.company.pk):
        assert not Rule.objects.filter(company=home.company).exists()
    status, _page = sent(officer, "S2", tenure_from="500", action="draft")
    assert status == 200


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"points": "1" + "0" * 20}, "分值"),
        ({"points": "NaN"}, "分值"),
        ({"active_from": "2026-11-31"}, "生效日期"),
    ],
)
def test_numbers_and_days_that_are_none(officer: Client, data: dict[str, str], said: str) -> None:
    status, page = sent(officer, "S2", **data)
    assert status == 422
    assert "field-error" in page
    assert said in page
