"""一张积分表的两个月: from the Excel table to published rules, and the next month another version.

韩梅梅 hands the source's table in, answers its questions on the page, publishes for 1 November. 李雷
earns by it. For December she hands the corrected table in: one line pays more, one is new; the old
version still counts for what happened in November, however late it is told. A stranger of another
company reads none of it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.stories.conftest import DATA, Desk, on, row, sign_in

pytestmark = pytest.mark.django_db

TABLE = DATA / "rule-tables-003.xlsx"


@pytest.fixture
def han(desk: Desk) -> Client:
    """韩梅梅's browser on 1 November; she is owner and officer in one."""
    with on("2026-11-01"):
        desk.code = "hongda"
        desk.found(name="宏达贸易")
        return desk.owner("0013")


def hand_in(client: Client, path: Path) -> str:
    """Upload a table; the address of its import."""
    file = SimpleUploadedFile(path.name, path.read_bytes())
    return str(client.post("/rules/import/", {"file": file})["Location"])


def found_in(client: Client, address: str) -> Any:
    return client.get(address).context["found"]


def publish(client: Client, address: str, start: str, **more: str) -> None:
    answer = client.post(address, {"department": "", "active_from": start, **more})
    assert answer.status_code == 302, answer.content.decode()


def line_of(found: Any, part: str) -> Any:
    (line,) = [one for one in found.lines if part in one.line.version.standard]
    return line


def changed(folder: Path, change: Callable[[Any], None]) -> Path:
    """The table as somebody saves it after a change in Excel."""
    book = openpyxl.load_workbook(TABLE)
    change(book)
    path = folder / "十二月积分表.xlsx"
    book.save(path)
    return path


def test_from_the_table_to_the_next_months_version(desk: Desk, han: Client) -> None:
    with on("2026-11-01"):
        address = hand_in(han, TABLE)
        found = found_in(han, address)
        assert len(found.lines) == 41
        assert 0 < found.open_questions <= 12
        # Nothing counts before it is published, nor while a question is open.
        assert {rule["status"] for rule in desk.run("list_rules")} == {"draft"}
        refused = han.post(address, {"department": "", "active_from": "2026-11-01"})
        assert refused.status_code == 422
        # Each question is answered in its place: as proposed, but for one.
        for line in found.lines:
            answer = f"{address}{line.line.version.pk}/answer/"
            for question in line.questions:
                han.post(answer, {"index": question.index, "answer": "proposal"})
        assert found_in(han, address).open_questions == 0
        publish(han, address, "2026-11-01")
        rules = desk.run("list_rules")
        assert len(rules) == 41
        assert {(rule["status"], rule["version"]) for rule in rules} == {("published", 1)}
        desk.codes = {rule["standard"].strip(): rule["code"] for rule in rules}

    growth, visits = desk.code_of("增加单量每 1 千"), desk.code_of("每周回访老客户")
    with on("2026-11-28"):
        sign_in(han, "0013", desk.code)
        desk.events([row("g1", growth, "2026-11-12 09:00", 金额="5600")])
        assert desk.balance("0012") == "250"
        desk.events([row("v1", visits, "2026-11-26 10:00", 数量="13")])
        desk.run("close_windows", "--until", "2026-11-28")
        assert desk.balance("0012") == "250"  # the week goes on

        # December's table: growth pays 60 instead of 50, everything else is as it was.
        address = hand_in(han, changed(desk.folder, raise_growth))
        found = found_in(han, address)
        changes = [line.change for line in found.lines]
        assert (changes.count("unchanged"), changes.count("changed")) == (40, 1)
        told = line_of(found, "增加单量每 1 千").differences
        assert ("分值", "50", "60") in [(str(one.label), one.before, one.after) for one in told]
        publish(han, address, "2026-12-01")
        # Until the day the first version counts; it says when it ends.
        desk.events([row("g2", growth, "2026-11-27 09:00", 金额="1999")])
        assert desk.balance("0012") == "300"

    with on("2026-12-02"):
        # The week of 23 to 29 November closes on its own terms: 13 of 20 visits.
        desk.run("close_windows", "--until", "2026-12-01")
        assert desk.balance("0012") == "365"
        # The same growth, a day apart: by the version of the day on which it happened.
        desk.events(
            [
                row("g3", growth, "2026-11-30 23:59", 金额="2000"),
                row("g4", growth, "2026-12-01 00:00", 金额="2000"),
            ]
        )
        assert desk.balance("0012") == "585"
        told = {number: desk.explained(number)["entries"][0] for number in ("g3", "g4")}
        assert [(told[each]["version"], told[each]["points"]) for each in told] == [
            (1, "100"),
            (2, "120"),
        ]
        # A correction of November's event stays with November's version.
        desk.events([row("g1", growth, "2026-11-12 09:00", 金额="7600")], "--revise")
        assert desk.balance("0012") == "685"
        assert desk.explained("g1")["entries"][0]["version"] == 1
        assert desk.board("2026-11")[0] == (1, "李雷", "565")
        assert desk.board("2026-12")[0] == (1, "李雷", "120")

        # The same table once more has nothing to publish.
        again = found_in(han, hand_in(han, changed(desk.folder, raise_growth)))
        assert {line.change for line in again.lines} == {"unchanged"}
        page = han.get(f"/rules/{growth}/").content.decode()
        assert "60" in page
        assert "2026-12-01" in page or "12 月 1 日" in page
        assert desk.run("verify")["ok"]


def raise_growth(book: Any) -> None:
    """60 for every thousand, where the sheet said 50."""
    sheet = book["销售"]
    for cells in sheet.iter_rows():
        if any("增加单量每 1 千" in str(cell.value) for cell in cells):
            (points,) = [cell for cell in cells if "50" in str(cell.value)]
            points.value = str(points.value).replace("50", "60")


def test_a_stranger_reads_no_rule_of_ours(desk: Desk, han: Client) -> None:
    other = Desk(desk.folder, code="tashan")
    with on("2026-11-01"):
        made = other.run("create_company", "tashan", "他山", "--owner-name", "陌生人")
        stranger = other.activated(made["owner"]["path"])
        address = hand_in(han, TABLE)
        version = found_in(han, address).lines[0].line.version.pk
        publish(han, address, "2026-11-01", accept_proposals="on")
        code = desk.run("list_rules")[0]["code"]

        assert han.get(f"/rules/{code}/").status_code == 200
        for path in (f"/rules/{code}/", f"/rules/{code}/edit/", address):
            assert stranger.get(path).status_code == 404, path
        for path in (
            address,
            f"{address}drop/",
            f"{address}{version}/answer/",
            f"/rules/{code}/retire/",
            f"/rules/{code}/publish/",
        ):
            form = {"active_from": "2026-11-01", "active_to": "2026-11-30", "index": "0"}
            assert stranger.post(path, form).status_code == 404, path
        assert other.run("list_rules") == []
        assert {rule["status"] for rule in desk.run("list_rules")} == {"published"}
