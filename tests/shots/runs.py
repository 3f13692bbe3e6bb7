"""Files handed in on the pages: imports in every state."""

import io
from datetime import date, datetime
from pathlib import Path
from typing import Any

from tests.shots.shot import EMPLOYEE

DATA = Path(__file__).resolve().parents[1] / "data"


def hand_in_files(
    officer: Any, *, company_id: int, rule_code: str, yesterday: date, now: datetime
) -> dict[str, int]:
    """Imports by the officer's hand: the runs' ids under their names in ``Prepared``."""
    from meritbook.awards.imports import run_import

    runs: dict[str, int] = {}
    # The demo's table again: nothing changes, and the page says so.
    table = (DATA / "rule-tables-003.xlsx").read_bytes()
    runs["rule_run_done"] = hand_in(officer, "/rules/import/", "积分标准.xlsx", table, text="")
    officer.post(
        f"/rules/import/{runs['rule_run_done']}/", {"department": "", "active_from": str(yesterday)}
    )
    standards = (DATA / "standards-000.txt").read_bytes()
    runs["rule_run"] = hand_in(officer, "/rules/import/", "新标准.txt", standards, text="")
    runs["rule_run_doubts"] = hand_in(
        officer, "/rules/import/", "考勤制度.docx", _rule_document(), text=""
    )
    events = _events_file(rule_code=rule_code, day=yesterday)
    done = hand_in(officer, "/events/import/", "十一月考勤.csv", events, source="考勤机")
    officer.post(f"/events/import/{done}/start/")
    run_import(company_id=company_id, run_id=done, now=now)
    runs["event_run_done"] = done
    runs["event_run"] = hand_in(
        officer, "/events/import/", "十一月考勤（补）.csv", events, source="考勤机"
    )
    runs["people_run"] = hand_in(officer, "/people/import/", "新员工.csv", PEOPLE.encode())
    return runs


def hand_in(officer: Any, address: str, name: str, content: bytes, **more: str) -> int:
    """Post a file to an import page: the run that the answer leads to."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    answer = officer.post(address, {"file": SimpleUploadedFile(name, content), **more})
    return int(answer["Location"].rstrip("/").rpartition("/")[2])


PEOPLE = (
    "工号,姓名,部门,岗位,入职日期\n9001,欧阳静怡,客服部,客服专员,2026-11-02\n,没有工号,客服部,,\n"
)


def _events_file(*, rule_code: str, day: date) -> bytes:
    """One good row, and rows with an unknown person, type and time."""
    rows = (
        (rule_code, EMPLOYEE, f"{day} 09:12", ""),
        (rule_code, "0000", f"{day} 09:20", ""),
        ("不认识的类型", EMPLOYEE, f"{day} 10:00", "1,000元"),
        (rule_code, EMPLOYEE, "昨天下午", ""),
    )
    lines = (f"E{n},{','.join(row)}\n" for n, row in enumerate(rows, start=1))
    return f"事件编号,类型,工号,时间,金额\n{''.join(lines)}".encode()


def _rule_document() -> bytes:
    """A Word document with lines, a table and all kinds of doubts."""
    import docx

    document = docx.Document()
    document.add_heading("考勤管理制度", level=0)
    document.add_paragraph("为了规范考勤,特制定本制度。")
    document.add_heading("考勤", level=1)
    document.add_paragraph("1、连续三个月全勤加100分")
    rows = (
        ("标准", "分值"),
        ("客服部员工每接待一位客户得2分,每天最多30分", "2分/位"),
        ("回访客户,每位客户每周只算一次", "5分/次"),
        ("协作项目完成,积分按人头平均", "30分"),
        ("满意度每提高1个百分点加2分", "2分"),
        ("着装整洁", "面议"),
    )
    table = document.add_table(rows=len(rows), cols=2)
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            table.cell(number, column).text = text
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()
