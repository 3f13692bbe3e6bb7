"""Approvals as people meet them: the lists, one case, the answer; and over HTTP."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from meritbook.approvals.models import Case
from meritbook.approvals.operations import OWNERS, open_case
from meritbook.kit.tenancy import company_scope
from meritbook.ledger.operations.worths import change_worth
from meritbook.ledger.worth import worth
from meritbook.org.models import AuditEntry
from meritbook.org.operations.audit import SYSTEM, actor_of
from meritbook.org.operations.keys import create_key
from meritbook.org.queries.members import member
from tests.people import NOW, TODAY, Cast

pytestmark = pytest.mark.django_db
NEW_YEAR = TODAY + timedelta(days=41)


def ask(cast: Cast, *, role: str = "officer", cents: int = 200) -> Case:
    """韩梅梅 wants points to be worth twice as much from the new year on."""
    with company_scope(cast.company.pk):
        who = member(company_id=cast.company.pk, membership_id=cast.members[role].pk)
        found: list[Case | None] = [
            change_worth(
                company_id=cast.company.pk,
                asset_code="spendable",
                scale=2,
                points=10_000,
                cents=money,
                valid_from=day,
                today=TODAY,
                now=NOW,
                actor=actor_of(who),
                reason="业务变好",
            )
            for money, day in ((100, TODAY), (cents, NEW_YEAR))
        ]
        case = found[-1]
    assert case is not None
    return case


def cents_at_new_year(cast: Cast) -> int:
    with company_scope(cast.company.pk):
        return worth(company_id=cast.company.pk, asset_code="spendable", on=NEW_YEAR).cents


def page_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def answered(client: Client, case: Case, answer: str, comment: str = "") -> str:
    """The messages that an answer brings, and the page it leads to."""
    posted = client.post(
        f"/approvals/{case.pk}/decide/", {"answer": answer, "comment": comment}, follow=True
    )
    return posted.content.decode() if posted.status_code == 200 else str(posted.status_code)


@pytest.fixture(autouse=True)
def _at_noon(time_machine: Any) -> None:
    time_machine.move_to(NOW)


def test_the_owner_agrees_and_it_holds(home: Cast) -> None:
    case = ask(home)
    owner = home.client("owner")
    assert 'class="side-count">1<' in page_of(owner, "/")
    assert f"/approvals/{case.pk}/" in page_of(owner, "/approvals/")
    shown = page_of(owner, f"/approvals/{case.pk}/")
    assert "可用分" in shown
    assert "100 积分折合 1.00 元" in shown
    assert "100 积分折合 2.00 元" in shown
    assert "业务变好" in shown
    assert "折算由 0.00 元变为 0.00 元" in shown
    assert cents_at_new_year(home) == 100
    assert "已同意" in answered(owner, case, "approve", "同意")
    assert cents_at_new_year(home) == 200
    assert "没有等你审批的事" in page_of(owner, "/approvals/")
    assert f"/approvals/{case.pk}/" in page_of(owner, "/approvals/?tab=done")
    assert 'class="side-count"' not in page_of(owner, "/")


def test_a_refusal_leaves_things_as_they_are_and_says_why(home: Cast) -> None:
    case = ask(home)
    owner = home.client("owner")
    assert "拒绝时请写明理由" in answered(owner, case, "refuse")
    assert "已拒绝" in answered(owner, case, "refuse", "先等一等")
    assert cents_at_new_year(home) == 100
    officer = home.client("officer")
    assert f"/approvals/{case.pk}/" in page_of(officer, "/approvals/?tab=mine")
    assert "先等一等" in page_of(officer, f"/approvals/{case.pk}/")
    assert "已经有结果" in answered(owner, case, "approve")


def test_who_asked_sees_who_is_asked_and_may_take_it_back(home: Cast) -> None:
    case = ask(home)
    officer = home.client("officer")
    shown = page_of(officer, f"/approvals/{case.pk}/")
    assert "张总" in shown
    assert "这件事由你发起或与你有关" in shown
    assert 'name="answer"' not in shown
    assert answered(officer, case, "approve") == "403"
    assert officer.post(f"/approvals/{case.pk}/withdraw/").status_code == 302
    assert "已撤回" in page_of(officer, f"/approvals/{case.pk}/")
    assert home.client("owner").post(f"/approvals/{case.pk}/withdraw/").status_code == 403


def test_a_case_that_nobody_can_decide_says_so(home: Cast) -> None:
    case = ask(home, role="owner")
    shown = page_of(home.client("owner"), f"/approvals/{case.pk}/")
    assert "目前没有人能审批" in shown


def test_colleagues_do_not_find_it(home: Cast) -> None:
    case = ask(home)
    for role in ("head", "employee"):
        client = home.client(role)
        assert client.get(f"/approvals/{case.pk}/").status_code == 404
        assert answered(client, case, "approve") == "404"
        assert f"/approvals/{case.pk}/" not in page_of(client, "/approvals/?tab=done")
    assert "/approvals/" not in page_of(home.client("employee"), "/")


def test_what_nobody_knows_how_to_do_is_not_approved(home: Cast) -> None:
    with company_scope(home.company.pk):
        case = open_case(
            company_id=home.company.pk,
            key="x",
            kind="no.such.kind",
            title="不认识的事",
            ask=[OWNERS],
            payload={},
            subject_kind="x",
            now=NOW,
        ).case
    owner = home.client("owner")
    assert "不知道如何处理" in answered(owner, case, "approve")
    with company_scope(home.company.pk):
        assert Case.objects.get(pk=case.pk).state == "open"
    assert "已拒绝" in answered(owner, case, "refuse", "不认识")


def test_a_day_that_came_too_near_is_not_approved(home: Cast, time_machine: Any) -> None:
    case = ask(home)
    time_machine.move_to(NOW + timedelta(days=38))
    assert "至少要提前 7 天" in answered(home.client("owner"), case, "approve")
    assert cents_at_new_year(home) == 100


def test_several_are_answered_alike(home: Cast) -> None:
    """One that cannot be done is told and left; the others are done."""
    one = ask(home)
    with company_scope(home.company.pk):
        others = [
            open_case(
                company_id=home.company.pk,
                key=f"x:{n}",
                kind="no.such.kind",
                title=f"第 {n} 件",
                ask=[OWNERS],
                payload={},
                subject_kind="x",
                now=NOW,
            ).case
            for n in range(2)
        ]
    owner = home.client("owner")
    ids = [str(each.pk) for each in (one, *others)]

    def send(answer: str, comment: str = "", client: Client = owner) -> str:
        form = {"case": [*ids, ids[0], "999999", "x"], "answer": answer, "comment": comment}
        return client.post("/approvals/decide/", form, follow=True).content.decode()

    said = send("approve", client=home.client("officer"))
    assert "已同意" not in said
    assert cents_at_new_year(home) == 100
    said = send("approve")
    assert "已同意 1 件" in said
    assert "2 件没有处理：不知道如何处理" in said
    assert "1 件没有处理：没有这件审批" in said
    assert cents_at_new_year(home) == 200
    assert "2 件没有处理：拒绝时请写明理由" in send("refuse")
    assert "已拒绝 2 件" in send("refuse", "都不做")


def call(
    cast: Cast, method: str, path: str, body: object = None, *, scope: str = "", role: str = "owner"
) -> Any:
    """Call with a key that the person with the role made; without a role, that no person made."""
    with company_scope(cast.company.pk):
        key = create_key(
            company_id=cast.company.pk,
            name="OA",
            scopes=[scope] if scope else ["approvals:read", "approvals:write"],
            now=NOW,
            actor=actor_of(member(company_id=cast.company.pk, membership_id=cast.members[role].pk))
            if role
            else SYSTEM,
        )
    answer = Client().generic(
        method,
        f"/api/v1/approvals{path}",
        data=json.dumps(body) if body is not None else "",
        content_type="application/json",
        headers={"Authorization": f"Bearer {key.token}"},
    )
    return answer.status_code, answer.json()


def test_a_program_passes_an_answer_on(home: Cast) -> None:
    case = ask(home)
    status, listed = call(home, "GET", "?state=open")
    assert status == 200
    assert [(each["id"], each["kind"]) for each in listed["items"]] == [(case.pk, "ledger.worth")]
    answer = {"employee_no": "0009", "approve": True, "comment": "好"}
    status, decided = call(home, "POST", f"/{case.pk}/decide", answer)
    assert (status, decided["state"]) == (200, "approved")
    assert [(each["by"], each["approve"]) for each in decided["decisions"]] == [("张总", True)]
    assert cents_at_new_year(home) == 200
    assert call(home, "POST", f"/{case.pk}/decide", answer)[1]["code"] == "case_closed"
    assert call(home, "GET", f"/{case.pk}")[1]["closed_at"] is not None
    with company_scope(home.company.pk):
        entry = AuditEntry.objects.get(company_id=home.company.pk, action="approval.approve")
    assert entry.actor_name == "张总"
    assert entry.after is not None
    assert entry.after["via"].startswith("api key ")


@pytest.mark.parametrize(
    ("role", "body", "status", "code"),
    [
        pytest.param("owner", {"employee_no": "0002"}, 403, "not_your_name", id="替发起人"),
        pytest.param("officer", {"employee_no": "0009"}, 403, "not_your_name", id="冒用张总"),
        pytest.param("owner", {"employee_no": "9001"}, 403, "not_your_name", id="没有这个人"),
        pytest.param("officer", {}, 403, "not_asked", id="发起人自己"),
        pytest.param("employee", {}, 403, "not_asked", id="没有问他"),
        pytest.param("", {}, 403, "nobodys_key", id="没有创建人"),
        pytest.param("", {"employee_no": "0009"}, 403, "nobodys_key", id="没有创建人、冒用张总"),
        pytest.param("owner", {"approve": False}, 422, "reason_missing", id="拒绝没有理由"),
        pytest.param("owner", {"employee_no": "0009\x00"}, 422, "invalid_request", id="控制字符"),
        pytest.param("owner", {"employee_no": ""}, 422, "invalid_request", id="空工号"),
    ],
)
def test_what_a_program_may_not(
    home: Cast, role: str, body: dict[str, object], status: int, code: str
) -> None:
    case = ask(home)
    found, said = call(home, "POST", f"/{case.pk}/decide", {"approve": True} | body, role=role)
    assert (found, said["code"]) == (status, code)
    assert call(home, "POST", "/999999/decide", {"approve": True})[0] == 404
    assert call(home, "GET", "", scope="rules:read")[0] == 403
    with company_scope(home.company.pk):
        assert Case.objects.get(pk=case.pk).state == "open"


def test_the_key_of_who_has_left_decides_nothing(home: Cast) -> None:
    case = ask(home)
    with company_scope(home.company.pk):
        owner = home.members["owner"]
        owner.ended_at = NOW
        owner.save(update_fields=["ended_at"])
    found, said = call(home, "POST", f"/{case.pk}/decide", {"approve": True})
    assert (found, said["code"]) == (403, "nobodys_key")
