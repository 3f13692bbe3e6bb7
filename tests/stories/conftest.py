"""A company worked through its real doors: commands, pages, the API, on the days of the story."""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client

PASSWORD = "xuexi-tiantian-8"
DATA = Path(__file__).resolve().parent.parent / "data"
PEOPLE = """工号,姓名,部门,岗位,入职日期
0012,李雷,销售部/华南组,销售代表,2021-04-26
0013,韩梅梅,销售部,销售主管,2019-07-16
0014,何思思,客服部,客服专员,2022-05-16
0015,林涛,仓库,仓管员,2020-02-03
"""


@dataclass
class Desk:
    """Somebody at a terminal. Answers are the JSON of the commands."""

    folder: Path
    code: str = "huasheng"
    codes: dict[str, str] = field(default_factory=dict)

    def run(self, command: str, *arguments: str, exit_code: int = 0) -> Any:
        out, err = StringIO(), StringIO()
        platform = ("create_company", "read_rules", "load_demo")
        company = [] if command in platform else ["--company", self.code]
        try:
            call_command(command, *arguments, *company, "--json", stdout=out, stderr=err)
            code = 0
        except SystemExit as left:
            code = int(left.code or 0)
        assert code == exit_code, (out.getvalue(), err.getvalue())
        return json.loads(out.getvalue())

    def found(self, name: str = "华晟贸易", people: str = PEOPLE) -> None:
        self.run("create_company", self.code, name)
        file = self.folder / f"people-{self.code}.csv"
        file.write_text(people, encoding="utf-8")
        assert self.run("load_people", str(file))["created"] == people.count("\n") - 1

    def owner(self, employee_no: str) -> Client:
        """The browser of somebody who has just been made owner from the command line."""
        return self.activated(self.run("invite_owner", "--employee-no", employee_no)["path"])

    def invited(self, by: Client, employee_no: str) -> Client:
        """The browser of somebody who got a link from ``by`` and has signed in with it."""
        page = by.post(f"/people/{employee_no}/activation/").content.decode()
        found = re.search(r"http://testserver(/activate/[^/\"<]+/)", page)
        assert found, page
        client = self.activated(found[1])
        assert client.session["company_id"] == by.session["company_id"]
        return client

    def activated(self, path: str) -> Client:
        """The browser in which a first password was set behind a link, then used."""
        client = Client()
        person = client.get(path).context["person"]
        password = {"password": PASSWORD, "again": PASSWORD}
        assert client.post(path, password)["Location"] == "/login/"
        assert client.get(path).status_code == 410
        sign_in(client, person.employee_no, self.code)
        return client

    def publish(self, file: str, *, start: str) -> None:
        loaded = self.run(
            "load_rules", str(DATA / file), "--publish", "--accept-proposals", "--from", start
        )
        assert {rule["status"] for rule in loaded["rules"]} == {"published"}
        for rule in self.run("list_rules"):
            self.codes[rule["standard"].strip()] = rule["code"]

    def code_of(self, part: str) -> str:
        """The code of the one standard that contains the text."""
        found = [code for standard, code in self.codes.items() if part in standard]
        assert len(found) == 1, (part, found)
        return found[0]

    def events(
        self, rows: Iterable[Mapping[str, str]], *options: str, name: str = "events.csv"
    ) -> Any:
        path = self.folder / name
        rows = list(rows)
        headings = list(dict.fromkeys(key for row in rows for key in row))
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, headings)
            writer.writeheader()
            writer.writerows(rows)
        return self.run("load_events", str(path), *options)

    def balance(self, employee_no: str, asset: str = "honour") -> str:
        accounts = self.run("wallet", employee_no)["accounts"]
        return next(one["balance"] for one in accounts if one["asset"] == asset)

    def explained(self, event_no: str) -> Any:
        return self.run("explain", event_no)

    def board(self, period: str, *options: str) -> list[tuple[int, str, str]]:
        rows = self.run("board", "--period", period, *options)
        return [(row["rank"], row["name"], row["points"]) for row in rows]


def row(event_no: str, kind: str, at: str, who: str = "0012", **more: str) -> dict[str, str]:
    """A line of an events file."""
    return {"事件编号": event_no, "类型": kind, "工号": who, "时间": at, **more}


def sign_in(client: Client, identity: str, company: str = "") -> None:
    """Fill in the sign-in page."""
    form = {"identity": identity, "company": company, "password": PASSWORD}
    assert client.post("/login/", form)["Location"] == "/"


@contextmanager
def on(day: str, clock: str = "12:00") -> Iterator[None]:
    """The time in Shanghai until the end of the block."""
    with time_machine.travel(f"{day}T{clock}+08:00", tick=True):
        yield


@pytest.fixture
def desk(db: None, tmp_path: Path) -> Any:
    """A company with its people, on 5 December 2026."""
    with time_machine.travel("2026-12-05 04:00Z", tick=True):
        desk = Desk(tmp_path)
        desk.found()
        yield desk
