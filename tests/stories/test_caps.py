"""多得有度: a month in which points are limited, explained, approved and taken back."""

import json
import re
from pathlib import Path

import pytest

from tests.stories.conftest import Desk, on, row

pytestmark = pytest.mark.django_db

RULES = """每回访 1 个客户,5 分,每人每天最多 20 分
主动上报隐患,60 分/次
"""


def test_a_month_with_caps(desk: Desk, tmp_path: Path) -> None:
    rules = tmp_path / "rules.txt"
    rules.write_text(RULES, encoding="utf-8")
    desk.run("load_rules", str(rules), "--publish", "--accept-proposals", "--from", "2026-11-01")
    codes = {rule["standard"]: rule["code"] for rule in desk.run("list_rules")}
    visit = next(code for standard, code in codes.items() if "回访" in standard)
    hazard = next(code for standard, code in codes.items() if "隐患" in standard)

    # The standard's own cap: 13 visits are worth 65, a day gives 20.
    desk.events([row("v1", visit, "2026-11-09 10:00", 数量="3")])
    desk.events([row("v2", visit, "2026-11-09 16:00", 数量="10")])
    desk.events([row("v3", visit, "2026-11-09 18:00", 数量="1")])
    assert desk.balance("0012") == desk.balance("0012", "spendable") == "20"
    told = desk.explained("v2")["entries"][0]
    assert told["points"] == "5"
    (text,) = (step["text"] for step in told["steps"] if step["step"] == "cap")
    assert text.startswith("2026-11-09上限 20，已用 15，实得 5（每回访 1 个客户")
    (near,) = desk.explained("v3")["near"]
    assert (near["failed_step"], near["rule_code"]) == ("cap", visit)
    assert "已用 20，实得 0" in near["text"]
    desk.events([row("v4", visit, "2026-11-10 09:00", 数量="2")])
    assert desk.balance("0012") == "30"

    # The officer lets nobody gain more than 100 a month without being asked.
    with on("2026-12-05"):
        owner = desk.owner("0013")
        form = {
            "name": "每人每月",
            "asset": "honour",
            "period": "month",
            "amount": "100",
            "scope": "person",
            "policy": "queue",
            "begins": "now",
        }
        assert owner.post("/ledger/caps/new/", form)["Location"] == "/ledger/caps/"
        desk.events([row(f"h{n}", hazard, "2026-12-05 09:00") for n in (1, 2, 3)])
        assert desk.balance("0012") == "130"
        assert [desk.explained(f"h{n}")["status"] for n in (1, 2, 3)] == [
            "posted",
            "posted",
            "pending",
        ]
        (cap,) = [one for one in desk.run("caps") if one["name"] == "每人每月"]
        assert (cap["used"], cap["left"], cap["takers"][0]["name"]) == ("100", "0", "李雷")

        # 80 wait for somebody who agrees. The same file again changes nothing.
        desk.events([row(f"h{n}", hazard, "2026-12-05 09:00") for n in (1, 2, 3)])
        page = owner.get("/approvals/?tab=waiting").content.decode()
        assert "李雷 超出上限“每人每月”的 80 分" in page
        (case,) = set(re.findall(r'href="/approvals/(\d+)/"', page))
        answer = owner.post(f"/approvals/{case}/decide/", {"answer": "approve", "comment": "同意"})
        assert answer.status_code == 302
        assert desk.balance("0012") == "210"
        assert desk.explained("h3")["status"] == "posted"

        # One hazard was none: what it gave within and beyond the cap goes, and the room is there
        # again.
        gone = desk.folder / "gone.csv"
        gone.write_text("事件编号\nh2\n", encoding="utf-8")
        desk.run("withdraw_events", str(gone))
        assert desk.balance("0012") == "150"
        desk.events([row("h4", hazard, "2026-12-05 11:00")])
        assert desk.balance("0012") == "190"

    verification = desk.run("verify")
    assert verification["ok"], json.dumps(verification, ensure_ascii=False)
