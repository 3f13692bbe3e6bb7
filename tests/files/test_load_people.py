"""People from a file: what is made, what is refused, and what a second upload does."""

import io
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.core.management import call_command

from meritbook.kit.sheets import OutSheet, write_workbook
from meritbook.kit.tenancy import company_scope
from meritbook.org.models import Assignment, Company, Department, Employee
from meritbook.org.queries.roster import employed_between, roster
from meritbook.site.companies import found_company

NOW = datetime(2026, 11, 21, 6, 5, tzinfo=UTC)
HEADINGS = (
    "工号", "姓名", "部门", "岗位", "职级", "入职日期", "手机号", "直属上级工号", "状态",
)  # fmt: skip


@pytest.fixture
def company(db: None) -> Company:
    return found_company(code="hongyuan", name="宏远贸易", now=NOW)


def sheet(*rows: tuple[object, ...], headings: tuple[str, ...] = HEADINGS) -> bytes:
    return write_workbook([OutSheet(name="人员", headings=headings, rows=rows)])  # type: ignore[arg-type]


def load(
    tmp_path: Path, content: bytes, *flags: str, name: str = "people.xlsx"
) -> tuple[int, dict]:
    path = tmp_path / name
    path.write_bytes(content)
    out = io.StringIO()
    code = 0
    try:
        call_command(
            "load_people", str(path), "--company", "hongyuan", "--json", *flags,
            stdout=out, stderr=io.StringIO(),
        )  # fmt: skip
    except SystemExit as exit_:
        code = int(exit_.code or 0)
    return code, json.loads(out.getvalue())


LI = ("0001", "李雷", "销售部/华南组", "业务员", "P3", "2024-03-01", "13800138001", "0002", "在职")
HAN = ("0002", "韩梅梅", "销售部", "销售经理", "M1", "2020/5/6", "13800138002", "", "在职")


def test_a_file_makes_people_departments_and_assignments(company: Company, tmp_path: Path) -> None:
    code, answer = load(tmp_path, sheet(LI, HAN))
    assert code == 0
    assert answer == {
        "created": 2,
        "updated": 0,
        "skipped": 0,
        "unchanged": 0,
        "refused": 0,
        "problems": [],
        "departments_created": ["销售部", "销售部/华南组"],
    }
    with company_scope(company.pk):
        people = roster(company_id=company.pk)
        li = people["0001"]
        assert (li.name, li.hired_on) == ("李雷", date(2024, 3, 1))
        south = Department.objects.get(company_id=company.pk, name="华南组")
        sales = Department.objects.get(company_id=company.pk, name="销售部")
        assert li.place_on(date(2024, 3, 1)).department_ids == {south.pk, sales.pk}
        assert li.place_on(date(2024, 3, 1)).main_department_id == south.pk
        assert li.place_on(date(2024, 2, 29)).department_ids == frozenset()
        stored = Employee.objects.get(company_id=company.pk, employee_no="0001")
        assert stored.manager is not None
        assert (stored.manager.name, stored.pinyin, stored.initials) == ("韩梅梅", "lilei", "ll")
        early = employed_between(
            company_id=company.pk, start=date(2021, 1, 1), end=date(2021, 1, 31)
        )
        assert [each.name for each in early] == ["韩梅梅"]


def test_a_second_upload_changes_nothing(company: Company, tmp_path: Path) -> None:
    load(tmp_path, sheet(LI, HAN))
    _code, answer = load(tmp_path, sheet(HAN, LI))
    assert (answer["created"], answer["updated"], answer["skipped"]) == (0, 0, 2)
    assert answer["departments_created"] == []


