"""The health check from page, API and command: findings of the company's own rules, mends that work."""

import json
from datetime import date, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command

from meritbook.insight.operations.mending import FindingGone, apply_mend
from meritbook.insight.queries.health import Health, health
from meritbook.kit.tenancy import company_scope
from meritbook.org.models import AuditEntry, Department
from meritbook.org.operations.audit import SYSTEM
from meritbook.org.operations.keys import create_key
from meritbook.rules.models import RuleVersion
from tests.awards.worlds import HIRED, NOW, World, event
from tests.people import Cast

TODAY = date(2026, 11, 21)
SCOPES = ("insight:read", "insight:write")


@pytest.fixture
def world(home: Cast) -> World:
    return World(home.company.pk, home.company.code)


def seen(world: World, **options: object) -> Health:
    with company_scope(world.company_id):
        found = health(company_id=world.company_id, today=TODAY, **options)  # type: ignore[arg-type]
        assert found.findings is not None
    return found


def mend(world: World, key: str) -> object:
    with company_scope(world.company_id):
        return apply_mend(company_id=world.company_id, key=key, today=TODAY, actor=SYSTEM, now=NOW)


def codes(found: Health) -> list[str]:
    return [finding.code for finding in found.findings]


def furnish(world: World) -> None:
    """One rule for each finding that rules alone show."""
    world.rule("S1", "迟到罚款50元", points="5")
    world.rule("S1", "工作态度良好", points="20")
    world.rule("S9", "客户投诉", points_min="-50", points_max="1000")
    world.rule("S3", "增加单量", points="50", divisor="1000", unit="元")
    world.rule("S7", "货期每延误1天", points="-50")
    world.rule("S4", "回访客户", points="100", target="20", unit="个")
    world.rule("S2", "每周交周报", points="5", period="week", weight_percent="80")
    world.rule("S2", "每天交日报", points="5", period="day", weight_percent="20")
    world.rule("S1", "周末加班", points="5")
    world.rule("S1", "周末加班", points="-5")
    world.rule("S5", "月业绩达到10万", points="100", target="100000", unit="元", period="month")
    world.rule("S5", "月业绩达到20万", points="300", target="200000", unit="元", period="month")


def test_every_finding_has_a_mend_that_ends_it(world: World) -> None:
    furnish(world)
    found = seen(world)
    assert set(codes(found)) == {
        "unlawful_wording",
        "subjective_wording",
        "missing_sign",
        "no_cap",
        "no_floor",
        "target_without_period",
        "weight_apart",
        "contradiction",
        "overlap",
    }
    for _n in range(20):
        if not found.findings:
            break
        key = found.findings[0].key
        mend(world, key)
        found = seen(world)
        assert key not in {finding.key for finding in found.findings}
    assert found.findings == []


def test_a_mend_writes_a_draft_and_publishes_nothing(world: World) -> None:
    version = world.rule("S3", "增加单量", points="50", divisor="1000", unit="元")
    (finding,) = seen(world).findings
    mend(world, finding.key)
    with company_scope(world.company_id):
        first, draft = RuleVersion.objects.filter(rule=version.rule).order_by("number")
        assert (first.status, first.extra) == ("published", {})
        assert (draft.status, draft.extra) == ("draft", {"cap": "1500", "cap_per": "month"})
        assert draft.reason == "每人每月最多 1500 分"
        assert AuditEntry.objects.filter(action="rule.mend").count() == 1
    assert codes(seen(world, with_drafts=False)) == ["no_cap"]
    with pytest.raises(FindingGone):
        mend(world, finding.key)


def test_a_contradiction_ends_by_ending_the_newer_rule(world: World) -> None:
    world.rule("S1", "周末加班", points="5")
    newer = world.rule("S1", "周末加班", points="-5")
    (finding,) = seen(world).findings
    mend(world, finding.key)
    with company_scope(world.company_id):
        newer.refresh_from_db()
        assert (newer.status, newer.active_to) == ("retired", TODAY)


def test_what_nearly_everybody_does_is_told_from_history(world: World) -> None:
    report = world.rule("S2", "每天交日报", points="5", period="day", active_from=date(2026, 11, 1))
    deal = world.rule("S1", "签合同", points="50", active_from=date(2026, 11, 1))
    days = [date(2026, 11, 2) + timedelta(days=n) for n in range(19)]
    people = ("0001", "0002", "0003", "0004", "0009")
    world.record(
        *(
            event(f"{who}-{day}", report.rule.code, who, f"{day} 18:00")
            for who in people
            for day in days
        ),
        event("deal", deal.rule.code, "0001", "2026-11-03 10:00"),
    )
    world.close(TODAY)
    found = seen(world)
    assert found.scheme.months == 6
    assert codes(found) == ["routine_paid"]
    assert "每 10 次有 10 次拿满分" in found.findings[0].what
    mend(world, found.findings[0].key)
    assert codes(seen(world)) == []


