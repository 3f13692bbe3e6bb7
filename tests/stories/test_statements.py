"""对账：两个月的积分，每一页、每一份文件和别人的程序都说同样的数。"""

import io
import json
import re
import shutil
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pypdfium2
import pytest
from beancount import loader
from beancount.core.data import Balance
from django.test import Client

from meritbook.kit.tenancy import company_scope
from meritbook.ledger.operations import Source, set_policy, spend
from meritbook.org.models import Employee
from meritbook.org.operations.audit import SYSTEM
from meritbook.org.operations.logins import open_login
from meritbook.site.companies import find_company
from tests.stories.conftest import Desk, row

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 5, 4, 0, tzinfo=UTC)
LILEI, HANMEIMEI = "0012", "0013"


class Office:
    """华晟 with 李雷 at his phone and 韩梅梅, who keeps the points."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        company = find_company(code=desk.code)
        assert company is not None
        self.company_id = company.pk
        self.lilei = self._client(LILEI, "employee")
        self.hanmeimei = self._client(HANMEIMEI, "officer")

    def _client(self, employee_no: str, role: str) -> Client:
        client = Client()
        with company_scope(self.company_id):
            membership = open_login(
                company_id=self.company_id,
                name=employee_no,
                password="xuexi-tiantian-8",
                now=NOW,
                actor=SYSTEM,
                employee=self.person(employee_no),
                roles=[role],
            )
        client.force_login(membership.login, backend="meritbook.org.signin.MeritbookBackend")
        session = client.session
        session["company_id"] = self.company_id
        session.save()
        return client

    def person(self, employee_no: str) -> Employee:
        return Employee.objects.get(company_id=self.company_id, employee_no=employee_no)

    def page(self, address: str, client: Client | None = None, **query: str) -> str:
        answer = (client or self.hanmeimei).get(address, query)
        assert answer.status_code == 200, (address, answer.status_code)
        text: str = answer.content.decode()
        return text

    def file(self, address: str, client: Client | None = None) -> bytes:
        answer = (client or self.hanmeimei).get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        return b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]

    def sheets(
        self, address: str, client: Client | None = None
    ) -> dict[str, list[tuple[Any, ...]]]:
        book = openpyxl.load_workbook(io.BytesIO(self.file(address, client)))
        return {one.title: list(one.iter_rows(values_only=True)) for one in book.worksheets}

    def tx_of(self, event_no: str) -> int:
        """The transaction of the only entry of an event."""
        lines = self.desk.run("statement", LILEI, "--asset", "honour")
        (found,) = [
            int(x["tx_id"]) for x in lines if x["event_no"] == event_no and not x["reverses"]
        ]
        return found


@pytest.fixture
def office(desk: Desk) -> Office:
    """十月两单、一次迟到，十一月一次续费，韩梅梅也续了一单；可用分一年有效，李雷花掉 30。"""
    office = Office(desk)
    with company_scope(office.company_id):
        set_policy(
            company_id=office.company_id,
            code="spendable",
            policy={"expiry": "months", "expiry_count": 12},
            changed_at=NOW,
            actor_id=None,
        )
    desk.publish("standards-000.txt", start="2026-10-01")
    signed, renewed, late = (desk.code_of(text) for text in ("签合同", "客户续费", "迟到"))
    desk.events(
        [
            row("s1", signed, "2026-10-12 10:00", 备注="=HYPERLINK(1)"),
            row("s2", signed, "2026-10-20 10:00"),
            row("l1", late, "2026-10-21 09:30"),
            row("r1", renewed, "2026-11-03 10:00"),
            row("r2", renewed, "2026-11-10 10:00", who=HANMEIMEI),
        ]
    )
    with company_scope(office.company_id):
        spend(
            company_id=office.company_id,
            key="gift 1",
            party_id=office.person(LILEI).party_id,
            code="spendable",
            amount=3_000,
            today=date(2026, 12, 5),
            source=Source("mall", 1),
        )
    return office


def test_a_balance_at_any_day(office: Office) -> None:
    run = office.desk.run

    def held(on: str, *who: str) -> dict[tuple[str, str], str]:
        rows = run("balance", *who, "--on", on)
        return {(x["asset"], x["kind"]): x["balance"] for x in rows if x["balance"] != "0"}

    assert held("2026-10-12", LILEI) == {("honour", "wallet"): "10", ("spendable", "wallet"): "10"}
    assert held("2026-10-31", LILEI) == {("honour", "wallet"): "15", ("spendable", "wallet"): "20"}
    assert held("2026-12-05", LILEI) == {("honour", "wallet"): "115", ("spendable", "wallet"): "90"}
    everybody = held("2026-12-05")
    assert everybody["spendable", "issuance"] == "-220"
    assert everybody["spendable", "redeemed"] == "30"
    assert everybody["spendable", "wallet"] == "190"
    text = office.page("/ledger/balances/", q="李雷", day="2026-10-31")
    assert "借贷平衡" in text
    assert "借贷不平" not in text
    assert re.search(r"李雷.*?可用分.*?20", text, re.DOTALL)


def test_the_statement_is_the_same_everywhere(office: Office) -> None:
    """命令、Excel、PDF：一样的行、一样的余额；公式只是文字。"""
    told = office.desk.run("statement", LILEI, "--asset", "spendable")
    assert [(x["points"], x["balance_after"]) for x in told] == [
        ("10", "10"),
        ("10", "20"),
        ("100", "120"),
        ("-30", "90"),
    ]
    assert told[-1]["sentence"] or told[-1]["rule_code"] is None

    (sheet,) = office.sheets("/wallet/statement.xlsx?asset=spendable", office.lilei).values()
    assert [(x[6], x[7]) for x in sheet[1:]] == [(10, 10), (10, 20), (100, 120), (-30, 90)]
    assert sheet[1][0] == datetime(2026, 10, 12)
    october = office.sheets(f"/people/{LILEI}/wallet/statement.xlsx?from=2026-10-01&to=2026-10-31")
    assert len(next(iter(october.values()))) == 1 + 5

    pdf = pypdfium2.PdfDocument(
        office.file(f"/people/{LILEI}/wallet/statement.pdf?asset=spendable")
    )
    text = "".join(page.get_textpage().get_text_range() for page in pdf)
    assert "李雷的积分对账单" in text
    assert "第 1 页，共 1 页" in text
    for part in ("+100", "-30", "120", "90", "增加 120，减少 30"):
        assert part in text, part
    assert "还没有" not in text

    assert office.lilei.get(f"/people/{HANMEIMEI}/wallet/statement.pdf").status_code == 404
    assert office.lilei.get("/wallet/statement.docx").status_code == 404


def test_what_lapses_and_what_it_is_worth(office: Office) -> None:
    """花的是最早的分：十月的 20 分和十一月的 10 分先用掉，剩下 90 分明年十一月到期。"""
    text = office.page("/ledger/expiry/", month="2027-11")
    assert "2027年11月" in text
    assert "李雷" in text
    sheets = office.sheets("/ledger/expiry.xlsx")
    assert sheets["按月"][1:] == [("2027-11", "可用分", 190, 1.9, 2)]
    assert {(x[0], x[4]) for x in sheets["按人"][1:]} == {(LILEI, 90), (HANMEIMEI, 100)}
    assert "即将到期" in office.page("/wallet/", office.lilei)

    page = office.page("/ledger/liability/")
    assert "1.9" in page
    liability = office.sheets("/ledger/liability.xlsx")
    whole = next(iter(liability.values()))
    assert whole[1][:8] == ("可用分", "积分", 100, 90, 0, 0, 0, 190)
    assert whole[2][:8] == ("可用分", "折合（元）", 1, 0.9, 0, 0, 0, 1.9)


def test_the_officer_finds_and_takes_back(office: Office) -> None:
    """预览什么都不留下；确认以后，事件、余额、名次、明细都说一样的话。"""
    tx = office.tx_of("s1")
    found = office.page("/ledger/", q="lilei", asset="honour", start="2026-10-12", end="2026-10-12")
    assert f'/ledger/{tx}/"' in found
    assert "没有符合条件" in office.page("/ledger/", q="查无此人")
    assert "+10" in office.page("/ledger/totals/", tx=str(tx))
    whole = office.page(f"/ledger/{tx}/")
    assert "发放账户" in whole
    assert "李雷的可用分" in whole
    assert "签合同" in whole

    before = office.desk.run("wallet", LILEI)
    preview = office.page(f"/ledger/{tx}/reverse/")
    assert "115 → 105" in preview
    assert "仍是第 1 名" in preview
    assert "李雷的可用分已经用掉，收不回来" in preview
    assert office.desk.run("wallet", LILEI) == before, "a preview leaves nothing behind"

    token = re.search(r'name="token" value="([^"]+)"', preview)
    assert token is not None
    refused = office.hanmeimei.post(f"/ledger/{tx}/reverse/", {"token": token[1], "reason": " "})
    assert refused.status_code == 422
    assert office.desk.run("wallet", LILEI) == before
    for _twice in range(2):
        office.hanmeimei.post(
            f"/ledger/{tx}/reverse/", {"token": token[1], "reason": "合同作废"}, follow=True
        )
    assert office.desk.balance(LILEI) == "105"
    assert office.desk.balance(LILEI, "spendable") == "90", (
        "that lot was spent: the shortfall is kept"
    )
    assert office.desk.explained("s1")["status"] == "withdrawn"
    assert "已冲销" in office.page(f"/ledger/{tx}/")
    (line,) = [x for x in office.desk.run("statement", LILEI, "--asset", "honour") if x["reverses"]]
    assert (line["reverses"], line["points"]) == (str(tx), "-10")
    assert office.desk.run("verify")["ok"]
    assert office.lilei.get("/ledger/").status_code == 403
    assert office.lilei.get(f"/ledger/{tx}/reverse/").status_code == 403


def test_a_spend_is_refunded_in_part(office: Office) -> None:
    """退回 12 分：回到原来的批次；再退超过剩下的 18 分，拒绝。"""
    (line,) = [
        x
        for x in office.desk.run("statement", LILEI, "--asset", "spendable")
        if x["points"] == "-30"
    ]
    address = f"/ledger/{line['tx_id']}/reverse/"
    preview = office.page(address, amount_spendable="12")
    assert "90 → 102" in preview
    assert "放回李雷的可用分批次" in preview
    form = {"token": "refund-12345", "reason": "退货", "amount_spendable": "12"}
    assert office.hanmeimei.post(address, form).status_code == 302
    assert office.hanmeimei.post(address, form).status_code == 302, "the same form again"
    assert office.desk.balance(LILEI, "spendable") == "102"
    more = office.hanmeimei.post(
        address, form | {"token": "refund-67890", "amount_spendable": "19"}
    )
    assert more.status_code == 422
    assert "0 到 18" in more.content.decode()
    assert office.desk.balance(LILEI, "spendable") == "102"
    assert "部分冲销" in office.page(f"/ledger/{line['tx_id']}/")
    assert office.desk.run("verify")["ok"]


def test_october_is_closed_and_opened_again(office: Office) -> None:
    """先核对，再关账；关账后补记的事件算在下一个月；重新打开要写原因。"""
    desk = office.desk
    page = office.page("/ledger/periods/2026-10/")
    assert "关账前核对" in page
    address = "/ledger/periods/2026-10/close/"
    unlooked = office.hanmeimei.post(address)
    assert unlooked.status_code == 422
    assert "我已核对" in unlooked.content.decode()
    running = office.hanmeimei.post("/ledger/periods/2026-12/close/", {"looked": "1"})
    assert "还没有结束" in running.content.decode()
    assert office.hanmeimei.post(address, {"looked": "1"}).status_code == 302
    assert "已关账" in office.page("/ledger/periods/")

    desk.events([row("s9", desk.code_of("签合同"), "2026-10-30 10:00")], name="late.csv")
    (line,) = [
        x for x in desk.run("statement", LILEI, "--asset", "honour") if x["event_no"] == "s9"
    ]
    assert line["effective_on"] == "2026-11-01"

    reopen = "/ledger/periods/2026-10/reopen/"
    assert office.hanmeimei.post(reopen, {"reason": ""}).status_code == 422
    assert office.hanmeimei.post(reopen, {"reason": "漏了一单"}).status_code == 302
    assert "漏了一单" in office.page("/ledger/periods/2026-10/")
    assert office.lilei.post(address).status_code == 403

    closed = desk.run("close_month", "2026-10", "--by", HANMEIMEI, "--looked")
    assert (closed["state"], closed["is_new"]) == ("closed", True)
    assert desk.run("close_month", "2026-10", "--by", HANMEIMEI)["is_new"] is False
    assert desk.run("close_month", "2026-11", "--by", LILEI, exit_code=1)["code"] == "not_allowed"
    again = desk.run("reopen_month", "2026-10", "--by", HANMEIMEI, "--reason", "再看一次")
    assert again["is_new"] is True


def test_a_codebase_that_is_not_ours_agrees(office: Office, tmp_path: Path) -> None:
    """beancount 和 hledger 读日记账，余额核对全部通过。"""
    office.hanmeimei.post(
        f"/ledger/{office.tx_of('s1')}/reverse/", {"token": "12345678", "reason": "合同作废"}
    )
    path = tmp_path / "book.beancount"
    written = office.desk.run("export_journal", str(path))
    entries, errors, _options = loader.load_file(str(path))
    assert errors == []
    assert written["transactions"] == 7
    claims = [one for one in entries if isinstance(one, Balance)]
    assert len(claims) == written["assertions"]
    last = {
        one.amount.currency: -one.amount.number
        for one in claims
        if one.account == f"Liabilities:Wallet:E-{LILEI}"
    }
    assert (str(last["HONOUR"]), str(last["SPENDABLE"])) == ("105.00", "90.00")
    assert office.file("/ledger/journal.beancount").decode() == path.read_text(encoding="utf-8")

    hledger = shutil.which("hledger")
    if hledger is None:
        pytest.skip("hledger is not installed here")
    journal = tmp_path / "book.journal"
    office.desk.run("export_journal", str(journal), "--format", "hledger")
    done = subprocess.run(
        [hledger, "-f", str(journal), "check"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_program_reads_the_ledger(office: Office) -> None:
    """接口：同样的记账、余额和文件；没有权限的钥匙进不来。"""
    from meritbook.org.operations.keys import create_key

    def key(*scopes: str) -> dict[str, str]:
        with company_scope(office.company_id):
            made = create_key(
                company_id=office.company_id, name="财务", scopes=scopes, now=NOW, actor=SYSTEM
            )
        return {"Authorization": f"Bearer {made.token}"}

    client, reader = Client(), key("ledger:read", "wallets:read")

    def read(path: str) -> Any:
        answer = client.get(f"/api/v1{path}", headers=reader)
        assert answer.status_code == 200, (path, answer.content)
        return json.loads(answer.content)

    first = read(f"/ledger/transactions?employee_no={LILEI}&limit=2")
    second = read(
        f"/ledger/transactions?employee_no={LILEI}&limit=100&cursor={first['next_cursor']}"
    )
    items = first["items"] + second["items"]
    assert sorted(one["kind"] for one in items) == ["award", "award", "award", "deduct", "spend"]
    assert items[0]["kind"] == "spend"
    assert items[0]["transfers"][0]["target"] == {"kind": "redeemed", "employee_no": None}
    one = read(f"/ledger/transactions/{items[0]['tx_id']}")
    assert one["reversed_by"] == []
    balances = read(f"/ledger/balances?employee_no={LILEI}&day=2026-10-31")["items"]
    assert {x["asset"]: x["balance"] for x in balances if x["balance"] != "0"} == {
        "honour": "15",
        "spendable": "20",
    }
    assert [x["amount"] for x in read(f"/ledger/expiry?employee_no={LILEI}")["items"]] == ["90"]
    assert read("/ledger/liability")["items"][0]["money"] == "1.9"
    book = client.get(f"/api/v1/employees/{LILEI}/statement.xlsx", headers=reader)
    assert book.content[:2] == b"PK"
    journal = client.get("/api/v1/ledger/journal?format=hledger", headers=reader)
    assert journal.content.startswith("; 华晟贸易".encode())
    narrow = client.get("/api/v1/ledger/transactions", headers=key("wallets:read"))
    assert narrow.status_code == 403