def test_a_move_closes_one_assignment_and_opens_another(company: Company, tmp_path: Path) -> None:
    load(tmp_path, sheet(LI, HAN))
    moved = ("0001", "李雷", "采购部", *LI[3:])
    _code, answer = load(
        tmp_path,
        sheet((*moved, "2026-11-01"), headings=(*HEADINGS, "生效日期")),
    )
    assert (answer["created"], answer["updated"], answer["skipped"]) == (0, 1, 0)
    with company_scope(company.pk):
        li = roster(company_id=company.pk)["0001"]
        names = dict(Department.objects.filter(company_id=company.pk).values_list("id", "name"))
        october = li.place_on(date(2026, 10, 31)).main_department_id
        november = li.place_on(date(2026, 11, 1)).main_department_id
        assert october is not None
        assert november is not None
        assert (names[october], names[november]) == ("华南组", "采购部")


def test_each_bad_cell_is_named_and_good_rows_stay(company: Company, tmp_path: Path) -> None:
    content = sheet(
        HAN,
        ("0003", "王强", "仓库", "", "", "2026-02-30", "12345", "", "在职"),
        ("0004", "", "仓库", "", "", "", "", "", ""),
        ("0005", "赵敏", "", "", "", "", "", "", ""),
        ("0006", "钱多多", "仓库", "", "", "", "", "9999", ""),
        ("0007", "孙悟", "仓库", "", "", "", "", "0008", "休假"),
        ("0002", "韩梅梅", "销售部", "", "", "", "", "", ""),
        ("0009", "周到", "仓库", "", "", "", "", "0010", ""),
        ("0010", "吴用", "仓库", "", "", "", "", "0009", ""),
        ("", "郑重", "仓库", "", "", "", "", "", ""),
    )
    code, answer = load(tmp_path, content)
    assert code == 0
    assert answer["created"] == 1
    assert answer["skipped"] == 9
    found = [(each["row"], each["column"]) for each in answer["problems"]]
    assert found == [
        (3, "入职日期"),
        (3, "手机号"),
        (4, "姓名"),
        (5, "部门"),
        (6, "直属上级工号"),
        (7, "状态"),
        (8, "工号"),
        (9, "直属上级工号"),
        (10, "直属上级工号"),
        (11, "工号"),
    ]
    assert all(each["sheet"] == "人员" for each in answer["problems"])
    assert all(each["reason"] and each["remedy"] for each in answer["problems"])


def test_all_or_nothing_keeps_nothing(company: Company, tmp_path: Path) -> None:
    content = sheet(HAN, ("0003", "王强", "仓库", "", "", "", "12345", "", "在职"))
    code, answer = load(tmp_path, content, "--all-or-nothing")
    assert code == 1
    assert (answer["created"], answer["departments_created"]) == (0, [])
    assert len(answer["problems"]) == 1
    with company_scope(company.pk):
        assert not Employee.objects.filter(company_id=company.pk).exists()
        assert not Department.objects.filter(company_id=company.pk).exists()


def test_a_managers_refused_row_does_not_refuse_those_below(
    company: Company, tmp_path: Path
) -> None:
    bad_chief = (*HAN[:6], "138", "", "在职")
    _code, answer = load(tmp_path, sheet(bad_chief, LI))
    assert answer["created"] == 1
    assert [(each["row"], each["column"]) for each in answer["problems"]] == [
        (2, "手机号"),
        (3, "直属上级工号"),
    ]
    load(tmp_path, sheet(HAN, LI))
    with company_scope(company.pk):
        li = Employee.objects.select_related("manager").get(
            company_id=company.pk, employee_no="0001"
        )
        assert li.manager is not None
        assert li.manager.name == "韩梅梅"


