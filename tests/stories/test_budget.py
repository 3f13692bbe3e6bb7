"""一个月的预算: the budget is used up, what goes beyond it waits for the owner, and every line adds up.

张总 owns, 韩梅梅 records, 李雷 and 赵敏 earn.
"""

from datetime import date, datetime
from typing import Any

import pytest

from meritbook.approvals.models import Case
from meritbook.awards.content import NewEvent
from meritbook.awards.models import Event
from meritbook.awards.operations import record, withdraw
from meritbook.awards.queries.budgets import standings_of
from meritbook.kit.periods import Period
from meritbook.kit.tenancy import company_scope
from meritbook.ledger.statements import wallet
from meritbook.ledger.verification import verify
from meritbook.rules.operations.by_hand import save_rule
from meritbook.rules.operations.publishing import publish
from meritbook.standings.queries import board
from tests.people import NOW, TODAY, Cast

pytestmark = pytest.mark.django_db


class November:
    """The company, and short ways to tell what happens in it."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.company_id = cast.company.pk
        self.numbers = 0

    def rule(self, points: str) -> str:
        with company_scope(self.company_id):
            version = save_rule(
                company_id=self.company_id,
                values={"shape": "S1", "standard": f"签下一单，{points} 分", "points": points},
                population={},
                postings={},
                reason="",
                actor_id=None,
                now=NOW,
                rule=None,
            )
            publish(
                company_id=self.company_id,
                version_ids=[version.pk],
                active_from=date(2026, 1, 1),
                actor_id=None,
                now=NOW,
                accept_proposals=True,
            )
            return str(version.rule.code)

    def earns(self, who: str, points: str, *, at: str = "2026-11-20 10:00") -> str:
        """Somebody signs a deal of so many points; its number."""
        self.numbers += 1
        number = f"D-{self.numbers}"
        event = NewEvent(
            event_no=number,
            type=self.rule(points),
            employee_no=who,
            happened_at=datetime.fromisoformat(at),
        )
        recorded = record(company_id=self.company_id, events=[event], source="crm", now=NOW)
        assert recorded.count("new") == 1, recorded.problems
        return number

    def status(self, number: str) -> str:
        with company_scope(self.company_id):
            return str(Event.objects.get(company_id=self.company_id, event_no=number).status)

    def has(self, who: str, asset: str = "spendable") -> int:
        """Whole points of somebody."""
        with company_scope(self.company_id):
            accounts = wallet(company_id=self.company_id, party_id=self.cast.people[who].party_id)
            return next(each.balance for each in accounts if each.asset == asset) // 100

    def used(self, period: str = "2026-11") -> tuple[int, str]:
        with company_scope(self.company_id):
            (one,) = standings_of(
                company_id=self.company_id, period=Period.parse(period), today=TODAY
            )
            return one.used // 100, one.state

    def case(self) -> Case:
        """The one that waits."""
        with company_scope(self.company_id):
            return Case.objects.get(company_id=self.company_id, state="open")

    def answer(self, case: Case, answer: str, comment: str = "", role: str = "owner") -> str:
        client = self.cast.client(role)
        done = client.post(
            f"/approvals/{case.pk}/decide/", {"answer": answer, "comment": comment}, follow=True
        )
        return done.content.decode() if done.status_code == 200 else str(done.status_code)

    def ranks(self) -> list[tuple[str, str]]:
        with company_scope(self.company_id):
            found = board(
                company_id=self.company_id, period=Period.parse("2026-11"), asset="honour"
            )
            return [(row["name"], row["points"]) for row in found.as_list()[:2]]  # type: ignore[index]


def test_a_budget_through_november(home: Cast, time_machine: Any) -> None:
    time_machine.move_to(NOW)
    story = November(home)
    owner = home.client("owner")

    # 400 points are issued before there is a budget. 张总 sets 1,000 a month; what is issued counts.
    story.earns("0001", "400")
    owner.post(
        "/ledger/budget/new/",
        {
            "department": "",
            "asset": "spendable",
            "span": "month",
            "amount": "1000",
            "unit": "points",
            "policy": "queue",
            "begins": "now",
        },
    )
    assert story.used() == (400, "fine")

    # 600 are left. A cap counts for the days from today on.
    story.earns("0001", "500", at="2026-11-21 10:00")
    assert story.has("0001") == 900
    assert story.used()[0] == 900

    # 赵敏's 300 go beyond it: 100 are given, 200 wait for 张总.
    half = story.earns("0004", "300", at="2026-11-21 10:30")
    assert story.has("0004") == 100
    assert story.status(half) == "posted"
    assert story.used() == (1000, "reached")
    case = story.case()
    shown = owner.get(f"/approvals/{case.pk}/").content.decode()
    assert "赵敏" in shown
    assert "200 分" in shown
    assert "预算：全公司" in shown
    assert "2026年11月" in shown

    # 韩梅梅 records; she is not asked. 李雷 finds nothing.
    assert story.answer(case, "approve", role="officer") == "403"
    assert story.answer(case, "approve", role="employee") == "404"

    # 张总 agrees: the rest is posted, on its own day, once.
    assert "已同意" in story.answer(case, "approve", "值得")
    assert story.has("0004") == 300
    assert story.has("0004", "honour") == 300
    assert story.used() == (1200, "reached")
    assert "已经有结果" in story.answer(case, "approve")
    assert story.has("0004") == 300

    # Nothing is left: the next award waits whole, and a refusal gives nothing and says why.
    whole = story.earns("0001", "50", at="2026-11-21 11:00")
    assert story.has("0001") == 900
    assert story.status(whole) == "pending"
    case = story.case()
    assert "已拒绝" in story.answer(case, "refuse", "本月预算已用完")
    assert story.has("0001") == 900
    assert story.status(whole) == "nothing"
    assert "本月预算已用完" in owner.get(f"/approvals/{case.pk}/").content.decode()
    assert story.ranks() == [("李雷", "900"), ("赵敏", "300")]

    # A deal falls through before its rest is approved: nobody is asked any more.
    gone = story.earns("0004", "80", at="2026-11-21 11:30")
    case = story.case()
    withdraw(company_id=story.company_id, source="crm", event_nos=[gone], now=NOW)
    assert "已撤回" in owner.get(f"/approvals/{case.pk}/").content.decode()
    assert "已经有结果" in story.answer(case, "approve")
    assert story.has("0004") == 300

    # What is taken back leaves room again: of 赵敏's 300 the 100 that were within the budget.
    withdraw(company_id=story.company_id, source="crm", event_nos=[half], now=NOW)
    assert story.has("0004") == 0
    assert story.used() == (900, "ahead")
    story.earns("0004", "100", at="2026-11-21 12:00")
    assert story.has("0004") == 100
    assert story.used() == (1000, "reached")

    # December has a budget of its own.
    time_machine.move_to(NOW.replace(month=12))
    code = story.rule("70")
    recorded = record(
        company_id=story.company_id,
        events=[
            NewEvent(
                event_no="D-12",
                type=code,
                employee_no="0001",
                happened_at=datetime.fromisoformat("2026-12-01 09:00"),
            )
        ],
        source="crm",
        now=NOW.replace(month=12),
    )
    assert recorded.count("new") == 1
    assert story.has("0001") == 970

    # And the books are right.
    with company_scope(story.company_id):
        report = verify(company_id=story.company_id)
        assert report.ok, report
        assert not Case.objects.filter(company_id=story.company_id, state="open").exists()
