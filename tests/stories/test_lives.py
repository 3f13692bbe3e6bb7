"""五种积分的一生: lifelong, a year, three months, cleared at the year's end, quarters into the year.

A points officer chooses the life on its page; 李雷 earns by signing contracts and uses what he has.
After each line the balances are asserted. Whatever happens to spendable points, the honour that
makes ranks stays, and the books balance.
"""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from meritbook.awards.queries.wallets import employee_of
from meritbook.kit.commands import company_id_of
from meritbook.kit.tenancy import company_scope
from meritbook.ledger.operations import Source, expire, refund, spend
from tests.stories.conftest import Desk, on, row, sign_in

pytestmark = pytest.mark.django_db
SHOP = Source("order", 1)


class Life:
    """李雷 in a company whose spendable points live as one preset says."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.number = 0
        with on("2026-11-01"):
            desk.code = "hongda"
            desk.found(name="宏达贸易")
            desk.publish("standards-000.txt", start="2026-11-01")
            desk.owner("0013")

    def choose(self, preset: str, **changes: str) -> str:
        """韩梅梅 fills the form by one click, changes what she wants and saves; the sentence."""
        browser = Client()
        sign_in(browser, "0013", self.desk.code)
        address = f"/ledger/assets/spendable/?preset={preset}"
        form = browser.get(address).context["form"]
        data: dict[str, Any] = {}
        for name in form.fields:
            value = form.get_initial_for_field(form.fields[name], name)
            if value not in (None, False):
                data[name] = "on" if value is True else value
        saved = browser.post(address, data | changes)
        assert saved.status_code == 302, saved.context["form"].errors
        page = browser.get("/ledger/assets/")
        shown = next(one for one in page.context["assets"] if one["policy"].code == "spendable")
        return str(shown["lasting"])

    def earn(self, contracts: int, day: str) -> None:
        """Ten points for each contract that he signs."""
        self.number += 1
        with on(day, "18:00"):
            done = self.desk.events(
                [row(f"S-{self.number}", "签合同", f"{day} 10:00", 数量=str(contracts))]
            )
        assert done["new"] == 1, done

    def use(self, points: int, day: str) -> int:
        """He redeems something; the number of the transaction."""
        self.number += 1
        with on(day), company_scope(company_id_of(self.desk.code)):
            return spend(
                company_id=company_id_of(self.desk.code),
                key=f"order/{self.number}",
                party_id=self._party(),
                code="spendable",
                amount=points * 100,
                today=date.fromisoformat(day),
                source=SHOP,
            ).tx_id

    def give_back(self, tx_id: int, day: str) -> None:
        """The goods are out of stock: what he paid comes back."""
        with on(day), company_scope(company_id_of(self.desk.code)):
            refund(
                company_id=company_id_of(self.desk.code),
                tx_id=tx_id,
                key=f"refund/{tx_id}",
                today=date.fromisoformat(day),
            )

    def night_before(self, day: str) -> str:
        """What the nightly run lets lapse, in points."""
        with on(day, "00:30"), company_scope(company_id_of(self.desk.code)):
            lapsed = expire(company_id=company_id_of(self.desk.code), today=date.fromisoformat(day))
        return str(lapsed.amount // 100)

    def has(self, spendable: str, *, honour: str, lots: dict[str, str] | None = None) -> None:
        """Balances, what lapses when, and that the books are sound."""
        accounts = {one["asset"]: one for one in self.desk.run("wallet", "0012")["accounts"]}
        assert accounts["spendable"]["balance"] == spendable
        assert accounts["honour"]["balance"] == honour
        assert {one["date"]: one["amount"] for one in accounts["spendable"]["expiring"]} == (
            lots or {}
        )
        assert self.desk.run("verify")["ok"]

    def _party(self) -> int:
        return employee_of(company_id=company_id_of(self.desk.code), employee_no="0012").party_id


@pytest.fixture
def life(desk: Desk) -> Life:
    return Life(desk)


def test_lifelong_points_never_lapse(life: Life) -> None:
    with on("2026-11-02"):
        assert life.choose("never") == "终身有效，不清零"
    life.earn(5, "2026-11-10")
    life.has("50", honour="50")
    assert life.night_before("2027-01-01") == "0"
    life.earn(2, "2031-06-05")
    life.has("70", honour="70")
    assert life.night_before("2046-11-11") == "0"
    life.use(20, "2046-11-11")
    life.has("50", honour="70")


def test_points_of_a_year(life: Life) -> None:
    with on("2026-11-02"):
        assert life.choose("year") == "获得之日起 12 个月后的月底到期"
    life.earn(5, "2026-11-10")
    life.has("50", honour="50", lots={"2027-11-30": "50"})
    life.earn(2, "2027-03-31")
    life.has("70", honour="70", lots={"2027-11-30": "50", "2028-03-31": "20"})
    order = life.use(30, "2027-06-18")  # what lapses first goes first
    life.has("40", honour="70", lots={"2027-11-30": "20", "2028-03-31": "20"})
    assert life.night_before("2027-11-30") == "0"  # the last day still counts
    assert life.night_before("2027-12-01") == "20"
    life.has("20", honour="70", lots={"2028-03-31": "20"})
    life.give_back(order, "2027-12-10")  # its lot is gone: thirty days of grace
    life.has("50", honour="70", lots={"2028-01-09": "30", "2028-03-31": "20"})
    assert life.night_before("2028-01-10") == "30"
    assert life.night_before("2028-04-01") == "20"
    life.has("0", honour="70")


def test_points_of_three_months_and_a_change_of_mind(life: Life) -> None:
    with on("2026-11-02"):
        assert life.choose("quarter") == "获得之日起 3 个月到期"
    life.earn(4, "2026-11-30")  # there is no 30 February
    life.has("40", honour="40", lots={"2027-02-28": "40"})
    with on("2026-12-15"):
        assert life.choose("never") == "终身有效，不清零"
    # What was given out keeps its day; what comes now does not lapse.
    life.earn(1, "2026-12-20")
    life.has("50", honour="50", lots={"2027-02-28": "40"})
    life.use(10, "2027-02-28")
    life.has("40", honour="50", lots={"2027-02-28": "30"})
    assert life.night_before("2027-03-01") == "30"
    life.has("10", honour="50")


def test_the_year_ends_with_grace_and_carries_a_part_over(life: Life) -> None:
    with on("2026-11-02"):
        said = life.choose("year_end", grace_days="31", carry_max="30")
    assert said == (
        "每年 12 月 31 日清零，宽限 31 天；到期时剩余的 50% 结转到下一期，每批最多 30分"
    )
    life.earn(10, "2026-12-31")
    life.has("100", honour="100", lots={"2027-01-31": "100"})
    life.earn(2, "2027-01-01")  # counts for the new year
    life.has("120", honour="120", lots={"2027-01-31": "100", "2028-01-31": "20"})
    life.use(20, "2027-01-15")  # within the grace
    life.has("100", honour="120", lots={"2027-01-31": "80", "2028-01-31": "20"})
    assert life.night_before("2027-01-31") == "0"
    # 80 lapse; half would be 40, at most 30 come back until the next year's end.
    assert life.night_before("2027-02-01") == "50"
    life.has("50", honour="120", lots={"2028-01-31": "50"})
    assert life.night_before("2027-02-01") == "0"
    assert life.night_before("2028-02-01") == "25"
    life.has("25", honour="120", lots={"2029-01-31": "25"})


def test_quarters_run_into_the_year(life: Life) -> None:
    with on("2026-12-31"):
        assert life.choose("into_year") == "获得当年结束后再过 3 个月到期"
    quarters = {"2027-02-10": 3, "2027-05-31": 4, "2027-08-15": 1, "2027-12-31": 2}
    total = 0
    for day, contracts in quarters.items():
        life.earn(contracts, day)
        total += contracts * 10
        life.has(str(total), honour=str(total), lots={"2028-03-31": str(total)})
    boards = [life.desk.board(f"2027-Q{n}")[0] for n in (1, 2, 3, 4)]
    assert [points for _rank, _name, points in boards] == ["30", "40", "10", "20"]
    assert life.desk.board("2027")[0] == (1, "李雷", "100")
    life.use(90, "2028-03-20")  # something larger, for a whole year
    life.has("10", honour="100", lots={"2028-03-31": "10"})
    assert life.night_before("2028-04-01") == "10"
    life.has("0", honour="100")
    assert life.desk.board("2027", "--asset", "spendable")[0] == (1, "李雷", "100")