def test_leaving_and_coming_back(company: Company, tmp_path: Path) -> None:
    load(tmp_path, sheet(LI, HAN))
    headings = (*HEADINGS, "离职日期")
    load(tmp_path, sheet((*LI[:8], "离职", "2026-06-30"), headings=headings))
    back = (*LI[:5], "2026-09-01", *LI[6:])
    load(tmp_path, sheet(back))
    with company_scope(company.pk):

        def listed(month: int) -> list[str]:
            return [
                each.employee_no
                for each in employed_between(
                    company_id=company.pk, start=date(2026, month, 1), end=date(2026, month, 28)
                )
            ]

        assert [listed(month) for month in (6, 7, 8, 9)] == [
            ["0001", "0002"],
            ["0002"],
            ["0002"],
            ["0001", "0002"],
        ]
        li = Employee.objects.get(company_id=company.pk, employee_no="0001")
        assert (li.state, li.left_on) == ("active", None)


def test_csv_in_gb18030_with_other_headings_and_numbers(company: Company, tmp_path: Path) -> None:
    text = "部门,员工姓名,员工编号,手机\n仓库,王强,1003,13800138003\n仓库,李四,1004,\n"
    _code, answer = load(tmp_path, text.encode("gb18030"), name="people.csv")
    assert (answer["created"], answer["problems"]) == (2, [])
    with company_scope(company.pk):
        spans = Assignment.objects.filter(company_id=company.pk, valid_to=None)
        assert spans.count() == 2


def test_twenty_columns_of_numbers_become_codes(company: Company, tmp_path: Path) -> None:
    content = sheet((1001, "王强", "仓库", "", "", 45352, 13800138003, "", ""))
    _code, answer = load(tmp_path, content)
    assert (answer["created"], answer["problems"]) == (1, [])
    with company_scope(company.pk):
        person = Employee.objects.get(company_id=company.pk)
        assert (person.employee_no, person.phone) == ("1001", "13800138003")
        assert person.hired_on == date(2024, 3, 1)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        pytest.param(b"", "empty.xlsx", id="empty file"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(200), "picture.xlsx", id="a picture"),
        pytest.param("姓名,工资\n李雷,1\n".encode(), "other.csv", id="without the columns"),
    ],
)
def test_an_unusable_file_is_refused_in_one_sentence(
    company: Company, tmp_path: Path, content: bytes, name: str
) -> None:
    code, answer = load(tmp_path, content, name=name)
    assert code == 1
    assert set(answer) == {"code", "message"}
    assert answer["message"]


def with_formulas() -> bytes:
    """A sheet as a program writes it that does not compute: 工号 and a free column are formulas."""
    import openpyxl

    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(["姓名", "部门", "工号", "年假"])
    page.append(["王强", "仓库", "=A1", "=1+1"])
    page.append(["李四", "仓库", "1004", "=1+1"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_formula_without_a_result_matters_in_our_columns_alone(
    company: Company, tmp_path: Path
) -> None:
    _code, answer = load(tmp_path, with_formulas())
    assert answer["created"] == 1
    (problem,) = answer["problems"]
    assert (problem["row"], problem["column"]) == (2, "工号")
    assert "公式" in problem["reason"]


def test_lost_zeros_are_asked_about(company: Company, tmp_path: Path) -> None:
    content = sheet(("0001", "李雷", "销售部"), (2, "韩梅梅", "销售部"), headings=HEADINGS[:3])
    _code, answer = load(tmp_path, content)
    assert (answer["created"], answer["skipped"]) == (1, 1)
    (problem,) = answer["problems"]
    assert (problem["row"], problem["column"]) == (3, "工号")


def test_a_name_of_one_department_means_that_one(company: Company, tmp_path: Path) -> None:
    load(tmp_path, sheet(LI, HAN, ("0003", "王强", "采购部/华东组", *[""] * 6)))
    _code, answer = load(
        tmp_path,
        sheet(
            ("0004", "赵敏", "华南组", *[""] * 6), ("0005", "孙行", "采购部 / 华南组", *[""] * 6)
        ),
    )
    assert answer["departments_created"] == ["采购部/华南组"]
    _code, answer = load(tmp_path, sheet(("0006", "钱多", "华南组", *[""] * 6)))
    assert answer["created"] == 0
    assert "销售部/华南组" in answer["problems"][0]["remedy"]
