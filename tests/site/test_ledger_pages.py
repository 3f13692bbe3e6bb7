"""The ledger's pages: every kind of transaction, filters, pages, files, who may see what."""

import io
import re
from datetime import date
from typing import Any

import openpyxl
import pytest
import time_machine
from django.test import Client

from meritbook.kit.tenancy import company_scope
from meritbook.ledger.browsing import TxFilter, transactions
from meritbook.ledger.operations.sealing import seal_block
from meritbook.org.models import AuditEntry, Department
from meritbook.site import sheets
from meritbook.site.reversals import ON_BOARDS
from tests.ledger.books import NOVEMBER_3, Book, gift, loss
from tests.ledger.caps import cap
from tests.ledger.lives import live_through
from tests.people import NOW, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def book(home: Cast) -> Book:
    """李雷 and 赵敏 of 宏远贸易, whose points have lived through everything."""
    with company_scope(home.company.pk):
        department = Department.objects.filter(company_id=home.company.pk, name="销售部").get()
        book = Book(
            home.company.pk,
            home.people["0001"].party_id,
            home.people["0004"].party_id,
            department.pk,
        )
        live_through(book)
    return book


@pytest.fixture
def officer(home: Cast) -> Client:
    return home.client("officer")


def text_of(client: Client, address: str, status: int = 200, **query: str) -> str:
    answer = client.get(address, query)
    assert answer.status_code == status, (address, answer.status_code)
    content: str = answer.content.decode()
    return content


def numbers(book: Book, **narrowed: Any) -> list[int]:
    with company_scope(book.company_id):
        found = transactions(company_id=book.company_id, wanted=TxFilter(**narrowed), limit=500)
    return [one.tx_id for one in found]


def test_every_kind_of_transaction_has_its_page(book: Book, officer: Client) -> None:
    said = ""
    for tx_id in numbers(book):
        page = text_of(officer, f"/ledger/{tx_id}/")
        assert f"第 {tx_id} 笔记账" in page
        said += page
        text_of(officer, f"/ledger/{tx_id}/reverse/")
    for words in (
        "发放账户",
        "使用账户",
        "到期账户",
        "扣减账户",
        "兑换账户",
        "李雷的可用分",
        "赵敏的可用分",
        "李雷公示中的荣誉分",
        "取自李雷的可用分批次",
        "放回李雷的可用分批次",
        "已经用掉，收不回来",
        "部分冲销",
    ):
        assert words in said, words


def test_filters_find_what_they_say(book: Book, officer: Client) -> None:
    def listed(**query: str) -> list[int]:
        page = text_of(officer, "/ledger/", **query)
        return [int(each) for each in re.findall(r'class="row-link"\s+href="/ledger/(\d+)/"', page)]

    assert listed() == numbers(book)[:50]
    assert listed(kind="convert") == numbers(book, kind="convert")
    assert listed(q="赵敏") == numbers(book, party_ids=[book.hanmeimei])
    assert listed(q="zm") == listed(q="0004") == listed(q="赵敏")
    assert listed(asset="coin") == numbers(book, asset="coin")
    assert listed(reversals="1") == numbers(book, only_reversals=True)
    assert listed(start="2026-10-01", end="2026-10-31") == numbers(book, end=date(2026, 10, 31))
    assert listed(tx=str(numbers(book)[3])) == [numbers(book)[3]]
    for nonsense in (
        {"tx": "9" * 30},
        {"tx": "-1"},
        {"before": "x"},
        {"start": "2026-02-30"},
        {"by": "mood"},
        {"asset": "'; --"},
        {"kind": "x" * 900},
        {"q": "%_\\"},
        {"start": "0001-01-01", "end": "9999-12-31", "by": "posted"},
    ):
        text_of(officer, "/ledger/", **nonsense)
        text_of(officer, "/ledger/totals/", **nonsense)


def test_the_list_goes_on_page_by_page(home: Cast, officer: Client) -> None:
    """120 transactions: 50, 50, 20, each once, also while new ones come in."""
    book = Book(home.company.pk, home.people["0001"].party_id, 0, 0)
    with company_scope(home.company.pk):
        for number in range(120):
            book.post(f"visit/{number}", gift(100), department_id=None)
    seen: list[str] = []
    address = "/ledger/?asset=honour"
    while address:
        page = officer.get(address).content.decode()
        seen += re.findall(r'class="row-link"\s+href="/ledger/(\d+)/"', page)
        with company_scope(home.company.pk):
            book.post(f"late/{len(seen)}", gift(100), department_id=None)
        following = re.search(r'href="(\?[^"]*)"\s+rel="next"', page)
        address = "/ledger/" + following[1].replace("&amp;", "&") if following else ""
    assert (len(seen), len(set(seen))) == (120, 120)


