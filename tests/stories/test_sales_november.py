"""一个销售的十一月: 李雷's November under the source's own rules, the balance after each line."""

from datetime import date
from pathlib import Path

import pytest

from meritbook.awards.queries.wallets import employee_of
from meritbook.kit import clock
from meritbook.kit.commands import company_id_of
from meritbook.kit.tenancy import company_scope
from meritbook.ledger.operations import Source, expire, refund, set_policy, spend
from tests.stories.conftest import Desk, on, row

pytestmark = pytest.mark.django_db


def test_a_salesmans_november(desk: Desk) -> None:
    desk.publish("rule-tables-003.xlsx", start="2026-11-01")
    clear_at_year_end(desk)
    visits, growth = desk.code_of("每周回访老客户"), desk.code_of("增加单量每 1 千")
    referral, report = desk.code_of("转介绍 1 个"), desk.code_of("完成工作汇报")
    late, sales = desk.code_of("每延迟 1 天"), desk.code_of("每出单 1 万业绩")

    # Monday 9 to Sunday 15 November: 13 of 20 visits.
    desk.events(
        [
            row("v1", visits, "2026-11-10 10:00", 数量="6"),
            row("v2", visits, "2026-11-13 16:30", 数量="7"),
        ]
    )
    assert desk.balance("0012") == "0"
    desk.run("close_windows", "--until", "2026-11-16")
    assert desk.balance("0012") == "65"
    told = desk.explained("v1")
    assert told["status"] == "posted"
    assert "100 × 13/20 = 65" in told["entries"][0]["sentence"]

    # 5,600 yuan more from an old customer: five whole thousands.
    desk.events([row("g1", growth, "2026-11-12 09:00", 金额="5,600")])
    assert desk.balance("0012") == "315"
    assert [entry["points"] for entry in desk.explained("g1")["entries"]] == ["250", "250"]

    # 26,000 yuan of orders: two whole ten-thousands, a thousand points each.
    desk.events([row("s1", sales, "2026-11-16 15:00", 金额="2.6万")])
    assert desk.balance("0012") == "2315"

    # One customer sent by an old one.
    desk.events([row("r1", referral, "2026-11-17 15:00", 数量="1")])
    paid = int(desk.balance("0012")) - 2315
    assert paid in (0, 300)

    # Goods due on the 16th came on the 20th: four days late, honour alone.
    spendable = desk.balance("0012", "spendable")
    desk.events([row("d1", late, "2026-11-20 18:00", 应交日期="2026-11-16", 交付日期="2026-11-20")])
    assert int(desk.balance("0012")) == 2315 + paid - 200
    assert desk.balance("0012", "spendable") == spendable

    # The report of the 18th at 22:01 is late by a minute, that of the 19th is on time.
    desk.events(
        [
            row("b1", report, "2026-11-18 22:01"),
            row("b2", report, "2026-11-19 22:00"),
        ]
    )
    desk.run("close_windows", "--until", "2026-12-01")
    assert int(desk.balance("0012")) == 2315 + paid - 200 + 5
    near = desk.explained("b1")["near"]
    assert [one["failed_step"] for one in near] == ["deadline"]
    assert desk.explained("b1")["status"] == "nothing"

    # A refund: the order of 26,000 was 16,000. Then the five thousand turn out never to have been.
    desk.events([row("s1", sales, "2026-11-16 15:00", 金额="1.6万")], "--revise")
    assert int(desk.balance("0012")) == 1320 + paid - 200
    gone = desk.folder / "gone.csv"
    gone.write_text("事件编号\ng1\n", encoding="utf-8")
    desk.run("withdraw_events", str(gone))
    assert int(desk.balance("0012")) == 1070 + paid - 200
    assert desk.explained("g1")["status"] == "withdrawn"

    total = str(870 + paid)
    assert desk.board("2026-11")[0] == (1, "李雷", total)
    assert [line[2] for line in desk.board("2026-11")[1:]] == ["0", "0", "0"]
    assert desk.board("2026-11", "--department", "销售部") == [
        (1, "李雷", total),
        (2, "韩梅梅", "0"),
    ]
    assert desk.run("verify")["ok"]
    lines = desk.run("statement", "0012", "--asset", "honour")
    assert lines[-1]["balance_after"] == total

    # He objects: the goods came late because the customer asked for it. The deduction is taken back.
    gone.write_text("事件编号\nd1\n", encoding="utf-8")
    desk.run("withdraw_events", str(gone))
    assert int(desk.balance("0012")) == 1070 + paid
    assert desk.balance("0012", "spendable") == desk.balance("0012")
    assert [
        line["points"] for line in desk.run("statement", "0012") if line["event_no"] == "d1"
    ] == [
        "-200",
        "200",
    ]

    # He orders headphones and gloves for 700; the gloves are sold out and 150 come back.
    company_id, party_id = desk_of(desk)
    with company_scope(company_id):
        order = spend(
            company_id=company_id,
            key="order/1",
            party_id=party_id,
            code="spendable",
            amount=70_000,
            today=date(2026, 12, 5),
            source=Source("order", 1),
        )
    assert int(desk.balance("0012", "spendable")) == 370 + paid
    for _ in range(2):  # the answer was lost: asked again
        with company_scope(company_id):
            refund(
                company_id=company_id,
                tx_id=order.tx_id,
                key="gloves",
                today=date(2026, 12, 6),
                code="spendable",
                amount=15_000,
            )
    assert int(desk.balance("0012", "spendable")) == 520 + paid
    assert int(desk.balance("0012")) == 1070 + paid

    # What he has not used by the year's end is gone; his rank stays.
    board = desk.board("2026-11")
    with on("2027-01-01", "00:30"), company_scope(company_id):
        assert expire(company_id=company_id, today=date(2026, 12, 31)).lots == 0
        assert expire(company_id=company_id, today=date(2027, 1, 1)).amount == (520 + paid) * 100
    assert desk.balance("0012", "spendable") == "0"
    assert int(desk.balance("0012")) == 1070 + paid
    assert desk.board("2026-11") == board
    assert board[0] == (1, "李雷", str(1070 + paid))
    assert desk.run("verify")["ok"]


