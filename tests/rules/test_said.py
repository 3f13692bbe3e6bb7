"""One sentence becomes one draft: on the page, over HTTP, from standard input, in a table."""

import io
import json
import sys
from typing import Any

import docx
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

from meritbook.files.models import ImportRun
from meritbook.kit.tenancy import company_scope
from meritbook.org.models import Department
from meritbook.org.operations.audit import SYSTEM
from meritbook.org.operations.keys import create_key
from meritbook.rules.models import RuleVersion
from meritbook.rules.operations import answer_question
from meritbook.rules.operations.importing import open_run
from meritbook.rules.tables import read_text
from tests.people import NOW, Cast
from tests.rules.test_pages import latest

SENTENCE = "周五22点前交周总结加5分,每周一次"


@pytest.fixture(autouse=True)
def today() -> Any:
    with time_machine.travel(NOW, tick=True):
        yield


def test_a_sentence_fills_the_form_and_is_said_back(home: Cast) -> None:
    client = home.client("officer")
    page = client.get("/rules/new/", {"say": SENTENCE})
    assert page.status_code == 200
    body = page.content.decode()
    assert SENTENCE in body
    form = page.context["form"]
    assert form.preset.shape == "S2"
    assert form["points"].value() == "5"
    assert form["period"].value() == "week"
    assert form["deadline_kind"].value() == "weekday"
    assert page.context["line"].sentence == "每周五 22 点前交周总结，得 5 分"


def test_what_was_read_can_be_published_as_it_stands(home: Cast) -> None:
    client = home.client("officer")
    form = client.get("/rules/new/", {"say": SENTENCE}).context["form"]
    posted = {field.html_name: field.value() for field in form if field.value() not in (None, "")}
    posted |= {"active_from": "2026-11-01", "action": "publish", "deadline_time": "22:00"}
    answer = client.post(f"/rules/new/?say={SENTENCE}", posted)
    assert answer.status_code == 302, answer.context["form"].errors
    version = latest(home)
    assert (version.shape, version.points, version.period) == ("S2", 5, "week")
    assert version.deadline == {"kind": "weekday", "weekday": 5, "time": "22:00"}
    assert version.status == "published"


def test_what_the_form_does_not_show_is_kept(home: Cast) -> None:
    client = home.client("officer")
    text = "合理化建议被采纳加20分"
    form = client.get("/rules/new/", {"say": text}).context["form"]
    posted = {field.html_name: field.value() for field in form if field.value() not in (None, "")}
    posted |= {"active_from": "2026-11-01", "action": "draft"}
    assert client.post(f"/rules/new/?say={text}", posted).status_code == 302
    assert latest(home).extra["needs"] == "采纳"


def test_a_doubt_is_shown_with_its_proposal(home: Cast) -> None:
    body = (
        home.client("officer")
        .get("/rules/new/", {"say": "回访客户每次2分,每位客户每周只算一次"})
        .content.decode()
    )
    assert "“每位客户每周只算1次”还不能自动限制次数" in body
    assert "每次登记都计分，由登记人把关" in body


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("请大家努力工作", "没有读出分值", id="没有分值"),
        pytest.param("迟到扣5分,早退扣20分", "2 条标准", id="几条"),
    ],
)
def test_a_sentence_that_is_no_rule_is_answered_in_a_sentence(
    home: Cast, text: str, words: str
) -> None:
    page = home.client("officer").get("/rules/new/", {"say": text})
    assert page.status_code == 422
    assert words in page.content.decode()


def test_a_department_named_in_the_sentence_is_ticked(home: Cast) -> None:
    with company_scope(home.company.pk):
        sales = Department.objects.get(company_id=home.company.pk, name="销售部")
    page = home.client("officer").get("/rules/new/", {"say": "仅销售部:签单10分"})
    assert page.context["form"]["departments"].value() == [sales.pk]


def test_employees_say_no_rules(home: Cast) -> None:
    assert home.client("employee").get("/rules/new/", {"say": SENTENCE}).status_code == 403


def _key(home: Cast, *scopes: str) -> dict[str, str]:
    with company_scope(home.company.pk):
        made = create_key(
            company_id=home.company.pk, name="OA", scopes=scopes, now=NOW, actor=SYSTEM
        )
    return {"Authorization": f"Bearer {made.token}"}


