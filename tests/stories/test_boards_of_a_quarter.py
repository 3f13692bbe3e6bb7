"""一个季度的榜: where 李雷, 韩梅梅 and 何思思 stand by day, week, month, quarter, year and all time.

They are level at first, one falls below zero, another catches up in December; the page shows each the
own place and how it changed. Whoever starts in December is on December's board alone, with nothing. The
stranger of another company is on none.
"""

import pytest

from meritbook.kit.sheets import read_workbook, text_of
from tests.stories.conftest import Desk, on, row

pytestmark = pytest.mark.django_db


def test_a_quarter_of_boards(desk: Desk) -> None:
    other = Desk(desk.folder, code="tashan")
    desk.code = "hongda"
    with on("2026-10-01"):
        desk.found(name="宏达贸易")
        desk.publish("standards-000.txt", start="2026-10-01")
        other.found(name="他山贸易", people="工号,姓名,部门\n0012,陌生人,销售部\n")
        other.publish("standards-000.txt", start="2026-10-01")
    with on("2026-10-30"):
        assert desk.board("2026-10") == [
            (1, "李雷", "0"), (1, "韩梅梅", "0"), (1, "何思思", "0"), (1, "林涛", "0")
        ]  # fmt: skip
        # October: 李雷 and 韩梅梅 level, 林涛 late.
        desk.events([
            row("1", "签合同", "2026-10-12 10:00"),
            row("2", "签合同", "2026-10-13 10:00", "0013"),
            row("3", "迟到", "2026-10-12 09:10", "0015"),
        ])  # fmt: skip
        other.events([row("1", "客户续费", "2026-10-12 10:00", 数量="9")])
        level = [(1, "李雷", "10"), (1, "韩梅梅", "10"), (3, "何思思", "0"), (4, "林涛", "-5")]
        for period in ("2026-10", "2026-W42", "2026-Q4", "2026", "all"):
            assert desk.board(period) == level, period
        assert desk.board("2026-10-12")[:2] == [(1, "李雷", "10"), (2, "韩梅梅", "0")]
        # 可用分 knows no deductions.
        assert desk.board("2026-10", "--asset", "spendable")[2:] == [
            (3, "何思思", "0"), (3, "林涛", "0")
        ]  # fmt: skip

    with on("2026-11-30"):
        # November: 何思思 keeps a customer. By quarter she leads; October's board stays.
        desk.events([row("4", "客户续费", "2026-11-02 10:00", "0014")])
        assert desk.board("2026-11")[0] == (1, "何思思", "100")
        assert desk.board("2026-10") == level
        assert desk.board("2026-Q4") == [
            (1, "何思思", "100"), (2, "李雷", "10"), (2, "韩梅梅", "10"), (4, "林涛", "-5")
        ]  # fmt: skip
        # The department of 华南组 counts in 销售部 too.
        assert desk.board("2026-Q4", "--department", "销售部") == [
            (1, "李雷", "10"), (1, "韩梅梅", "10")
        ]  # fmt: skip
        assert desk.board("2026-Q4", "--department", "华南组") == [(1, "李雷", "10")]
        assert desk.board("2026-Q4", "--limit", "1") == [(1, "何思思", "100")]

    with on("2026-12-08"):
        desk.run("load_people", str(newcomer(desk)))
        desk.events([
            row("5", "收到合同外尾款", "2026-12-01 10:00", 数量="2"),
            row("6", "签合同", "2026-12-02 10:00", "0013"),
        ])  # fmt: skip
        assert desk.board("2026-12") == [
            (1, "李雷", "100"), (2, "韩梅梅", "10"),
            (3, "何思思", "0"), (3, "林涛", "0"), (3, "周全", "0"),
        ]  # fmt: skip
        assert "周全" not in [name for _rank, name, _points in desk.board("2026-11")]
        assert desk.board("2026")[:3] == [
            (1, "李雷", "110"),
            (2, "何思思", "100"),
            (3, "韩梅梅", "20"),
        ]

        # On the page each sees the own place, and the change against the month before.
        han = desk.owner("0013")
        lilei = desk.invited(han, "0012")
        lines = lilei.get("/boards/?period=2026-12").context["lines"]
        (mine,) = [line for line in lines if line.is_me]
        assert (mine.name, mine.rank, mine.change) == ("李雷", 1, 100)
        assert [line.name for line in han.get("/boards/").context["lines"] if line.is_me] == [
            "韩梅梅"
        ]
        # Handed out as a workbook to those who may; the stranger is in neither.
        assert lilei.get("/boards/export.xlsx?period=2026-Q4").status_code == 403
        book = han.get("/boards/export.xlsx?period=2026-Q4").content
        cells = [
            [text_of(cell) for cell in line]
            for line in read_workbook(book, name="a.xlsx").sheets[0].rows
        ]
        people = [line for line in cells if "0012" in line or "0014" in line]
        assert [("李雷" in line, "何思思" in line) for line in people] == [
            (True, False),
            (False, True),
        ]
        assert "陌生人" not in str(cells)

        # The stranger leads a board of one's own.
        assert other.board("2026-Q4") == [(1, "陌生人", "900")]


def newcomer(desk: Desk) -> object:
    path = desk.folder / "december.csv"
    path.write_text("工号,姓名,部门,入职日期\n0018,周全,客服部,2026-12-01\n", encoding="utf-8")
    return path
