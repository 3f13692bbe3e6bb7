"""A bookkeeper with the database's password takes 300 points from 李雷; the ledger remembers."""

import json
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from django.test import Client

from meritbook.kit.tenancy import company_scope
from meritbook.ledger import receipt as verifier
from tests import databases
from tests.stories.conftest import Desk, row


@pytest.fixture
def office(live_database: str, tmp_path: Path) -> Desk:
    """华晟贸易 with its people and rules, committed."""
    desk = Desk(tmp_path)
    desk.found()
    desk.publish("rule-tables-003.xlsx", start="2026-11-01")
    return desk


def as_superuser(*statements: str) -> None:
    name = str(connection.settings_dict["NAME"])
    with psycopg.connect(databases.admin_dsn(), dbname=name, autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")
        for statement in statements:
            admin.execute(statement)


def check_alone(folder: Path, client: Client, tx_id: int) -> int:
    """李雷's own computer: the program and the receipt, nothing else."""
    program, file = folder / "receipt.py", folder / f"receipt-{tx_id}.json"
    program.write_bytes(Path(verifier.__file__).read_bytes())
    file.write_bytes(client.get(f"/receipts/{tx_id}.json").content)
    done = subprocess.run(
        [sys.executable, "-I", str(program), str(file)], capture_output=True, check=False
    )
    return done.returncode


def test_the_ledger_remembers(office: Desk) -> None:
    referral = office.code_of("转介绍 1 个")
    growth = office.code_of("增加单量每 1 千")
    owner = office.owner("0013")
    lilei = office.invited(owner, "0012")
    hesisi = office.invited(owner, "0014")

    # Two good days, sealed as they happen. The owner wants to hear of the fingerprint.
    owner.post("/ledger/proof/witnesses/", {"employee_no": "0013"})
    office.events([row("g1", growth, "2026-11-12 09:00", 金额="5,600")])
    first = office.run("seal")
    office.events([row("r1", referral, "2026-11-17 15:00", 数量="1")])
    second = office.run("seal")
    assert (first["seq"], second["seq"]) == (1, 2)
    assert office.run("verify")["ok"] is True

    # The printed board and the owner's message carry it; 李雷 proves his entry at home.
    tx_id = tx_of(office, "g1")
    page = lilei.get(f"/receipts/{tx_id}/").content.decode()
    assert "在我的浏览器里核对" in page
    assert check_alone(office.folder, lilei, tx_id) == 0
    assert hesisi.get(f"/receipts/{tx_id}/").status_code == 404
    assert hesisi.get(f"/receipts/{tx_id}.json").status_code == 404

    # At night: 250 become 50, everywhere, so that every sum is right again.
    as_superuser(
        f"UPDATE ledger_transfer SET amount = 5000 WHERE tx_id = {tx_id}",
        "UPDATE ledger_balance b SET posted = posted - 20000 FROM ledger_transfer f"
        f" WHERE f.tx_id = {tx_id} AND f.credit_id = b.account_id",
        "UPDATE ledger_lot l SET granted = granted - 20000 FROM ledger_transfer f"
        f" WHERE f.tx_id = {tx_id} AND f.credit_id = l.account_id",
        "UPDATE ledger_day_total d SET earned = earned - 20000 FROM ledger_transfer f"
        f" WHERE f.tx_id = {tx_id} AND f.credit_id = d.account_id AND d.day = f.effective_on",
    )
    told = office.run("verify", exit_code=1)
    broken = {one["name"]: one["detail"] for one in told["checks"] if not one["ok"]}
    assert broken == {"blocks_are_true": f"1: block 1: transaction {tx_id} is not what was sealed"}
    assert check_alone(office.folder, lilei, tx_id) == 1

    # The owner asks on the page; the answer names the row, and goes out as a message.
    assert owner.post("/ledger/proof/verify/").status_code == 302
    run_job(office)
    page = owner.get("/ledger/proof/").content.decode()
    assert "账目有不符之处" in page
    assert f"transaction {tx_id} is not what was sealed" in page

    # He learns of seals, and forges all of them. The file outside has the true ones.
    as_superuser(
        "INSERT INTO ledger_unsealed SELECT company_id, tx_id, 1,"
        " int8multirange(int8range(tx_id, tx_id + 1)) FROM ledger_tx",
        "DELETE FROM ledger_seal_tx",
        "DELETE FROM ledger_seal",
        "DELETE FROM ledger_anchor",
    )
    office.run("seal")
    told = office.run("verify", exit_code=1)
    assert [one["name"] for one in told["checks"] if not one["ok"]] == ["anchors_agree"]


def tx_of(office: Desk, event_no: str) -> int:
    with company_scope(company_id_of(office)), connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.tx_id FROM awards_entry e JOIN awards_event v ON v.id = e.event_id"
            " WHERE v.event_no = %s",
            [event_no],
        )
        return int(cursor.fetchone()[0])


def company_id_of(office: Desk) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT org_company_id(%s)", [office.code])
        return int(cursor.fetchone()[0])


def run_job(office: Desk) -> None:
    """What the worker does with the job that the page asked for."""
    from meritbook.ledger.tasks import verify_company

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT args::text FROM procrastinate_jobs WHERE task_name = 'ledger.verify'"
        )
        ((arguments,),) = cursor.fetchall()
    verify_company(**json.loads(arguments))