def test_words_are_read_over_http_and_nothing_is_stored(home: Cast) -> None:
    answer = Client().post(
        "/api/v1/rules/drafts",
        {"text": f"{SENTENCE}\n着装整洁"},
        content_type="application/json",
        headers=_key(home, "rules:read"),
    )
    assert answer.status_code == 200, answer.content
    body = answer.json()
    (draft,) = body["drafts"]
    assert (draft["shape"], draft["points"], draft["period"]) == ("S2", "5", "week")
    assert draft["sentence"] == "每周五 22 点前交周总结，得 5 分"
    assert [problem["row"] for problem in body["problems"]] == [2]
    with company_scope(home.company.pk):
        assert not RuleVersion.objects.filter(company_id=home.company.pk).exists()


@pytest.mark.parametrize(
    ("body", "status"),
    [({"text": ""}, 422), ({}, 422), ({"text": "行为:"}, 422), ({"text": "x" * 50_001}, 422)],
)
def test_no_words_are_refused_over_http(home: Cast, body: Any, status: int) -> None:
    answer = Client().post(
        "/api/v1/rules/drafts",
        body,
        content_type="application/json",
        headers=_key(home, "rules:read"),
    )
    assert answer.status_code == status
    assert answer.json()["message"]


def test_standard_input_is_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    piped = io.TextIOWrapper(io.BytesIO("迟到-5分\n日报 5分/天\n".encode()))
    monkeypatch.setattr(sys, "stdin", piped)
    call_command("read_rules", "-", "--json")
    drafts = json.loads(capsys.readouterr().out)["drafts"]
    assert [(draft["row"], draft["shape"]) for draft in drafts] == [(1, "S1"), (2, "S2")]


def _loaded(home: Cast, text: str) -> RuleVersion:
    with company_scope(home.company.pk):
        run = open_run(
            company_id=home.company.pk,
            name="粘贴的文字.txt",
            content=None,
            reading=read_text(text),
            population={},
            actor_id=None,
            now=NOW,
        )
        return RuleVersion.objects.get(pk=run.options["lines"][0][0])


def test_a_line_that_names_a_department_is_proposed_to_be_for_it(home: Cast) -> None:
    version = _loaded(home, "仅销售部:签单10分")
    with company_scope(home.company.pk):
        sales = Department.objects.get(company_id=home.company.pk, name="销售部")
        assert version.population == {"departments": [sales.pk]}
        (question,) = version.questions
        assert question["proposal"] == "只适用于销售部"
        # The same line again changes nothing.
        assert _loaded(home, "仅销售部:签单10分").pk == version.pk
        answered = answer_question(
            company_id=home.company.pk, version_id=version.pk, index=0, answer="everyone"
        )
        assert answered.population == {}
        assert _loaded(home, "仅销售部:签单10分").population == {}


def test_words_that_name_no_department_stay_a_question(home: Cast) -> None:
    version = _loaded(home, "仅火星部:签单10分")
    assert version.population == {}
    (question,) = version.questions
    assert (question["field"], "choice" in question) == ("population", False)


def test_a_word_document_is_handed_in_on_the_page(home: Cast) -> None:
    document = docx.Document()
    document.add_heading("考勤", level=1)
    table = document.add_table(rows=2, cols=2)
    for column, (title, text) in enumerate([("标准", "仅销售部:迟到"), ("分值", "-5")]):
        table.cell(0, column).text = title
        table.cell(1, column).text = text
    buffer = io.BytesIO()
    document.save(buffer)
    client = home.client("officer")
    answer = client.post(
        "/rules/import/", {"file": SimpleUploadedFile("制度.docx", buffer.getvalue()), "text": ""}
    )
    assert answer.status_code == 302
    with company_scope(home.company.pk):
        run = ImportRun.objects.get(company_id=home.company.pk)
        version = RuleVersion.objects.select_related("rule").get(company_id=home.company.pk)
    assert (version.indicator, version.rule.sheet, version.rule.row) == ("考勤", "表 1", 2)
    page = client.get(f"/rules/import/{run.pk}/").content.decode()
    assert "只适用于销售部" in page
    assert "全公司" in page


def test_a_table_copied_from_a_spreadsheet_is_pasted_on_the_page(home: Cast) -> None:
    text = "类别\t标准\t分值\n考勤\t迟到\t-5\n汇报\t日报\t5分/天"
    assert home.client("officer").post("/rules/import/", {"text": text}).status_code == 302
    with company_scope(home.company.pk):
        found = RuleVersion.objects.filter(company_id=home.company.pk).order_by("id")
        assert [(each.indicator, each.standard) for each in found] == [
            ("考勤", "迟到"),
            ("汇报", "日报"),
        ]
