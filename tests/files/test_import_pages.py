"""The import of people in the browser: look, confirm, error report, history, undo."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from meritbook.files.models import ImportRun
from meritbook.files.tasks import import_people_of
from meritbook.kit.sheets import OutSheet, read_workbook, text_of, write_workbook
from meritbook.kit.tenancy import company_scope
from meritbook.org.models import Assignment, AuditEntry, Department, Employee
from tests.people import Cast

HEADINGS = ("工号", "姓名", "部门", "岗位", "手机号", "直属上级工号", "状态")


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, settings: object) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"  # type: ignore[attr-defined]


def upload(client: Client, *rows: tuple[object, ...]) -> int:
    content = write_workbook([OutSheet(name="花名册", headings=HEADINGS, rows=rows)])  # type: ignore[arg-type]
    file = SimpleUploadedFile("花名册.xlsx", content)
    answer = client.post("/people/import/", {"file": file})
    assert answer.status_code == 302, answer.context["refusal"]
    return int(answer["Location"].strip("/").split("/")[-1])


GOOD = ("0101", "钱多多", "财务部/出纳组", "出纳", "", "0102", "")
CHIEF = ("0102", "孙行", "财务部", "财务经理", "13700137000", "", "试用")
BAD = ("0103", "周全", "财务部", "", "123", "", "")
MOVED = ("0001", "李雷", "财务部", "会计", "", "", "")


def test_nothing_is_stored_before_it_is_confirmed(home: Cast) -> None:
    officer = home.client("officer")
    run_id = upload(officer, GOOD, CHIEF, BAD)
    page = officer.get(f"/people/import/{run_id}/")
    result = page.context["result"]
    assert (result.created, result.updated, result.refused) == (2, 0, 1)
    assert "不是 11 位手机号" in page.content.decode()
    assert f'href="/people/import/{run_id}/"' in officer.get("/").content.decode()
    report = officer.get(f"/imports/{run_id}/errors.xlsx")
    rows = read_workbook(report.content, name="errors.xlsx").sheets[0].rows
    assert "手机号" in text_of(rows[1][0])
    with company_scope(home.company.pk):
        assert Employee.objects.filter(company_id=home.company.pk).count() == 5
        assert not Department.objects.filter(company_id=home.company.pk, name="财务部").exists()


def test_good_rows_are_kept_and_the_others_reported(home: Cast) -> None:
    officer = home.client("officer")
    run_id = upload(officer, GOOD, BAD, CHIEF)
    assert officer.post(f"/people/import/{run_id}/", {"mode": "good"}).status_code == 302
    with company_scope(home.company.pk):
        assert Employee.objects.get(company_id=home.company.pk, employee_no="0101").manager_id
    report = officer.get(f"/imports/{run_id}/errors.xlsx")
    sheet = read_workbook(report.content, name="errors.xlsx").sheets[0]
    rows = [[text_of(value) for value in row] for row in sheet.rows]
    assert len(rows) == 2
    assert "手机号" in rows[1][0]
    assert "0103" in rows[1]
    history = officer.get("/imports/").context["page"]
    assert [run.file_name for run in history] == ["花名册.xlsx"]


def test_a_second_upload_has_nothing_to_confirm(home: Cast) -> None:
    officer = home.client("officer")
    run_id = upload(officer, GOOD, CHIEF)
    officer.post(f"/people/import/{run_id}/", {"mode": "good"})
    again = officer.get(f"/people/import/{upload(officer, GOOD, CHIEF)}/").content.decode()
    assert "这份名单和现在的一样" in again
    assert 'name="mode"' not in again


def test_all_or_nothing(home: Cast) -> None:
    officer = home.client("officer")
    run_id = upload(officer, GOOD, BAD, CHIEF)
    officer.post(f"/people/import/{run_id}/", {"mode": "all"})
    with company_scope(home.company.pk):
        assert Employee.objects.filter(company_id=home.company.pk).count() == 5
        assert ImportRun.objects.get(company_id=home.company.pk, id=run_id).state == "failed"


def test_undo_removes_and_restores(home: Cast) -> None:
    officer = home.client("officer")
    with company_scope(home.company.pk):
        before = list(Assignment.objects.filter(company_id=home.company.pk).order_by("id").values())
    run_id = upload(officer, GOOD, CHIEF, MOVED)
    officer.post(f"/people/import/{run_id}/", {"mode": "good"})
    assert officer.post(f"/imports/{run_id}/undo/").status_code == 302
    with company_scope(home.company.pk):
        numbers = Employee.objects.filter(company_id=home.company.pk).values_list(
            "employee_no", flat=True
        )
        assert set(numbers) == {"0001", "0002", "0003", "0004", "0009"}
        assert not Department.objects.filter(company_id=home.company.pk, name="财务部").exists()
        after = list(Assignment.objects.filter(company_id=home.company.pk).order_by("id").values())
        assert after == before
    # Once is enough.
    officer.post(f"/imports/{run_id}/undo/")
    with company_scope(home.company.pk):
        assert Employee.objects.filter(company_id=home.company.pk).count() == 5


def test_undo_keeps_whom_others_refer_to_or_changed(home: Cast) -> None:
    officer = home.client("officer")
    run_id = upload(officer, GOOD, CHIEF, MOVED)
    officer.post(f"/people/import/{run_id}/", {"mode": "good"})
    # 孙行 gets a log-in; 李雷 is edited by hand.
    page = officer.post("/people/0102/activation/").content.decode()
    path = page.split("http://testserver")[1].split('"')[0].split("<")[0]
    word = {"password": "sunxing-caiwu-1", "again": "sunxing-caiwu-1"}
    assert Client().post(path, word).status_code == 302
    with company_scope(home.company.pk):
        store = Department.objects.get(company_id=home.company.pk, name="仓库").pk
    edit = {"name": "李雷", "department": store, "state": "active", "phone": "13800138001"}
    assert officer.post("/people/0001/edit/", edit).status_code == 302
    officer.post(f"/imports/{run_id}/undo/")
    with company_scope(home.company.pk):
        numbers = Employee.objects.filter(company_id=home.company.pk).values_list(
            "employee_no", flat=True
        )
        assert set(numbers) == {"0001", "0002", "0003", "0004", "0009", "0102"}
        last = Assignment.objects.filter(
            company_id=home.company.pk, employee__employee_no="0001"
        ).latest("valid_from", "id")
        assert last.department_id == store


def test_a_file_that_cannot_be_read_leaves_no_trace(home: Cast) -> None:
    officer = home.client("officer")
    answer = officer.post(
        "/people/import/", {"file": SimpleUploadedFile("x.xlsx", b"\x89PNG\r\n\x1a\n" + bytes(99))}
    )
    assert answer.status_code == 422
    assert answer.context["refusal"]
    with company_scope(home.company.pk):
        assert not ImportRun.objects.filter(company_id=home.company.pk).exists()


def test_a_template_is_ready_to_be_filled_in(home: Cast) -> None:
    content = home.client("officer").get("/people/import/template.xlsx").content
    book = read_workbook(content, name="people-template.xlsx")
    assert [text_of(value) for value in book.sheets[0].rows[0]][:3] == ["*工号", "*姓名", "*部门"]
    assert io.BytesIO(content).read(2) == b"PK"


def test_two_thousand_rows_take_a_handful_of_statements(
    home: Cast, django_assert_max_num_queries: object
) -> None:
    from meritbook.files.operations.people import import_people
    from tests.people import NOW, TODAY

    rows = [
        (
            f"9{i:04d}",
            f"员工{i}",
            f"工厂/车间{i % 9}",
            f"岗位{i % 5}",
            "",
            f"9{i // 20:04d}" if i else "",
            "",
        )
        for i in range(2000)
    ]
    content = write_workbook([OutSheet(name="人员", headings=HEADINGS, rows=rows)])
    with company_scope(home.company.pk):
        for _turn in range(2):
            with django_assert_max_num_queries(45):
                result = import_people(
                    company_id=home.company.pk,
                    content=content,
                    file_name="a.xlsx",
                    all_or_nothing=False,
                    today=TODAY,
                    now=NOW,
                )
        assert (result.created, result.updated, result.unchanged) == (0, 0, 2000)


def test_a_long_list_is_loaded_by_a_job(home: Cast) -> None:
    officer = home.client("officer")
    rows = [(f"L{n:05}", f"员工{n}", "财务部", "", "", "", "") for n in range(1001)]
    run_id = upload(officer, *rows)
    address = f"/people/import/{run_id}/"
    assert officer.post(address, {"mode": "good"})["Location"] == address
    page = officer.get(address).content.decode()
    assert "正在导入 1,001 行员工名单" in page
    assert f'hx-get="{address}progress/"' in page
    officer.post(address, {"mode": "all"})  # pressed twice: started once, as it was said first
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, (args->>'run_id')::bigint FROM procrastinate_jobs")
        assert cursor.fetchall() == [("files.import_people", run_id)]
    assert officer.get(f"{address}progress/").status_code == 200

    for _time in range(2):  # a worker that died after its work: the second one finds it done
        import_people_of(company_id=home.company.pk, run_id=run_id)
    with company_scope(home.company.pk):
        run = ImportRun.objects.get(company_id=home.company.pk, id=run_id)
        assert (run.state, run.counts["created"]) == ("done", 1001)
        entry = AuditEntry.objects.get(company_id=home.company.pk, action="people.import")
        assert entry.actor_id == home.members["officer"].pk
    assert officer.get(f"{address}progress/")["HX-Refresh"] == "true"
    assert "1001" in officer.get(address).content.decode()
    assert officer.post(f"/imports/{run_id}/undo/").status_code == 302


def test_a_long_list_whose_file_is_gone_says_so(home: Cast, settings: Any) -> None:
    officer = home.client("officer")
    run_id = upload(officer, *((f"L{n:05}", "某人", "财务部", "", "", "", "") for n in range(1001)))
    officer.post(f"/people/import/{run_id}/", {"mode": "good"})
    settings.MEDIA_ROOT = settings.MEDIA_ROOT / "elsewhere"
    import_people_of(company_id=home.company.pk, run_id=run_id)
    page = officer.get(f"/people/import/{run_id}/").content.decode()
    assert "原文件已经不在了" in page
