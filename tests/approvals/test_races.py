"""Two reviewers at the same instant: one answer counts, the other is told."""

import pytest

from meritbook.approvals.models import Case, Decision
from meritbook.approvals.operations import OFFICERS, AlreadyClosed, decide, open_case, withdraw
from meritbook.kit.tenancy import company_scope
from meritbook.org.operations.audit import actor_of
from meritbook.org.queries.members import member
from tests.awards.test_races import at_once
from tests.people import NOW, Cast, hongyuan


@pytest.fixture
def cast(live_database: str) -> Cast:
    return hongyuan()


def asked(cast: Cast, key: str) -> int:
    """王强 asks; 张总 and 韩梅梅 may answer. Again with the key: the same case."""
    with company_scope(cast.company.pk):
        head = member(company_id=cast.company.pk, membership_id=cast.members["head"].pk)
        return open_case(
            company_id=cast.company.pk,
            key=key,
            kind="test",
            title="加 100 分",
            ask=[OFFICERS],
            payload={"points": 100},
            subject_kind="test",
            actor=actor_of(head),
            now=NOW,
        ).case.pk


def answered(cast: Cast, case_id: int, role: str, approves: bool) -> str:
    try:
        with company_scope(cast.company.pk):
            who = member(company_id=cast.company.pk, membership_id=cast.members[role].pk)
            return decide(
                case_id=case_id, decider=who, approves=approves, comment="看过", now=NOW
            ).state
    except AlreadyClosed:
        return "late"


def taken_back(cast: Cast, case_id: int) -> str:
    try:
        with company_scope(cast.company.pk):
            who = member(company_id=cast.company.pk, membership_id=cast.members["head"].pk)
            return withdraw(case_id=case_id, withdrawer=who, now=NOW).state
    except AlreadyClosed:
        return "late"


def test_one_answer_counts(cast: Cast) -> None:
    for n in range(6):
        case_id = asked(cast, f"case:{n}")
        answers = at_once(
            lambda case_id=case_id: answered(cast, case_id, "owner", True),
            lambda case_id=case_id: answered(cast, case_id, "officer", False),
            lambda case_id=case_id: taken_back(cast, case_id),
        )
        with company_scope(cast.company.pk):
            case = Case.objects.get(pk=case_id)
            decisions = Decision.objects.filter(case=case).count()
        assert sorted(answers) == sorted([case.state, "late", "late"])
        assert decisions == (0 if case.state == "withdrawn" else 1)


def test_one_key_opens_one_case(cast: Cast) -> None:
    found = at_once(*[lambda: asked(cast, "same")] * 4)
    assert len(set(found)) == 1
    with company_scope(cast.company.pk):
        assert Case.objects.get(pk=found[0]).steps.count() == 1
