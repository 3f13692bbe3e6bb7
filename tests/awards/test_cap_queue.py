"""What a cap queues: a case for each person, and the rest posted when it is approved."""

from __future__ import annotations

import pytest

from meritbook.approvals.models import Case
from meritbook.approvals.operations import Outcome
from meritbook.awards.operations import withdraw
from meritbook.awards.operations.queued import REST, NothingToAdd, settle_rest
from meritbook.kit.tenancy import company_scope
from meritbook.notices.models import OutboxMessage
from meritbook.org.models import AuditEntry
from meritbook.org.operations.audit import SYSTEM
from tests.awards.capped import cap, sound, told, used
from tests.awards.worlds import NOW, World, event

pytestmark = pytest.mark.django_db


def approved(world: World, case: Case, *, state: str = "approved") -> Outcome:
    return Outcome(
        case_id=case.pk,
        kind=case.kind,
        subject_kind=case.subject_kind,
        subject_id=case.subject_id,
        payload=case.payload,
        state=state,
        opened_by_id=case.opened_by_id,
        decided_by_id=None,
        at=NOW,
    )


def cases(world: World) -> list[Case]:
    with company_scope(world.company_id):
        return list(Case.objects.filter(company_id=world.company_id).order_by("id"))


def test_what_is_queued_opens_one_case_for_each_person(world: World) -> None:
    code = world.rule("S1", "拜访", points="80").rule.code
    cap(world, 100, policy="queue")

    world.record(
        *(event(f"a{n}", code) for n in range(3)), *(event(f"b{n}", code, "002") for n in range(2))
    )

    first, second = cases(world)
    assert (first.kind, first.title, first.amount) == (
        REST, "李雷 超出上限“每月上限”的 140 分", "140 分",
    )  # fmt: skip
    assert [rest["points"] for rest in first.payload["rests"]] == [6000, 8000]
    assert second.title == "韩梅梅 超出上限“每月上限”的 60 分"
    assert world.statuses() == {
        "a0": "posted", "a1": "posted", "a2": "pending", "b0": "posted", "b1": "posted",
    }  # fmt: skip
    (near,) = told(world, "a2").near
    assert near.text.endswith("；其余 80 分转审批")


def test_after_approval_the_rest_is_posted_beyond_the_cap(world: World) -> None:
    code = world.rule("S1", "拜访", points="80").rule.code
    limit = cap(world, 100, policy="queue")
    world.record(*(event(f"a{n}", code) for n in range(3)))
    (case,) = cases(world)

    with sound(world), company_scope(world.company_id):
        refused = approved(world, case, state="refused")
        assert settle_rest(company_id=world.company_id, outcome=refused, actor=SYSTEM, now=NOW) == 0
        added = settle_rest(
            company_id=world.company_id, outcome=approved(world, case), actor=SYSTEM, now=NOW
        )

    assert (added, world.balances(), used(world, limit)) == (2, {"001": 24000}, 10000)
    assert world.statuses() == {"a0": "posted", "a1": "posted", "a2": "posted"}
    assert sum(one.points for one in told(world, "a1").standing) == 8000
    (rest,) = told(world, "a2").standing
    assert rest.explained.sentence.endswith("；审批同意后补记 80 分")

    with sound(world):
        withdraw(company_id=world.company_id, source="crm", event_nos=["a1", "a2"], now=NOW)
    assert (world.balances(), used(world, limit)) == ({"001": 8000}, 8000)


def test_a_correction_keeps_what_was_approved_when_it_asks_for_the_same(world: World) -> None:
    code = world.rule("S1", "拜访", points="80").rule.code
    cap(world, 50, policy="queue")
    world.record(event("1", code))
    (case,) = cases(world)
    with company_scope(world.company_id):
        settle_rest(
            company_id=world.company_id, outcome=approved(world, case), actor=SYSTEM, now=NOW
        )

    world.record(event("1", code, 备注="补记"), revise=True)

    assert world.balances() == {"001": 8000}
    assert sum(one.points for one in told(world, "1").standing) == 8000


def test_a_case_ends_with_the_last_event_that_it_is_about(world: World) -> None:
    """One of two withdrawn: it still waits. The other too: nobody is asked any more."""
    code = world.rule("S1", "拜访", points="80").rule.code
    cap(world, 100, policy="queue")
    with sound(world):
        world.record(*(event(f"a{n}", code) for n in range(3)), event("b0", code, "002"))
        world.record(event("b1", code, "002"))
        mine, hers = cases(world)

        def states() -> list[str]:
            return [case.state for case in cases(world)]

        withdraw(company_id=world.company_id, source="crm", event_nos=["a0", "a2"], now=NOW)
        assert states() == ["open", "open"]
        withdraw(company_id=world.company_id, source="crm", event_nos=["a1"], now=NOW)
        assert states() == ["withdrawn", "open"]
        # A correction asks for something else: its own case takes the place of the old one.
        world.record(event("b1", code, "002", "2026-10-12 10:00"), revise=True)
        assert states()[:2] == ["withdrawn", "withdrawn"]
    with company_scope(world.company_id):
        lines = AuditEntry.objects.filter(
            company_id=world.company_id, action="approval.withdraw", object_id=str(mine.pk)
        )
        assert [(one.actor_name, one.reason) for one in lines] == [
            ("系统", "对应的得分已经撤回或更正")
        ]
        told_of = OutboxMessage.objects.filter(
            company_id=world.company_id, topic="approval.closed", payload__case_id=mine.pk
        )
        assert [one.payload["state"] for one in told_of] == ["withdrawn"]
    assert hers.pk != mine.pk


def test_nothing_is_added_to_what_was_taken_back(world: World) -> None:
    code = world.rule("S1", "拜访", points="80").rule.code
    cap(world, 50, policy="queue")
    world.record(event("1", code))
    withdraw(company_id=world.company_id, source="crm", event_nos=["1"], now=NOW)
    (case,) = cases(world)

    with company_scope(world.company_id), pytest.raises(NothingToAdd):
        settle_rest(
            company_id=world.company_id, outcome=approved(world, case), actor=SYSTEM, now=NOW
        )
    assert world.balances() == {}
