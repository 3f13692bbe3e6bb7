"""`run.py drill`: the newest backup comes back in a server that is thrown away; the record says so."""

import json
from pathlib import Path

from tests.launch.conftest import run


def test_a_backup_is_restored_on_trial_and_a_bad_one_is_found_out(home: Path) -> None:
    assert run("manage", "create_company", "lilei", "李雷的公司", home=home).returncode == 0
    folder = home / "backups"
    folder.mkdir()
    file = folder / "meritbook-20261122-020000.mbk"
    made = run("manage", "backup", str(file), "--json", home=home)
    assert made.returncode == 0, made.stderr
    done = run("drill", home=home, seconds=170)
    assert done.returncode == 0, done.stderr

    newer = folder / "meritbook-20261123-020000.mbk"
    newer.write_bytes(file.read_bytes()[:-200])
    assert run("drill", home=home, seconds=170).returncode == 1
    lines = [json.loads(line) for line in (folder / "drills.jsonl").read_text().splitlines()]
    assert [(line["name"], line["ok"]) for line in lines] == [
        (file.name, True),
        (newer.name, False),
    ]
    assert "已损坏" in lines[1]["detail"]
    # The drill touched nothing here.
    assert not list(home.glob("postgres-*/postmaster.pid"))
    assert run("drill", str(home / "none.mbk"), home=home).returncode == 1