def test_a_rule_that_nobody_uses_is_told(world: World) -> None:
    deal = world.rule("S1", "签合同", points="50")
    world.rule("S1", "提出专利", points="200")
    world.record(event("deal", deal.rule.code, "0001", "2026-11-03 10:00"))
    found = seen(world)
    assert codes(found) == ["never_used"]
    assert "提出专利" in found.findings[0].what
    mend(world, found.findings[0].key)
    assert codes(seen(world)) == []


def test_a_new_rule_is_not_called_unused(world: World) -> None:
    deal = world.rule("S1", "签合同", points="50")
    world.rule("S1", "提出专利", points="200", active_from=date(2026, 11, 1))
    world.record(event("deal", deal.rule.code, "0001", "2026-11-03 10:00"))
    assert codes(seen(world)) == []


def test_posts_reach_what_their_rules_give(world: World) -> None:
    with company_scope(world.company_id):
        store = Department.objects.get(name="仓库")
    world.rule("S2", "每月总结", points="30", period="month")
    world.rule(
        "S2", "每月盘点", points="20", period="month", population={"departments": [store.pk]}
    )
    rows = {row.post: row.points for row in seen(world).reach}
    assert rows == {
        "仓管员": 50,
        "业务员": 30,
        "积分专员": 30,
        "销售经理": 30,
        "总经理": 30,
    }


@pytest.fixture
def _today() -> object:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.usefixtures("_today")
def test_the_officer_sees_and_mends_on_the_page(home: Cast, world: World) -> None:
    version = world.rule("S1", "迟到", points="5")
    client = home.client("officer")
    page = client.get("/insight/").content.decode()
    assert "像是漏了负号" in page
    assert "业务员" in page
    key = f"missing_sign:{version.rule.code}"
    assert key in page
    page = client.post("/insight/mend/", {"key": key}, follow=True).content.decode()
    assert "改好了 1 条草稿" in page
    assert "像是漏了负号" not in page
    assert "没有发现问题" in page
    assert "像是漏了负号" in client.get("/insight/?scheme=published").content.decode()
    again = client.post("/insight/mend/", {"key": key}, follow=True).content.decode()
    assert "这个问题已经不在了" in again


@pytest.mark.usefixtures("_today")
def test_without_rules_the_page_says_what_to_do(home: Cast) -> None:
    assert "还没有可以体检的标准" in home.client("officer").get("/insight/").content.decode()


def test_only_those_who_manage_rules_come_in(home: Cast) -> None:
    for role in ("employee", "head"):
        assert home.client(role).get("/insight/").status_code == 403
        assert home.client(role).post("/insight/mend/", {"key": "x"}).status_code == 403


@pytest.mark.usefixtures("_today")
def test_a_program_reads_and_mends(client: object, home: Cast, world: World) -> None:
    version = world.rule("S1", "迟到", points="5")
    with company_scope(world.company_id):
        token = create_key(
            company_id=world.company_id, name="BI", scopes=SCOPES, now=NOW, actor=SYSTEM
        ).token
    headers = {"Authorization": f"Bearer {token}"}
    answer = client.get("/api/v1/insight/health", headers=headers).json()  # type: ignore[attr-defined]
    (finding,) = answer["findings"]
    assert (finding["code"], finding["severity"], finding["rules"]) == (
        "missing_sign",
        "high",
        [version.rule.code],
    )
    done = client.post(  # type: ignore[attr-defined]
        "/api/v1/insight/mends",
        json.dumps({"key": finding["key"]}),
        content_type="application/json",
        headers=headers,
    )
    assert done.json() == {"drafts": [version.rule.code], "retired": []}
    gone = client.post(  # type: ignore[attr-defined]
        "/api/v1/insight/mends",
        json.dumps({"key": finding["key"]}),
        content_type="application/json",
        headers=headers,
    )
    assert (gone.status_code, gone.json()["code"]) == (409, "finding_gone")


@pytest.mark.usefixtures("_today")
def test_the_command_tells_the_same(world: World) -> None:
    furnish(world)
    out = StringIO()
    call_command("health", "--company", world.code, "--json", stdout=out)
    answer = json.loads(out.getvalue())
    assert {each["code"] for each in answer["findings"]} == set(codes(seen(world)))
    text = StringIO()
    call_command("health", "--company", world.code, stdout=text)
    assert "违法的说法" in text.getvalue()
    assert HIRED < TODAY
