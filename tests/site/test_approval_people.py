"""Delegates, committees and handing on, as people meet them; the job that keeps time limits."""

from datetime import timedelta
from typing import Any

import pytest

from meritbook.approvals.models import Case, Committee, Delegation
from meritbook.approvals.operations import OWNERS, Link, open_case
from meritbook.approvals.operations.steps import Ask
from meritbook.kit.tenancy import company_scope
from meritbook.ledger.operations import worths
from meritbook.ledger.worth import worth
from meritbook.org.operations.audit import SYSTEM
from meritbook.site.approvals import keep_limits_of
from tests.people import NOW, TODAY, Cast

pytestmark = pytest.mark.django_db
NEW_YEAR = TODAY + timedelta(days=41)


@pytest.fixture(autouse=True)
def _at_noon(time_machine: Any) -> None:
    time_machine.move_to(NOW)


def asked(cast: Cast, *links: Link) -> Case:
    with company_scope(cast.company.pk):
        return open_case(
            company_id=cast.company.pk,
            key="worth:1",
            kind=worths.CHANGE,
            title="积分价值调整",
            chain=links,
            payload={
                "asset_code": "spendable",
                "scale": 2,
                "points": 10_000,
                "cents": 200,
                "valid_from": NEW_YEAR.isoformat(),
                "note": "业务变好",
            },
            subject_kind="worth",
            actor=SYSTEM,
            now=NOW,
        ).case


def state_of(cast: Cast, case: Case) -> str:
    with company_scope(cast.company.pk):
        return Case.objects.get(pk=case.pk).state


def page_of(cast: Cast, role: str, address: str) -> str:
    answer = cast.client(role).get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_owner_passes_a_case_on(home: Cast) -> None:
    case = asked(home, Link((OWNERS,)))
    shown = page_of(home, "owner", f"/approvals/{case.pk}/")
    assert "其中一人同意即可" in shown
    assert "2026-11-24 14:05 到期" in shown
    head = home.members["head"].pk
    posted = home.client("owner").post(
        f"/approvals/{case.pk}/hand-on/",
        {"way": "transfer", "to": head, "reason": "您更熟悉"},
        follow=True,
    )
    assert "已转交给王强" in posted.content.decode()
    assert "积分价值调整" in page_of(home, "head", "/approvals/")
    told = page_of(home, "head", f"/approvals/{case.pk}/")
    assert "转交给王强" in told
    assert "您更熟悉" in told
    assert home.client("officer").post(f"/approvals/{case.pk}/hand-on/").status_code == 403
    again = home.client("head").post(
        f"/approvals/{case.pk}/hand-on/", {"way": "add", "to": head}, follow=True
    )
    assert "已经是这一步的审批人" in again.content.decode()


def test_somebody_stands_in(home: Cast) -> None:
    case = asked(home, Link((OWNERS,)))
    owner, head = home.members["owner"].pk, home.members["head"].pk
    form = {"delegator": owner, "delegate": head, "starts_on": TODAY, "ends_on": TODAY}
    assert home.client("head").post("/approvals/delegates/", form).status_code == 422
    assert "已设置代理人" in (
        home.client("owner").post("/approvals/delegates/", form, follow=True).content.decode()
    )
    assert "你在代 张总 审批" in page_of(home, "head", f"/approvals/{case.pk}/")
    assert "张总" in page_of(home, "head", "/approvals/delegates/")
    with company_scope(home.company.pk):
        made = Delegation.objects.get(company_id=home.company.pk)
    address = f"/approvals/delegates/{made.pk}/revoke/"
    assert home.client("head").post(address).status_code == 404
    assert home.client("owner").post(address).status_code == 302
    assert home.client("head").get(f"/approvals/{case.pk}/").status_code == 404
    assert "已撤销" in page_of(home, "owner", "/approvals/delegates/")


def test_a_committee_is_made_changed_and_closed(home: Cast) -> None:
    owner = home.client("owner")
    people = [home.members[each].pk for each in ("owner", "head", "officer")]
    form = {"name": "积分管理委员会", "members": people, "quorum_percent": 60}
    assert owner.post("/approvals/committees/", form | {"members": people[:1]}).status_code == 422
    assert "已保存" in owner.post("/approvals/committees/", form, follow=True).content.decode()
    with company_scope(home.company.pk):
        made = Committee.objects.get(company_id=home.company.pk)
    change = form | {"edit": made.pk, "name": "委员会", "quorum_percent": 50}
    assert "已保存" in owner.post("/approvals/committees/", change, follow=True).content.decode()
    shown = page_of(home, "owner", f"/approvals/committees/?edit={made.pk}")
    assert "法定人数 50%" in shown
    assert owner.post(f"/approvals/committees/{made.pk}/close/").status_code == 302
    assert "还没有委员会" in page_of(home, "owner", "/approvals/committees/")


def test_what_a_vote_came_to_is_done_when_its_time_is_over(home: Cast) -> None:
    voters = tuple(
        Ask(membership_id=home.members[each].pk) for each in ("owner", "head", "officer")
    )
    case = asked(home, Link(voters, is_vote=True, quorum_percent=30, limit_hours=24))
    posted = home.client("head").post(f"/approvals/{case.pk}/decide/", {"answer": "approve"})
    assert posted.status_code == 302
    assert "1 票同意，0 票反对" in page_of(home, "owner", f"/approvals/{case.pk}/")
    keep_limits_of(company_id=home.company.pk, now=NOW + timedelta(hours=1))
    assert state_of(home, case) == "open"
    keep_limits_of(company_id=home.company.pk, now=NOW + timedelta(hours=25))
    assert state_of(home, case) == "approved"
    with company_scope(home.company.pk):
        assert worth(company_id=home.company.pk, asset_code="spendable", on=NEW_YEAR).cents == 200