def test_balances_lapses_liability_show_what_there_is(book: Book, officer: Client) -> None:
    page = text_of(officer, "/ledger/balances/", q="李雷", day="2026-11-30", by="posted")
    assert "借贷不平" not in page
    assert text_of(officer, "/ledger/balances/", day="2026-99-99")
    assert text_of(officer, "/ledger/balances/", day="1969-01-01")
    assert "没有找到这位员工" in text_of(officer, "/ledger/balances/", q="查无此人")
    assert "没有会到期的积分" not in text_of(officer, "/ledger/expiry/")
    text_of(officer, "/ledger/expiry/", month="2026-13", page="99")
    assert "李雷" in text_of(officer, "/ledger/liability/", page="0")


def test_nobody_else_reads_the_ledger(book: Book, home: Cast, away: Cast) -> None:
    (first, *_rest) = numbers(book)
    for role in ("employee", "head"):
        client = home.client(role)
        for address in (
            "/ledger/",
            f"/ledger/{first}/",
            "/ledger/balances/",
            "/ledger/journal.beancount",
        ):
            assert client.get(address).status_code == 403, (role, address)
    stranger = away.client("owner")
    assert stranger.get(f"/ledger/{first}/").status_code == 404
    assert stranger.get(f"/ledger/{first}/reverse/").status_code == 404
    answer = stranger.post(f"/ledger/{first}/reverse/", {"token": "12345678", "reason": "不是我的"})
    assert answer.status_code == 404


def test_what_was_taken_back_and_exported_is_kept(book: Book, officer: Client, home: Cast) -> None:
    with company_scope(book.company_id):
        tx = book.post("opening/1", (("coin", 5_000),), kind="opening").tx_id
    form = {"token": "tok-12345", "reason": "期初录错", "amount_coin": "20"}
    for _twice in range(2):
        assert officer.post(f"/ledger/{tx}/reverse/", form).status_code == 302
    officer.get("/people/0001/wallet/statement.xlsx")
    officer.get("/ledger/journal.hledger")
    with company_scope(book.company_id):
        kept = list(
            AuditEntry.objects.filter(
                company_id=book.company_id,
                action__in=["ledger.reverse", "statement.export", "ledger.export"],
            )
            .order_by("id")
            .values_list("action", "actor_name", "reason")
        )
        assert book.balance("coin") > 0
    assert kept == [
        ("ledger.reverse", "韩梅梅", "期初录错"),
        ("statement.export", "韩梅梅", ""),
        ("ledger.export", "韩梅梅", ""),
    ]


@pytest.mark.parametrize(
    "amounts",
    [
        pytest.param({"amount_coin": "50.01"}, id="more than there is"),
        pytest.param({"amount_coin": "-1"}, id="below zero"),
        pytest.param({"amount_coin": "0"}, id="nothing"),
        pytest.param({"amount_coin": "1.005"}, id="finer than the scale"),
        pytest.param({"amount_coin": "很多"}, id="no number"),
        pytest.param({"amount_coin": "9" * 40}, id="without measure"),
        pytest.param({"token": "短"}, id="a token of somebody's own"),
        pytest.param({"reason": "   "}, id="no reason"),
    ],
)
def test_a_careless_reversal_does_nothing(
    home: Cast, officer: Client, amounts: dict[str, str]
) -> None:
    book = Book(home.company.pk, home.people["0001"].party_id, 0, 0)
    with company_scope(home.company.pk):
        tx = book.post("opening/1", (("coin", 5_000),), kind="opening", department_id=None).tx_id
    form = {"token": "tok-12345", "reason": "期初录错"} | amounts
    answer = officer.post(f"/ledger/{tx}/reverse/", form)
    assert answer.status_code == 422
    assert "没有冲销" in answer.content.decode()
    with company_scope(home.company.pk):
        assert book.balance("coin") == 5_000


def test_texts_in_files_are_texts(home: Cast, officer: Client) -> None:
    """A note that begins like a formula is no formula in the workbook."""
    book = Book(home.company.pk, home.people["0001"].party_id, 0, 0)
    with company_scope(home.company.pk):
        award = book.post("visit/1", gift(100), department_id=None)
        from meritbook.ledger.operations import reverse

        reverse(
            company_id=home.company.pk,
            tx_id=award.tx_id,
            key="back/1",
            fact_on=NOVEMBER_3,
            note="=cmd|' /C calc'!A0",
        )
    content = officer.get("/people/0001/wallet/statement.xlsx?asset=honour").content
    page = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    cell = page.cell(row=3, column=4)
    assert (cell.value, cell.data_type) == ("=cmd|' /C calc'!A0", "s")
    assert page.cell(row=2, column=7).data_type == "n"


