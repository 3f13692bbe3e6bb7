"""问得明白: the time clock and the CRM tell what happened; whoever misses points learns why."""

from pathlib import Path

import pytest

from tests.stories.conftest import Desk, on, row

pytestmark = pytest.mark.django_db

RULES = """迟到-5分
每拜访 1 个客户,2 分
每周拜访客户 5 个,满分 50 分,按比例
"""


def test_one_event_feeds_several_standards_and_missing_points_are_explained(
    desk: Desk, tmp_path: Path
) -> None:
    rules = tmp_path / "rules.txt"
    rules.write_text(RULES, encoding="utf-8")
    desk.run("load_rules", str(rules), "--publish", "--accept-proposals", "--from", "2026-11-01")
    codes = {rule["standard"]: rule["code"] for rule in desk.run("list_rules")}
    late = codes["迟到"]
    each = next(code for text, code in codes.items() if text.startswith("每拜访"))
    weekly = next(code for text, code in codes.items() if text.startswith("每周"))

    # The officer takes one proposal on the page; the other mapping comes from the command line.
    with on("2026-11-20"):
        owner = desk.owner("0013")
        taken = {"take": [f"attendance.late\x1f{late}\x1f"]}
        assert owner.post("/rules/types/proposals/", taken)["Location"] == "/rules/types/"
        desk.run("set_event_type", "customer.visited", "--rule", each, "--rule", weekly)
        fed = {one["code"]: one["rules"] for one in desk.run("event_types")}
        assert {one["code"] for one in fed["customer.visited"]} == {each, weekly}
        loaded = desk.events(
            [
                row("k1", "attendance.late", "2026-11-10 09:12"),
                row("v1", "拜访客户", "2026-11-10 10:00", 数量="2"),
                row("v2", "customer.visited", "2026-11-11 10:00", 数量="1"),
                row("v3", "没有这种事", "2026-11-11 10:00"),
            ]
        )
        assert (loaded["new"], loaded["refused"]) == (3, 1)
        desk.run("close_windows", "--until", "2026-11-16")
        assert desk.balance("0012") == "31"  # -5, 3 × 2, 50 × 3/5
        told = desk.explained("v1")
        assert {one["rule_code"] for one in told["entries"]} == {each, weekly}

        # 李雷 visited somebody on the 12th and nobody wrote it down; on the page and by command.
        lilei = desk.invited(owner, "0012")
        page = lilei.get("/why-not/?what=bfkh&on=2026-11-12").content.decode()
        assert "没有找到你在11月12日的这件事的记录" in page
        assert "v2" in page, "a record of the day before is pointed out"
        asked = ("why_not", "0012", "--on", "2026-11-12", "--rule", each)
        (finding,) = desk.run(*asked)["findings"]
        assert finding["state"] == "absent"
        desk.events([row("v4", "拜访客户", "2026-11-12 10:00", 数量="1")], name="more.csv")
        (finding,) = desk.run(*asked)["findings"]
        assert finding["state"] == "earned"
        assert lilei.get("/why-not/?employee=0014&on=2026-11-12").status_code == 404

    assert desk.run("check_traces")["ok"]
    assert desk.run("verify")["ok"]
