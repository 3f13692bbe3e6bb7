"""The first company, behind a printed address that works once."""

import io
from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client

from meritbook.kit import clock
from meritbook.kit.tenancy import company_scope
from meritbook.org.models import Company, RoleGrant
from meritbook.rules.models import RuleVersion

FORM = {
    "name": "宏远贸易",
    "code": "hongyuan",
    "admin_name": "张总",
    "employee_no": "0001",
    "phone": "13800138009",
    "password": "kaizhang-daji-1",
    "again": "kaizhang-daji-1",
    "template": "service",
}


def link() -> str:
    out = io.StringIO()
    call_command("setup_link", stdout=out)
    return out.getvalue().strip()


@pytest.mark.django_db
def test_the_owner_founds_the_company_and_is_signed_in() -> None:
    address = link()
    assert address.startswith("/setup/")
    client = Client()
    assert client.get(address).status_code == 200
    done = client.post(address, FORM)
    assert (done.status_code, done["Location"]) == (302, "/")
    company_id = client.session["company_id"]
    with company_scope(company_id):
        assert Company.objects.get(id=company_id).name == "宏远贸易"
        roles = set(RoleGrant.objects.filter(company_id=company_id).values_list("role", flat=True))
        assert roles == {"owner", "officer", "employee"}
        rules = RuleVersion.objects.filter(company_id=company_id, status="published")
        assert rules.count() > 5
        # What was done since the first of the month counts, though entered only now.
        starts = set(rules.values_list("active_from", flat=True))
        assert starts == {clock.today(time_zone="Asia/Shanghai").replace(day=1)}
    assert Client().get(address).status_code == 404
    assert Client().post(address, FORM | {"code": "second"}).status_code == 404
    assert link() == ""


@pytest.mark.django_db
def test_an_empty_company_has_no_rules() -> None:
    client = Client()
    client.post(link(), FORM | {"template": ""})
    company_id = client.session["company_id"]
    with company_scope(company_id):
        assert not RuleVersion.objects.filter(company_id=company_id).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param({"password": "12345678", "again": "12345678"}, "password", id="weak"),
        pytest.param({"again": "other"}, "again", id="not the same"),
        pytest.param({"code": "宏远"}, "code", id="code"),
        pytest.param({"phone": "12"}, "phone", id="phone"),
        pytest.param({"employee_no": "a/b"}, "employee_no", id="number"),
        pytest.param({"name": ""}, "name", id="name"),
    ],
)
def test_what_is_wrong_founds_nothing(change: dict[str, str], field: str) -> None:
    address = link()
    answer = Client().post(address, FORM | change)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    # The address still works.
    assert Client().post(address, FORM).status_code == 302


@pytest.mark.django_db
def test_a_guessed_or_old_address_shows_nothing() -> None:
    address = link()
    assert Client().get("/setup/guessed/").status_code == 404
    with time_machine.travel(clock.now() + timedelta(days=8), tick=False):
        assert Client().get(address).status_code == 404
