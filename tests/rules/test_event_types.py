"""Types of events: what they are called, what they feed, what is proposed."""

import pytest

from meritbook.kit.tenancy import company_scope
from meritbook.rules.event_types.books import OwnType, type_book
from meritbook.rules.event_types.catalogue import TYPES, TypeAttribute
from meritbook.rules.event_types.suggestions import Described, suggestions
from meritbook.rules.operations.event_types import (
    BadType,
    Target,
    UnknownType,
    feed_rules,
    save_type,
)
from meritbook.rules.queries import UnknownRule, rulebook
from meritbook.rules.type_queries import types_of
from tests.awards.worlds import NOW, World, event, found_world


@pytest.fixture
def world(db: None) -> World:
    world = found_world("acme", "示例公司")
    sales, store = world.department("销售部"), world.department("仓库")
    world.hire("001", "李雷", sales)
    world.hire("002", "韩梅梅", sales)
    world.hire("003", "林涛", store)
    return world


def feed(world: World, code: str, *targets: tuple[str, str]) -> None:
    with company_scope(world.company_id):
        feed_rules(
            company_id=world.company_id,
            code=code,
            targets=[Target(*one) for one in targets],
            now=NOW,
        )


def test_canonical_codes_and_names_are_unique() -> None:
    assert len({one.code for one in TYPES}) == len(TYPES)
    assert len({one.name for one in TYPES}) == len(TYPES)
    for code in (
        "attendance.late",
        "report.submitted",
        "deal.signed",
        "payment.received",
        "customer.visited",
        "call.made",
        "complaint.received",
        "delivery.completed",
        "training.passed",
    ):
        assert code in type_book([]).by_code


def test_what_a_company_says_of_a_type_goes_first() -> None:
    book = type_book([OwnType("deal.signed", "成单", "销售", (), True, ((7, ""),))])

    assert book.find("成单") == book.find("deal.signed")
    assert book.find("签合同") is None
    assert book.by_code["deal.signed"].rule_ids == (7,)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("迟到一次扣 5 分", "attendance.late"),
        ("每周五 22 点前提交周报", "report.submitted"),
        ("新签合同每 1 万元加 10 分", "deal.signed"),
        ("客户投诉 -50 分/次", "complaint.received"),
        ("回访老客户 20 个/周", "customer.followed_up"),
        ("订单按时交付", "delivery.completed"),
        ("通过培训考试", "training.passed"),
        ("为同事庆祝生日", None),
    ],
)
def test_a_rule_is_recognised_by_its_words(text: str, code: str | None) -> None:
    found = suggestions([Described(1, (text,), ())], type_book([]).every)

    assert [one.type_code for one in found] == ([] if code is None else [code])


def test_items_of_a_checklist_are_recognised_each() -> None:
    found = suggestions(
        [Described(1, ("每天电话与拜访",), ("电话量", "拜访"))], type_book([]).every
    )

    assert {(one.type_code, one.item) for one in found} == {
        ("call.made", "电话量"),
        ("customer.visited", "拜访"),
    }


def test_what_is_mapped_is_not_proposed_again() -> None:
    own = [OwnType("attendance.late", "迟到", "考勤", (), True, ((1, ""),))]

    assert suggestions([Described(1, ("迟到",), ())], type_book(own).every) == []


def test_one_type_feeds_several_rules_each_for_its_own_people(world: World) -> None:
    store = world.select("SELECT id FROM org_department WHERE name = '仓库'")[0][0]
    everyone = world.rule("S1", "参加培训", points="5").rule.code
    stores = world.rule(
        "S1", "仓库培训", points="20", population={"departments": [store]}
    ).rule.code
    feed(world, "training.passed", (everyone, ""), (stores, ""))

    world.record(event("1", "training.passed"), event("2", "通过培训", "003"))

    assert world.balances() == {"001": 500, "003": 2500}
    assert world.statuses() == {"1": "posted", "2": "posted"}
    with company_scope(world.company_id):
        from meritbook.awards.queries.explanation import explain

        told = explain(company_id=world.company_id, event_no="1", source="crm").as_dict()
    assert told["type"] == "training.passed"
    assert [one["rule_code"] for one in told["near"]] == [stores]  # type: ignore[index]


