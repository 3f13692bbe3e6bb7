"""Signing in: by phone, by company code and 工号; back-off; activation; sessions."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from meritbook.kit.tenancy import company_scope
from meritbook.org.models import AuditEntry, Login
from meritbook.org.operations.audit import SYSTEM
from meritbook.org.operations.logins import issue_activations
from tests.people import NOW, PASSWORD, Cast


def enter(client: Client, identity: str, company: str = "", password: str = PASSWORD, **extra: str):
    return client.post(
        "/login/", {"identity": identity, "company": company, "password": password}, **extra
    )


@pytest.mark.parametrize(
    ("identity", "company"),
    [
        pytest.param("13800138001", "", id="手机号"),
        pytest.param("138 0013 8001", "", id="手机号带空格"),
        pytest.param("0001", "hongyuan", id="公司代码和工号"),
        pytest.param("0001", "HongYuan", id="公司代码不分大小写"),
    ],
)
def test_li_lei_signs_in(home: Cast, away: Cast, identity: str, company: str) -> None:
    client = Client()
    answer = enter(client, identity, company)
    assert answer.status_code == 302
    assert client.session["company_id"] == home.company.pk
    with company_scope(home.company.pk):
        entry = AuditEntry.objects.filter(company_id=home.company.pk).latest("id")
        assert (entry.action, entry.actor_id) == ("sign_in", home.members["employee"].pk)


def test_a_number_alone_is_enough_when_there_is_one_company(home: Cast) -> None:
    client = Client()
    assert enter(client, "0001").status_code == 302
    assert client.session["company_id"] == home.company.pk


def test_a_number_alone_names_nobody_among_companies(home: Cast, away: Cast) -> None:
    assert enter(Client(), "0001").status_code == 200


@pytest.mark.parametrize(
    ("identity", "company", "password"),
    [
        pytest.param("13800138001", "", "wrong-password", id="wrong password"),
        pytest.param("13811111111", "", PASSWORD, id="unknown phone"),
        pytest.param("0001", "nowhere", PASSWORD, id="unknown company"),
        pytest.param("0004", "hongyuan", PASSWORD, id="without a log-in"),
        pytest.param("9001", "hongyuan", PASSWORD, id="somebody of another company"),
    ],
)
def test_every_failure_says_the_same(
    home: Cast, away: Cast, identity: str, company: str, password: str
) -> None:
    answer = enter(Client(), identity, company, password)
    assert answer.status_code == 200
    assert "手机号、工号或密码不对" in answer.content.decode()


def test_an_outsider_cannot_lock_li_lei_out(home: Cast) -> None:
    at_home, outside = Client(REMOTE_ADDR="192.0.2.1"), Client(REMOTE_ADDR="198.51.100.9")
    assert enter(at_home, "13800138001").status_code == 302
    at_home.post("/logout/")
    codes = [enter(outside, "13800138001", "", "guess").status_code for _ in range(9)]
    assert codes[:5] == [200] * 5
    assert codes[-1] == 429
    # The outsider has to wait, even with the right password; Li Lei does not.
    assert enter(outside, "13800138001").status_code == 429
    assert enter(at_home, "13800138001").status_code == 302
    assert enter(Client(REMOTE_ADDR="203.0.113.5"), "13800138001").status_code == 302


def test_the_wait_ends(home: Cast) -> None:
    client = Client()
    for _ in range(8):
        enter(client, "13800138001", "", "guess")
    assert enter(client, "13800138001").status_code == 429
    from meritbook.kit import clock

    later = clock.now() + timedelta(minutes=20)
    with time_machine.travel(later, tick=False):
        assert enter(client, "13800138001").status_code == 302


def test_signing_in_changes_the_session_key(home: Cast) -> None:
    client = Client()
    client.get("/login/")
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies["sessionid"] = session.session_key
    enter(client, "13800138001")
    assert client.session.session_key != session.session_key


def test_only_our_own_addresses_are_gone_to_next(home: Cast) -> None:
    for wanted, gone in (("/boards/", "/boards/"), ("https://evil.example/", "/"), ("//evil", "/")):
        answer = Client().post(
            "/login/",
            {"identity": "13800138001", "company": "", "password": PASSWORD, "next": wanted},
        )
        assert answer["Location"] == gone


def test_passwords_are_argon2(home: Cast) -> None:
    login = Login.objects.get(phone="13800138001")
    assert login.password.startswith("argon2$argon2id$")


def test_an_activation_works_once(home: Cast) -> None:
    officer = home.client("officer")
    page = officer.post("/people/0004/activation/").content.decode()
    address = re.search(r"http://testserver(/activate/[^/]+/)", page)
    assert address is not None
    stranger = Client()
    assert "赵敏" in stranger.get(address[1]).content.decode()
    weak = stranger.post(address[1], {"password": "12345678", "again": "12345678"})
    assert weak.status_code == 422
    done = stranger.post(address[1], {"password": "cangku-006-zm", "again": "cangku-006-zm"})
    assert (done.status_code, done["Location"]) == (302, "/login/")
    assert stranger.get(address[1]).status_code == 410
    again = stranger.post(address[1], {"password": "evil-evil-77", "again": "evil-evil-77"})
    assert again.status_code == 410
    assert enter(Client(), "0004", "hongyuan", "cangku-006-zm").status_code == 302


def test_a_newer_link_ends_the_older_one(home: Cast) -> None:
    with company_scope(home.company.pk):
        old, new = (
            issue_activations(
                company_id=home.company.pk,
                employees=[home.people["0004"]],
                now=NOW,
                actor=SYSTEM,
            )[0].token
            for _ in range(2)
        )
    with time_machine.travel(NOW, tick=False):
        assert Client().get(f"/activate/{old}/").status_code == 410
        assert Client().get(f"/activate/{new}/").status_code == 200
    with time_machine.travel(NOW + timedelta(days=15), tick=False):
        assert Client().get(f"/activate/{new}/").status_code == 410


def test_coming_back_to_the_slips_leads_to_the_list(home: Cast) -> None:
    assert home.client("officer").get("/people/slips/").headers["Location"] == "/people/"


def test_slips_are_for_those_without_a_login(home: Cast) -> None:
    page = home.client("officer").post("/people/slips/", {"everybody": "1"}).content.decode()
    assert "赵敏" in page
    assert "李雷" not in page
    assert page.count("data:image/svg+xml") == 1


def test_changing_the_password_ends_other_sessions(home: Cast) -> None:
    here, there = Client(), Client()
    for client in (here, there):
        enter(client, "13800138001")
    answer = here.post(
        "/password/",
        {"old": PASSWORD, "password": "xin-de-mima-9", "again": "xin-de-mima-9"},
    )
    assert answer.status_code == 302
    assert here.get("/password/").status_code == 200
    assert there.get("/password/").status_code == 302
    assert enter(Client(), "13800138001", "", "xin-de-mima-9").status_code == 302


def test_who_left_cannot_sign_in(home: Cast) -> None:
    home.client("officer").post("/people/0001/leave/", {"left_on": "2026-11-20"})
    answer = enter(Client(), "13800138001")
    assert answer.status_code == 200
    assert "不属于任何公司" in answer.content.decode()


def test_an_officer_cannot_take_over_a_login_of_two_companies(home: Cast, away: Cast) -> None:
    from meritbook.org.models import Membership
    from meritbook.org.operations.logins import activate

    shared = home.members["employee"].login
    with company_scope(away.company.pk):
        theirs = away.members["employee"]
        theirs.login = shared
        theirs.save(update_fields=["login"])
        (made,) = issue_activations(
            company_id=away.company.pk, employees=[away.people["0001"]], now=NOW, actor=SYSTEM
        )
    from meritbook.org.keys import resolve

    found = resolve(made.token)
    assert found is not None
    with company_scope(away.company.pk):
        activate(
            company_id=away.company.pk,
            token_id=found.token_id,
            password="taking-it-over-1",
            now=NOW,
        )
        renewed = Membership.objects.get(company_id=away.company.pk, id=theirs.pk)
        assert renewed.login_id != shared.pk
    shared.refresh_from_db()
    assert shared.check_password(PASSWORD)


def test_switching_company_rotates_the_session(home: Cast, away: Cast) -> None:
    with company_scope(away.company.pk):
        theirs = away.members["employee"]
        theirs.login = home.members["employee"].login
        theirs.save(update_fields=["login"])
    client = home.client("employee")
    before = client.session.session_key
    assert client.post("/companies/", {"company": away.company.pk}).status_code == 302
    assert client.session.session_key != before
    assert client.session["company_id"] == away.company.pk
    assert (
        home.client("officer").post("/companies/", {"company": away.company.pk}).status_code == 404
    )


def test_the_language_goes_along(home: Cast) -> None:
    client = home.client("employee")
    client.post("/language/", {"language": "en", "next": "/"})
    other = Client()
    enter(other, "13800138001")
    assert other.cookies["django_language"].value == "en"
