"""Every trace gives what was posted; one that does not is found."""

import json
from dataclasses import replace
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command

from meritbook.awards.operations import withdraw
from meritbook.awards.queries.entries import explain_rows, rows_where
from meritbook.awards.queries.retracing import difference, retrace
from meritbook.awards.tasks import check_traces
from meritbook.kit.tenancy import company_scope
from meritbook.notices.models import OutboxMessage
from meritbook.site.demo.load import load_demo
from tests.awards.worlds import NOW, World, event

pytestmark = pytest.mark.django_db


def test_every_entry_of_the_demo_agrees() -> None:
    company = load_demo(now=NOW)
    with company_scope(company.pk):
        found = retrace(company_id=company.pk, zone=company.time_zone)

    assert found.entries > 300
    assert found.mismatches == ()


@pytest.fixture
def worked(world: World) -> World:
    """Awards, a cap, a window with a late correction, a withdrawal."""
    sign = world.rule("S3", "签单每 1 千", points="50", divisor="1000", unit="元").rule.code
    call = world.rule(
        "S4", "每周回访 20 个", points="100", target="20", unit="个", period="week"
    ).rule.code
    world.record(
        event("1", sign, amount="5600"),
        event("2", sign, "002", amount="1200"),
        event("3", call, at="2026-11-10 10:00", quantity="6"),
        event("4", call, at="2026-11-11 10:00", quantity="7"),
    )
    world.close(date(2026, 11, 16))
    world.record(event("5", call, at="2026-11-12 10:00", quantity="2"))
    world.record(event("4", call, at="2026-11-11 10:00", quantity="1"), revise=True)
    with company_scope(world.company_id):
        withdraw(company_id=world.company_id, source="crm", event_nos=["2"], now=NOW)
    return world


def test_corrections_and_windows_agree(worked: World) -> None:
    with company_scope(worked.company_id):
        found = retrace(company_id=worked.company_id, zone="Asia/Shanghai")

    assert found.mismatches == ()
    assert found.entries >= 5


def test_an_entry_that_was_posted_otherwise_is_found(worked: World) -> None:
    """Nobody may write into an entry; so its row is changed on the way to the comparison."""
    with company_scope(worked.company_id):
        rows = rows_where(
            company_id=worked.company_id,
            zone="Asia/Shanghai",
            condition="n.reverses_id IS NULL",
            values=[],
        )
        explained = explain_rows(company_id=worked.company_id, zone="Asia/Shanghai", rows=rows)
    one = next(each for each in explained if each.row.points == 25000)
    legs = dict(one.rule.legs(25000))
    window = next(each for each in explained if each.row.window is not None)

    assert difference(one, legs) == ""
    more = replace(one, row=one.row._replace(points=25100))
    assert difference(more, legs) == "重算得 250 分，入账依据 251 分"
    assert difference(one, {"honour": 25000}) == "账本里的金额与 250 分不符"
    facts = {**window.row.facts, "points": 1}
    assert difference(replace(window, row=window.row._replace(facts=facts)), {}).startswith(
        "重算得"
    )


def test_the_command_and_the_nightly_job_agree(worked: World) -> None:
    out = StringIO()

    call_command("check_traces", "--company", worked.code, "--sample", "3", "--json", stdout=out)

    assert json.loads(out.getvalue()) == {"ok": True, "entries": 3, "mismatches": []}
    check_traces.func(company_id=worked.company_id)  # type: ignore[attr-defined]  # the job itself
    with company_scope(worked.company_id):
        assert not OutboxMessage.objects.filter(topic="awards.traces_differ").exists()
