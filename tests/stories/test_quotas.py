"""主管的额度: 王强 may give 30 points in November, 20 at once, and not one more.

The officer sets it; he praises 李雷 until it is used up; what is withdrawn comes back; in December he
has a new one, and what was left is gone. The stranger's company does not move.
"""

import json
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from meritbook.awards.tasks import grant_quotas_of
from meritbook.kit.tenancy import company_scope
from meritbook.ledger.operations.daily import expire_all
from meritbook.ledger.statements import wallet
from meritbook.org.models import AuditEntry
from tests.people import Cast
from tests.stories.conftest import on

pytestmark = pytest.mark.django_db
RULES = "主动帮助同事一次奖10分\n解决客户难题一次奖25分\n上班迟到一次扣5分\n"


class Story:
    """The head's browser, the officer's, and the terminal."""

    def __init__(self, home: Cast, folder: Path) -> None:
        self.home = home
        self.head: Client = home.client("head")
        self.officer: Client = home.client("officer")
        file = folder / "rules.txt"
        file.write_text(RULES, encoding="utf-8")
        with on("2026-11-02"):
            loaded = self.run(
                *("load_rules", str(file), "--publish", "--accept-proposals"),
                *("--from", "2026-11-01"),
            )
        self.help, self.solve, self.late = (rule["code"] for rule in loaded["rules"])
        self.number = 0

    def run(self, command: str, *arguments: str, exit_code: int = 0) -> Any:
        out, code = StringIO(), 0
        try:
            call_command(
                command,
                *arguments,
                *("--company", self.home.company.code, "--json"),
                stdout=out,
                stderr=StringIO(),
            )
        except SystemExit as left:
            code = int(left.code or 0)
        assert code == exit_code, out.getvalue()
        return json.loads(out.getvalue())

    def give(self, rule: str, *, client: Client | None = None, day: str = "") -> str:
        """Record an event for 李雷 by hand; the page when it was refused, "" when it was taken."""
        self.number += 1
        day = day or time_machine_today()
        answer = (client or self.head).post(
            f"/events/new/?employee=0001&rule={rule}",
            {"happened_on": day, "happened_time": "09:00", "number": f"n{self.number}"},
        )
        return "" if answer.status_code == 302 else answer.content.decode()

    def quota(self) -> tuple[str, str, str]:
        (line,) = [one for one in self.run("quotas") if one["employee_no"] == "0003"]
        return line["granted"], line["used"], line["left"]

    def honour(self) -> int:
        with company_scope(self.home.company.pk):
            accounts = wallet(
                company_id=self.home.company.pk, party_id=self.home.people["0001"].party_id
            )
        return next(one.balance for one in accounts if one.asset == "honour")

    def verify(self) -> None:
        assert self.run("verify")["ok"]


def time_machine_today() -> str:
    from meritbook.kit import clock

    return clock.today(time_zone="Asia/Shanghai").isoformat()


@pytest.fixture
def story(home: Cast, tmp_path: Path) -> Story:
    return Story(home, tmp_path)


def set_to(story: Story, monthly: str, act_max: str = "") -> str:
    answer = story.officer.post(
        "/ledger/quotas/0003/", {"monthly": monthly, "act_max": act_max}, follow=True
    )
    return answer.content.decode()


def test_a_manager_gives_what_he_has_and_no_more(story: Story, away: Cast) -> None:
    with on("2026-11-10"):
        # Without a quota nothing is counted.
        assert story.give(story.help) == ""
        assert story.quota() == ("0", "0", "0")
        set_to(story, "30", "20")
        assert story.quota() == ("30", "0", "30")
        assert story.give(story.help) == ""
        assert story.quota() == ("30", "10", "20")
        refused = story.give(story.solve)
        assert "超过你单次可奖励的上限 20 分" in refused
        # A deduction costs nothing.
        assert story.give(story.late) == ""
        assert story.quota() == ("30", "10", "20")
        assert story.give(story.help) == ""
        assert story.give(story.help) == ""
        assert "本月额度不足" in story.give(story.help)
        assert story.honour() == 3500
        # The officer's awards come from no quota.
        assert story.give(story.help, client=story.officer) == ""
        assert story.quota() == ("30", "30", "0")
        desk = story.head.get("/").context["my_cards"]["quota"]
        assert (desk["left"], desk["granted"], desk["act_max"]) == (0, 30, 20)
        assert story.home.client("employee").get("/").context["my_cards"]["quota"] is None
        page = story.officer.get("/ledger/quotas/").content.decode()
        assert "30 / 30" in " ".join(page.split())
        story.verify()


