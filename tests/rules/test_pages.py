"""Pages of rules, as the people who use them: 韩梅梅 manages them, 李雷 reads them."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from meritbook.files.models import ImportRun
from meritbook.kit.tenancy import company_scope
from meritbook.org.models import Department
from meritbook.rules.models import RuleVersion
from meritbook.rules.operations import publish, save_rule
from tests.people import NOW, Cast

DATA = Path(__file__).parent.parent / "data"
TABLE = DATA / "rule-tables-003.xlsx"


@pytest.fixture(autouse=True)
def today() -> Any:
    with time_machine.travel(NOW, tick=True):
        yield


def write(cast: Cast, *, published: bool = True, **values: Any) -> RuleVersion:
    values = {"shape": "S1", "standard": "迟到", "points": "-5", "unit": "次", **values}
    with company_scope(cast.company.pk):
        version = save_rule(
            company_id=cast.company.pk,
            values=values,
            population=values.pop("population", {}),
            postings={},
            reason="",
            actor_id=None,
            now=NOW,
        )
        if published:
            publish(
                company_id=cast.company.pk,
                version_ids=[version.pk],
                active_from=date(2026, 11, 1),
                actor_id=None,
                now=NOW,
            )
    return version


def latest(cast: Cast) -> RuleVersion:
    with company_scope(cast.company.pk):
        return RuleVersion.objects.select_related("rule").order_by("-id")[0]


def upload(client: Client, content: bytes, name: str = "rule-tables-003.xlsx") -> Any:
    return client.post("/rules/import/", {"file": SimpleUploadedFile(name, content), "text": ""})


def test_an_employee_reads_what_is_published_and_no_draft(home: Cast, away: Cast) -> None:
    late = write(home)
    write(home, standard="早退", points="-20", published=False)
    write(away, standard="金丝雀机密标准")
    page = home.client("employee").get("/rules/").content.decode()
    assert "迟到：每次扣 5 分" in page
    assert f"/rules/{late.rule.code}/" in page
    assert "早退" not in page
    assert "金丝雀" not in page
    assert "/rules/new/" not in page


def test_an_empty_list_leads_to_import_and_templates(home: Cast) -> None:
    page = home.client("officer").get("/rules/").content.decode()
    assert "还没有积分标准" in page
    assert "/rules/import/" in page
    assert "/rules/library/" in page
    assert "还没有发布" in home.client("employee").get("/rules/").content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("q=周报", ["周报"], id="search"),
        pytest.param("state=draft", ["旷工"], id="state"),
        pytest.param("q=没有这样的标准", [], id="nothing"),
    ],
)
def test_the_list_is_narrowed(home: Cast, query: str, found: list[str]) -> None:
    write(home)
    write(home, shape="S2", standard="周报", points="10", period="week")
    write(home, standard="旷工", points="-50", published=False)
    response = home.client("officer").get(f"/rules/?{query}")
    lines = [line.version.standard for line in response.context["page"].object_list]
    assert lines == found


def test_the_list_by_department_has_what_is_for_everyone_too(home: Cast) -> None:
    with company_scope(home.company.pk):
        sales = Department.objects.get(company_id=home.company.pk, name="销售部")
        south = Department.objects.get(company_id=home.company.pk, name="华南组")
        store = Department.objects.get(company_id=home.company.pk, name="仓库")
    write(home)
    write(home, standard="签合同", points="10", population={"departments": [sales.pk]})
    write(home, standard="盘点", points="10", population={"departments": [store.pk]})

    def standards(client: Client, query: str) -> set[str]:
        response = client.get(f"/rules/?{query}")
        return {line.version.standard for line in response.context["page"].object_list}

    assert standards(home.client("officer"), f"department={south.pk}") == {"迟到", "签合同"}
    assert standards(home.client("employee"), "mine=1") == {"迟到", "签合同"}


def test_only_officers_and_owners_write_rules(home: Cast) -> None:
    code = write(home).rule.code
    for address in (
        "/rules/new/",
        "/rules/library/",
        "/rules/import/",
        f"/rules/{code}/edit/",
    ):
        assert home.client("employee").get(address).status_code == 403
        assert home.client("head").get(address).status_code == 403
        assert home.client("owner").get(address).status_code == 200
    assert home.client("head").post(f"/rules/{code}/retire/").status_code == 403


def test_another_companys_rule_is_not_found(home: Cast, away: Cast) -> None:
    code = write(away, standard="金丝雀机密标准").rule.code
    owner = home.client("owner")
    for address in (f"/rules/{code}/", f"/rules/{code}/edit/", f"/rules/{code}/entries/"):
        assert owner.get(address).status_code == 404
    assert owner.post(f"/rules/{code}/retire/", {}).status_code == 404


FORMS: list[Any] = [
    pytest.param(
        "S1", {"direction": "deduct", "points": "5", "unit": "次"}, "每次扣 5 分", id="S1-迟到"
    ),
    pytest.param(
        "S2",
        {
            "points": "5",
            "period": "day",
            "deadline_kind": "time_of_day",
            "deadline_time": "22:00",
            "checklist": "电话量 ≥ 50\n拜访",
        },
        "每天 22 点前",
        id="S2-日报",
    ),
    pytest.param(
        "S3",
        {"direction": "award", "points": "50", "measured_in": "money", "divisor": "1000"},
        "每 1,000 元得 50 分",
        id="S3-增加单量",
    ),
    pytest.param(
        "S4",
        {"points": "100", "target": "20", "measured_in": "count", "unit": "个", "period": "week"},
        "每周目标 20 个",
        id="S4-回访",
    ),
    pytest.param(
        "S5",
        {"points": "800", "target": "380000", "measured_in": "money", "period": "month"},
        "380,000 元",
        id="S5-业绩",
    ),
    pytest.param("S6", {"project_total": "2000", "weight_percent": "40"}, "800 分", id="S6-阶段"),
    pytest.param(
        "S7", {"direction": "deduct", "points": "50"}, "每延迟 1 天扣 50 分", id="S7-延误"
    ),
    pytest.param(
        "S8",
        {"direction": "deduct", "points": "10", "limit_minutes": "30"},
        "30 分钟",
        id="S8-超时",
    ),
    pytest.param(
        "S9", {"points_min": "-1000", "points_max": "-50"}, "50 至 1,000 分", id="S9-投诉"
    ),
    pytest.param("S10", {"points": "20"}, "20 分", id="S10-额外"),
]


@pytest.mark.parametrize(("shape", "values", "said"), FORMS)
def test_a_rule_of_each_shape_by_hand(
    home: Cast, shape: str, values: dict[str, str], said: str
) -> None:
    officer = home.client("officer")
    assert officer.get(f"/rules/new/?shape={shape}").status_code == 200
    filled = {"standard": "试一试的标准", "active_from": "2026-11-01", **values}
    preview = officer.post(f"/rules/new/preview/?shape={shape}", filled).content.decode()
    assert said in preview

    response = officer.post(f"/rules/new/?shape={shape}", {**filled, "action": "publish"})
    version = latest(home)
    assert response["Location"] == f"/rules/{version.rule.code}/"
    assert (version.shape, version.status) == (shape, "published")
    assert version.active_from == date(2026, 11, 1)
    assert said in officer.get(f"/rules/{version.rule.code}/").content.decode()

    # What the form shows again is what was entered: saving it unchanged changes nothing.
    edit = officer.get(f"/rules/{version.rule.code}/edit/")
    shown = edit.context["form"]
    again = {
        name: shown[name].value()
        for name in shown.fields
        if shown[name].value() not in (None, "", False)
    }
    officer.post(f"/rules/{version.rule.code}/edit/", {**again, "action": "draft"})
    draft = latest(home)
    assert draft.number == 2
    page = officer.get(f"/rules/{version.rule.code}/")
    assert [step.changes for step in page.context["steps"]] == [[], []]


def test_what_is_missing_is_said_beside_the_field(home: Cast) -> None:
    response = home.client("officer").post("/rules/new/?shape=S4", {"standard": "回访"})
    assert response.status_code == 422
    assert set(response.context["form"].errors) >= {"points", "target", "active_from"}


def test_a_draft_counts_only_once_it_is_published(home: Cast) -> None:
    officer = home.client("officer")
    officer.post(
        "/rules/new/?shape=S1",
        {
            "standard": "签合同",
            "direction": "award",
            "points": "10",
            "active_from": "2026-11-21",
            "action": "draft",
        },
    )
    draft = latest(home)
    assert draft.status == "draft"
    employee_page = home.client("employee").get(f"/rules/{draft.rule.code}/").content.decode()
    assert "还没有发布" in employee_page
    assert "签合同" not in employee_page

    officer.post(f"/rules/{draft.rule.code}/publish/", {"active_to": "2026-11-20"})
    assert latest(home).status == "published"
    assert "签合同" in home.client("employee").get(f"/rules/{draft.rule.code}/").content.decode()


def test_a_change_is_a_new_version_with_its_difference(home: Cast) -> None:
    version = write(home)
    officer = home.client("officer")
    officer.post(
        f"/rules/{version.rule.code}/edit/",
        {
            "standard": "迟到",
            "direction": "deduct",
            "points": "6",
            "unit": "次",
            "active_from": "2026-12-01",
            "reason": "统一口径",
            "action": "publish",
        },
    )
    page = officer.get(f"/rules/{version.rule.code}/")
    newest, first = page.context["steps"]
    assert [(str(each.label), each.before, each.after) for each in newest.changes] == [
        ("分值", "-5", "-6")
    ]
    assert newest.version.reason == "统一口径"
    assert first.version.active_to == date(2026, 12, 1)
    assert "每次扣 5 分" in page.context["line"].sentence  # still counts today


def test_a_draft_is_discarded_and_a_rule_retired(home: Cast) -> None:
    officer = home.client("officer")
    draft = write(home, standard="旷工", points="-50", published=False)
    officer.post(f"/rules/{draft.rule.code}/discard/")
    assert officer.get(f"/rules/{draft.rule.code}/").status_code == 404

    late = write(home)
    officer.post(
        f"/rules/{late.rule.code}/retire/", {"active_to": "2026-11-10", "reason": "不用了"}
    )
    assert latest(home).active_to == date(2026, 11, 10)
    page = officer.get(f"/rules/{late.rule.code}/").content.decode()
    assert "已停用" in page
    assert "不用了" in page


def test_a_rule_table_is_read_asked_about_and_published(home: Cast) -> None:
    officer = home.client("officer")
    address = upload(officer, TABLE.read_bytes())["Location"]
    page = officer.get(address)
    found = page.context["found"]
    assert len(found.lines) == 41
    assert 0 < found.open_questions <= 12
    assert "每周回访老客户 20 个" in page.content.decode()

    refused = officer.post(address, {"department": "", "active_from": "2026-11-01"})
    assert refused.status_code == 422
    assert f"还有 {found.open_questions} 个问题没有回答" in refused.content.decode()

    line = next(one for one in found.lines if one.open_questions)
    answered = officer.post(
        f"{address}{line.line.version.pk}/answer/",
        {"index": line.questions[0].index, "answer": "proposal"},
        headers={"HX-Request": "true"},
    )
    assert answered.context["found"].open_questions == found.open_questions - 1
    assert 'hx-swap-oob="true"' in answered.content.decode()

    done = officer.post(
        address, {"department": "", "active_from": "2026-11-01", "accept_proposals": "on"}
    )
    assert done["Location"] == address
    with company_scope(home.company.pk):
        assert RuleVersion.objects.filter(status="published").count() == 41
        assert ImportRun.objects.get().counts["published"] == 41
    assert "已发布 41 条标准" in officer.get(address).content.decode()


def test_an_answer_of_ones_own_goes_into_the_field(home: Cast) -> None:
    officer = home.client("officer")
    address = upload(officer, TABLE.read_bytes())["Location"]
    found = officer.get(address).context["found"]
    line, question = next(
        (one, question)
        for one in found.lines
        for question in one.questions
        if question.kind == "number"
    )
    version = line.line.version
    field = version.questions[question.index]["field"]
    answer = f"{address}{version.pk}/answer/"
    wrong = officer.post(
        answer,
        {"index": question.index, "answer": "own", "own": "很多"},
        headers={"HX-Request": "true"},
    )
    assert "不是一个数字" in wrong.content.decode()
    officer.post(answer, {"index": question.index, "answer": "own", "own": "7"})
    with company_scope(home.company.pk):
        assert getattr(RuleVersion.objects.get(pk=version.pk), field) == 7


def test_the_department_chosen_is_whom_the_rules_concern(home: Cast) -> None:
    with company_scope(home.company.pk):
        sales = Department.objects.get(company_id=home.company.pk, name="销售部")
    officer = home.client("officer")
    address = upload(officer, "签合同 10分\n迟到 -5分\n".encode(), "标准.txt")["Location"]
    officer.post(address, {"department": sales.pk, "active_from": "2026-11-01"})
    with company_scope(home.company.pk):
        populations = list(RuleVersion.objects.values_list("population", flat=True))
    assert populations == [{"departments": [sales.pk]}] * 2

    again = officer.get(
        upload(officer, "签合同 10分\n迟到 -6分\n".encode(), "标准.txt")["Location"]
    )
    found = again.context["found"]
    assert [one.change for one in found.lines] == ["unchanged", "changed"]
    assert [(str(each.label), each.before, each.after) for each in found.lines[1].differences] == [
        ("原文积分", "-5分", "-6分"),
        ("分值", "-5", "-6"),
    ]


def test_pasted_text_is_read_line_by_line(home: Cast) -> None:
    officer = home.client("officer")
    response = officer.post("/rules/import/", {"text": "迟到 -5分\n日报 5分/天\n"})
    found = officer.get(response["Location"]).context["found"]
    assert [one.line.version.shape for one in found.lines] == ["S1", "S2"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        pytest.param("a.xlsx", b"no spreadsheet at all", "", id="no-spreadsheet"),
        pytest.param("a.xlsx", b"", "", id="empty"),
        pytest.param("a.csv", "姓名,部门\n李雷,销售部\n".encode(), "", id="other-columns"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(
    home: Cast, name: str, content: bytes, said: str
) -> None:
    response = upload(home.client("officer"), content, name)
    assert response.status_code == 422
    assert response.context["form"].errors["file"]
    with company_scope(home.company.pk):
        assert not ImportRun.objects.exists()
        assert not RuleVersion.objects.exists()


def test_an_import_is_given_up_and_leaves_nothing(home: Cast) -> None:
    officer = home.client("officer")
    address = upload(officer, TABLE.read_bytes())["Location"]
    officer.post(f"{address}drop/")
    with company_scope(home.company.pk):
        assert not RuleVersion.objects.exists()
        assert ImportRun.objects.get().state == "undone"
    assert officer.post(f"{address}drop/").status_code == 302  # said again, nothing happens


def test_another_companys_import_is_not_found(home: Cast, away: Cast) -> None:
    address = upload(away.client("owner"), TABLE.read_bytes())["Location"]
    owner = home.client("owner")
    assert owner.get(address).status_code == 404
    assert owner.post(address, {"active_from": "2026-11-01"}).status_code == 404
    assert owner.post(f"{address}drop/").status_code == 404
    assert home.client("officer").get("/rules/import/template.xlsx").status_code == 200


def test_a_template_of_the_library_is_looked_through_and_loaded(home: Cast) -> None:
    officer = home.client("officer")
    (first, *_others) = officer.get("/rules/library/").context["templates"]
    address = f"/rules/library/{first.code}/"
    total = officer.get(address).context["total"]
    run = officer.get(officer.post(address)["Location"]).context["found"]
    assert len(run.lines) == total > 0
    assert officer.get("/rules/library/unknown/").status_code == 404