def test_what_one_rule_asks_is_not_asked_of_people_of_another(world: World) -> None:
    store = world.select("SELECT id FROM org_department WHERE name = '仓库'")[0][0]
    everyone = world.rule("S1", "回复客户", points="5").rule.code
    slow = world.rule(
        "S8",
        "仓库回复超过 30 分钟",
        points="-2",
        limit_minutes="30",
        population={"departments": [store]},
    ).rule.code
    feed(world, "reply.sent", (everyone, ""), (slow, ""))

    done = world.record(event("1", "reply.sent"), event("2", "reply.sent", "003"))

    assert [one.status for one in done.results] == ["new", "refused"]
    assert "分钟" in done.results[1].problems[0].column


def test_a_known_type_without_rules_is_stored_and_earns_nothing(world: World) -> None:
    done = world.record(event("1", "payment.received"), event("2", "种花"))

    assert [one.status for one in done.results] == ["new", "refused"]
    assert "没有类型“种花”" in done.results[1].problems[0].reason
    assert world.statuses() == {"1": "nothing"}


def test_a_rule_keeps_its_own_code_and_name(world: World) -> None:
    own = world.rule("S1", "签合同", points="10").rule.code
    other = world.rule("S1", "大单奖励", points="100").rule.code
    world.record(event("1", own), event("2", "签合同"))
    assert world.balances() == {"001": 2000}

    feed(world, "deal.signed", (other, ""))
    world.record(event("3", own), event("4", "签合同"), event("5", "deal.signed"))

    assert world.balances() == {"001": 23000}


def test_the_same_file_again_is_a_duplicate_after_a_mapping(world: World) -> None:
    own = world.rule("S1", "签合同", points="10").rule.code
    world.record(event("1", "签合同"))
    feed(world, "deal.signed", (own, ""))

    again = world.record(event("1", "签合同"))
    other = world.record(event("1", "签合同", quantity="2"))

    assert [one.status for one in again.results] == ["duplicate"]
    assert [one.status for one in other.results] == ["conflict"]
    assert world.balances() == {"001": 1000}


def test_a_checklist_over_two_types(world: World) -> None:
    from datetime import date

    from meritbook.awards.queries.explanation import explain

    rule = world.rule(
        "S2",
        "每天电话 50 个且拜访 1 个",
        points="10",
        period="day",
        checklist=[
            {"item": "电话量", "op": ">=", "value": "50"},
            {"item": "拜访", "op": ">=", "value": "1"},
        ],
    ).rule
    feed(world, "call.made", (rule.code, "电话量"))
    feed(world, "customer.visited", (rule.code, "拜访"))
    world.record(
        event("c1", "call.made", at="2026-11-12 10:00", quantity="30"),
        event("c2", "call.made", at="2026-11-12 11:00", quantity="20"),
        event("v1", "customer.visited", at="2026-11-12 15:00"),
        event("c3", "打电话", "002", "2026-11-12 10:00", quantity="60"),
    )
    world.close(date(2026, 11, 13))

    assert world.balances() == {"001": 1000}
    assert world.statuses() == {"c1": "posted", "c2": "posted", "v1": "posted", "c3": "nothing"}
    with company_scope(world.company_id):
        near = explain(company_id=world.company_id, event_no="c3", source="crm").near
        entry = explain(company_id=world.company_id, event_no="c1", source="crm").standing[0]
    assert "拜访 0（要求 ≥ 1）" in near[0].text
    assert entry.points == 1000
    assert len(entry.explained.events) == 3

    # A correction after the close takes the day below its bound, and back.
    world.record(event("c2", "call.made", at="2026-11-12 11:00", quantity="2"), revise=True)
    assert world.balances() == {}
    world.record(event("c4", "call.made", at="2026-11-12 12:00", quantity="18"))
    assert world.balances() == {"001": 1000}


