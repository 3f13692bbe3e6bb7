"""Chains, votes, people who stand in, steps handed on, time limits: 宏远 decides together."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from meritbook.approvals.chain import Ballot, quorum_of, verdict
from meritbook.approvals.models import Approver, Case, Decision, Delegation, Step
from meritbook.approvals.operations import (
    OFFICERS,
    OWNERS,
    AlreadyDecided,
    Ask,
    Link,
    NobodyAsked,
    NotAsked,
    OwnCase,
    decide,
    open_case,
    settle_vote,
)
from meritbook.approvals.operations.committees import (
    BadCommittee,
    close_committee,
    save_committee,
    vote_of,
)
from meritbook.approvals.operations.handing_on import NotThem, add_reviewer, transfer
from meritbook.approvals.operations.limits import keep_limits
from meritbook.approvals.operations.standing_in import (
    BadDelegation,
    NoSuchDelegation,
    delegate,
    revoke,
)
from meritbook.approvals.queries import case, waiting_count
from meritbook.kit.tenancy import company_scope
from meritbook.notices.models import OutboxMessage
from meritbook.org.operations.audit import SYSTEM, actor_of
from meritbook.org.queries.members import Member, member
from tests.people import NOW, TODAY, Cast

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def inside(home: Cast) -> Iterator[Cast]:
    with company_scope(home.company.pk):
        yield home


def who(cast: Cast, role: str) -> Member:
    return member(company_id=cast.company.pk, membership_id=cast.members[role].pk)


def named(cast: Cast, *roles: str) -> tuple[Ask, ...]:
    return tuple(Ask(membership_id=cast.members[role].pk) for role in roles)


def asked(cast: Cast, *links: Link, opener: str = "", key: str = "chain:1") -> Case:
    return open_case(
        company_id=cast.company.pk,
        key=key,
        kind="test.award",
        title="改一条标准",
        chain=links,
        payload={"points": 300},
        subject_kind="event",
        actor=actor_of(who(cast, opener)) if opener else SYSTEM,
        now=NOW,
    ).case


def says(cast: Cast, role: str, opened: Case, answer: bool = True, **more: Any) -> str:
    words = "" if answer else "不同意"
    return decide(
        case_id=opened.pk,
        decider=who(cast, role),
        approves=answer,
        comment=words,
        now=more.get("now", NOW),
    ).state


@pytest.mark.parametrize(
    ("yes", "no", "is_over", "result"),
    [
        pytest.param(3, 0, False, "approved", id="过半数同意，不必等"),
        pytest.param(2, 0, False, None, id="还差一票"),
        pytest.param(0, 3, False, "refused", id="再也到不了过半数"),
        pytest.param(2, 1, True, "approved", id="到期，三人投票，同意多"),
        pytest.param(2, 0, True, "refused", id="到期，人数不足"),
        pytest.param(1, 2, True, "refused", id="到期，反对多"),
        pytest.param(2, 2, True, "refused", id="到期，平票不通过"),
    ],
)
def test_a_vote_of_five_with_a_quorum_of_three(
    yes: int, no: int, is_over: bool, result: str | None
) -> None:
    ballot = Ballot(
        "vote", needed=3, approvals=yes, refusals=no, voters=5, quorum=3, is_over=is_over
    )
    assert verdict(ballot) == result


def test_a_quorum_is_rounded_up() -> None:
    assert [quorum_of(voters=5, percent=each) for each in (1, 40, 50, 100)] == [1, 2, 3, 5]


def test_two_levels_one_after_the_other(inside: Cast) -> None:
    opened = asked(inside, Link(named(inside, "head")), Link((OWNERS,)))
    with pytest.raises(NotAsked):
        says(inside, "owner", opened)
    assert waiting_count(who(inside, "owner"), on=TODAY) == 0
    assert says(inside, "head", opened) == "open"
    assert waiting_count(who(inside, "owner"), on=TODAY) == 1
    assert says(inside, "owner", opened) == "approved"


def test_either_or_and_everybody(inside: Cast) -> None:
    either = asked(inside, Link(named(inside, "head", "employee")))
    assert says(inside, "employee", either) == "approved"
    every = asked(inside, Link(named(inside, "head", "employee"), everyone=True), key="chain:2")
    assert says(inside, "employee", every) == "open"
    assert says(inside, "head", every) == "approved"
    refused = asked(inside, Link(named(inside, "head", "employee"), everyone=True), key="chain:3")
    assert says(inside, "employee", refused, False) == "refused"


def test_a_chain_needs_somebody_at_each_step(inside: Cast) -> None:
    with pytest.raises(NobodyAsked):
        asked(inside, Link((OWNERS,)), Link(()))
    with pytest.raises(NobodyAsked):  # the only voter opened it
        asked(inside, Link(named(inside, "head"), is_vote=True), opener="head")


def test_a_committee_votes(inside: Cast) -> None:
    company_id = inside.company.pk
    people = [inside.members[each].pk for each in ("owner", "head", "employee")]
    made = save_committee(
        company_id=company_id, name="积分管理委员会", quorum_percent=60, member_ids=people,
        actor=SYSTEM, now=NOW,
    )  # fmt: skip
    opened = asked(inside, vote_of(made, limit_hours=48))
    step = opened.steps.get()
    assert (step.rule, step.voters, step.needed, step.quorum) == ("vote", 3, 2, 2)
    assert says(inside, "head", opened, False) == "open", "one against does not end a vote"
    assert says(inside, "employee", opened) == "open"
    assert says(inside, "owner", opened) == "approved"
    # Changed later: two are left, and a vote has two voters.
    save_committee(
        company_id=company_id, name="积分管理委员会", quorum_percent=50, member_ids=people[:2],
        actor=SYSTEM, now=NOW, committee_id=made.pk,
    )  # fmt: skip
    assert asked(inside, vote_of(made), key="chain:2").steps.get().voters == 2
    for name, members in (("", people), ("一人会", people[:1]), ("外人会", [*people, 10**9])):
        with pytest.raises(BadCommittee):
            save_committee(
                company_id=company_id, name=name, quorum_percent=50, member_ids=members,
                actor=SYSTEM, now=NOW,
            )  # fmt: skip
    close_committee(company_id=company_id, committee_id=made.pk, actor=SYSTEM, now=NOW)


def test_a_vote_ends_with_its_time(inside: Cast) -> None:
    voters = named(inside, "owner", "head", "employee")
    opened = asked(inside, Link(voters, is_vote=True, quorum_percent=60, limit_hours=24))
    assert says(inside, "head", opened) == "open"
    over = NOW + 25 * HOUR
    assert keep_limits(company_id=inside.company.pk, now=over).votes_over == (opened.pk,)
    ended = settle_vote(company_id=inside.company.pk, case_id=opened.pk, now=over)
    assert ended.state == "refused", "one of three is no quorum"


def test_the_database_counts_the_votes_too(inside: Cast) -> None:
    voters = named(inside, "owner", "head", "employee")
    opened = asked(inside, Link(voters, is_vote=True, quorum_percent=60, limit_hours=24))
    says(inside, "head", opened)
    step = opened.steps.get()
    for state, moment in (("approved", NOW), ("refused", NOW), ("approved", NOW + 25 * HOUR)):
        with pytest.raises(DatabaseError, match="nobody decided"), transaction.atomic():
            Step.objects.filter(pk=step.pk).update(state=state, closed_at=moment)
    with pytest.raises(DatabaseError, match="cannot change so"), transaction.atomic():
        Step.objects.filter(pk=step.pk).update(due_at=NOW)


def test_a_delegate_decides_on_the_days(inside: Cast) -> None:
    boss, head = inside.members["owner"], inside.members["head"]
    opened = asked(inside, Link((OWNERS,)))
    made = delegate(
        by=who(inside, "owner"), delegator_id=boss.pk, delegate_id=head.pk,
        starts_on=TODAY, ends_on=TODAY + 3 * DAY, reason="出差", today=TODAY, now=NOW,
    )  # fmt: skip
    assert waiting_count(who(inside, "head"), on=TODAY) == 1
    assert waiting_count(who(inside, "head"), on=TODAY + 4 * DAY) == 0
    seen = case(who(inside, "head"), case_id=opened.pk, on=TODAY)
    assert seen.may_decide
    assert seen.speaks_for is not None
    assert seen.speaks_for.name == "张总"
    with pytest.raises(NotAsked):
        says(inside, "head", opened, now=NOW + 5 * DAY)
    assert says(inside, "head", opened) == "approved"
    said = Decision.objects.get(case=opened)
    assert (said.decided_by_id, said.on_behalf_of_id, said.decided_name) == (
        head.pk, boss.pk, "王强（代 张总）",
    )  # fmt: skip
    revoke(by=who(inside, "owner"), delegation_id=made.pk, now=NOW)
    assert waiting_count(who(inside, "head"), on=TODAY) == 0


def test_a_delegate_has_no_second_voice_and_no_own_case(inside: Cast) -> None:
    boss, head, seller = (inside.members[each] for each in ("owner", "head", "employee"))
    for delegator in (boss, seller):
        delegate(
            by=who(inside, "owner"), delegator_id=delegator.pk, delegate_id=head.pk,
            starts_on=TODAY, ends_on=TODAY, today=TODAY, now=NOW,
        )  # fmt: skip
    opened = asked(inside, Link(named(inside, "owner", "employee"), everyone=True))
    says(inside, "owner", opened)
    own = asked(inside, Link((OWNERS,)), opener="head", key="chain:2")
    with pytest.raises(OwnCase):
        says(inside, "head", own)
    # 张总 has spoken for himself: what is left is 李雷's voice, once.
    assert says(inside, "head", opened) == "approved"
    third = asked(inside, Link(named(inside, "owner", "employee"), everyone=True), key="chain:3")
    assert says(inside, "head", third) == "open"
    with pytest.raises(AlreadyDecided):
        says(inside, "head", third)


def test_a_voice_is_heard_once(inside: Cast) -> None:
    boss, head = inside.members["owner"], inside.members["head"]
    delegate(
        by=who(inside, "owner"), delegator_id=boss.pk, delegate_id=head.pk,
        starts_on=TODAY, ends_on=TODAY, today=TODAY, now=NOW,
    )  # fmt: skip
    opened = asked(inside, Link(named(inside, "owner", "employee"), everyone=True))
    says(inside, "owner", opened)
    assert waiting_count(who(inside, "head"), on=TODAY) == 0
    with pytest.raises(AlreadyDecided):
        says(inside, "head", opened)
    with pytest.raises(DatabaseError, match="approvals_decision_one_voice"), transaction.atomic():
        Decision.objects.create(
            company_id=inside.company.pk, case=opened, step=opened.steps.get(), approves=True,
            decided_at=NOW, decided_by=head, on_behalf_of=boss, decided_name="王强",
        )  # fmt: skip


def test_the_database_asks_for_the_delegation(inside: Cast) -> None:
    opened = asked(inside, Link((OWNERS,)))
    step = opened.steps.get()
    with pytest.raises(DatabaseError, match="does not decide for"), transaction.atomic():
        Decision.objects.create(
            company_id=inside.company.pk, case=opened, step=step, approves=True, decided_at=NOW,
            decided_by=inside.members["head"], on_behalf_of=inside.members["owner"],
            decided_name="王强",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("by", "of", "to", "first", "last"),
    [
        pytest.param("employee", "owner", "head", 0, 1, id="for somebody else"),
        pytest.param("head", "head", "head", 0, 1, id="oneself"),
        pytest.param("head", "head", "owner", 3, 1, id="backwards"),
        pytest.param("head", "head", "owner", -3, -1, id="over"),
        pytest.param("head", "head", "owner", 0, 400, id="for ever"),
    ],
)
def test_some_delegations_cannot_be(
    inside: Cast, by: str, of: str, to: str, first: int, last: int
) -> None:
    with pytest.raises(BadDelegation):
        delegate(
            by=who(inside, by), delegator_id=inside.members[of].pk,
            delegate_id=inside.members[to].pk, starts_on=TODAY + first * DAY,
            ends_on=TODAY + last * DAY, today=TODAY, now=NOW,
        )  # fmt: skip
    assert not Delegation.objects.filter(company_id=inside.company.pk).exists()


def test_one_delegate_at_a_time_and_only_ones_own_to_revoke(inside: Cast) -> None:
    head, boss, seller = (inside.members[each].pk for each in ("head", "owner", "employee"))
    days = {"starts_on": TODAY, "ends_on": TODAY + DAY, "today": TODAY, "now": NOW}
    made = delegate(by=who(inside, "head"), delegator_id=head, delegate_id=boss, **days)
    with pytest.raises(BadDelegation):
        delegate(by=who(inside, "head"), delegator_id=head, delegate_id=seller, **days)
    with pytest.raises(NoSuchDelegation):
        revoke(by=who(inside, "employee"), delegation_id=made.pk, now=NOW)


def test_a_step_is_handed_on_and_back(inside: Cast) -> None:
    opened = asked(inside, Link((OWNERS,)), opener="officer")
    head = inside.members["head"]
    transfer(case_id=opened.pk, by=who(inside, "owner"), to_id=head.pk, reason="请你看", now=NOW)
    assert waiting_count(who(inside, "owner"), on=TODAY) == 0
    assert waiting_count(who(inside, "head"), on=TODAY) == 1
    with pytest.raises(NotAsked):
        says(inside, "owner", opened)
    for wrong in (head.pk, inside.members["officer"].pk, 10**9):
        with pytest.raises(NotThem):
            transfer(case_id=opened.pk, by=who(inside, "head"), to_id=wrong, reason="", now=NOW)
    back = inside.members["owner"].pk
    transfer(case_id=opened.pk, by=who(inside, "head"), to_id=back, reason="", now=NOW)
    assert waiting_count(who(inside, "owner"), on=TODAY) == 1
    assert waiting_count(who(inside, "head"), on=TODAY) == 0
    assert says(inside, "owner", opened) == "approved"


def test_one_reviewer_more(inside: Cast) -> None:
    opened = asked(inside, Link((OWNERS,)), opener="officer")
    with pytest.raises(NotAsked):
        add_reviewer(
            case_id=opened.pk, by=who(inside, "head"), to_id=inside.members["employee"].pk,
            reason="", now=NOW,
        )  # fmt: skip
    add_reviewer(
        case_id=opened.pk, by=who(inside, "owner"), to_id=inside.members["head"].pk,
        reason="销售部也看看", now=NOW,
    )  # fmt: skip
    assert says(inside, "owner", opened) == "open"
    assert says(inside, "head", opened, False) == "refused"


def test_a_vote_is_not_handed_on(inside: Cast) -> None:
    opened = asked(inside, Link(named(inside, "owner", "head"), is_vote=True))
    with pytest.raises(NotThem):
        transfer(
            case_id=opened.pk, by=who(inside, "head"), to_id=inside.members["employee"].pk,
            reason="", now=NOW,
        )  # fmt: skip


def test_time_limits_remind_once_and_ask_the_owner_once(inside: Cast) -> None:
    opened = asked(inside, Link(named(inside, "head"), limit_hours=48))
    company_id = inside.company.pk
    assert keep_limits(company_id=company_id, now=NOW + 20 * HOUR).reminded == ()
    assert keep_limits(company_id=company_id, now=NOW + 25 * HOUR).reminded == (opened.pk,)
    assert keep_limits(company_id=company_id, now=NOW + 26 * HOUR).reminded == ()
    assert waiting_count(who(inside, "owner"), on=TODAY) == 0
    assert keep_limits(company_id=company_id, now=NOW + 49 * HOUR).escalated == (opened.pk,)
    assert keep_limits(company_id=company_id, now=NOW + 50 * HOUR).escalated == ()
    assert waiting_count(who(inside, "owner"), on=TODAY) == 1
    assert waiting_count(who(inside, "head"), on=TODAY) == 1
    topics = OutboxMessage.objects.filter(company_id=company_id, topic__startswith="approval.")
    assert list(topics.order_by("pk").values_list("topic", flat=True)) == [
        "approval.waiting", "approval.reminder", "approval.overdue",
    ]  # fmt: skip
    assert says(inside, "owner", opened) == "approved"


def test_limits_run_from_each_steps_own_opening(inside: Cast) -> None:
    opened = asked(
        inside, Link(named(inside, "head"), limit_hours=48), Link((OFFICERS,), limit_hours=10)
    )
    later = NOW + 30 * HOUR
    decide(case_id=opened.pk, decider=who(inside, "head"), approves=True, now=later)
    dues = list(opened.steps.order_by("position").values_list("due_at", flat=True))
    assert dues == [NOW + 48 * HOUR, later + 10 * HOUR]


def test_handing_on_is_kept(inside: Cast) -> None:
    opened = asked(inside, Link((OWNERS,)), opener="officer")
    transfer(
        case_id=opened.pk, by=who(inside, "owner"), to_id=inside.members["head"].pk,
        reason="", now=NOW,
    )  # fmt: skip
    with pytest.raises(DatabaseError), transaction.atomic():
        Approver.objects.filter(step__case=opened).update(replaces=None)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM approvals_seat")
