"""Receipts: they check without the database, and any change to them shows."""

import copy
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from meritbook.ledger import receipt as verifier
from meritbook.ledger.operations.sealing import name_witnesses, note_anchor, seal, seal_block
from meritbook.ledger.receipt import Broken, check
from meritbook.ledger.receipts import receipt
from meritbook.org.models import Login, Membership
from tests.ledger.books import Book, found_book, gift, raw

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def made(book: Book, tx_id: int) -> dict[str, Any]:
    found = receipt(company_id=book.company_id, tx_id=tx_id)
    assert found is not None
    answer: dict[str, Any] = json.loads(json.dumps(found.as_dict()))
    return answer


@pytest.fixture
def sealed(book: Book) -> tuple[Book, list[int]]:
    """Two blocks; the second was told outside."""
    numbers = [book.post(f"visit/{n}", gift(100 + n)).tx_id for n in range(7)]
    seal_block(company_id=book.company_id)
    numbers += [book.post(f"more/{n}", gift(100 + n)).tx_id for n in range(2)]
    seal_block(company_id=book.company_id)
    note_anchor(company_id=book.company_id, seq=2, place="print", at=NOW)
    return book, numbers


def test_every_receipt_checks(sealed: tuple[Book, list[int]]) -> None:
    book, numbers = sealed
    last = made(book, numbers[-1])["anchor"]["hash"]

    for tx_id in numbers:
        answer = made(book, tx_id)
        assert check(answer) == last
        assert answer["anchor"]["place"] == "print"
    assert [len(made(book, tx_id)["blocks"]) for tx_id in numbers] == [2] * 7 + [1] * 2


CHANGES = {
    "text": lambda r: r.update(text=r["text"].replace("100e-2", "900e-2")),
    "leaf": lambda r: r.update(leaf="00" * 32),
    "path": lambda r: r["path"][0].update(hash="00" * 32),
    "side": lambda r: r["path"][0].update(side="left"),
    "shorter path": lambda r: r["path"].pop(),
    "block": lambda r: r["blocks"][0].update(text=r["blocks"][0]["text"].replace("n=7", "n=8")),
    "block's hash": lambda r: r["blocks"][0].update(hash="00" * 32),
    "missing link": lambda r: r["blocks"].insert(1, r["blocks"][0]),
    "no blocks": lambda r: r.update(blocks=[]),
    "anchor": lambda r: r["anchor"].update(hash="00" * 32),
    "another number": lambda r: r.update(tx=r["tx"] + 1),
    "company": lambda r: r["blocks"][1].update(
        text=r["blocks"][1]["text"].replace("company=", "company=9")
    ),
    "nothing": lambda r: r.clear(),
    "no hex": lambda r: r["path"][0].update(hash="zz"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_to_a_receipt_shows(sealed: tuple[Book, list[int]], change: str) -> None:
    book, numbers = sealed
    answer = copy.deepcopy(made(book, numbers[0]))
    CHANGES[change](answer)

    with pytest.raises(Broken):
        check(answer)


def test_the_receipt_of_a_changed_row_does_not_check(live_book: Book) -> None:
    with live_book.scope():
        numbers = [live_book.post(f"visit/{n}", gift(100)).tx_id for n in range(3)]
    seal(company_id=live_book.company_id, now=NOW)
    with raw("superuser", live_book.company_id) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("UPDATE ledger_transfer SET amount = 900 WHERE tx_id = %s", [numbers[1]])

    with live_book.scope():
        with pytest.raises(Broken):
            check(made(live_book, numbers[1]))
        check(made(live_book, numbers[0]))


def test_a_receipt_leads_to_what_people_hold_rather_than_to_the_file(live_book: Book) -> None:
    company_id = live_book.company_id
    with live_book.scope():
        first = live_book.post("visit/1", gift(100)).tx_id
    seal(company_id=company_id, now=NOW)
    with live_book.scope():
        live_book.post("visit/2", gift(100))
        assert made(live_book, first)["anchor"]["place"] == "file"
        member = Membership.objects.create(
            company_id=company_id,
            login=Login.objects.create(phone="13800000000", username="auditor"),
            name="审计",
            created_at=NOW,
        ).pk
        name_witnesses(company_id=company_id, membership_ids=[member], actor_id=1, at=NOW)
    seal(company_id=company_id, now=NOW + timedelta(days=1))

    with live_book.scope():
        answer = made(live_book, first)
    assert (answer["anchor"]["place"], answer["anchor"]["block"]) == ("message", 2)
    check(answer)


def test_what_waits_for_its_seal_has_only_its_text(book: Book) -> None:
    tx_id = book.post("visit/1", gift(100)).tx_id
    answer = made(book, tx_id)

    assert answer["blocks"] == []
    with pytest.raises(Broken, match="not sealed"):
        check(answer)


def test_there_is_no_receipt_of_another_company_s(db: None) -> None:
    ours, theirs = found_book(), found_book("tashan", "他山贸易")
    with theirs.scope():
        foreign = theirs.post("visit/1", gift(100)).tx_id
        seal_block(company_id=theirs.company_id)
    with ours.scope():
        assert receipt(company_id=ours.company_id, tx_id=foreign) is None
        assert receipt(company_id=theirs.company_id, tx_id=foreign) is None


def test_the_program_runs_alone(sealed: tuple[Book, list[int]], tmp_path: Path) -> None:
    """Copied to an empty folder, without any package of ours: as somebody else's computer has it."""
    book, numbers = sealed
    program = tmp_path / "receipt.py"
    program.write_bytes(Path(verifier.__file__).read_bytes())
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    answer = made(book, numbers[2])
    good.write_text(json.dumps(answer), encoding="utf-8")
    answer["text"] = answer["text"].replace("102e-2", "902e-2")
    bad.write_text(json.dumps(answer), encoding="utf-8")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-I", str(program), *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    proven, refused, none, usage = run(str(good)), run(str(bad)), run("no.json"), run()
    assert (proven.returncode, refused.returncode, none.returncode, usage.returncode) == (
        0,
        1,
        1,
        2,
    )
    assert "PROVEN" in proven.stdout
    assert "NOT PROVEN: the text does not give the leaf" in refused.stderr
