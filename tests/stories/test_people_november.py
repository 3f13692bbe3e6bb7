"""一家公司的人: a company is founded, fills with people, and one of them moves and leaves.

王建国 founds 华晟 at the command line and signs in with his link; he imports the register, of which one
line is wrong, makes 韩梅梅 points officer and 王强 head of 销售部. She hires 李雷 in the middle of the
month, gives him his slip, moves him to 仓库 on the 16th and sees him off on the 27th. What he earned
stays with the department in which he was on the day.
"""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from meritbook.kit.sheets import read_workbook, text_of
from tests.stories.conftest import PASSWORD, Desk, on, row, sign_in

pytestmark = pytest.mark.django_db

REGISTER = """工号,姓名,部门,岗位,入职日期,手机号,直属上级工号
0013,韩梅梅,综合部,积分专员,2019-07-16,19900000013,0001
0016,王强,销售部,销售经理,2015-10-08,19900000016,0001
0015,林涛,仓库,仓管员,2020-02-03,,0001
0017,赵敏,仓库,仓管员,2021-05-06,1990000,0001
"""


def upload(client: Client, address: str, text: str) -> str:
    """Hand a file in; the address of its import."""
    answer = client.post(address, {"file": SimpleUploadedFile("花名册.csv", text.encode())})
    assert answer.status_code == 302, answer.context
    return str(answer["Location"])


def departments(client: Client) -> dict[str, int]:
    choices = client.get("/people/new/").context["form"].fields["department"].choices
    return {label.rpartition("/")[2].strip(): value for value, label in choices if value}


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return str(answer.content.decode())


@pytest.fixture
def wang(db: None, desk: Desk) -> Client:
    """王建国's browser in his company of one."""
    desk.code = "hongda"
    with on("2026-11-02", "08:30"):
        founded = desk.run(
            "create_company", "hongda", "宏达贸易", "--owner-name", "王建国",
            "--owner-phone", "19900000001",
        )  # fmt: skip
        browser = desk.activated(founded["owner"]["path"])
        sign_in(Client(), "199 0000 0001")
    return browser


