"""从 Excel 换过来: everybody's balances come along, once, before the first month that counts.

The office brings a sheet. Bad cells are named in Chinese, good rows are kept or everything is left
out; the same file again doubles nothing; a mistake is taken back and brought again. What has a last
day lapses on it. November's board does not move.
"""

import json
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from openpyxl import load_workbook

from meritbook.kit.tenancy import company_scope
from meritbook.ledger.operations import close_month
from meritbook.ledger.operations.daily import expire_all
from meritbook.ledger.statements import wallet
from meritbook.ledger.verification import verify
from meritbook.site.tasks import load_opening_of
from tests.people import Cast
from tests.stories.conftest import on

pytestmark = pytest.mark.django_db
SHEET = """工号,姓名,荣誉分,可用分,到期日
0001,李雷,1200,300.5,2026-12-31
0002,韩梅梅,800,0,
0003,王强,-50,,
"""


def balances(home: Cast, employee_no: str) -> dict[str, int]:
    with company_scope(home.company.pk):
        found = wallet(company_id=home.company.pk, party_id=home.people[employee_no].party_id)
        assert verify(company_id=home.company.pk).ok
    return {one.asset: one.balance for one in found if one.balance}


def load(home: Cast, file: Path, *options: str, exit_code: int = 0) -> Any:
    return run(home, "load_opening", str(file), *options, exit_code=exit_code)


def run(home: Cast, command: str, *options: str, exit_code: int = 0) -> Any:
    out, code = StringIO(), 0
    try:
        call_command(
            *(command, *options),
            *("--company", home.company.code, "--json"),
            stdout=out,
            stderr=StringIO(),
        )
    except SystemExit as left:
        code = int(left.code or 0)
    assert code == exit_code, out.getvalue()
    return json.loads(out.getvalue())


def hand_in(home: Cast, text: str, day: str = "2026-10-31") -> Any:
    file = SimpleUploadedFile("balances.csv", text.encode())
    return home.client("officer").post("/ledger/opening/", {"file": file, "on": day})


def test_balances_come_once_and_before_the_first_month(home: Cast, tmp_path: Path) -> None:
    file = tmp_path / "balances.csv"
    file.write_text(SHEET, encoding="utf-8")
    with on("2026-11-10"):
        done = load(home, file)
        assert (done["on"], done["new"], done["problems"]) == ("2026-10-31", 4, [])
        assert balances(home, "0001") == {"honour": 120000, "spendable": 30050}
        assert balances(home, "0003") == {"honour": -5000}
        again = load(home, file)
        assert (again["new"], again["duplicate"]) == (0, 4)
        for period, points in (("2026-11", "0"), ("2026-10", "1200")):
            board = {row["name"]: row["points"] for row in run(home, "board", "--period", period)}
            assert board["李雷"] == points
        # Another number for the same balance is no second balance.
        file.write_text(SHEET.replace("1200", "1300"), encoding="utf-8")
        changed = load(home, file)
        assert (changed["new"], changed["duplicate"], changed["conflict"]) == (0, 3, 1)
        assert "数量不同" in changed["problems"][0]["reason"]
        assert balances(home, "0001") == {"honour": 120000, "spendable": 30050}
    # What was brought lapses on its own last day.
    assert expire_all(company_id=home.company.pk, today=date(2026, 12, 31)).lots == 0
    assert expire_all(company_id=home.company.pk, today=date(2027, 1, 1)) == (1, 30050)
    assert balances(home, "0001") == {"honour": 120000}


def test_bad_cells_are_named_and_good_rows_kept_or_not(home: Cast, tmp_path: Path) -> None:
    file = tmp_path / "balances.csv"
    file.write_text(
        "工号,资产,数量,到期日,备注\n"
        "0001,可用分,100,2026-12-31,\n"
        "0001,可用分,50,2027-03-31,第二批\n"
        "9999,可用分,10,,\n"
        "0002,金币,10,,\n"
        "0002,可用分,abc,,\n"
        "0002,可用分,0.001,,\n"
        "0003,荣誉分,5,2027-01-01,\n"
        "0003,可用分,5,2020-01-01,\n"
        "0003,可用分,-5,,\n"
        "0004,可用分,,,\n"
        "0001,可用分,7,2026-12-31,\n"
        "0004,额度,7,,\n",
        encoding="utf-8",
    )
    with on("2026-11-10"):
        nothing = load(home, file, "--all-or-nothing")
        assert nothing["new"] == 0
        assert balances(home, "0001") == {}
        done = load(home, file, "--on", "2026-10-15")
        assert done["new"] == 2
        reasons = {one["row"]: one["reason"] for one in done["problems"]}
        assert sorted(reasons) == [4, 5, 6, 7, 8, 9, 10, 11, 12, 13]
        for row, told in (
            (4, "没有工号"),
            (5, "没有积分种类"),
            (7, "不可用"),
            (8, "没有有效期"),
            (9, "早于期初日"),
            (10, "余额不足"),
            (11, "没有数量"),
            (12, "重复"),
            (13, "没有积分种类"),
        ):
            assert told in reasons[row], reasons[row]
        assert balances(home, "0001") == {"spendable": 15000}
        assert load(home, tmp_path / "none.csv", exit_code=1)["code"] == "no_such_file"
        file.write_text("姓名,数量\n李雷,5\n", encoding="utf-8")
        assert load(home, file, exit_code=1)["code"] == "missing_columns"