def test_a_long_statement_asks_for_fewer_days(
    home: Cast, officer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meritbook.site.views.statement_files.PDF_MAX", 3)
    assert sheets.PDF_MAX == 5_000
    book = Book(home.company.pk, home.people["0001"].party_id, 0, 0)
    with company_scope(home.company.pk):
        for number in range(2):
            book.post(f"visit/{number}", gift(100), department_id=None)
    answer = officer.get("/people/0001/wallet/statement.pdf")
    assert answer.status_code == 422
    assert "超过 3 行" in answer.content.decode()
    assert officer.get("/people/0001/wallet/statement.pdf?asset=honour").status_code == 200
    assert ON_BOARDS == ("honour", "spendable")


def test_a_head_takes_the_teams_statements_only(home: Cast) -> None:
    head = home.client("head")
    assert head.get("/people/0001/wallet/statement.pdf").content[:5] == b"%PDF-"
    assert head.get("/people/0004/wallet/statement.pdf").status_code == 404
    assert home.client("employee").get("/wallet/statement.xlsx").content[:2] == b"PK"


def test_a_month_that_runs_or_lies_ahead_is_not_closed(home: Cast, officer: Client) -> None:
    for month in ("2026-11", "2027-03"):
        answer = officer.post(f"/ledger/periods/{month}/close/", {"looked": "1"})
        assert answer.status_code == 422
        assert "还没有结束" in answer.content.decode()
    for month in ("2026-13", "2026-Q4", "2026", "x", "1900-01", "all"):
        assert officer.get(f"/ledger/periods/{month}/").status_code == 404
    assert "没有记账" in text_of(officer, "/ledger/periods/2026-10/")
    assert officer.post("/ledger/periods/2026-10/reopen/", {"reason": "看看"}).status_code == 302


def test_nobody_takes_back_their_own(home: Cast, officer: Client) -> None:
    """韩梅梅 cannot undo her own deduction; the owner can."""
    with company_scope(home.company.pk):
        book = Book(home.company.pk, home.people["0002"].party_id, 0, 0)
        tx = book.post("late/1", loss(500), department_id=None).tx_id
    assert "冲销</a>" not in text_of(officer, f"/ledger/{tx}/")
    form = {"token": "tok-12345", "reason": "其实没迟到"}
    answer = officer.post(f"/ledger/{tx}/reverse/", form)
    assert answer.status_code == 422
    assert "要由另一位积分专员或负责人来冲销" in answer.content.decode()
    with company_scope(home.company.pk):
        assert book.balance("honour") == -500
    assert home.client("owner").post(f"/ledger/{tx}/reverse/", form).status_code == 302
    with company_scope(home.company.pk):
        assert book.balance("honour") == 0


def test_what_a_cap_cut_off_is_told(home: Cast, officer: Client) -> None:
    """8 of 10 points are left by the cap, and 0 of the next 10: both are told, sums agree."""
    with company_scope(home.company.pk):
        book = Book(home.company.pk, home.people["0001"].party_id, 0, 0)
        limit = cap(book, 800)
        first, second = (
            book.post(
                f"visit/{number}", (("honour", 1_000),), department_id=None, caps=(limit,)
            ).tx_id
            for number in (1, 2)
        )
    assert "荣誉分本来 10，计 8" in text_of(officer, f"/ledger/{first}/")
    page = text_of(officer, f"/ledger/{second}/")
    assert "荣誉分本来 10，计 0" in page
    assert "每月上限" in page
    text_of(officer, f"/ledger/{second}/reverse/")
    assert "+8" in text_of(officer, "/ledger/totals/")


def test_where_a_transaction_is_sealed_is_told(book: Book, officer: Client) -> None:
    (latest, *_rest) = numbers(book)
    assert "等待封存" in text_of(officer, f"/ledger/{latest}/")
    with company_scope(book.company_id):
        seal_block(company_id=book.company_id)
    page = text_of(officer, f"/ledger/{latest}/")
    assert "第 1 块" in page
    assert f'href="/receipts/{latest}/"' in page
    assert "所有记账都已封存" in text_of(officer, "/ledger/periods/2026-10/")
