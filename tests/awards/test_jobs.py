"""Jobs: every name that is enqueued exists; closing runs for each company; rolled back, never was."""

import ast
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection, transaction
from procrastinate.contrib.django import app

from meritbook.awards.tasks import close_all_windows, close_windows_of
from meritbook.kit.jobs import NotAnId, enqueue
from tests.awards.worlds import NOW, World, event, found_world

PACKAGE = Path(__file__).resolve().parents[2] / "meritbook"


def jobs() -> list[tuple[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, args::text FROM procrastinate_jobs ORDER BY id")
        return [(row[0], row[1]) for row in cursor.fetchall()]


def test_every_enqueued_name_is_a_registered_job() -> None:
    app.perform_import_paths()
    names = {
        node.args[0].value
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "enqueue"
        and isinstance(node.args[0], ast.Constant)
    }

    assert "awards.close_windows" in names
    assert names <= set(app.tasks)


@pytest.mark.django_db
def test_closing_is_enqueued_for_every_company(world: World) -> None:
    found_world("other", "别家公司")

    close_all_windows(timestamp=0)

    assert [name for name, _arguments in jobs()] == ["awards.close_windows"] * 2


@pytest.mark.django_db
def test_the_job_closes_what_is_over_today(world: World) -> None:
    code = world.rule("S2", "日报", points="5", period="day").rule.code
    with time_machine.travel(NOW, tick=True):
        world.record(event("1", code, at="2026-11-20 10:00"))
        world.record(event("2", code, at="2026-11-21 10:00"))

        close_windows_of(company_id=world.company_id)

    assert world.balances() == {"001": 500}
    assert world.day_totals()[0][2] == date(2026, 11, 20)


@pytest.mark.django_db
def test_what_is_rolled_back_was_never_enqueued() -> None:
    with transaction.atomic():
        enqueue("awards.close_windows", company_id=1)
        transaction.set_rollback(True)

    assert jobs() == []


def test_arguments_are_ids_only() -> None:
    with pytest.raises(NotAnId):
        enqueue("awards.close_windows", company_id={"name": "李雷"})  # type: ignore[arg-type]
    with pytest.raises(NotAnId):
        close_windows_of(company_id="acme")


def test_the_worker_carries_a_job_out(live_database: str) -> None:
    world = found_world("acme", "示例公司")
    world.hire("001", "李雷", world.department("销售部"))
    code = world.rule("S2", "日报", points="5", period="day").rule.code
    with time_machine.travel(NOW, tick=True):
        world.record(event("1", code, at="2026-11-20 10:00"))
    enqueue("awards.close_windows", company_id=world.company_id)

    call_command("procrastinate", "worker", "--one-shot", "--name", "test")

    assert world.balances() == {"001": 500}
