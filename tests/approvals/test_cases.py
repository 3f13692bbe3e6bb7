"""A case from its opening to its outcome: 韩梅梅 asks, 张总 decides, 李雷 would gain."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from meritbook.approvals.models import Approver, Beneficiary, Case, Decision, Step
from meritbook.approvals.operations import (
    OFFICERS,
    OWNERS,
    AlreadyClosed,
    AlreadyDecided,
    Ask,
    CaseKeyReused,
    CommentTooLong,
    NobodyAsked,
    NotAsked,
    NotYours,
    OwnCase,
    ReasonMissing,
    decide,
    open_case,
    withdraw,
)
from meritbook.approvals.queries import (
    NoSuchCase,
    asked_of,
    case,
    closed_cases,
    deciders,
    open_cases,
    opened_by,
    waiting,
    waiting_count,
)
from meritbook.kit.tenancy import company_scope
from meritbook.notices.models import OutboxMessage
from meritbook.org.models import AuditEntry
from meritbook.org.operations.audit import SYSTEM, actor_of
from meritbook.org.operations.logins import set_roles
from meritbook.org.queries.members import Member, member
from tests.people import NOW, TODAY, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def inside(home: Cast) -> Iterator[Cast]:
    with company_scope(home.company.pk):
        yield home


def who(cast: Cast, role: str) -> Member:
    return member(company_id=cast.company.pk, membership_id=cast.members[role].pk)


def asked(cast: Cast, *, opener: str = "officer", **more: Any) -> Case:
    """李雷 is to get 300 points: may he?"""
    wanted: dict[str, Any] = {
        "company_id": cast.company.pk,
        "key": "award:1",
        "kind": "test.award",
        "title": "给李雷加 300 分",
        "amount": "300 分",
        "ask": [OWNERS],
        "payload": {"points": 300},
        "subject_kind": "event",
        "subject_id": 1,
        "beneficiary_ids": [cast.people["0001"].pk],
        "actor": actor_of(who(cast, opener)) if opener else SYSTEM,
        "now": NOW,
    }
    return open_case(**wanted | more).case


def test_an_approval_is_an_outcome_for_the_caller(inside: Cast) -> None:
    opened = asked(inside)
    boss = who(inside, "owner")
    assert [each.pk for each in waiting(boss, on=TODAY)] == [opened.pk]
    assert waiting_count(boss, on=TODAY) == 1
    outcome = decide(case_id=opened.pk, decider=boss, approves=True, comment=" 干得好 ", now=NOW)
    assert (outcome.kind, outcome.state, outcome.payload) == (
        "test.award", "approved", {"points": 300},
    )  # fmt: skip
    assert outcome.is_approved
    seen = case(boss, case_id=opened.pk, on=TODAY)
    assert [(each.decided_name, each.approves, each.comment) for each in seen.decisions] == [
        ("张总", True, "干得好")
    ]
    assert waiting_count(boss, on=TODAY) == 0
    assert [each.pk for each in closed_cases(boss)] == [opened.pk]


def test_a_refusal_says_why(inside: Cast) -> None:
    opened = asked(inside)
    boss = who(inside, "owner")
    with pytest.raises(ReasonMissing):
        decide(case_id=opened.pk, decider=boss, approves=False, comment="  ", now=NOW)
    outcome = decide(
        case_id=opened.pk, decider=boss, approves=False, comment="超出本月预算", now=NOW
    )
    assert outcome.state == "refused"
    assert not outcome.is_approved


@pytest.mark.parametrize(
    ("opener", "approvers", "decider", "refusal"),
    [
        pytest.param("owner", [OWNERS], "owner", OwnCase, id="opened it"),
        pytest.param("officer", [OFFICERS], "officer", OwnCase, id="opened it, as officer"),
        pytest.param("officer", [OWNERS], "head", NotAsked, id="is not asked"),
        pytest.param("officer", [OWNERS], "employee", NotAsked, id="gains, and is not asked"),
    ],
)
def test_not_everybody_decides(
    inside: Cast, opener: str, approvers: list[Ask], decider: str, refusal: type[Exception]
) -> None:
    opened = asked(inside, opener=opener, ask=approvers)
    with pytest.raises(refusal):
        decide(case_id=opened.pk, decider=who(inside, decider), approves=True, now=NOW)
    assert Case.objects.get(pk=opened.pk).state == "open"
    assert waiting_count(who(inside, decider), on=TODAY) == 0


def test_who_gains_does_not_decide_even_when_asked(inside: Cast) -> None:
    lilei = inside.members["employee"]
    opened = asked(inside, ask=[Ask(membership_id=lilei.pk), OWNERS])
    assert waiting_count(who(inside, "employee"), on=TODAY) == 0
    with pytest.raises(OwnCase):
        decide(case_id=opened.pk, decider=who(inside, "employee"), approves=True, now=NOW)
    assert case(who(inside, "employee"), case_id=opened.pk, on=TODAY).is_concerned


def test_an_officers_case_is_an_owners_too(inside: Cast) -> None:
    opened = asked(inside, ask=[OFFICERS])
    outcome = decide(case_id=opened.pk, decider=who(inside, "owner"), approves=True, now=NOW)
    assert outcome.is_approved


def test_a_head_decides_for_the_departments_below(inside: Cast) -> None:
    from meritbook.org.models import Department

    south = Department.objects.get(company_id=inside.company.pk, name="华南组")
    depot = Department.objects.get(company_id=inside.company.pk, name="仓库")
    other = asked(inside, key="award:2", ask=[Ask(role="head", department_id=depot.pk)])
    opened = asked(inside, ask=[Ask(role="head", department_id=south.pk)])
    head = who(inside, "head")
    assert [each.pk for each in waiting(head, on=TODAY)] == [opened.pk]
    assert [each.pk for each in open_cases(head)] == [opened.pk]
    with pytest.raises(NoSuchCase):
        case(head, case_id=other.pk, on=TODAY)
    with pytest.raises(NotAsked):
        decide(case_id=other.pk, decider=head, approves=True, now=NOW)
    assert decide(case_id=opened.pk, decider=head, approves=True, now=NOW).is_approved


def test_a_key_opens_one_case(inside: Cast) -> None:
    first = asked(inside)
    assert asked(inside).pk == first.pk
    assert Case.objects.filter(company_id=inside.company.pk).count() == 1
    assert OutboxMessage.objects.filter(topic="approval.waiting").count() == 1
    with pytest.raises(CaseKeyReused):
        asked(inside, payload={"points": 999})
    with pytest.raises(CaseKeyReused):
        asked(inside, kind="test.other")
    with pytest.raises(NobodyAsked):
        asked(inside, key="award:9", ask=[])


def test_a_case_ends_once(inside: Cast) -> None:
    opened = asked(inside)
    boss = who(inside, "owner")
    decide(case_id=opened.pk, decider=boss, approves=True, now=NOW)
    with pytest.raises(AlreadyClosed):
        decide(case_id=opened.pk, decider=boss, approves=False, comment="不", now=NOW)
    with pytest.raises(AlreadyClosed):
        withdraw(case_id=opened.pk, withdrawer=who(inside, "officer"), now=NOW)
    with pytest.raises(NoSuchCase):
        decide(case_id=opened.pk + 1, decider=boss, approves=True, now=NOW)


def test_who_asked_may_take_it_back(inside: Cast) -> None:
    opened = asked(inside)
    for other in ("owner", "employee"):
        with pytest.raises(NotYours):
            withdraw(case_id=opened.pk, withdrawer=who(inside, other), now=NOW)
    assert withdraw(case_id=opened.pk, withdrawer=who(inside, "officer"), now=NOW).state == (
        "withdrawn"
    )
    # What a program opened, an officer takes back.
    other = asked(inside, key="job:1", opener="")
    with pytest.raises(NotYours):
        withdraw(case_id=other.pk, withdrawer=who(inside, "employee"), now=NOW)
    withdraw(case_id=other.pk, withdrawer=who(inside, "officer"), now=NOW)
    assert waiting_count(who(inside, "owner"), on=TODAY) == 0


def test_comments_have_an_end(inside: Cast) -> None:
    opened = asked(inside)
    with pytest.raises(CommentTooLong):
        decide(
            case_id=opened.pk,
            decider=who(inside, "owner"),
            approves=False,
            comment="长" * 401,
            now=NOW,
        )


def test_a_chain_goes_step_by_step(inside: Cast) -> None:
    """The tables carry chains and votes; what opens them comes later."""
    opened = asked(inside)
    company_id = inside.company.pk
    second = Step.objects.create(company_id=company_id, case=opened, position=2, needed=2)
    Approver.objects.create(company_id=company_id, step=second, role="officer")
    boss, officer = who(inside, "owner"), who(inside, "officer")
    assert decide(case_id=opened.pk, decider=boss, approves=True, now=NOW).state == "open"
    # Two are needed; 韩梅梅 opened it, so 王强 becomes an officer for the second.
    assert decide(case_id=opened.pk, decider=boss, approves=True, now=NOW).state == "open"
    with pytest.raises(AlreadyDecided):
        decide(case_id=opened.pk, decider=boss, approves=True, now=NOW)
    with pytest.raises(OwnCase):
        decide(case_id=opened.pk, decider=officer, approves=True, now=NOW)
    set_roles(membership=inside.members["head"], roles=["officer"], now=NOW, actor=SYSTEM)
    outcome = decide(case_id=opened.pk, decider=who(inside, "head"), approves=True, now=NOW)
    assert outcome.is_approved
    assert len(case(boss, case_id=opened.pk, on=TODAY).decisions) == 3


def test_it_is_known_when_nobody_can_decide(inside: Cast) -> None:
    opened = asked(inside, opener="owner")
    step = opened.steps.get()
    ends = {"opened_by_id": opened.opened_by_id, "beneficiary_ids": []}
    assert deciders(company_id=inside.company.pk, asked=asked_of(step), **ends) == []
    ends["opened_by_id"] = None
    found = deciders(company_id=inside.company.pk, asked=asked_of(step), **ends)
    assert [each.name for each in found] == ["张总"]


def test_everything_is_told_and_noted(inside: Cast) -> None:
    opened = asked(inside)
    decide(case_id=opened.pk, decider=who(inside, "owner"), approves=False, comment="不急", now=NOW)
    topics = OutboxMessage.objects.filter(company_id=inside.company.pk, topic__startswith="approv")
    assert list(topics.order_by("pk").values_list("topic", "payload__case_id")) == [
        ("approval.waiting", opened.pk),
        ("approval.closed", opened.pk),
    ]
    log = AuditEntry.objects.filter(
        company_id=inside.company.pk, object_kind="approval", object_id=str(opened.pk)
    )
    assert list(log.order_by("pk").values_list("action", "actor_name", "reason")) == [
        ("approval.open", "韩梅梅", ""),
        ("approval.refuse", "张总", "不急"),
    ]


def test_strangers_see_nothing(home: Cast, away: Cast) -> None:
    with company_scope(home.company.pk):
        opened = asked(home)
    with company_scope(away.company.pk):
        stranger = who(away, "owner")
        assert waiting_count(stranger, on=TODAY) == 0
        assert list(open_cases(stranger)) == []
        with pytest.raises(NoSuchCase):
            case(stranger, case_id=opened.pk, on=TODAY)
        with pytest.raises(NoSuchCase):
            decide(case_id=opened.pk, decider=stranger, approves=True, now=NOW)


def test_colleagues_see_what_concerns_them(inside: Cast) -> None:
    opened = asked(inside)
    assert [each.pk for each in opened_by(who(inside, "officer"))] == [opened.pk]
    for role in ("head", "employee"):
        assert list(open_cases(who(inside, role))) == []
        with pytest.raises(NoSuchCase):
            case(who(inside, role), case_id=opened.pk, on=TODAY)


# What the database keeps, whoever writes.


@contextmanager
def refused(constraint: str) -> Iterator[None]:
    """The database refuses by this constraint; "" for a missing right."""
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        yield
    told = caught.value.__cause__.diag.constraint_name or ""  # type: ignore[union-attr]
    assert told.removeprefix("approvals_") == constraint


def _decided_by(cast: Cast, opened: Case, role: str, **more: Any) -> None:
    Decision.objects.create(
        **{
            "company_id": cast.company.pk,
            "case": opened,
            "step": opened.steps.get(),
            "decided_by": cast.members[role],
            "decided_name": role,
            "approves": True,
            "decided_at": NOW,
        }
        | more
    )


@pytest.mark.parametrize(
    ("opener", "decider", "more", "constraint"),
    [
        ("officer", "officer", {}, "decision_not_by_opener"),
        ("officer", "employee", {}, "decision_not_by_beneficiary"),
        ("officer", "owner", {"on_behalf_of": "officer"}, "decision_not_by_opener"),
        ("officer", "owner", {"on_behalf_of": "employee"}, "decision_not_by_beneficiary"),
        ("officer", "owner", {"approves": False}, "decision_refusal_has_reason"),
    ],
)
def test_the_database_refuses_decisions_of_ones_own(
    inside: Cast, opener: str, decider: str, more: dict[str, Any], constraint: str
) -> None:
    opened = asked(inside, opener=opener)
    if "on_behalf_of" in more:
        more = {"on_behalf_of": inside.members[more["on_behalf_of"]]}
    with refused(constraint):
        _decided_by(inside, opened, decider, **more)


def test_the_database_keeps_cases_as_they_were_asked(inside: Cast) -> None:
    opened = asked(inside)
    cases = Case.objects.filter(pk=opened.pk)
    for change in (
        lambda: cases.update(payload={"points": 900}),
        lambda: cases.update(opened_by=None),
        lambda: cases._raw_delete(using="default"),
        lambda: Step.objects.filter(case=opened).update(needed=0),
        lambda: Approver.objects.filter(step__case=opened).update(role="officer"),
        lambda: Beneficiary.objects.filter(case=opened).delete(),
    ):
        with refused(""):
            change()
    with refused("case_as_decided"):
        cases.update(state="approved", closed_at=NOW)
    with refused("step_as_decided"):
        Step.objects.filter(case=opened).update(state="approved", closed_at=NOW)
    with refused("case_closed"):
        cases.update(state="withdrawn")
    with refused("case_begins"):
        Case.objects.create(
            company_id=inside.company.pk,
            key="x",
            kind="x",
            title="x",
            subject_kind="x",
            opened_at=NOW,
            state="approved",
            closed_at=NOW,
        )
    decide(case_id=opened.pk, decider=who(inside, "owner"), approves=True, now=NOW)
    with refused("case_stands"):
        cases.update(state="open", closed_at=None)
    with refused("step_stands"):
        Step.objects.filter(case=opened).update(state="open", closed_at=None)
    with refused("decision_open"):
        _decided_by(inside, opened, "head")
    with refused("beneficiary_before_decisions"):
        Beneficiary.objects.create(
            company_id=inside.company.pk, case=opened, employee=inside.people["0009"]
        )
    for change in (
        lambda: Decision.objects.filter(case=opened).update(comment="改"),
        lambda: Decision.objects.filter(case=opened).delete(),
    ):
        with refused(""):
            change()


def test_a_decision_belongs_to_its_case(inside: Cast) -> None:
    one, other = asked(inside), asked(inside, key="award:2")
    with refused("decision_open"):
        _decided_by(inside, one, "owner", case=other)
