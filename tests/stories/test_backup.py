"""The office computer dies: yesterday's backup becomes the company again, on another machine."""

import errno
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from meritbook.kit import clock
from meritbook.kit.provision import APP, OPS, OWNER
from meritbook.site.backups.archive import DATABASE, MANIFEST, opened
from meritbook.site.backups.making import make_backup
from meritbook.site.backups.refusals import BackupRefused, NoOperator
from tests import databases


@dataclass
class Machine:
    """An installation: a database and a data folder; commands run in processes of their own."""

    database: str
    data: Path

    def run(self, *arguments: str, exit_code: int = 0) -> Any:
        done = subprocess.run(
            [sys.executable, "-m", "django", *arguments, "--json"],
            env=os.environ
            | {
                "DJANGO_SETTINGS_MODULE": "meritbook.site.settings",
                "PYTHONPATH": str(databases.ROOT),
                "MERITBOOK_DATA": str(self.data),
                "MERITBOOK_DB_APP": databases.url(APP, self.database),
                "MERITBOOK_DB_OPS": databases.url(OPS, self.database),
                "MERITBOOK_DB_OWNER": databases.url(OWNER, self.database),
                "MERITBOOK_DB_POOL": "0",
                "MERITBOOK_SECRET_KEY": "tests",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == exit_code, done.stderr
        return json.loads(done.stdout)

    def rows(self, table: str) -> int:
        with psycopg.connect(databases.url(OPS, self.database)) as connection:
            found = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        assert found
        return int(found[0])


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """华晟贸易 with a day's points, sealed, a file that somebody handed in, and a neighbour."""
    with databases.copy("office") as name:
        machine = Machine(name, tmp_path_factory.mktemp("office"))
        _work(machine, tmp_path_factory.mktemp("desk"))
        yield machine


@pytest.fixture(scope="module")
def evening(office: Machine) -> Path:
    """The backup of the evening."""
    file = office.data / "evening.mbk"
    office.run("backup", str(file))
    return file


def _work(machine: Machine, tmp_path: Path) -> None:
    machine.run("create_company", "huasheng", "华晟贸易")
    people = tmp_path / "people.csv"
    people.write_text("工号,姓名,部门\n0012,李雷,销售部\n0013,韩梅梅,销售部\n", encoding="utf-8")
    machine.run("load_people", str(people), "--company", "huasheng")
    machine.run("create_company", "tashan", "他山贸易")
    rules = tmp_path / "rules.txt"
    rules.write_text("迟到一次扣5分\n签订合同一份奖20分\n", encoding="utf-8")
    loaded = machine.run(
        *("load_rules", str(rules), "--publish", "--accept-proposals"),
        *("--from", "2026-11-01", "--company", "huasheng"),
    )
    codes = [rule["code"] for rule in loaded["rules"]]
    events = tmp_path / "events.csv"
    lines = [f"E{n},{codes[n % 2]},0012,2026-11-03 09:1{n}" for n in range(6)]
    events.write_text("\n".join(["事件编号,类型,工号,时间", *lines, ""]), encoding="utf-8")
    assert machine.run("load_events", str(events), "--company", "huasheng")["new"] == 6
    machine.run("seal", "--company", "huasheng")
    (machine.data / "files" / "1").mkdir(parents=True)
    (machine.data / "files" / "1" / "contract").write_bytes(b"\x00\x01 signed")


@pytest.fixture
def spare(tmp_path: Path) -> Iterator[Machine]:
    """Another machine on which Meritbook was started and nothing else."""
    with databases.copy("spare") as name:
        yield Machine(name, tmp_path / "spare")


def test_a_backup_becomes_the_company_again(office: Machine, spare: Machine) -> None:
    file = office.data / "night.mbk"
    before = office.run("verify", "--company", "huasheng")
    wallet = office.run("wallet", "0012", "--company", "huasheng")
    made = office.run("backup", str(file))
    assert file.stat().st_mode & 0o077 == 0
    assert [one["code"] for one in made["companies"]] == ["huasheng", "tashan"]
    assert made["companies"][0]["transactions"] == 6
    assert made["companies"][0]["chain_head"]["seq"] == 1
    assert all(one["verified"] for one in made["companies"])
    # Debits and credits of the trial balance are equal, asset by asset.
    balance = made["companies"][0]["trial_balance"]
    for asset in {line["asset"] for line in balance}:
        lines = [line for line in balance if line["asset"] == asset]
        assert sum(int(one["debit"]) for one in lines) == sum(int(one["credit"]) for one in lines)
    assert office.run("backup", str(file), exit_code=1)["code"] == "backup_refused"

    restored = spare.run("restore", str(file))
    assert restored["companies"] == made["companies"]
    assert restored["rows"] == made["rows"]
    assert spare.run("verify", "--company", "huasheng") == before
    assert spare.run("wallet", "0012", "--company", "huasheng") == wallet
    assert (spare.data / "files" / "1" / "contract").read_bytes() == b"\x00\x01 signed"
    anchors = "anchors/1.jsonl"
    assert (spare.data / anchors).read_bytes() == (office.data / anchors).read_bytes()
    # Its backup says the same of it, and it works on: nothing is doubled, new things are posted.
    again = spare.run("backup", str(spare.data / "next.mbk"))
    assert again["companies"] == made["companies"]
    people = spare.data / "people.csv"
    people.write_text("工号,姓名,部门\n0014,何思思,客服部\n", encoding="utf-8")
    assert spare.run("load_people", str(people), "--company", "huasheng")["created"] == 1
    assert spare.run("restore", str(file), exit_code=1)["code"] == "restore_refused"


def test_roles_are_held_back_after_a_restore(evening: Path, spare: Machine) -> None:
    spare.run("restore", str(evening))
    with psycopg.connect(databases.url(APP, spare.database), autocommit=True) as connection:
        with pytest.raises(psycopg.errors.UndefinedObject):
            connection.execute("SELECT count(*) FROM ledger_tx")
        connection.execute("SELECT set_config('app.company_id', '2', false)")
        found = connection.execute("SELECT count(*) FROM ledger_tx").fetchone()
        assert found == (0,)
        for statement in (
            "UPDATE ledger_transfer SET amount = 1",
            "TRUNCATE ledger_tx",
            "CREATE TABLE mine (id int)",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
    with psycopg.connect(databases.url(OWNER, spare.database), autocommit=True) as connection:
        with pytest.raises(psycopg.errors.Error):
            connection.execute("DELETE FROM ledger_tx")
        assert connection.execute(
            "SELECT count(*) FROM pg_class WHERE relrowsecurity AND NOT relforcerowsecurity"
        ).fetchone() == (0,)


def test_a_backup_that_was_touched_is_refused(
    evening: Path, spare: Machine, tmp_path: Path
) -> None:
    file = evening
    content = bytearray(file.read_bytes())
    with zipfile.ZipFile(file) as found:
        place = found.getinfo(DATABASE).header_offset + found.getinfo(DATABASE).file_size // 2
    touched = tmp_path / "touched.mbk"
    content[place] ^= 0xFF
    touched.write_bytes(content)
    assert spare.run("restore", str(touched), exit_code=1)["code"] == "damaged_backup"
    cut = tmp_path / "cut.mbk"
    cut.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    assert spare.run("restore", str(cut), exit_code=1)["code"] == "damaged_backup"
    cut.write_bytes(b"")
    assert spare.run("restore", str(cut), exit_code=1)["code"] == "damaged_backup"

    # Somebody who can make checksums fit cannot make the rows fit: ops counts them before COMMIT.
    lying = tmp_path / "lying.mbk"
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(lying, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if name == MANIFEST:
                manifest = json.loads(text)
                manifest["tables"]["ledger_tx"] += 1
                text = json.dumps(manifest).encode()
            new.writestr(name, text)
    assert spare.run("restore", str(lying), exit_code=1)["code"] == "restore_refused"
    # A file that would land beside the data folder.
    escaping = tmp_path / "escaping.mbk"
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(escaping, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if name == MANIFEST:
                manifest = json.loads(text)
                manifest["members"]["files/../../x"] = {"size": 0, "sha256": ""}
                text = json.dumps(manifest).encode()
            new.writestr(name, text)
    assert spare.run("restore", str(escaping), exit_code=1)["code"] == "damaged_backup"
    assert spare.run("restore", str(tmp_path / "none.mbk"), exit_code=1)["code"] == "no_such_file"
    # After all that the place is as empty as before, and takes the whole one.
    assert spare.rows("org_company") == 0
    assert not (spare.data / "files").exists()
    assert spare.run("restore", str(file))["companies"][0]["verified"]


def test_files_in_the_data_folder_are_not_overwritten(evening: Path, spare: Machine) -> None:
    (spare.data / "anchors").mkdir(parents=True)
    (spare.data / "anchors" / "7.jsonl").write_text("{}\n")
    assert spare.run("restore", str(evening), exit_code=1)["code"] == "restore_refused"
    assert (spare.data / "anchors" / "7.jsonl").read_text() == "{}\n"


def test_a_backup_that_cannot_be_made_leaves_nothing(
    live_database: str, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    with pytest.raises(NoOperator):
        make_backup(path=folder / "a.mbk", now=clock.now())
    parts = databases.urlsplit(databases.url(OPS, live_database))
    ops = {
        "NAME": live_database,
        "USER": OPS,
        "PASSWORD": databases.PASSWORDS[OPS],
        "HOST": parts.hostname,
        "PORT": str(parts.port),
        "OPTIONS": {},
    }
    monkeypatch.setitem(settings.DATABASES, "ops", ops)
    settings.DATA = tmp_path / "data"
    with pytest.raises(BackupRefused, match="没有这个目录"):
        make_backup(path=folder / "no" / "a.mbk", now=clock.now())

    # The application's role is bound by row-level security: the dump would be a part of it all.
    app = {**ops, "USER": APP, "PASSWORD": databases.PASSWORDS[APP]}
    monkeypatch.setitem(settings.DATABASES, "ops", app)
    with pytest.raises((BackupRefused, psycopg.Error)):
        make_backup(path=folder / "a.mbk", now=clock.now())
    monkeypatch.setitem(settings.DATABASES, "ops", ops)

    nothing = shutil.disk_usage(folder)._replace(free=1000)
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "disk_usage", lambda _folder: nothing)
        with pytest.raises(BackupRefused, match="磁盘空间不足"):
            make_backup(path=folder / "a.mbk", now=clock.now())
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", _full)
        with pytest.raises(BackupRefused, match="磁盘空间不足"):
            make_backup(path=folder / "a.mbk", now=clock.now())
    assert list(folder.iterdir()) == []
    made = make_backup(path=folder / "a.mbk", now=clock.now())
    with opened(made.path) as found:
        found.check()


def _full(_descriptor: int) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")
