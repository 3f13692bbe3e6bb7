"""Pages of people, departments and keys, as the people who use them."""

from datetime import date

import pytest

from meritbook.kit.tenancy import company_scope
from meritbook.org.models import AccessToken, AuditEntry, Department, Employee
from meritbook.org.queries.roster import roster
from tests.people import Cast


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("李", {"0001"}, id="name"),
        pytest.param("000", {"0001", "0002", "0003", "0004", "0009"}, id="number"),
        pytest.param("zhaomin", {"0004"}, id="pinyin"),
        pytest.param("hmm", {"0002"}, id="initials"),
        pytest.param("13800138003", {"0003"}, id="phone"),
        pytest.param("nobody", set(), id="nobody"),
    ],
)
def test_search(home: Cast, away: Cast, text: str, found: set[str]) -> None:
    page = home.client("officer").get("/people/", {"q": text}).context["page"]
    assert {line.employee.employee_no for line in page} == found


def test_a_department_shows_those_below(home: Cast) -> None:
    with company_scope(home.company.pk):
        sales = Department.objects.get(company_id=home.company.pk, name="销售部")
    page = home.client("officer").get("/people/", {"department": sales.pk}).context["page"]
    assert {line.employee.name for line in page} == {"李雷", "王强"}


def test_a_head_sees_the_own_department_alone(home: Cast) -> None:
    head = home.client("head")
    page = head.get("/people/").context["page"]
    assert {line.employee.name for line in page} == {"李雷", "王强"}
    assert head.get("/people/0001/").status_code == 200
    assert head.get("/people/0004/").status_code == 404
    assert head.get("/people/0001/edit/").status_code == 403


def test_an_employee_sees_nobody_else(home: Cast) -> None:
    li = home.client("employee")
    assert li.get("/people/").status_code == 403
    assert li.get("/people/0001/").status_code == 200
    assert li.get("/people/0002/").status_code == 404


PERSON = {
    "employee_no": "0100",
    "name": "吕布",
    "post": "业务员",
    "grade": "",
    "hired_on": "2026-11-01",
    "phone": "",
    "manager_no": "0003",
    "state": "active",
}


def test_somebody_is_added_moved_gone_and_back(home: Cast) -> None:
    officer = home.client("officer")
    with company_scope(home.company.pk):
        ids = dict(Department.objects.filter(company_id=home.company.pk).values_list("name", "id"))
    made = officer.post("/people/new/", PERSON | {"department": ids["华南组"]})
    assert made["Location"] == "/people/0100/"
    moved = PERSON | {"department": ids["仓库"], "effective_on": "2026-11-15"}
    assert officer.post("/people/0100/edit/", moved).status_code == 302
    assert officer.post("/people/0100/leave/", {"left_on": "2026-11-18"}).status_code == 302
    back = {"from_day": "2026-11-20", "department": ids["仓库"]}
    assert officer.post("/people/0100/return/", back).status_code == 302
    with company_scope(home.company.pk):
        person = roster(company_id=home.company.pk)["0100"]
        places = [
            person.place_on(date(2026, 11, day)).main_department_id for day in (14, 15, 18, 19, 20)
        ]
        assert places == [ids["华南组"], ids["仓库"], ids["仓库"], None, ids["仓库"]]
        deeds = AuditEntry.objects.filter(company_id=home.company.pk, object_id=str(person.id))
        assert list(deeds.order_by("id").values_list("action", flat=True)) == [
            "person.add",
            "person.edit",
            "person.leave",
            "person.return",
        ]
    assert officer.get("/people/0100/").status_code == 200


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param({"employee_no": "0001"}, "employee_no", id="工号 taken"),
        pytest.param({"phone": "123"}, "phone", id="phone"),
        pytest.param({"manager_no": "7777"}, "manager_no", id="unknown manager"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    home: Cast, change: dict[str, str], field: str
) -> None:
    with company_scope(home.company.pk):
        place = Department.objects.get(company_id=home.company.pk, name="仓库").pk
    answer = home.client("officer").post("/people/new/", PERSON | {"department": place} | change)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]


