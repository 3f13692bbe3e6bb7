"""The app's role, whatever statement gets through to it, does not rewrite what was earned."""

from pathlib import Path

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from meritbook.kit.tenancy import company_scope
from tests.people import hongyuan
from tests.tenancy.world import World, furnish


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
        "SET ROLE meritbook_owner",
        "SET session_replication_role = replica",
    ],
)
def test_a_statement_that_rewrites_is_refused(world: World, statement: str) -> None:
    with (
        company_scope(world.cast.company.pk),
        connection.cursor() as cursor,
        pytest.raises(DatabaseError, match=r"denied|append-only"),
        transaction.atomic(),
    ):
        cursor.execute(statement)
