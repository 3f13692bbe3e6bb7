"""References of events and entries that the statement checks instead of a foreign key."""

from pathlib import Path

import psycopg
import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from meritbook.awards.models import Entry, Event
from meritbook.files.models import ImportRun
from meritbook.kit.tenancy import company_scope
from meritbook.rules.models import RuleVersion
from tests.ledger.books import raw
from tests.people import hongyuan, tashan
from tests.tenancy.world import World, furnish

EVENT = """
INSERT INTO awards_event (company_id, source, event_no, revision, is_current, type_code, rule_id,
    employee_id, happened_at, has_time, fact_on, object, note, attributes, content_hash, status,
    received_at, import_run_id)
SELECT company_id, source, event_no || '-again', 1, true, type_code, {rule_id}, employee_id,
    happened_at, has_time, fact_on, object, note, attributes, content_hash, status, received_at,
    {import_run_id}
FROM awards_event
"""
ENTRY = """
INSERT INTO awards_entry (id, company_id, rule_version_id, event_id, window_id, employee_id, points,
    effective_on, tx_id, facts, created_at)
SELECT id + 1000000, company_id, {rule_version_id}, {event_id}, {window_id}, {employee_id}, points,
    effective_on, tx_id + 1000000, facts, created_at
FROM awards_entry
"""


@pytest.fixture
def worlds(db: None, tmp_path: Path, settings: object) -> tuple[World, World]:
    settings.MEDIA_ROOT = tmp_path / "files"  # type: ignore[attr-defined]
    return (
        furnish(hongyuan(), employee_no="0001", note="本地"),
        furnish(tashan(), employee_no="0001", note="外地"),
    )


def theirs(world: World) -> dict[str, int]:
    company_id = world.cast.company.pk
    with company_scope(company_id):
        event = Event.objects.get(company_id=company_id)
        entry = Entry.objects.get(company_id=company_id)
        return {
            "rule_id": event.rule_id or 0,
            "import_run_id": ImportRun.objects.filter(company_id=company_id).first().pk,  # type: ignore[union-attr]
            "rule_version_id": entry.rule_version_id,
            "event_id": event.pk,
            "window_id": 10**12,
            "employee_id": entry.employee_id,
        }


def execute(statement: str, **values: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(**values))


def test_an_event_names_rule_and_import_of_its_company(worlds: tuple[World, World]) -> None:
    home, away = worlds
    foreign, own = theirs(away), theirs(home)
    good = {"rule_id": "rule_id", "import_run_id": "import_run_id"}
    with company_scope(home.cast.company.pk):
        for column in good:
            for wrong in (foreign[column], 10**12):
                with pytest.raises(IntegrityError, match="its company has not"):
                    execute(EVENT, **good | {column: wrong})
        execute(EVENT, **good | {"import_run_id": own["import_run_id"]})


def test_an_entry_agrees_with_its_version_and_event(worlds: tuple[World, World]) -> None:
    home, away = worlds
    foreign = theirs(away)
    other = home.cast.people["0002"].pk
    good: dict[str, object] = {
        column: column for column in ("rule_version_id", "event_id", "window_id", "employee_id")
    }
    with company_scope(home.cast.company.pk):
        for column, wrong in [*foreign.items(), ("employee_id", other), ("event_id", 10**12)]:
            if column not in good:
                continue
            with pytest.raises(IntegrityError, match="company"):
                execute(ENTRY, **good | {column: wrong})
        with pytest.raises(IntegrityError, match="company"):
            execute("UPDATE awards_entry SET event_id = {event_id}", event_id=foreign["event_id"])
        execute(ENTRY, **good)


def test_a_parent_in_use_stays(worlds: tuple[World, World]) -> None:
    home, _away = worlds
    own = theirs(home)
    with company_scope(home.cast.company.pk):
        execute(EVENT, rule_id="rule_id", import_run_id=own["import_run_id"])
        for table, id_ in (
            ("rules_rule", own["rule_id"]),
            ("rules_ruleversion", own["rule_version_id"]),
            ("files_importrun", own["import_run_id"]),
        ):
            for statement in ("DELETE FROM {table}", "UPDATE {table} SET id = id + 1000000"):
                with pytest.raises(IntegrityError, match=r"referred|foreign key|rule version"):
                    execute(statement + " WHERE id = {id}", table=table, id=id_)
        # Saving one as it is moves nothing.
        RuleVersion.objects.get(pk=own["rule_version_id"]).save()


def test_events_and_windows_stay_for_the_owner_too(
    live_database: str, tmp_path: Path, settings: object
) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"  # type: ignore[attr-defined]
    home = furnish(hongyuan(), employee_no="0001", note="本地")
    for role in ("meritbook_owner", "superuser"):
        with raw(role, home.cast.company.pk) as anybody:
            for statement in (
                "DELETE FROM awards_event",
                "TRUNCATE awards_event CASCADE",
                "UPDATE awards_event SET employee_id = employee_id",
                "UPDATE awards_event SET rule_id = NULL",
                "DELETE FROM awards_window",
                "UPDATE awards_window SET employee_id = employee_id",
                "TRUNCATE rules_ruleversion CASCADE",
            ):
                with pytest.raises(psycopg.Error, match=r"append-only"):
                    anybody.execute(statement)


def test_a_delete_waits_for_the_row_that_names_its_parent(
    live_database: str, tmp_path: Path, settings: object
) -> None:
    """Of an insert and a delete at once, whoever comes second waits and is refused."""
    settings.MEDIA_ROOT = tmp_path / "files"  # type: ignore[attr-defined]
    home = furnish(hongyuan(), employee_no="0001", note="本地")
    company_id = home.cast.company.pk
    run = theirs(home)["import_run_id"]
    insert = EVENT.format(rule_id="rule_id", import_run_id=run)
    delete = f"DELETE FROM files_importrun WHERE id = {run}"
    with raw("meritbook_app", company_id) as one, raw("meritbook_app", company_id) as other:
        other.execute("SET lock_timeout = '200ms'")
        for first, second in ((insert, delete), (delete, insert)):
            one.execute("BEGIN")
            one.execute(first)
            with pytest.raises(psycopg.errors.LockNotAvailable):
                other.execute(second)
            one.execute("ROLLBACK")
        one.execute(insert)
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            other.execute(delete)
