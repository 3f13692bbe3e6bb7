"""一个销售的十一月: 李雷's November under the source's own rules, the balance after each line."""

from pathlib import Path

import pytest

from tests.stories.conftest import Desk, row

pytestmark = pytest.mark.django_db


def test_a_salesmans_november(desk: Desk) -> None:
    desk.publish("rule-tables-003.xlsx", start="2026-11-01")
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
