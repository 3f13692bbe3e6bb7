"""两家公司的十一月: two companies on one installation, the same 工号 and event numbers in both.

华晟 and 他山 load the same rule table on 2 November and work through the month. In both somebody has
工号 0012: 李雷 here, a stranger there. Each company's owner tries the other's addresses; the
accountant keeps the books of both with one log-in and changes from one to the other.
"""

import re

import pytest
from django.test import Client

from meritbook.awards.models import Event
from meritbook.kit.tenancy import company_scope
from meritbook.org.keys import SCOPES
from meritbook.org.models import Employee, Membership
from tests.stories.conftest import Desk, on, row, sign_in

pytestmark = pytest.mark.django_db

STRANGERS = """工号,姓名,部门,岗位,入职日期,手机号
0012,金丝雀陌生人,机密部,机密岗位,2021-04-26,
0088,金丝雀老板,机密部,总经理,2019-07-16,18800000088
"""
OURS = """工号,姓名,部门,岗位,入职日期,手机号
0012,李雷,销售部/华南组,销售代表,2021-04-26,
0013,韩梅梅,销售部,销售主管,2019-07-16,
0014,何思思,客服部,客服专员,2022-05-16,19900000014
"""


@pytest.fixture
def both(desk: Desk) -> tuple[Desk, Desk]:
    """Both companies on 2 November, with the same rules."""
    theirs = Desk(desk.folder, code="tashan")
    with on("2026-11-02"):
        desk.code = "huayi"
        desk.found(name="华一贸易", people=OURS)
        theirs.found(name="金丝雀他山", people=STRANGERS)
        for each in (desk, theirs):
            each.publish("standards-000.txt", start="2026-11-01")
    assert desk.codes == theirs.codes
    return desk, theirs


def key_of(owner: Client) -> dict[str, str]:
    """The header of a program to which the owner has just given a key."""
    page = owner.post("/settings/api-keys/", {"name": "CRM", "scopes": list(SCOPES)})
    found = re.search(r"mb_[\w-]{20,}", page.content.decode())
    assert found
    return {"Authorization": f"Bearer {found[0]}"}


def numbers(owner: Client) -> dict[str, int]:
    """Keys of the company's own rows, as its addresses have them."""
    company_id = owner.session["company_id"]
    with company_scope(company_id):
        event = Event.objects.get(company_id=company_id, event_no="1")
    why = re.search(r"/entries/(\d+)/why/", owner.get("/people/0012/wallet/").content.decode())
    assert why
    return {"event": event.pk, "tx": int(why[1])}


def test_two_companies_through_a_month(both: tuple[Desk, Desk]) -> None:
    ours, theirs = both
    with on("2026-11-10"):
        # The same numbers, another content: neither hears of the other.
        ours.events([row("1", "签合同", "2026-11-10 09:00")])
        theirs.events([row("1", "签合同", "2026-11-10 09:00", 数量="3")])
        assert (ours.balance("0012"), theirs.balance("0012")) == ("10", "30")

        ours.events([row("2", "迟到", "2026-11-10 09:05")])
        assert (ours.balance("0012"), theirs.balance("0012")) == ("5", "30")

        # A number that only one of them has.
        problem = theirs.events([row("3", "签合同", "2026-11-10 09:00", "0013")])["problems"][0]
        assert "0013" in problem["reason"]
        ours.events([row("3", "签合同", "2026-11-10 09:00", "0013")])
        assert ours.balance("0013") == "10"

    with on("2026-11-20"):
        # Reports of three days, waiting for the end of each day.
        report = [row(f"d{day}", "日报", f"2026-11-{day} 18:00") for day in (16, 17, 18)]
        ours.events(report)
        theirs.events(report[:1])
        ours.run("close_windows", "--until", "2026-11-20")
        assert (ours.balance("0012"), theirs.balance("0012")) == ("20", "30")
        theirs.run("close_windows", "--until", "2026-11-20")
        assert (ours.balance("0012"), theirs.balance("0012")) == ("20", "35")

        # A correction there, a withdrawal here, of the same number.
        theirs.events([row("1", "签合同", "2026-11-10 09:00", 数量="1")], "--revise")
        assert (ours.balance("0012"), theirs.balance("0012")) == ("20", "15")
        gone = ours.folder / "gone.csv"
        gone.write_text("事件编号\n1\n", encoding="utf-8")
        ours.run("withdraw_events", str(gone))
        assert (ours.balance("0012"), theirs.balance("0012")) == ("10", "15")
        assert ours.explained("1")["status"] == "withdrawn"
        assert theirs.explained("1")["status"] == "posted"

    with on("2026-12-01"):
        assert ours.board("2026-11") == [(1, "李雷", "10"), (1, "韩梅梅", "10"), (3, "何思思", "0")]
        assert theirs.board("2026-11") == [(1, "金丝雀陌生人", "15"), (2, "金丝雀老板", "0")]
        for each in both:
            assert each.run("verify")["ok"]
        # A company's month ends by itself.
        assert theirs.run("board", "--period", "2026-11", "--department", "销售部", exit_code=1)


