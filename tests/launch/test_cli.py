"""The command line: usage, language, refusals, and what happens without a network."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from launch import paths
from tests.launch.conftest import ROOT, environment, run


@pytest.mark.parametrize(
    "arguments",
    [["nonsense"], ["--nonsense"], ["--port", "many"], ["--port", "70000"], ["manage"]],
)
def test_a_wrong_command_line_is_exit_code_2_with_usage(arguments: list[str], home: Path) -> None:
    done = run(*arguments, home=home)
    assert done.returncode == 2
    assert "用法" in done.stderr
    assert done.stdout == ""


def test_help_names_every_command(home: Path) -> None:
    done = run("--help", home=home)
    assert done.returncode == 0
    for command in ("demo", "test", "check", "shots", "bench", "manage"):
        assert command in done.stdout
    english = run("--help", home=home, env=environment(home, MERITBOOK_LANG="en"))
    assert english.stdout.startswith("Usage")


def test_a_taken_port_is_one_clear_sentence_and_nothing_is_started(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("--port", str(port), home=home)
        assert done.returncode == 1
        assert str(port) in done.stderr
        assert "占用" in done.stderr
        by_name = run(
            home=home, env=environment(home, MERITBOOK_PORT=str(port), MERITBOOK_LANG="en")
        )
        assert by_name.returncode == 1
        assert "another program" in by_name.stderr
    assert not list(home.glob("postgres-*"))


def test_without_a_network_the_sentence_names_the_mirror_setting(home: Path) -> None:
    checkout = home / "checkout"
    shutil.copytree(ROOT / "launch", checkout / "launch")
    shutil.copytree(ROOT / "requirements", checkout / "requirements")
    shutil.copy(ROOT / "run.py", checkout)
    env = environment(
        home,
        PATH="/usr/bin:/bin",
        PIP_INDEX_URL="http://127.0.0.1:9/simple",
        PIP_CONFIG_FILE=os.devnull,
        PIP_RETRIES="0",
    )
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "MERITBOOK_VENV"):
        env.pop(name, None)
    done = subprocess.run(
        [sys.executable, str(checkout / "run.py"), "manage", "check"],
        env=env,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert "连不上软件包仓库" in done.stderr
    assert "PIP_INDEX_URL" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(home.glob("postgres-*"))


def test_the_compiled_translations_are_newer_than_their_sources() -> None:
    for source in (paths.ROOT / "meritbook").glob("**/locale/*/LC_MESSAGES/*.po"):
        assert source.with_suffix(".mo").exists(), source
