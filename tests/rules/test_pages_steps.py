"""Tiers, caps and multipliers in the form of a rule, and what is written down of who did what."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

from meritbook.kit.tenancy import company_scope
from meritbook.org.models import AuditEntry
from meritbook.rules.models import RuleVersion
from tests.people import NOW, Cast

TABLE = Path(__file__).parent.parent / "data" / "rule-tables-003.xlsx"
SALES = {
    "standard": "月度业绩",
    "measured_in": "money",
    "period": "month",
    "active_from": "2026-11-01",
}
LADDER = {**SALES, "tier_from": ["380000", "100000"], "tier_points": ["800", "100"]}


@pytest.fixture(autouse=True)
def today() -> Any:
    with time_machine.travel(NOW, tick=True):
        yield


def latest(cast: Cast) -> RuleVersion:
    with company_scope(cast.company.pk):
        return RuleVersion.objects.select_related("rule").order_by("-id")[0]


def new(client: Client, shape: str, values: dict[str, Any]) -> Any:
    return client.post(f"/rules/new/?shape={shape}", {**values, "action": "publish"})


def changes(client: Client, code: str) -> list[tuple[str, str, str]]:
    newest = client.get(f"/rules/{code}/").context["steps"][0]
    return [(str(each.label), each.before, each.after) for each in newest.changes]


def test_tiers_are_previewed_published_shown_and_taken_away(home: Cast) -> None:
    officer = home.client("officer")
    preview = officer.post("/rules/new/preview/?shape=S5", LADDER).content.decode()
    assert "只取最高一档" in preview
    assert "100 ~ 800" in preview
    new(officer, "S5", LADDER)
    version = latest(home)
    assert version.extra["tiers"] == [
        {"from": "100000", "points": "100"},
        {"from": "380000", "points": "800"},
    ]
    assert (version.points, version.target) == (Decimal(800), Decimal(380_000))

    address = f"/rules/{version.rule.code}/edit/"
    form = officer.get(address).context["form"]
    assert [row["points"] for row in form.tier_rows] == ["100", "800"]
    assert not {"points", "target"} & set(form.fields)
    plain = {**SALES, "points": "900", "target": "400000", "action": "draft"}
    assert officer.post(address, plain)["Location"]
    draft = latest(home)
    assert ("tiers" in draft.extra, draft.points, draft.target) == (
        False,
        Decimal(900),
        Decimal(400_000),
    )
    assert changes(officer, version.rule.code) == [
        ("分值", "", "900"),
        ("目标", "", "400,000"),
        ("分档", "达到 100,000：100 分；达到 380,000：800 分", ""),
    ]


def test_saving_tiers_unchanged_changes_nothing(home: Cast) -> None:
    officer = home.client("officer")
    new(officer, "S5", LADDER)
    code = latest(home).rule.code
    officer.post(f"/rules/{code}/edit/", {**LADDER, "action": "draft"})
    assert latest(home).number == 2
    assert changes(officer, code) == []


@pytest.mark.parametrize(
    ("bounds", "points", "said"),
    [
        pytest.param(["10", ""], ["1", "2"], "每一档都要填起点和分值", id="half-a-row"),
        pytest.param(["10", "许多"], ["1", "2"], "都是数字", id="no-number"),
        pytest.param(["NaN"], ["1"], "都是数字", id="nan"),
        pytest.param(["5", "5.0"], ["1", "2"], "写了两档", id="twice"),
        pytest.param(["-5"], ["1"], "不能小于 0", id="below-zero"),
        pytest.param(["1E+12"], ["1"], "不能超过", id="too-large"),
        pytest.param(["", ""], ["", ""], "至少填写一档", id="empty"),
    ],
)
def test_tiers_that_say_nothing_clear_are_refused(
    home: Cast, bounds: list[str], points: list[str], said: str
) -> None:
    officer = home.client("officer")
    response = new(officer, "S5", {**SALES, "tier_from": bounds, "tier_points": points})
    assert response.status_code == 422
    assert said in response.content.decode()
    assert 'id="id_tiers"' in response.content.decode()  # where the list of errors leads to
    with company_scope(home.company.pk):
        assert not RuleVersion.objects.exists()


def test_rows_are_added_and_dropped_while_nothing_is_lost(home: Cast) -> None:
    officer = home.client("officer")
    address = "/rules/new/preview/?part=inputs&shape=S5&step="

    def rows(step: str, typed: dict[str, Any]) -> Any:
        return officer.post(address + step, typed).context["form"]

    first = rows("add", {**SALES, "points": "100", "target": "100000"})
    assert first.tier_rows == [{"from": "100000", "points": "100"}, {"from": "", "points": ""}]
    assert [row["from"] for row in rows("drop-0", LADDER).tier_rows] == ["100000"]
    last = rows("drop-0", {**SALES, "tier_from": ["100000"], "tier_points": ["100"]})
    assert (last["target"].value(), last["points"].value()) == ("100000", "100")
    assert last.tier_rows == []


def test_a_cap_is_entered_shown_and_taken_away(home: Cast) -> None:
    officer = home.client("officer")
    values = {
        "standard": "处理订单",
        "direction": "award",
        "points": "10",
        "measured_in": "count",
        "divisor": "1",
        "unit": "单",
        "cap": "50",
        "active_from": "2026-11-01",
    }
    preview = officer.post("/rules/new/preview/?shape=S3", {**values, "cap_per": "event"})
    assert "每次最多 50 分" in preview.content.decode()
    new(officer, "S3", {**values, "cap_per": "event"})
    version = latest(home)
    assert (version.extra["cap"], version.extra["cap_per"]) == ("50", "event")
    address = f"/rules/{version.rule.code}/edit/"
    assert officer.get(address).context["form"]["cap"].value() == "50"

    officer.post(address, {**values, "cap_per": "month", "action": "draft"})
    assert changes(officer, version.rule.code) == [("封顶", "每次最多 50 分", "每月最多 50 分")]
    assert (
        "每人每月最多 50 分"
        in officer.post(
            "/rules/new/preview/?shape=S3", {**values, "cap_per": "month"}
        ).content.decode()
    )
    officer.post(address, {**values, "cap": "", "cap_per": "event", "action": "draft"})
    assert not {"cap", "cap_per"} & set(latest(home).extra)


def test_a_multiplier_stands_in_place_of_points(home: Cast) -> None:
    officer = home.client("officer")
    values = {"standard": "周末加班", "worth": "times", "active_from": "2026-11-01"}
    inputs = officer.post("/rules/new/preview/?part=inputs&shape=S10", values).context["form"]
    assert [field.name for field in inputs.shape_fields] == ["worth", "multiplier"]
    assert new(officer, "S10", {**values, "multiplier": "1"}).status_code == 422
    preview = officer.post("/rules/new/preview/?shape=S10", {**values, "multiplier": "2"})
    assert "×2" in preview.content.decode()
    new(officer, "S10", {**values, "multiplier": "2"})
    version = latest(home)
    assert version.points is None
    assert version.extra["multiplier"] == "2"

    address = f"/rules/{version.rule.code}/edit/"
    assert officer.get(address).context["form"]["worth"].value() == "times"
    officer.post(address, {**values, "worth": "fixed", "points": "20", "action": "draft"})
    assert changes(officer, version.rule.code) == [("分值", "", "20"), ("倍数", "×2", "")]


def notes(cast: Cast) -> list[tuple[str, str, str]]:
    with company_scope(cast.company.pk):
        found = AuditEntry.objects.filter(action__startswith="rule").order_by("id")
        return [(each.action, each.object_id, each.actor_name) for each in found]


def test_who_wrote_published_and_discarded_a_rule_is_kept(home: Cast, away: Cast) -> None:
    officer = home.client("officer")
    name = home.members["officer"].name
    values = {
        "standard": "迟到",
        "direction": "deduct",
        "points": "5",
        "unit": "次",
        "active_from": "2026-11-01",
    }
    officer.post("/rules/new/?shape=S1", {**values, "action": "draft"})
    code = latest(home).rule.code
    officer.post(f"/rules/{code}/publish/", {"active_to": "2026-11-01"})
    officer.post(
        f"/rules/{code}/edit/", {**values, "points": "6", "reason": "口径", "action": "draft"}
    )
    officer.post(f"/rules/{code}/discard/")
    officer.post(f"/rules/{code}/discard/")  # nothing left to discard, nothing to write down
    assert notes(home) == [
        (action, code, name)
        for action in ("rule.create", "rule.publish", "rule.edit", "rule.discard")
    ]
    assert notes(away) == []
    with company_scope(home.company.pk):
        edit = AuditEntry.objects.get(action="rule.edit")
    assert edit.reason == "口径"
    assert edit.before is not None
    assert edit.after is not None
    assert "扣 5 分" in edit.before["rule"]
    assert "扣 6 分" in edit.after["rule"]


def test_a_refused_publication_is_not_written_down(home: Cast) -> None:
    officer = home.client("officer")
    officer.post(
        "/rules/new/?shape=S1",
        {
            "standard": "迟到",
            "direction": "deduct",
            "points": "5",
            "active_from": "2026-11-01",
            "action": "draft",
        },
    )
    draft = latest(home)
    with company_scope(home.company.pk):
        RuleVersion.objects.filter(pk=draft.pk).update(points=None)
    officer.post(f"/rules/{draft.rule.code}/publish/", {"active_to": "2026-11-01"})
    assert latest(home).status == "draft"
    assert [action for action, _code, _name in notes(home)] == ["rule.create"]


def test_who_answered_published_and_gave_up_a_table_is_kept(home: Cast) -> None:
    officer = home.client("officer")
    name = home.members["officer"].name

    def hand_in() -> str:
        file = SimpleUploadedFile("rule-tables-003.xlsx", TABLE.read_bytes())
        return str(officer.post("/rules/import/", {"file": file, "text": ""})["Location"])

    given_up = hand_in()
    officer.post(f"{given_up}drop/")
    address = hand_in()
    found = officer.get(address).context["found"]
    line = next(one for one in found.lines if one.open_questions)
    index = line.questions[0].index
    version = line.line.version
    officer.post(f"{address}{version.pk}/answer/", {"index": 99, "answer": "proposal"})
    officer.post(f"{address}{version.pk}/answer/", {"index": index, "answer": "proposal"})
    officer.post(address, {"department": "", "active_from": "2026-11-01", "accept_proposals": "on"})
    assert notes(home) == [
        ("rules.import.drop", given_up.rstrip("/").rpartition("/")[2], name),
        ("rule.answer", version.rule.code, name),
        ("rules.import.publish", address.rstrip("/").rpartition("/")[2], name),
    ]
    with company_scope(home.company.pk):
        answer = AuditEntry.objects.get(action="rule.answer")
        published = AuditEntry.objects.get(action="rules.import.publish")
    question = version.questions[index]
    assert answer.after == {
        "version": 1,
        "question": question["text"],
        "field": question["field"],
        "answer": question["proposal"],
    }
    assert published.after == {
        "file": "rule-tables-003.xlsx",
        "published": 41,
        "from": date(2026, 11, 1).isoformat(),
    }


def test_a_command_that_publishes_is_kept_too(home: Cast) -> None:
    def load() -> None:
        call_command(
            "load_rules",
            str(TABLE),
            "--publish",
            "--accept-proposals",
            f"--company={home.company.code}",
            "--from=2026-11-01",
        )

    load()
    load()  # unchanged: nothing is published again
    assert notes(home) == [("rules.publish", "", "load_rules")]
