"""What rules read of a person is what held on the day, and an entry keeps it for its trace."""

from datetime import date

import pytest

from meritbook.awards.queries.explanation import explain
from meritbook.kit.tenancy import company_scope
from meritbook.org.models import Assignment, Employee, Grade
from meritbook.org.operations.audit import SYSTEM
from meritbook.org.operations.facts import set_fact
from meritbook.rules.vocabulary import stored_condition, vocabulary
from tests.awards.worlds import NOW, World, event


@pytest.fixture
def somebody(world: World) -> Employee:
    """何思思, a graduate of grade P2 from 10 November on."""
    employee = world.hire("0031", "何思思", world.department("质检部"), hired_on=date(2026, 10, 5))
    with company_scope(world.company_id):
        grade = Grade.objects.create(company_id=world.company_id, name="P2")
        Assignment.objects.filter(employee=employee).update(grade=grade)
        set_fact(
            company_id=world.company_id,
            employee=employee,
            kind="学历",
            value="本科",
            valid_from=date(2026, 11, 10),
            now=NOW,
            actor=SYSTEM,
        )
    return employee


def conditioned(world: World, text: str) -> str:
    with company_scope(world.company_id):
        stored = stored_condition(
            text=text,
            asked={},
            definitions={},
            words=vocabulary(company_id=world.company_id),
        )
    assert stored is not None
    return str(world.rule("S1", "质检", points="10", condition=stored).rule.code)


def test_facts_count_from_their_day(world: World, somebody: Employee) -> None:
    code = conditioned(world, "学历 = “本科” 且 职级 = “P2” 且 入职月数 < 3")
    for number, day in (("F1", 9), ("F2", 11)):
        world.record(event(number, code, "0031", f"2026-11-{day:02d} 09:00"))
    with company_scope(world.company_id):
        early = explain(company_id=world.company_id, event_no="F1", source="crm")
        late = explain(company_id=world.company_id, event_no="F2", source="crm")
    assert [one.text for one in early.near] == ["条件不成立：学历 = “本科”（学历未填）"]
    (entry,) = late.standing
    assert entry.points == 1000
    held = "条件成立：学历 = “本科”（学历为 本科）、职级 = “P2”、入职月数 < 3（入职月数为 1）"
    assert held in [step.text for step in entry.explained.steps]


def test_a_trace_stays_when_the_person_changes(world: World, somebody: Employee) -> None:
    code = conditioned(world, "学历 = “本科” 且 入职月数 < 3")
    world.record(event("F3", code, "0031", "2026-11-12 09:00"))
    with company_scope(world.company_id):
        before = explain(company_id=world.company_id, event_no="F3", source="crm").standing
        Employee.objects.filter(pk=somebody.pk).update(hired_on=date(2020, 1, 1))
        set_fact(
            company_id=world.company_id,
            employee=somebody,
            kind="学历",
            value="硕士",
            valid_from=date(2026, 11, 1),
            now=NOW,
            actor=SYSTEM,
        )
        after = explain(company_id=world.company_id, event_no="F3", source="crm").standing
    assert [step.text for step in before[0].explained.steps] == [
        step.text for step in after[0].explained.steps
    ]
