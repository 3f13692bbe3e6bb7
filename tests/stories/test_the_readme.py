"""照着 README 做: somebody copies its commands, one after another, with files of their own.

The guide's list of commands is tried for being whole, and its pictures for being there.
"""

import json
import re
import shlex
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command, get_commands
from django.test import Client

from tests.stories.conftest import DATA, PEOPLE, Desk, on

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parent.parent.parent
COMMAND = re.compile(r"^python3 run\.py manage (.+?)(?:\s+#.*)?$", re.MULTILINE)
EVENTS = """事件编号,类型,工号,时间,金额
1,{growth},0012,2026-11-10 10:00,5600
2,{growth},0013,2026-11-11 10:00,2600
"""


def typed(line: str) -> str:
    """Run a line as the terminal would; what it says."""
    out = StringIO()
    call_command(*shlex.split(line), stdout=out)
    return out.getvalue()


def test_the_commands_of_the_readme_in_order(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = COMMAND.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    assert [line.split()[0] for line in lines][:2] == ["create_company", "load_people"]
    monkeypatch.chdir(tmp_path)
    Path("people.xlsx").write_bytes(PEOPLE.encode())  # a csv under another name is read too
    Path("rules.xlsx").write_bytes((DATA / "rule-tables-003.xlsx").read_bytes())
    with on("2026-12-02"):
        desk.publish("rule-tables-003.xlsx", start="2026-11-01")
        growth = desk.code_of("增加单量每 1 千")
        Path("events.xlsx").write_text(EVENTS.format(growth=growth), encoding="utf-8")

        said = [typed(line) for line in lines]

        link = said[0].strip().splitlines()[-1]
        assert Client().get(link).status_code == 200
        board = next(text for text in said if "李雷" in text and "250" in text)
        assert board.index("李雷") < board.index("韩梅梅")
        wallet = StringIO()
        call_command("wallet", "0012", "--company", "hs", "--json", stdout=wallet)
        assert json.loads(wallet.getvalue())["accounts"][0]["balance"] == "250"


def test_the_guide_names_every_command_and_shows_pictures_that_are_there() -> None:
    guide = (ROOT / "docs/guide/index.md").read_text(encoding="utf-8")
    ours = {name for name, app in get_commands().items() if str(app).startswith("meritbook.")}
    # What only run.py itself calls.
    inner = {"setup_link", "load_demo", "worker"}
    assert {name for name in ours - inner if f"`{name}" not in guide} == set()
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("**/*.md")):
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), (page.name, target)
