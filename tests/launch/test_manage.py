"""`run.py manage`: anywhere, its output alone on standard output, its exit code ours."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from launch import processes
from tests.launch.conftest import ROOT, as_nobody, environment, run


def test_in_a_path_with_a_space_and_chinese(home: Path) -> None:
    """One installation in a folder that breaks scripts that forget to quote."""
    checkout = home.parent / "积 分"
    checkout.mkdir()
    for part in ("launch", "requirements", "meritbook"):
        shutil.copytree(ROOT / part, checkout / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "run.py", checkout)
    (home / "说明.txt").write_text("迟到一次扣5分\n", encoding="utf-8")

    created = run(
        "manage", "create_company", "lilei", "李雷的公司", "--json", home=home, root=checkout
    )
    assert created.returncode == 0, created.stderr
    assert json.loads(created.stdout)
    # A file is named from where the person stands.
    read = run("manage", "read_rules", "说明.txt", "--json", home=home, root=checkout, cwd=home)
    assert read.returncode == 0, read.stderr
    assert len(json.loads(read.stdout)["drafts"]) == 1
    # Refusals are the command's own.
    refused = run("manage", "list_rules", "--company", "nobody", "--json", home=home, root=checkout)
    assert refused.returncode == 1
    assert json.loads(refused.stdout)["code"] == "unknown_company"
    assert not list(home.glob("postgres-*/postmaster.pid"))


def test_input_goes_through_and_two_at_once_share_the_server(home: Path) -> None:
    command = [sys.executable, str(ROOT / "run.py"), "manage", "shell", "-v", "0"]
    both = [
        subprocess.Popen(
            command,
            env=environment(home),
            cwd=home,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        for _ in range(2)
    ]
    script = (
        "import time; from django.db import connection as c; u = c.cursor(); time.sleep({});"
        "print(u.execute('SELECT current_user').fetchone()[0], '你好')"
    )
    for process, seconds in zip(both, (0, 2), strict=True):
        assert process.stdin is not None
        process.stdin.write(script.format(seconds))
        process.stdin.flush()
    results = [process.communicate(timeout=90) for process in both]
    for (output, errors), process in zip(results, both, strict=True):
        assert process.returncode == 0, errors
        assert output == "meritbook_app 你好\n"
    # The one that started the server may have gone first; the keeper then ends it alone.
    assert processes.wait_until(
        lambda: not list(home.glob("postgres-*/postmaster.pid")), seconds=15
    )


def test_a_data_folder_of_another_user_is_one_clear_sentence(
    home: Path, ordinary_python: str
) -> None:
    (home / "start.lock").touch(mode=0o600)
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from launch import steps, say\n"
        "try: steps.prepare_database()\n"
        "except say.Refused as refusal: print(refusal)"
    )
    done = subprocess.run(
        [ordinary_python, "-c", code, str(ROOT)],
        env=environment(home),
        capture_output=True,
        text=True,
        check=False,
        **as_nobody(),  # type: ignore[call-overload]
    )
    assert "另一个用户" in done.stdout, done.stderr


@pytest.mark.long
def test_an_ordinary_user_installs_and_runs_everything(home: Path, ordinary_python: str) -> None:
    checkout = home.parent / "自己 的"
    checkout.mkdir()
    for part in ("launch", "requirements", "meritbook"):
        shutil.copytree(ROOT / part, checkout / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "run.py", checkout)
    user = as_nobody()
    for folder in (checkout, *checkout.rglob("*"), home):
        os.chown(folder, user.get("user", -1), user.get("group", -1))  # type: ignore[arg-type]
    env = environment(home, HOME=str(home), MERITBOOK_LANG="en", UV_NO_CACHE="1")
    del env["MERITBOOK_VENV"]
    done = subprocess.run(
        [
            ordinary_python,
            str(checkout / "run.py"),
            "manage",
            "create_company",
            "a",
            "甲",
            "--json",
        ],
        env=env,
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
        **user,  # type: ignore[call-overload]
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["code"] == "a"
