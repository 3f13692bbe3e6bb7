"""The page of backups and the job behind it: due once a night, kept in number, fetched by nobody else."""

import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client

from meritbook.org.models import Company
from meritbook.site.backups import schedule
from meritbook.site.backups.archive import manifest_of
from meritbook.site.backups.refusals import Damaged
from meritbook.site.backups.schedule import file_of, is_due, remove_old, run_backup, runs
from tests.people import Cast

NIGHT = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
"""Two o'clock in Shanghai on the 21st."""


@pytest.fixture(autouse=True)
def data(settings: Any, tmp_path: Path) -> Path:
    settings.DATA = tmp_path
    return tmp_path


def tried(data: Path, at: datetime, *, error: str = "", name: str = "") -> str:
    """A line as the job writes it, and the file when it succeeded."""
    name = name or f"meritbook-{at:%Y%m%d-%H%M%S}.mbk"
    schedule._write_line(
        schedule.RUNS,
        {
            "begun_at": at.isoformat(),
            "finished_at": (at + timedelta(seconds=9)).isoformat(),
            "name": name,
            "size": 0 if error else 3_400_000,
            "error": error,
        },
    )
    if not error:
        (data / "backups" / name).write_bytes(b"x")
    return name


def test_one_a_night_also_after_a_night_without_the_computer(data: Path) -> None:
    assert is_due(now=NIGHT)
    tried(data, NIGHT + timedelta(minutes=41))
    assert not is_due(now=NIGHT + timedelta(hours=1))
    assert not is_due(now=NIGHT + timedelta(hours=23, minutes=59))
    assert is_due(now=NIGHT + timedelta(hours=24))
    # Off until nine in the morning, two days later.
    assert is_due(now=NIGHT + timedelta(hours=55))
    tried(data, NIGHT + timedelta(hours=55), error="磁盘空间不足")
    assert is_due(now=NIGHT + timedelta(hours=56))
    # The clock is put back by a month: what comes from the future proves nothing.
    assert is_due(now=NIGHT - timedelta(days=30))


def test_the_newest_stay(data: Path) -> None:
    for day in range(20):
        tried(data, NIGHT + timedelta(days=day))
    (data / "backups" / "before-the-move.mbk").write_bytes(b"kept by hand")
    assert len(remove_old(keep=14)) == 6
    left = sorted(file.name for file in (data / "backups").glob("*.mbk"))
    assert len(left) == 15
    assert left[0] == "before-the-move.mbk"
    assert left[-1] == f"meritbook-{NIGHT + timedelta(days=19):%Y%m%d-%H%M%S}.mbk"
    assert [run.is_there for run in runs()].count(True) == 14
    assert len(remove_old(keep=0)) == 13  # never the last one


def test_without_the_operators_address_the_page_says_so(
    home: Cast, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with time_machine.travel(NIGHT, tick=False):
        run = run_backup(now=NIGHT)
        assert run is not None
        assert "MERITBOOK_DB_OPS" in run.error
        page = home.client("owner").get("/settings/backups/").content.decode()
    assert "最近一次备份失败" in page
    assert "MERITBOOK_DB_OPS" in page


def test_the_only_company_asks_and_fetches(
    home: Cast, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr("meritbook.site.views.backups.enqueue", asked.append)
    assert home.client("owner").get("/settings/backups/").status_code == 200
    assert home.client("owner").post("/settings/backups/")["Location"] == "/settings/backups/"
    assert asked == ["site.backup"]
    for client in (home.client("officer"), home.client("head"), home.client("employee")):
        assert client.get("/settings/backups/").status_code == 403
        assert client.post("/settings/backups/").status_code == 403
    name = tried(data, NIGHT)
    held = home.company
    _is_a_backup_of(data / "backups" / name, held)
    answer = home.client("owner").get(f"/settings/backups/{name}")
    assert answer.status_code == 200
    assert b"".join(answer) == (data / "backups" / name).read_bytes()
    for wrong in ("runs.jsonl", "..%2Fsecrets.json", "meritbook-20200101-000000.mbk"):
        assert home.client("owner").get(f"/settings/backups/{wrong}").status_code == 404


def test_a_file_with_a_neighbour_in_it_is_nobodys(home: Cast, away: Cast, data: Path) -> None:
    name = tried(data, NIGHT)
    _is_a_backup_of(data / "backups" / name, home.company, away.company)
    assert file_of(name=name, company_id=home.company.pk) is None
    page = home.client("owner").get("/settings/backups/").content.decode()
    assert "由多家公司共用" in page
    assert "他山" not in page
    assert home.client("owner").get(f"/settings/backups/{name}").status_code == 404
    assert home.client("owner").post("/settings/backups/").status_code == 403


def _is_a_backup_of(path: Path, *held: Company) -> None:
    manifest = {
        "product": "meritbook",
        "format": 1,
        "members": {},
        "companies": [{"id": each.pk, "code": each.code, "name": each.name} for each in held],
    }
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("manifest.json", json.dumps(manifest))


@pytest.mark.parametrize("members", [None, ["files/a"], {"": {}}, {"files/a\0b": {}}, {"/x": {}}])
def test_a_file_with_a_broken_list_is_damaged(tmp_path: Path, members: object) -> None:
    path = tmp_path / "a.mbk"
    with zipfile.ZipFile(path, "w") as file:
        manifest = {"product": "meritbook", "format": 1, "members": members}
        file.writestr("manifest.json", json.dumps(manifest))
    with pytest.raises(Damaged):
        manifest_of(path)


def test_a_stranger_sees_the_sign_in_page(db: None) -> None:
    assert "/login/" in Client().get("/settings/backups/")["Location"]