def test_managers_do_not_run_in_circles(home: Cast) -> None:
    officer = home.client("officer")
    with company_scope(home.company.pk):
        place = Department.objects.get(company_id=home.company.pk, name="仓库").pk
    form = PERSON | {"department": place, "name": "李雷", "effective_on": "2026-11-21"}
    assert officer.post("/people/0001/edit/", form | {"manager_no": "0003"}).status_code == 302
    answer = officer.post("/people/0003/edit/", form | {"name": "王强", "manager_no": "0001"})
    assert answer.context["form"].errors["manager_no"] == ["上级关系绕成了圈"]


def test_a_department_moves_with_all_below(home: Cast) -> None:
    officer = home.client("officer")
    with company_scope(home.company.pk):
        rows = {each.name: each for each in Department.objects.filter(company_id=home.company.pk)}
    sales, south, store = rows["销售部"], rows["华南组"], rows["仓库"]
    assert (
        officer.post(
            f"/departments/{sales.pk}/",
            {"name": "营销部", "parent": store.pk, "manager_no": "0003"},
        ).status_code
        == 302
    )
    with company_scope(home.company.pk):
        south.refresh_from_db()
        assert south.path_ids == [store.pk, sales.pk, south.pk]
    knot = officer.post(f"/departments/{store.pk}/", {"name": "仓库", "parent": south.pk})
    assert knot.status_code == 422
    with company_scope(home.company.pk):
        store.refresh_from_db()
        assert store.path_ids == [store.pk]


def test_a_key_is_shown_once_and_can_be_revoked(home: Cast) -> None:
    owner = home.client("owner")
    page = owner.post("/settings/api-keys/", {"name": "CRM", "scopes": ["events:write"]})
    token = page.context["made"].token
    assert token.startswith("mb_")
    assert token in page.content.decode()
    assert token not in owner.get("/settings/api-keys/").content.decode()
    from meritbook.kit import clock
    from meritbook.org.keys import authenticate

    caller = authenticate(token, clock.now())
    assert caller is not None
    assert (caller.company_id, caller.scopes) == (home.company.pk, {"events:write"})
    with company_scope(home.company.pk):
        key = AccessToken.objects.get(company_id=home.company.pk)
        assert key.last_used_at is not None
        assert token.encode() not in bytes(key.token_hash)
    owner.post(f"/settings/api-keys/{key.pk}/revoke/")
    assert authenticate(token, clock.now()) is None
    assert authenticate("mb_" + "x" * 43, clock.now()) is None
    assert home.client("officer").get("/settings/api-keys/").status_code == 403


def test_the_last_owner_stays(home: Cast) -> None:
    owner = home.client("owner")
    owner.post("/people/0009/roles/", {"role": []})
    assert owner.get("/settings/api-keys/").status_code == 200
    owner.post("/people/0002/roles/", {"role": ["owner", "officer"]})
    assert home.client("officer").get("/settings/api-keys/").status_code == 200
    assert (
        home.client("officer").post("/people/0001/roles/", {"role": ["officer"]}).status_code == 302
    )


def test_a_page_that_fails_keeps_nothing(home: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    officer = home.client("officer")
    officer.raise_request_exception = False
    with company_scope(home.company.pk):
        place = Department.objects.get(company_id=home.company.pk, name="仓库").pk
    from meritbook.org.views import people as views

    def broken(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("the page breaks after the write")

    monkeypatch.setattr(views.messages, "success", broken)
    answer = officer.post("/people/new/", PERSON | {"department": place})
    assert answer.status_code == 500
    with company_scope(home.company.pk):
        assert not Employee.objects.filter(company_id=home.company.pk, employee_no="0100").exists()
