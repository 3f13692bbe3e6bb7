"""一次粗心的改动: a new colleague takes short cuts, and the house says which wall they went through.

On a copy of the package: each change alone turns its check red, and the check names the place.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The package with what its checks read."""
    kept = shutil.ignore_patterns("__pycache__", "build", "node_modules")
    shutil.copytree(ROOT / "meritbook", tmp_path / "meritbook", ignore=kept)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def tool(copy: Path, *arguments: str) -> tuple[int, str]:
    """Run a check on the copy: its exit code, and what it says."""
    environment = os.environ | {
        "PYTHONPATH": str(copy),
        "DJANGO_SETTINGS_MODULE": "meritbook.site.settings",
        "MERITBOOK_SECRET_KEY": "tests",
    }
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def contracts(copy: Path) -> tuple[int, str]:
    run = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    return tool(copy, "-c", run)


def add(copy: Path, file: str, text: str) -> None:
    """Write a line at the end of a module."""
    path = copy / "meritbook" / file
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{text}\n", encoding="utf-8")


def test_imports_go_downwards_and_roles_keep_their_order(copy: Path) -> None:
    code, said = contracts(copy)
    assert code == 0, said
    add(copy, "ledger/queries.py", "from meritbook.rules import models")
    add(copy, "org/models/company.py", "from meritbook.org.operations import tokens")
    add(copy, "rules/scoring.py", "from django.db import connection")

    code, said = contracts(copy)

    assert code == 1
    for broken in (
        "Contexts import downwards only BROKEN",
        "Roles inside a context BROKEN",
        "Pure modules know neither Django nor the clock BROKEN",
    ):
        assert broken in said, said
    assert "meritbook.ledger.queries -> meritbook.rules.models" in said


def test_the_clock_signals_and_migrations_have_their_guards(copy: Path) -> None:
    add(copy, "awards/content.py", "from datetime import datetime as when\nNOW = when.now()")
    add(copy, "awards/tasks.py", "from django.db.models.signals import post_save")

    code, said = tool(copy, "-m", "ruff", "check", "--no-cache", "meritbook/awards")

    assert code == 1
    assert "DTZ005" in said or "datetime" in said
    assert "signals" in said

    path = copy / "meritbook/org/models/company.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("max_length=120", "max_length=121"), encoding="utf-8")
    code, said = tool(copy, "-m", "django", "makemigrations", "--check", "--dry-run", "org")
    assert code == 1
    assert "Alter field name on company" in said
