"""The command that makes a company."""

import io
import json

import pytest
from django.core.management import call_command

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