@pytest.mark.parametrize(
    ("code", "name", "field"),
    [
        ("Kunde Besuch", "拜访", "code"),
        ("", "拜访", "code"),
        ("deal.signed", "成单", "code"),
        ("plant.watered", "", "name"),
        ("plant.watered", "签合同", "name"),
        ("plant.watered", "call.made", "name"),
        ("plant.watered", "长" * 81, "name"),
    ],
)
def test_a_bad_type_is_refused_at_its_field(world: World, code: str, name: str, field: str) -> None:
    with company_scope(world.company_id), pytest.raises(BadType) as refused:
        save_type(company_id=world.company_id, code=code, name=name, now=NOW, is_new=True)

    assert refused.value.field == field


def test_a_type_of_the_companys_own_and_one_switched_off(world: World) -> None:
    code = world.rule("S1", "浇花", points="1").rule.code
    with company_scope(world.company_id):
        save_type(
            company_id=world.company_id,
            code="plant.watered",
            name="给植物浇水",
            attributes=[TypeAttribute("盆数", "number")],
            now=NOW,
            is_new=True,
        )
    feed(world, "plant.watered", (code, ""))
    world.record(event("1", "给植物浇水"))
    assert world.balances() == {"001": 100}

    with company_scope(world.company_id):
        save_type(
            company_id=world.company_id,
            code="plant.watered",
            name="给植物浇水",
            is_active=False,
            now=NOW,
        )
    assert [one.status for one in world.record(event("2", "plant.watered")).results] == ["refused"]


def test_only_rules_and_items_that_there_are_can_be_fed(world: World) -> None:
    rule = world.rule("S1", "签合同", points="10").rule
    with pytest.raises(UnknownRule):
        feed(world, "deal.signed", ("nope", ""))
    with pytest.raises(BadType):
        feed(world, "deal.signed", (rule.code, "电话量"))
    with pytest.raises(UnknownType):
        feed(world, "no.such", (rule.code, ""))


def test_a_type_of_another_company_is_unknown(world: World) -> None:
    other = found_world("other", "金丝雀公司")
    with company_scope(other.company_id):
        save_type(
            company_id=other.company_id, code="canary.sang", name="金丝雀唱歌", now=NOW, is_new=True
        )
    with company_scope(world.company_id):
        assert "canary.sang" not in types_of(company_id=world.company_id).by_code
        assert not rulebook(company_id=world.company_id).knows("金丝雀唱歌")


def test_fixed_points_of_the_library_by_attendance(world: World) -> None:
    """One event a month feeds every fixed rule; each holds for those of whom it is registered."""
    from datetime import date

    from meritbook.org.models import Employee
    from meritbook.org.operations.audit import SYSTEM
    from meritbook.org.operations.facts import set_fact
    from meritbook.rules.operations import load_template
    from meritbook.rules.type_listings import type_list

    with company_scope(world.company_id):
        load_template(
            company_id=world.company_id, code="fixed", now=NOW, publish_from=date(2026, 10, 1)
        )
        for number, kind, value in (("001", "学历", "本科"), ("002", "职务", "主管")):
            set_fact(
                company_id=world.company_id,
                employee=Employee.objects.get(company_id=world.company_id, employee_no=number),
                kind=kind,
                value=value,
                valid_from=date(2026, 1, 1),
                now=NOW,
                actor=SYSTEM,
            )
        proposed = [
            Target(one.code, one.item)
            for one in type_list(company_id=world.company_id).proposed
            if one.type_code == "attendance.month"
        ]
        assert len(proposed) == 9
        feed_rules(company_id=world.company_id, code="attendance.month", targets=proposed, now=NOW)
    done = world.record(
        event("a1", "月度出勤", "001", "2026-10-31", quantity="95"),
        event("a2", "月度出勤", "002", "2026-10-31", quantity="100"),
        event("a3", "月度出勤", "003", "2026-10-31", quantity="100"),
    )
    assert not done.problems
    world.close(date(2026, 11, 3))

    # 40 × 95 %; 200; nothing is registered of 林涛, and nobody has been there for a year.
    assert world.balances() == {"001": 3800, "002": 20000}
