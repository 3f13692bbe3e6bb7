"""The command that makes a company."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from meritbook.kit.tenancy import company_scope
from meritbook.org.models import AuditEntry, Party, Programme

pytestmark = pytest.mark.django_db


def create(code: str, name: str, *flags: str) -> tuple[int, str, str]:
    out, err, status = io.StringIO(), io.StringIO(), 0
    try:
        call_command("create_company", code, name, *flags, stdout=out, stderr=err)
    except SystemExit as exit_:
        status = int(exit_.code or 0)
    return status, out.getvalue(), err.getvalue()


def test_a_company_begins_with_its_programme_and_party() -> None:
    status, out, _err = create("HongYuan", "宏远贸易", "--json")
    answer = json.loads(out)
    assert status == 0
    assert (answer["code"], answer["name"]) == ("HongYuan", "宏远贸易")
    company_id = answer["id"]
    with company_scope(company_id):
        assert list(Programme.objects.values_list("code", flat=True)) == ["employees"]
        assert Party.objects.filter(company_id=company_id, kind="company").count() == 1
        deed = AuditEntry.objects.get(company_id=company_id)
        assert deed.action == "company.create"


@pytest.mark.parametrize(
    ("code", "name"),
    [
        pytest.param("hongyuan", "又一家", id="the same code"),
        pytest.param("HONGYUAN", "又一家", id="the same code in capitals"),
        pytest.param("宏远", "又一家", id="Chinese code"),
        pytest.param("a b", "又一家", id="blank in the code"),
        pytest.param("other", "  ", id="no name"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(code: str, name: str) -> None:
    create("hongyuan", "宏远贸易")
    status, out, err = create(code, name, "--json")
    assert status == 1
    assert set(json.loads(out)) == {"code", "message"}
    assert len(err.strip().splitlines()) == 1


def test_an_owner_comes_with_a_link_and_no_password() -> None:
    status, out, _err = create(
        "hongyuan", "宏远贸易", "--owner-name", "张总", "--owner-phone", "13800138009", "--json"
    )
    owner = json.loads(out)["owner"]

    assert status == 0
    assert (owner["employee_no"], owner["name"], owner["phone"]) == ("0001", "张总", "13800138009")
    client = Client()
    assert client.get(owner["path"]).status_code == 200
    new = {"password": "kaizhang-daji-1", "again": "kaizhang-daji-1"}
    assert client.post(owner["path"], new).status_code == 302
    signed_in = client.post(
        "/login/", {"identity": "13800138009", "company": "", "password": new["password"]}
    )
    assert signed_in.status_code == 302
    assert client.get("/people/").status_code == 200
    assert client.get(owner["path"]).status_code == 410


def test_the_link_is_shown_to_people_too() -> None:
    _status, out, _err = create("hongyuan", "宏远贸易", "--owner-name", "张总")

    assert "公司代码 hongyuan 加工号 0001" in out
    assert Client().get(out.strip().splitlines()[-1]).status_code == 200


def test_a_company_whose_owner_cannot_be_is_not_made() -> None:
    status, out, _err = create(
        "hongyuan", "宏远贸易", "--owner-name", "张总", "--owner-phone", "12", "--json"
    )

    assert (status, json.loads(out)["code"]) == (1, "person_refused")
    assert create("hongyuan", "宏远贸易")[0] == 0


def test_a_phone_without_a_name_is_a_wrong_command_line() -> None:
    with pytest.raises(CommandError, match="--owner-name"):
        create("hongyuan", "宏远贸易", "--owner-phone", "13800138009")
