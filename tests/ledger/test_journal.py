"""The journal in the words of two programs that are not ours: both must find it sound."""

import io
import shutil
import subprocess
from pathlib import Path

import pytest
from beancount import loader
from beancount.core.data import Balance, Transaction

from meritbook.ledger.journal import BEANCOUNT, HLEDGER, UnknownFormat, write_journal
from tests.ledger.books import Book, gift, loss
from tests.ledger.lives import live_through

pytestmark = pytest.mark.django_db


def told(book: Book) -> None:
    """李雷 earns, loses, is corrected; 韩梅梅 earns a month later."""
    book.post("a", gift(10_050))
    book.post("b", loss(20_000))
    first = book.post("c", gift(700), effective_on="2026-10-31", fact_on="2026-10-31")
    book.reverse(first.tx_id, "c back", (("spendable", -300),))
    book.post("d", gift(1), party_id=book.hanmeimei, effective_on="2026-12-31")
    book.post("e", (("stock", 12_345),), party_id=book.hanmeimei)


def text(book: Book, form: str, names: dict[int, str] | None = None) -> str:
    file = io.StringIO()
    write_journal(
        company_id=book.company_id,
        form=form,
        file=file,
        title='华晟"贸易"',
        names={book.lilei: "0012", book.hanmeimei: "a 1/2"} if names is None else names,
    )
    return file.getvalue()


def test_beancount_accepts_it(book: Book) -> None:
    told(book)
    journal = text(book, BEANCOUNT)

    entries, errors, _options = loader.load_string(journal)

    assert errors == []
    assert len([one for one in entries if isinstance(one, Transaction)]) == 6
    claims = {
        (str(one.date), one.account, one.amount.currency): str(one.amount.number)
        for one in entries
        if isinstance(one, Balance)
    }
    assert claims["2026-11-01", "Liabilities:Wallet:E-0012", "SPENDABLE"] == "-4.00"
    assert claims["2026-12-01", "Liabilities:Wallet:E-0012", "HONOUR"] == "92.50"
    assert claims["2027-01-01", f"Liabilities:Wallet:E-a-1-2-{book.hanmeimei}", "STOCK"] == (
        "-1.2345"
    )
    assert claims["2027-01-01", "Equity:Issuance", "SPENDABLE"] == "104.51"


def test_beancount_accepts_every_life_of_points(book: Book) -> None:
    """Spent, refunded, held, handed on, converted, waiting, given, lapsed: the day totals of each
    account at each month's end agree with its transfers."""
    live_through(book)
    book.assert_sound()
    journal = text(book, BEANCOUNT)

    entries, errors, _options = loader.load_string(journal)

    assert errors == []
    kinds = {one.payee or one.narration for one in entries if isinstance(one, Transaction)}
    assert {
        "award",
        "spend",
        "reverse",
        "transfer",
        "convert",
        "release",
        "expire",
        "lapse",
    } <= kinds
    accounts = {one.account.split(":")[1] for one in entries if isinstance(one, Balance)}
    assert accounts >= {"Wallet", "Pending", "Issuance", "Redeemed", "Expired", "Exchange"}


def test_hledger_accepts_every_life_of_points(book: Book, tmp_path: Path) -> None:
    live_through(book)
    check_with_hledger(text(book, HLEDGER), tmp_path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("100.50 SPENDABLE", "100.51 SPENDABLE", id="one cent too much"),
        pytest.param("-4.00 ~ 0", "-4.01 ~ 0", id="another balance"),
    ],
)
def test_beancount_notices_a_changed_figure(book: Book, old: str, new: str) -> None:
    told(book)
    journal = text(book, BEANCOUNT)
    assert old in journal

    _entries, errors, _options = loader.load_string(journal.replace(old, new, 1))

    assert errors


def test_a_balance_that_lies_is_noticed(book: Book) -> None:
    """The balances asserted are the stored ones, not another sum of the same rows."""
    told(book)
    journal = text(book, BEANCOUNT)

    stored = book.rows(
        "SELECT posted FROM ledger_balance b JOIN ledger_account a USING (company_id, account_id)"
        " WHERE a.party_id = %s AND posted <> 0 ORDER BY posted",
        book.lilei,
    )
    for (minor,) in stored:
        assert f"{-minor / 100:.2f} ~ 0" in journal


def test_hledger_accepts_it(book: Book, tmp_path: Path) -> None:
    told(book)
    journal = text(book, HLEDGER)
    assert '    equity:issuance  0.00 "SPENDABLE" = 104.51 "SPENDABLE"' in journal
    check_with_hledger(journal, tmp_path)


def check_with_hledger(journal: str, folder: Path) -> None:
    hledger = shutil.which("hledger")
    if hledger is None:
        pytest.skip("hledger is not installed here")
    file = folder / "book.journal"
    file.write_text(journal, encoding="utf-8")

    done = subprocess.run(
        [hledger, "-f", str(file), "check"], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_an_empty_book_is_a_journal_too(book: Book) -> None:
    _entries, errors, _options = loader.load_string(text(book, BEANCOUNT))
    assert errors == []


def test_people_without_a_name_and_alike_are_told_apart(book: Book) -> None:
    told(book)
    journal = text(book, BEANCOUNT, {book.lilei: "A1", book.hanmeimei: "a1"})
    assert "open Liabilities:Wallet:E-A1\n" in journal
    assert f"open Liabilities:Wallet:E-a1-{book.hanmeimei}\n" in journal
    assert f"open Liabilities:Wallet:P-{book.lilei}\n" in text(book, BEANCOUNT, {})
    _entries, errors, _options = loader.load_string(journal)
    assert errors == []


def test_another_format_is_refused(book: Book) -> None:
    with pytest.raises(UnknownFormat):
        text(book, "quickbooks")