def test_people_come_move_and_leave(desk: Desk, wang: Client) -> None:
    with on("2026-11-02", "09:00"):
        # The register: four people, a wrong phone number; the good ones are kept.
        address = upload(wang, "/people/import/", REGISTER)
        look = text(wang, address)
        assert "不是 11 位手机号" in look
        assert "韩梅梅" not in text(wang, "/people/")
        wang.post(address, {"mode": "good"})
        assert {"王建国", "韩梅梅", "王强", "林涛"} <= set(names(wang))
        report = wang.get(f"/imports/{address.strip('/').split('/')[-1]}/errors.xlsx").content
        sheet = read_workbook(report, name="errors.xlsx").sheets[0]
        lines = [[text_of(cell) for cell in line] for line in sheet.rows]
        assert [line[lines[0].index("工号")] for line in lines[1:]] == ["0017"]
        # The report, mended, is the next import.
        upload_mended(wang, report, lines[0], phone="19900000017")
        assert "赵敏" in names(wang)

        # 韩梅梅 signs in with her slip and becomes points officer; 王强 heads 销售部.
        han = desk.invited(wang, "0013")
        assert han.get("/people/").status_code == 403
        wang.post("/people/0013/roles/", {"role": ["officer"]})
        assert han.get("/people/").status_code == 200
        han.post("/departments/new/", {"name": "华南组", "parent": departments(han)["销售部"]})
        chief = desk.invited(han, "0016")
        sales = departments(han)["销售部"]
        han.post(f"/departments/{sales}/", {"name": "销售部", "parent": "", "manager_no": "0016"})
        desk.publish("standards-000.txt", start="2026-11-01")

    person = {"name": "李雷", "post": "销售代表", "phone": "", "state": "probation", "manager_no": "0016"}  # fmt: skip
    with on("2026-11-09"):
        # Hired by hand; before the first day nothing counts.
        places = departments(han)
        hired = {"employee_no": "0012", "hired_on": "2026-11-09", "department": places["华南组"]}
        assert han.post("/people/new/", person | hired)["Location"] == "/people/0012/"
        early = desk.events([row("0", "签合同", "2026-11-06 10:00")])
        assert "入职" in early["problems"][0]["reason"]
        lilei = desk.invited(han, "0012")
        assert "李雷" in text(lilei, "/wallet/")
        assert lilei.get("/people/").status_code == 403

    with on("2026-11-12"):
        desk.events([row("1", "签合同", "2026-11-11 15:00")])
        assert desk.balance("0012") == "10"
        assert "李雷" in text(chief, "/people/0012/wallet/")

    with on("2026-11-14"):
        # From Monday on he works in 仓库; told two days ahead.
        moved = person | {
            "hired_on": "2026-11-09", "department": places["仓库"], "effective_on": "2026-11-16",
            "post": "仓管员", "state": "active", "manager_no": "0015",
        }  # fmt: skip
        assert han.post("/people/0012/edit/", moved).status_code == 302
        assert chief.get("/people/0012/wallet/").status_code == 200

    with on("2026-11-18"):
        # After two weeks a browser asks for the password again.
        assert chief.get("/boards/")["Location"].startswith("/login/")
        sign_in(chief, "0016", "hongda")
        sign_in(han, "19900000013")
        desk.events([row("2", "收到签约定金", "2026-11-17 10:00")])
        assert desk.balance("0012") == "40"
        # A fact of the 13th, told late, is 销售部's; one of the 16th is not.
        desk.events([row("3", "签合同", "2026-11-13 17:00"), row("4", "迟到", "2026-11-16 09:10")])
        assert desk.balance("0012") == "45"
        assert in_department(desk, "销售部") == {"李雷": "20", "王强": "0"}
        assert in_department(desk, "华南组") == {"李雷": "20"}
        assert in_department(desk, "仓库") == {"李雷": "25", "林涛": "0", "赵敏": "0"}
        # His old chief no longer looks into his wallet.
        assert chief.get("/people/0012/wallet/").status_code == 404
        assert chief.get("/people/0012/").status_code == 404
        assert "45" in text(lilei, "/wallet/")

    with on("2026-11-27", "18:00"):
        sign_in(lilei, "0012", "hongda")
        assert lilei.get("/wallet/").status_code == 200
        han.post("/people/0012/leave/", {"left_on": "2026-11-27", "reason": "回老家"})
        # His log-in ends at once, in the browser that is open too.
        assert lilei.get("/wallet/").status_code == 403
        form = {"identity": "0012", "company": "hongda", "password": PASSWORD}
        assert Client().post("/login/", form).status_code == 200

    with on("2026-12-01"):
        # His last day still counts, the day after does not; the points stay.
        answer = desk.events(
            [row("5", "签合同", "2026-11-27 16:00"), row("6", "签合同", "2026-11-28 10:00")]
        )
        assert (answer["new"], answer["refused"]) == (1, 1)
        assert "离职" in answer["problems"][0]["reason"]
        assert desk.balance("0012") == "55"
        assert desk.board("2026-11")[0] == (1, "李雷", "55")
        assert "李雷" not in [name for _rank, name, _points in desk.board("2026-12")]
        assert desk.run("verify")["ok"]
        # Who did what stands in the log; the register's undo keeps whom others refer to.
        assert "回老家" in text(han, "/people/0012/")


def test_a_stranger_sees_none_of_them(desk: Desk, wang: Client) -> None:
    other = Desk(desk.folder, code="tashan")
    with on("2026-11-02"):
        made = other.run("create_company", "tashan", "他山", "--owner-name", "陌生人")
        stranger = other.activated(made["owner"]["path"])
        wang.post(upload(wang, "/people/import/", REGISTER), {"mode": "good"})

        assert names(stranger) == ["陌生人"]
        for address in ("/people/0013/", "/people/0013/wallet/", "/people/0013/edit/"):
            assert wang.get(address).status_code == 200, address
            assert stranger.get(address).status_code == 404, address
        for deed in ("activation", "leave", "roles", "return"):
            assert stranger.post(f"/people/0013/{deed}/", {}).status_code == 404, deed
        for place in departments(wang).values():
            assert stranger.get(f"/departments/{place}/").status_code == 404


def names(client: Client) -> list[str]:
    return [line.employee.name for line in client.get("/people/").context["page"]]


def in_department(desk: Desk, department: str) -> dict[str, str]:
    return {
        name: points for _rank, name, points in desk.board("2026-11", "--department", department)
    }


def upload_mended(client: Client, report: bytes, headings: list[str], *, phone: str) -> None:
    """Write the phone number into the error report and hand it in again."""
    book = openpyxl.load_workbook(io.BytesIO(report))
    book.worksheets[0].cell(2, headings.index("手机号") + 1).value = phone
    packed = io.BytesIO()
    book.save(packed)
    file = SimpleUploadedFile("改好了.xlsx", packed.getvalue())
    address = client.post("/people/import/", {"file": file})["Location"]
    client.post(address, {"mode": "good"})
