"""What points are worth in money, day by day: said once, changed by another row with notice."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from meritbook.approvals.models import Decision, Delegation
from meritbook.approvals.operations import Ask, open_case
from meritbook.kit.tenancy import company_scope
from meritbook.ledger.operations.worths import NOTICE_DAYS, WorthRefused, set_worth
from meritbook.ledger.worth import Worth, worth, worth_history, worths
from meritbook.notices.models import OutboxMessage
from meritbook.org.models import Company, Membership, RoleGrant
from tests.companies import Companies
from tests.ledger.books import owner_of

TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 6, 5, tzinfo=UTC)
LATER = TODAY + timedelta(days=NOTICE_DAYS)
HANMEIMEI = -7
NOBODY = -9


def say(company: Company, *, points: int = 10_000, cents: int = 100, **more: object) -> bool:
    """By default 100 points : 1 元, from today, by 韩梅梅 (7) and 张总, who owns the company."""
    wanted: dict[str, object] = {
        "company_id": company.pk,
        "asset_code": "spendable",
        "points": points,
        "cents": cents,
        "valid_from": TODAY,
        "today": TODAY,
        "announced_at": NOW,
        "actor_id": HANMEIMEI,
        "approver_id": None if "approver_id" in more else owner_of(company.pk),
    }
    return set_worth(**wanted | more)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_without_a_word_a_hundred_points_are_one_yuan(company: Company) -> None:
    spendable = worth(company_id=company.pk, asset_code="spendable", on=TODAY)
    assert spendable == Worth(10_000, 100)
    assert spendable.cents_of(12_345) == 123
    assert worth(company_id=company.pk, asset_code="coin", on=TODAY).cents_of(250) == 250


@pytest.mark.django_db
def test_a_change_is_another_row_and_the_past_keeps_its_worth(company: Company) -> None:
    assert say(company, points=10_000, cents=200, valid_from=TODAY)
    assert say(company, points=5_000, cents=200, valid_from=LATER, note="业务变好")
    found = worths(
        company_id=company.pk,
        asset_code="spendable",
        days=[TODAY - timedelta(days=1), TODAY, LATER - timedelta(days=1), LATER],
    )
    assert [each.cents_of(10_000) for each in found.values()] == [100, 200, 200, 400]
    assert [(each.valid_from, each.note) for each in worth_history(company_id=company.pk)] == [
        (LATER, "业务变好"),
        (TODAY, ""),
    ]
    # Everybody is told, and the same again is nothing new.
    assert not say(company, points=5_000, cents=200, valid_from=LATER)
    told = OutboxMessage.objects.filter(company_id=company.pk, topic="worth.changed")
    assert [each.payload["valid_from"] for each in told.order_by("pk")] == [
        TODAY.isoformat(), LATER.isoformat(),
    ]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"asset_code": "gold"}, "unknown_asset"),
        ({"points": 0}, "bad_worth"),
        ({"points": -1}, "bad_worth"),
        ({"cents": -1}, "bad_worth"),
        ({"cents": 2**62}, "bad_worth"),
        ({"valid_from": TODAY - timedelta(days=1)}, "bad_day"),
        ({"valid_from": TODAY, "cents": 300}, "worth_exists"),
        ({"valid_from": LATER, "approver_id": None}, "not_approved"),
        ({"valid_from": LATER, "approver_id": HANMEIMEI}, "not_approved"),
        ({"valid_from": LATER, "approver_id": NOBODY}, "not_approved"),
        ({"valid_from": LATER - timedelta(days=1)}, "short_notice"),
    ],
)
def test_what_is_refused(company: Company, change: dict[str, object], reason: str) -> None:
    say(company)
    with pytest.raises(WorthRefused) as caught:
        say(company, **change)  # type: ignore[arg-type]
    assert caught.value.code == reason
    assert caught.value.message != reason


@pytest.mark.django_db
def test_only_another_owner_who_is_still_here_agrees(companies: Companies) -> None:
    """Not who asks, an officer, an owner who left, another company's; nor on the first day."""
    with company_scope(companies.theirs.pk):
        stranger = owner_of(companies.theirs.pk)
    ours = companies.ours
    with company_scope(ours.pk):
        asker, officer, gone, other = (owner_of(ours.pk) for _ in range(4))
        RoleGrant.objects.filter(company_id=ours.pk, membership_id=officer).update(role="officer")
        Membership.objects.filter(company_id=ours.pk, pk=gone).update(ended_at=NOW)
        for day in (TODAY, LATER):
            for wrong in (asker, officer, gone, stranger, NOBODY):
                with pytest.raises(WorthRefused) as caught:
                    say(ours, cents=300, valid_from=day, actor_id=asker, approver_id=wrong)
                assert caught.value.code == "not_approved"
            assert say(ours, cents=300, valid_from=day, actor_id=asker, approver_id=other)