def test_what_is_taken_back_can_be_given_again(story: Story) -> None:
    with on("2026-11-10"):
        set_to(story, "10")
        assert story.give(story.help) == ""
        assert "本月额度不足" in story.give(story.help)
        page = story.head.get("/events/").content.decode()
        event_id = page.split('href="/events/')[2:]
        ids = [int(part.split("/")[0]) for part in event_id if part.split("/")[0].isdigit()]
        answer = story.head.post(f"/events/{ids[0]}/withdraw/", {"reason": "记错了"})
        assert answer.status_code == 302
        assert story.quota() == ("10", "0", "10")
        assert story.give(story.help) == ""
        assert story.honour() == 1000
        story.verify()


def test_a_new_month_brings_a_new_quota_and_the_rest_is_gone(story: Story) -> None:
    with on("2026-11-10"):
        set_to(story, "30")
        assert story.give(story.help) == ""
        # A change leaves the month that was granted as it is.
        page = set_to(story, "50")
        assert "本月已发放的不变" in page
        assert story.quota() == ("30", "10", "20")
    company_id = story.home.company.pk
    with on("2026-12-01"):
        expire_all(company_id=company_id, today=date(2026, 12, 1))
        assert story.run("grant_quotas", "--month", "2026-12") == {
            "month": "2026-12",
            "granted": 1,
            "before": 0,
        }
        grant_quotas_of(company_id=company_id)  # type: ignore[operator]
        assert story.quota() == ("50", "0", "50")
        assert story.run("grant_quotas", "--month", "2027-01", exit_code=1)["code"] == "bad_quota"
        # The job is late: the first award of a month does not wait for it.
        set_to(story, "")
        assert story.give(story.solve) == ""
        assert story.quota() == ("50", "0", "50")
        story.verify()
    with on("2027-01-02"):
        story.officer = story.home.client("officer")
        set_to(story, "40")
        assert story.quota() == ("40", "0", "40")


def test_who_sets_quotas(story: Story, away: Cast) -> None:
    with on("2026-11-10"):
        for role in ("head", "employee"):
            client = story.home.client(role)
            assert client.get("/ledger/quotas/").status_code == 403
            assert client.post("/ledger/quotas/0003/", {"monthly": "9"}).status_code == 403
        assert (
            away.client("owner").post("/ledger/quotas/0003/", {"monthly": "9"}).status_code == 404
        )
        # Nobody sets their own.
        own = story.officer.post("/ledger/quotas/0002/", {"monthly": "99"}, follow=True)
        assert "不能给自己设额度" in own.content.decode()
        for monthly, act_max, told in (
            ("0", "", "每月额度须大于 0"),
            ("-5", "", "每月额度须大于 0"),
            ("abc", "", "请填写数字"),
            ("0.001", "", "请填写数字"),
            ("10", "11", "不超过每月额度"),
            ("", "5", "不超过每月额度"),
            ("NaN", "", "请填写数字"),
            ("1e30", "", "请填写数字"),
        ):
            assert told in set_to(story, monthly, act_max)
        assert story.quota() == ("0", "0", "0")
        # What was typed is still there, and so is the place in the list; so is it after saving.
        address = "/ledger/quotas/0003/?q=%E7%8E%8B"
        wrong = story.officer.post(address, {"monthly": "1O0", "act_max": "7"})
        assert wrong.status_code == 422
        (row,) = wrong.context["rows"]
        assert (row["monthly"], row["act_max"]) == ("1O0", "7")
        assert 'value="1O0"' in wrong.content.decode()
        for answer in (
            story.officer.get(address),
            story.officer.post(address, {"monthly": "", "act_max": ""}),
        ):
            assert answer.headers["Location"] == "/ledger/quotas/?q=%E7%8E%8B"
        # Somebody whom the list does not show.
        other = story.officer.post("/ledger/quotas/0001/", {"monthly": "x"})
        assert [one["employee"].name for one in other.context["rows"]] == ["李雷"]
        set_to(story, "12.5")
        assert story.quota()[0] == "12.5"
        with company_scope(story.home.company.pk):
            entry = AuditEntry.objects.filter(action="quota.set").get()
        assert (entry.actor_name, entry.after) == ("韩梅梅", {"monthly": 1250, "act_max": None})
        assert story.run("quotas", "--set", "0003", "--monthly", "40")
        assert story.run("quotas", "--set", "none", "--monthly", "40", exit_code=1)
