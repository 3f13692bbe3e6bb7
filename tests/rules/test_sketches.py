"""Drafts over HTTP and by command: conditions, people and events in words; nothing is stored."""

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from meritbook.kit.tenancy import company_scope
from meritbook.org.operations.audit import SYSTEM
from meritbook.org.operations.keys import create_key
from meritbook.rules import operations
from meritbook.rules.models import RuleVersion
from tests.people import NOW, Cast

EVENT = {
    "employee_no": "0001",
    "happened_at": "2026-11-12T21:30",
    "attributes": {"延迟天数": "5"},
}
BODY = {
    "text": "处理投诉 每次加5分",
    "condition": "延迟天数 > 3 且 岗位 = “业务员”",
    "attributes": {"延迟天数": "number"},
    "population": {"departments": ["销售部"], "tenure_from": 3},
    "event": EVENT,
}


def ask(home: Cast, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    with company_scope(home.company.pk):
        made = create_key(
            company_id=home.company.pk, name="OA", scopes=["rules:read"], now=NOW, actor=SYSTEM
        )
    answer = Client().post(
        "/api/v1/rules/drafts",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {made.token}"},
    )
    return answer.status_code, answer.json()


def test_a_sentence_with_a_condition_is_tried(home: Cast) -> None:
    status, body = ask(home, BODY)
    assert status == 200, body
    (draft,) = body["drafts"]
    assert draft["sentence"].endswith("仅当 延迟天数 > 3 且 岗位 = “业务员”")
    trial = draft["trial"]
    assert (trial["status"], trial["points"]) == ("earns", "5")
    assert "条件成立：延迟天数 > 3（延迟天数为 5）" in trial["steps"][2]["text"]
    with company_scope(home.company.pk):
        assert not RuleVersion.objects.filter(company_id=home.company.pk).exists()


def test_values_are_tried_like_words(home: Cast) -> None:
    draft = {"shape": "S3", "standard": "签单", "points": "50", "divisor": "1000", "money": True}
    event = {**EVENT, "amount": "5600"}
    status, body = ask(home, {"draft": draft, "event": event})
    assert status == 200, body
    assert body["drafts"][0]["trial"]["points"] == "250"
    status, body = ask(home, {"draft": draft, "event": EVENT})
    (problem,) = body["drafts"][0]["trial"]["problems"]
    assert problem["column"] == "金额"


def test_a_zone_is_reckoned_with(home: Cast) -> None:
    event = {**EVENT, "happened_at": "2026-11-12T13:30:00Z"}
    body = {**BODY, "condition": "发生钟点 = 21", "event": event}
    assert ask(home, body)[1]["drafts"][0]["trial"]["status"] == "earns"


@pytest.mark.parametrize(
    ("change", "status", "code", "said"),
    [
        ({"condition": "延迟天书 > 3"}, 422, "bad_expression", "是不是“延迟天数”"),
        (
            {"condition": "甲 > 1", "definitions": {"甲": "乙", "乙": "甲"}},
            422,
            "bad_expression",
            "互相引用",
        ),
        ({"population": {"departments": ["销售"]}}, 422, "bad_population", "是不是“销售部”"),
        ({"population": {"employees": ["0001"]}}, 422, "bad_population", "点名要写明原因"),
        ({"population": {"employees": ["7"], "reason": "x"}}, 422, "bad_population", "工号“7”"),
        (
            {"population": {"tenure_from": 5, "tenure_to": 3}},
            422,
            "bad_population",
            "没有人适用",
        ),
        ({"population": {"team": ["甲"]}}, 422, "bad_population", "没有“team”这一项"),
        ({"event": {**EVENT, "employee_no": "7"}}, 404, "unknown_employee", "没有工号“7”"),
        ({"draft": {"shape": "S77", "standard": "x"}}, 422, "bad_draft", "S1 至 S10"),
        ({"draft": {"shape": "S1", "standard": "x", "points": "很多"}}, 422, "bad_draft", "数字"),
        ({"draft": {"shape": "S1", "standard": "x"}}, 422, "incomplete_rule", "没有写分值"),
        ({"text": ""}, 422, "bad_draft", "请写上标准的文字"),
    ],
)
def test_what_is_wrong_is_a_sentence(
    home: Cast, change: dict[str, Any], status: int, code: str, said: str
) -> None:
    answered, body = ask(home, {**BODY, **change})
    assert (answered, body["code"]) == (status, code), body
    assert said in body["message"]


def _stored(home: Cast) -> RuleVersion:
    with company_scope(home.company.pk):
        return operations.save_rule(
            company_id=home.company.pk,
            values={"shape": "S1", "standard": "签合同", "points": "10"},
            population={},
            postings={},
            reason="",
            actor_id=None,
            now=NOW,
        )


def test_two_rules_never_share_a_code(home: Cast) -> None:
    code = _stored(home).rule.code
    draft = {"shape": "S1", "standard": "别的事", "points": "1", "code": code}
    status, body = ask(home, {"draft": draft})
    assert (status, body["code"]) == (409, "code_taken")
    assert f"编号“{code}”已经是“签合同”的" in body["message"]


def _try(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    call_command("try_rule", "--company", "hongyuan", "--json", *arguments)
    return json.loads(capsys.readouterr().out)


def test_the_command_tries_a_stored_rule(home: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    code = _stored(home).rule.code
    answer = _try(capsys, code, "--employee", "0001", "--at", "2026-11-12", "--quantity", "3")
    assert (answer["points"], answer["status"]) == ("30", "earns")
    assert answer["rule"] == "签合同：每次得 10 分"


def test_the_command_tries_a_sentence(home: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    sentence = ("--text", "处理投诉 每次加5分", "--condition", "延迟天数 > 3")
    asks = ("--asks", "延迟天数=number", "--employee", "0001", "--at", "2026-11-12 21:30")
    answer = _try(capsys, *sentence, *asks, "--attribute", "延迟天数=2")
    assert answer["status"] == "nothing"
    assert "条件不成立：延迟天数 > 3（延迟天数为 2）" in answer["sentence"]


def test_the_command_refuses_in_one_sentence(
    home: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        _try(capsys, "--employee", "0001", "--at", "2026-11-12")
    assert left.value.code == 1
    assert "请写一个标准编号" in capsys.readouterr().err
