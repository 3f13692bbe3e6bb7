"""Whatever statement gets through to the app's role, it does not rewrite what was earned, or why.

The owner of the tables does not either: a migration would have to say so first.
"""

from pathlib import Path

import psycopg
import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from meritbook.kit.provision import OWNER
from meritbook.kit.tenancy import company_scope
from tests import databases
from tests.people import hongyuan
from tests.tenancy.world import World, furnish

# What a published version says stays; only the day on which it ends comes later.
RULES = [
    "UPDATE rules_ruleversion SET points = points * 2",
    "UPDATE rules_ruleversion SET population = '{\"departments\": [1]}'",
    "UPDATE rules_ruleversion SET active_from = '2020-01-01'",
    "UPDATE rules_ruleversion SET number = number + 1",
    "UPDATE rules_ruleversion SET status = 'draft'",
    "DELETE FROM rules_ruleversion",
    "TRUNCATE rules_ruleversion CASCADE",
]


@pytest.fixture
def world(db: None, tmp_path: Path, settings: object) -> World:
    settings.MEDIA_ROOT = tmp_path / "files"  # type: ignore[attr-defined]
    return furnish(hongyuan(), employee_no="0001", note="本地")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE awards_entry SET points = points * 2",
        "UPDATE awards_entry SET facts = '{}'",
        "DELETE FROM awards_entry",
        "TRUNCATE awards_entry",
        "UPDATE awards_event SET quantity = 99",
        "UPDATE awards_event SET content_hash = ''",
        "DELETE FROM awards_event",
        "DELETE FROM awards_window",
        "UPDATE ledger_balance SET posted = posted + 1",
        "INSERT INTO ledger_tx (company_id, tx_id) VALUES (1, 1)",
        "DELETE FROM ledger_transfer",
        *RULES,
        "SET ROLE meritbook_owner",
        "SET session_replication_role = replica",
    ],
)
def test_a_statement_that_rewrites_is_refused(world: World, statement: str) -> None:
    with (
        company_scope(world.cast.company.pk),
        connection.cursor() as cursor,
        pytest.raises(DatabaseError, match=r"denied|append-only|published rule version"),
        transaction.atomic(),
    ):
        cursor.execute(statement)


def test_the_owner_is_refused_too(live_database: str, tmp_path: Path, settings: object) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"  # type: ignore[attr-defined]
    world = furnish(hongyuan(), employee_no="0001", note="本地")
    with psycopg.connect(databases.url(OWNER, live_database), autocommit=True) as owner:
        scope = str(world.cast.company.pk)
        owner.execute("SELECT set_config('app.company_id', %s, false)", [scope])
        for statement in (*RULES, "DELETE FROM awards_entry", "DELETE FROM ledger_tx"):
            with pytest.raises(psycopg.DatabaseError, match=r"append-only|published rule version"):
                owner.execute(statement.encode())