def test_on_the_page_looked_at_posted_and_taken_back(home: Cast, away: Cast) -> None:
    officer = home.client("officer")
    with on("2026-11-10"):
        assert 'value="2026-10-31"' in officer.get("/ledger/opening/").content.decode()
        address = hand_in(home, SHEET + "9999,谁,5,,\n")["Location"]
        page = officer.get(address).content.decode()
        assert "没有工号为“9999”的员工" in page
        # The same Chinese sheet, looked at by somebody who reads English.
        page = officer.get(address, headers={"accept-language": "en"}).content.decode()
        assert "1,200" in page
        assert 'lang="en"' in page
        assert balances(home, "0001") == {}  # looking posts nothing
        officer.post(f"{address}start/", {"keep": "all"})
        assert balances(home, "0001") == {}
        address = hand_in(home, SHEET)["Location"]
        officer.post(f"{address}start/", {"keep": "good"})
        officer.post(f"{address}start/", {"keep": "good"})
        assert balances(home, "0001") == {"honour": 120000, "spendable": 30050}

        officer.post(f"{address}undo/")
        assert balances(home, "0001") == {}
        assert balances(home, "0003") == {}
        officer.post(f"{address}undo/")
        # Taken back, the right one may come.
        address = hand_in(home, SHEET.replace("1200", "1300"))["Location"]
        officer.post(f"{address}start/", {"keep": "good"})
        assert balances(home, "0001") == {"honour": 130000, "spendable": 30050}

        dropped = hand_in(home, SHEET)["Location"]
        officer.post(f"{dropped}drop/")
        officer.post(f"{dropped}start/", {"keep": "good"})
        assert balances(home, "0001") == {"honour": 130000, "spendable": 30050}
        template = load_workbook(BytesIO(officer.get("/ledger/opening/template.xlsx").content))
        headings = [cell.value for cell in template.worksheets[0][1]]
        assert any("可用分" in str(heading) for heading in headings)

        for role in ("head", "employee"):
            assert home.client(role).get("/ledger/opening/").status_code == 403
            assert home.client(role).post(f"{address}undo/").status_code == 403
        stranger = away.client("owner")
        assert stranger.get(address).status_code == 404
        assert stranger.post(f"{address}undo/").status_code == 404
        assert balances(home, "0001") == {"honour": 130000, "spendable": 30050}


def test_a_long_file_is_posted_by_a_job(home: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meritbook.site.openings.AT_ONCE", 2)
    asked: list[dict[str, int]] = []
    monkeypatch.setattr(
        "meritbook.site.views.opening.enqueue", lambda _name, **ids: asked.append(ids)
    )
    officer = home.client("officer")
    with on("2026-11-10"):
        address = hand_in(home, SHEET)["Location"]
        officer.post(f"{address}start/", {"keep": "good"})
        assert "正在记账" in officer.get(address).content.decode()
        assert balances(home, "0001") == {}
        for _again in range(2):
            load_opening_of(**asked[0])  # type: ignore[operator]
            assert balances(home, "0001") == {"honour": 120000, "spendable": 30050}
        assert "撤销这次导入" in officer.get(address).content.decode()
        known = hand_in(home, SHEET.replace("1200", "1300"))["Location"]
        assert officer.get(known).context["counts"] == {
            "new": 0,
            "duplicate": 2,
            "conflict": 1,
            "refused": 1,  # Her own row.
        }


def test_a_day_that_is_closed_or_to_come_is_refused(home: Cast) -> None:
    with on("2026-11-10"):
        assert hand_in(home, SHEET, "2026-11-11").status_code == 422
        with company_scope(home.company.pk):
            from meritbook.kit import clock

            close_month(
                company_id=home.company.pk,
                month=date(2026, 9, 1),
                closed_by=1,
                closed_at=clock.now(),
            )
        refused = hand_in(home, SHEET, "2026-09-30")
        assert refused.status_code == 422
        assert "已经关账" in refused.content.decode()


def test_an_officer_brings_no_balance_of_her_own(home: Cast) -> None:
    """韩梅梅 is the officer: her row is named and left to the owner, the others are kept."""
    officer = home.client("officer")
    with on("2026-11-10"):
        address = hand_in(home, SHEET)["Location"]
        assert "导入人本人" in officer.get(address).content.decode()
        officer.post(f"{address}start/", {"keep": "good"})
        assert balances(home, "0001") == {"honour": 120000, "spendable": 30050}
        assert balances(home, "0002") == {}