def test_each_owner_finds_nothing_of_the_other(both: tuple[Desk, Desk]) -> None:
    ours, theirs = both
    with on("2026-11-10"):
        for each in both:
            each.events([row("1", "签合同", "2026-11-10 09:00")])
        ours.events([row("2", "签合同", "2026-11-10 09:00", "0013")])
        zhang, stranger = ours.owner("0013"), theirs.owner("0088")
        here, there = numbers(zhang), numbers(stranger)
        assert not set(here.values()) & set(there.values())

        # Our owner's own pages open; the stranger finds none of them, at any address or method.
        for path in (
            f"/events/{here['event']}/",
            f"/entries/{here['tx']}/why/",
            "/people/0013/",
            "/people/0013/wallet/",
            f"/departments/{departments(zhang)['销售部']}/",
        ):
            assert zhang.get(path).status_code == 200, path
            assert stranger.get(path).status_code == 404, path
        for path in (
            f"/events/{here['event']}/withdraw/",
            f"/departments/{departments(zhang)['客服部']}/active/",
            "/people/0013/leave/",
            "/people/0013/activation/",
        ):
            assert stranger.post(path, {"reason": "x", "left_on": "2026-11-10"}).status_code == 404
        assert ours.balance("0012") == "10"

        # The 工号 that both have leads each to the own person.
        assert "李雷" in zhang.get("/people/0012/wallet/").content.decode()
        page = stranger.get("/people/0012/wallet/").content.decode()
        assert "金丝雀陌生人" in page
        assert "李雷" not in page
        for path in ("/people/", "/boards/", "/events/", "/rules/", "/search/?q=0012", "/"):
            assert "金丝雀" not in zhang.get(path).content.decode(), path
            assert "李雷" not in stranger.get(path).content.decode(), path

        # Programs too.
        key = key_of(stranger)
        api = Client(headers=key)
        assert api.get("/api/v1/events/1").json()["entries"][0]["points"] == "10"
        assert api.get("/api/v1/events/2").status_code == 404
        assert api.get("/api/v1/employees/0013/wallet").status_code == 404
        board = api.get("/api/v1/boards?period=2026-11").json()["items"]
        assert [line["name"] for line in board] == ["金丝雀陌生人", "金丝雀老板"]


def departments(client: Client) -> dict[str, int]:
    """Numbers of departments by name, as the page's links have them."""
    page = client.get("/people/new/").context["form"].fields["department"].choices
    return {label.rpartition("/")[2].strip(): value for value, label in page if value}


def test_one_accountant_in_both_companies_changes_from_one_to_the_other(
    both: tuple[Desk, Desk],
) -> None:
    ours, theirs = both
    with on("2026-11-10"):
        ours.events([row("1", "签合同", "2026-11-10 09:00", "0014")])
        theirs.events([row("1", "签合同", "2026-11-10 09:00", "0088", 数量="4")])
        zhang = ours.owner("0013")
        accountant = ours.invited(zhang, "0014")
        assert "切换公司" not in accountant.get("/").content.decode()
        home = accountant.session["company_id"]
        away = theirs.owner("0088").session["company_id"]
        share_log_in(home=home, employee_no="0014", away=away, other_no="0088")

        # The menu now has the other company; whoever changes gets a new session.
        assert "切换公司" in accountant.get("/").content.decode()
        for place, name, points in ((away, "金丝雀老板", "40"), (home, "何思思", "10")):
            before = accountant.session.session_key
            assert accountant.post("/companies/", {"company": place})["Location"] == "/"
            assert accountant.session["company_id"] == place
            assert accountant.session.session_key != before
            page = accountant.get("/wallet/").content.decode()
            assert name in page
            assert points in page
        # Owner there, employee here: roles do not come along.
        assert accountant.get("/settings/api-keys/").status_code == 403
        accountant.post("/companies/", {"company": away})
        assert accountant.get("/settings/api-keys/").status_code == 200
        # With a company's code one is there at once.
        for number, desk, place in (("0014", ours, home), ("0088", theirs, away)):
            client = Client()
            sign_in(client, number, desk.code)
            assert client.session["company_id"] == place
        # Nobody changes into a company of others.
        assert accountant.post("/companies/", {"company": away + 10_000}).status_code == 404
        assert zhang.post("/companies/", {"company": away}).status_code == 404
        assert zhang.session["company_id"] == home


def share_log_in(*, home: int, employee_no: str, away: int, other_no: str) -> None:
    """Let one log-in have both memberships; the product itself never joins two people."""
    with company_scope(home):
        (login,) = Membership.objects.filter(
            company_id=home, employee__employee_no=employee_no
        ).values_list("login_id", flat=True)
    with company_scope(away):
        employee = Employee.objects.get(company_id=away, employee_no=other_no)
        Membership.objects.filter(company_id=away, employee=employee).update(login_id=login)