def desk_of(desk: Desk) -> tuple[int, int]:
    """The company, and 李雷's party."""
    company_id = company_id_of(desk.code)
    with company_scope(company_id):
        return company_id, employee_of(company_id=company_id, employee_no="0012").party_id


def clear_at_year_end(desk: Desk) -> None:
    """Spendable points are for the year in which they are earned."""
    company_id = company_id_of(desk.code)
    with company_scope(company_id):
        set_policy(
            company_id=company_id,
            code="spendable",
            policy={"expiry": "date", "expiry_month": 12, "expiry_day": 31},
            changed_at=clock.now(),
            actor_id=None,
        )


def test_the_same_file_again_changes_nothing(desk: Desk) -> None:
    desk.publish("standards-000.txt", start="2026-11-01")
    contract, late = desk.code_of("签合同"), desk.code_of("迟到")
    rows = [
        row("1", contract, "2026-11-10 10:00"),
        row("2", late, "2026-11-11 09:20", "0013"),
        row("3", "签合同", "2026-11-12 10:00", "0013"),
    ]

    assert desk.events(rows)["new"] == 3
    assert desk.events(rows, name="copy.csv")["duplicate"] == 3
    assert desk.balance("0012") == "10"
    assert desk.board("2026-W46") == [
        (1, "李雷", "10"),
        (2, "韩梅梅", "5"),
        (3, "何思思", "0"),
        (3, "林涛", "0"),
    ]


def test_one_bad_row_keeps_everything_out_when_asked(desk: Desk) -> None:
    desk.publish("standards-000.txt", start="2026-11-01")
    contract = desk.code_of("签合同")
    path: Path = desk.folder / "mixed.csv"
    path.write_text(
        "事件编号,类型,工号,时间\n"
        f"1,{contract},0012,2026-11-10 10:00\n"
        f"2,{contract},9999,2026-11-10 10:00\n",
        encoding="utf-8",
    )

    refused = desk.run("load_events", str(path), "--all-or-nothing", exit_code=1)
    assert (refused["new"], refused["refused"]) == (0, 1)
    assert refused["problems"][0]["row"] == 3
    assert desk.balance("0012") == "0"

    kept = desk.run("load_events", str(path))
    assert (kept["new"], kept["refused"]) == (1, 1)
    assert desk.balance("0012") == "10"
