"""有条件的标准: a rule that counts only under a condition, written, tried, published, explained, split.

韩梅梅 writes “客户下单每满 1,000 元得 50 分” for orders of new customers above 3,000 yuan, with support
for newcomers, tries it beside the form, and publishes it. 李雷 and the newcomer 韩雪 earn by it; an order that
misses the condition says by which number. A month later she splits the rule; its history stays with
what follows. A stranger of another company reads none of it.
"""

from typing import Any

import pytest
from django.test import Client

from tests.stories.conftest import PEOPLE, Desk, on, row, sign_in

pytestmark = pytest.mark.django_db

NEWCOMER = "0021,韩雪,销售部/华南组,销售代表,2026-10-20\n"
RULE: dict[str, Any] = {
    "standard": "客户下单",
    "direction": "award",
    "points": "50",
    "measured_in": "money",
    "divisor": "1000",
    "cap_per": "event",
    "condition_mode": "rows",
    "condition_name": ["金额", "客户等级", "岗位"],
    "condition_sign": ["≥", "在", "="],
    "condition_value": ["3000", "新客、回流", "销售代表"],
    "newcomer_months": "3",
    "newcomer_times": "1.5",
    "active_from": "2026-11-01",
    "action": "publish",
}


@pytest.fixture
def han(desk: Desk) -> Client:
    """韩梅梅's browser on 1 November."""
    with on("2026-11-01"):
        desk.code = "hongda"
        desk.found(name="宏达贸易", people=PEOPLE + NEWCOMER)
        return desk.owner("0013")


def order(number: str, day: str, amount: str, level: str, who: str = "0012") -> dict[str, str]:
    return row(number, "客户下单", day, who, 金额=amount, 客户等级=level)


def written(desk: Desk, han: Client, **changes: Any) -> str:
    """The code of a rule written in the form."""
    before = {rule["code"] for rule in desk.run("list_rules")}
    answer = han.post("/rules/new/?shape=S3", {**RULE, **changes})
    assert answer.status_code == 302, answer.content.decode()
    (code,) = {rule["code"] for rule in desk.run("list_rules")} - before
    return str(code)


def test_a_rule_with_an_if(desk: Desk, han: Client) -> None:
    with on("2026-11-02"):
        tried = han.post(
            "/rules/new/try/?shape=S3&part=result",
            {
                **RULE,
                "try-employee_no": "0021",
                "try-happened_on": "2026-11-02",
                "try-field_0": "5600",
                "try-field_1": "新客",
            },
        ).content.decode()
        assert "入职不满 3 个月，乘 1.5 为 375 分" in tried
        code = written(desk, han)
        (rule,) = [one for one in desk.run("list_rules") if one["code"] == code]
        assert rule["condition"]["text"] == (
            "金额 ≥ 3000 且 客户等级 在 [“新客”, “回流”] 且 岗位 = “销售代表”"
        )

    with on("2026-11-20"):
        desk.events(
            [
                order("D1", "2026-11-03", "5600", "新客"),
                order("D2", "2026-11-04", "5600", "新客", who="0021"),
                order("D3", "2026-11-05", "2900", "新客"),
                order("D4", "2026-11-06", "8000", "老客"),
                order("D5", "2026-11-07", "8000", "回流", who="0014"),
            ]
        )
        assert (desk.balance("0012"), desk.balance("0021"), desk.balance("0014")) == (
            "250",
            "375",
            "0",
        )
        earned = desk.explained("D2")["entries"][0]
        assert earned["sentence"].endswith("5 × 50 = 250 分；入职不满 3 个月，乘 1.5 为 375 分")
        held = [step["text"] for step in earned["steps"] if step["step"] == "trigger"][1]
        assert held.startswith("条件成立：金额 ≥ 3000（金额为 5,600）")
        for number, said in (
            ("D3", "条件不成立：金额 ≥ 3000（金额为 2,900）"),
            ("D4", "条件不成立：客户等级 在 [“新客”, “回流”]（客户等级为 老客）"),
            ("D5", "条件不成立：岗位 = “销售代表”"),
        ):
            (near,) = desk.explained(number)["near"]
            assert (near["failed_step"], near["text"]) == ("trigger", said)

    with on("2026-12-01"):
        sign_in(han, "0013", desk.code)
        halves = {
            "condition_value": ["3000", "新客", "销售代表"],
            "succeeds": code,
            "active_from": "2026-12-01",
        }
        first = written(desk, han, standard="新客户下单", **halves)
        second = written(
            desk,
            han,
            standard="回流客户下单",
            **{**halves, "condition_value": ["1000", "回流", "销售代表"]},
        )
        (old,) = [one for one in desk.run("list_rules") if one["code"] == code]
        assert (old["status"], old["active_to"]) == ("retired", "2026-12-01")
        for successor in (first, second):
            assert "客户下单" in han.get(f"/rules/{successor}/").content.decode()
            history = han.get(f"/rules/{successor}/entries/").content.decode()
            assert "韩雪" in history
            assert "为 375 分" in history
        # What happened in November and is told late still counts by November's rule.
        desk.events([order("D6", "2026-11-30", "3000", "新客")])
        assert desk.balance("0012") == "400"

        desk.code = "tashan"
        desk.found(name="他山贸易")
        stranger = desk.owner("0012")
        assert stranger.get(f"/rules/{first}/").status_code == 404
        assert stranger.get(f"/rules/new/?after={first}").status_code == 404