@pytest.mark.django_db
def test_who_decided_in_an_owners_stead_agrees(company: Company) -> None:
    """But not in the stead of who asks."""
    say(company)
    asker, owner, deputy = (owner_of(company.pk) for _ in range(3))
    RoleGrant.objects.filter(company_id=company.pk, membership_id=deputy).delete()
    for n, stead in enumerate((asker, owner)):
        with pytest.raises(WorthRefused, match="另一个人同意"):
            say(company, valid_from=LATER, actor_id=asker, approver_id=deputy)
        _decided(company, n=n, deputy=deputy, stead=stead)
    assert say(company, valid_from=LATER, actor_id=asker, approver_id=deputy)


def _decided(company: Company, *, n: int, deputy: int, stead: int) -> None:
    opened = open_case(
        company_id=company.pk,
        key=f"x:{n}",
        kind="no.such.kind",
        title="代为审批",
        ask=[Ask(membership_id=deputy)],
        payload={},
        subject_kind="x",
        now=NOW,
    ).case
    Delegation.objects.create(
        company_id=company.pk,
        delegator_id=stead,
        delegate_id=deputy,
        starts_on=TODAY,
        ends_on=TODAY,
        created_at=NOW,
    )
    Decision.objects.create(
        company_id=company.pk,
        case=opened,
        step=opened.steps.get(company_id=company.pk),
        decided_by_id=deputy,
        on_behalf_of_id=stead,
        decided_name="王强",
        approves=True,
        decided_at=NOW,
    )


@pytest.mark.django_db
def test_points_may_be_worth_nothing(company: Company) -> None:
    say(company, cents=0)
    none = worth(company_id=company.pk, asset_code="spendable", on=TODAY)
    assert none.cents_of(10**9) == 0
    assert none.minor_of(100) is None


@pytest.mark.django_db
def test_rows_stand_and_belong_to_one_company(companies: Companies) -> None:
    with company_scope(companies.ours.pk):
        say(companies.ours, cents=500)
        for change in ("UPDATE ledger_worth SET cents = 1", "DELETE FROM ledger_worth"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(change)
    with company_scope(companies.theirs.pk):
        assert worth_history(company_id=companies.ours.pk) == []
        assert worth(company_id=companies.theirs.pk, asset_code="spendable", on=TODAY).cents == 100
        with pytest.raises(DatabaseError), transaction.atomic():
            say(companies.ours, cents=1, valid_from=LATER, approver_id=None)


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**12), st.integers(0, 10**12))
def test_money_is_the_nearest_cent(minor: int, points: int, cents: int) -> None:
    at = Worth(points, cents)
    money = at.cents_of(minor)
    assert abs(money * points - minor * cents) * 2 <= points
    assert at.cents_of(-minor) == -money
    if cents and minor >= 0:
        buys = at.minor_of(money)
        assert buys is not None
        assert buys * cents <= money * points < (buys + 1) * cents
