"""An owner's way in from the command line: nobody is told a password, a link is told once."""

import io
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from meritbook.kit.tenancy import company_scope
from meritbook.org.models import AuditEntry, Employee, RoleGrant
from tests.org.test_signin import enter
from tests.people import CANARY, PASSWORD, Cast

NEW = "kaizhang-daji-1"


def invite(*arguments: str, exit_code: int = 0, company: str = "hongyuan") -> Any:
    out, err, status = io.StringIO(), io.StringIO(), 0
    try:
        call_command(
            "invite_owner", "--company", company, *arguments, "--json", stdout=out, stderr=err
        )
    except SystemExit as left:
        status = int(left.code or 0)
    assert status == exit_code, (out.getvalue(), err.getvalue())
    return json.loads(out.getvalue())


def roles_of(home: Cast, employee_no: str) -> set[str]:
    with company_scope(home.company.pk):
        grants = RoleGrant.objects.filter(
            company_id=home.company.pk, membership__employee__employee_no=employee_no
        )
        return set(grants.values_list("role", flat=True))


def activate(path: str, password: str = NEW) -> int:
    return Client().post(path, {"password": password, "again": password}).status_code


def test_zhao_min_who_never_signed_in_becomes_a_further_owner(home: Cast, away: Cast) -> None:
    answer = invite("--employee-no", "0004")

    assert (answer["company"], answer["employee_no"], answer["name"]) == (
        "hongyuan",
        "0004",
        "赵敏",
    )
    assert roles_of(home, "0004") == {"owner", "officer", "employee"}
    # Nobody knows a password yet.
    assert enter(Client(), "0004", "hongyuan").status_code == 200
    assert activate(answer["path"]) == 302
    assert activate(answer["path"]) == 410
    client = Client()
    assert enter(client, "0004", "hongyuan", NEW).status_code == 302
    assert client.get("/settings/api-keys/").status_code == 200
    # 张总 stays what he is.
    assert roles_of(home, "0009") == {"owner", "employee"}
    with company_scope(home.company.pk):
        deeds = AuditEntry.objects.filter(company_id=home.company.pk, actor_name="invite_owner")
        assert set(deeds.values_list("action", flat=True)) == {"login.open", "activation.issue"}


def test_the_head_keeps_the_department_and_the_password_until_the_link_is_used(home: Cast) -> None:
    answer = invite("--phone", "138 0013 8003")

    assert (answer["employee_no"], answer["phone"]) == ("0003", "13800138003")
    assert roles_of(home, "0003") == {"owner", "officer", "employee", "head"}
    assert enter(Client(), "13800138003").status_code == 302
    assert activate(answer["path"]) == 302
    assert enter(Client(), "13800138003").status_code == 200
    assert enter(Client(), "13800138003", password=NEW).status_code == 302


def test_an_owner_who_forgot_the_password_gets_back_in_and_older_links_end(home: Cast) -> None:
    first = invite("--phone", "13800138009")
    second = invite("--phone", "13800138009")

    assert activate(first["path"]) == 410
    assert activate(second["path"]) == 302
    assert enter(Client(), "13800138009", password=NEW).status_code == 302


def test_somebody_new_is_added(home: Cast) -> None:
    answer = invite("--phone", "13800138010", "--employee-no", "0010", "--name", "李总")

    assert activate(answer["path"]) == 302
    assert enter(Client(), "13800138010", password=NEW).status_code == 302
    with company_scope(home.company.pk):
        assert Employee.objects.get(company_id=home.company.pk, employee_no="0010").name == "李总"


def test_a_phone_that_signs_in_elsewhere_stays_there(home: Cast, away: Cast) -> None:
    """The stranger's log-in is not handed over, nor its password touched."""
    answer = invite("--phone", "13900139009", "--employee-no", "0010", "--name", "李总")

    assert answer["phone"] == ""
    assert activate(answer["path"]) == 302
    client = Client()
    assert enter(client, "13900139009", password=PASSWORD).status_code == 302
    assert client.session["company_id"] == away.company.pk
    assert enter(client := Client(), "0010", "hongyuan", NEW).status_code == 302
    assert CANARY not in client.get("/people/").content.decode()


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param([], id="nobody named"),
        pytest.param(["--phone", "12"], id="no phone"),
        pytest.param(["--phone", "13800138010"], id="unknown, without a name"),
        pytest.param(["--phone", "13800138010", "--name", "李总"], id="unknown, without a 工号"),
        pytest.param(["--phone", "13800138001", "--employee-no", "0003"], id="another's phone"),
        pytest.param(["--phone", "13900139001"], id="a stranger's phone"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(
    home: Cast, away: Cast, arguments: list[str]
) -> None:
    assert invite(*arguments, exit_code=1)["code"] == "person_refused"
    assert CANARY not in invite(*arguments, exit_code=1)["message"]


def test_somebody_who_left_does_not_come_back_by_this_door(home: Cast) -> None:
    with company_scope(home.company.pk):
        Employee.objects.filter(company_id=home.company.pk, employee_no="0004").update(
            state=Employee.State.LEFT
        )

    assert "离职" in invite("--employee-no", "0004", exit_code=1)["message"]


def test_an_unknown_company(home: Cast) -> None:
    assert invite("--phone", "1", exit_code=1, company="none")["code"] == "unknown_company"
