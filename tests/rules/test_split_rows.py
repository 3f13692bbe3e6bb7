"""A row that became several drafts: each finding is shown once, with the draft it is about."""

from typing import Any

import pytest
import time_machine

from meritbook.files.models import ImportRun
from meritbook.kit.tenancy import company_scope
from meritbook.rules.models import RuleVersion
from tests.people import NOW, Cast

TABLE = "关键指标\t衡量标准\t积分\n货期\t订单交付\t按期交货+500分,每延迟1天-50分\n货期\t工作态度良好\t按时+5分,超时-5分"


@pytest.fixture(autouse=True)
def today() -> Any:
    with time_machine.travel(NOW, tick=True):
        yield


def imported(cast: Cast) -> str:
    officer = cast.client("officer")
    answer = officer.post("/rules/import/", {"text": TABLE})
    return str(officer.get(answer["Location"]).content.decode())


def test_a_finding_of_a_split_row_is_shown_once(home: Cast) -> None:
    page = imported(home)
    assert page.count("没有扣分下限") == 1
    assert page.count("靠主观判断") == 1
    with company_scope(home.company.pk):
        found = [
            (version.points, [each["kind"] for each in version.findings])
            for version in RuleVersion.objects.order_by("id")
        ]
        run = ImportRun.objects.get()
    assert found[:2] == [(500, []), (-50, ["no_floor"])]
    assert [each["kind"] for each in run.options["findings"]].count("subjective_wording") == 1
    assert sum(kinds.count("subjective_wording") for _points, kinds in found) == 1


def test_a_weekday_without_a_time_is_asked_and_may_be_changed(home: Cast) -> None:
    officer = home.client("officer")
    answer = officer.post("/rules/import/", {"text": "每周五提交周报 5分"})
    page = officer.get(answer["Location"]).content.decode()
    assert "“每周五”没有写几点" in page
    assert "每周五 24 点前提交周报" in page
    with company_scope(home.company.pk):
        version = RuleVersion.objects.select_related("rule").get()
    assert version.deadline == {"kind": "weekday", "weekday": 5, "time": "24:00"}
    form = officer.get(f"/rules/{version.rule.code}/edit/").context["form"]
    assert (form["deadline_weekday"].value(), form["deadline_time"].value()) == ("5", "")
