"""退款后积分复原: what comes back sits where it was, with the day it had; what has lapsed gets a grace.

李雷 orders something for points that lapse on different days. It is refunded in parts, on time and
late, more than once by mistake, and in the end he uses what came back. The rank never moves.
"""

from datetime import date

import pytest

from meritbook.kit.commands import company_id_of
from meritbook.kit.tenancy import company_scope
from meritbook.ledger.operations import NothingLeft, Posted, PostingRefused, refund, reverse
from tests.stories.conftest import Desk, on
from tests.stories.test_lives import Life

pytestmark = pytest.mark.django_db


@pytest.fixture
def life(desk: Desk) -> Life:
    return Life(desk)


def give_back(life: Life, tx_id: int, points: int, day: str, key: str) -> Posted:
    company_id = company_id_of(life.desk.code)
    with on(day), company_scope(company_id):
        return refund(
            company_id=company_id,
            tx_id=tx_id,
            key=key,
            today=date.fromisoformat(day),
            code="spendable",
            amount=points * 100,
        )


def test_what_comes_back_is_as_it_was(life: Life) -> None:
    with on("2026-11-02"):
        assert life.choose("quarter") == "获得之日起 3 个月到期"
    life.earn(10, "2026-11-10")
    life.earn(6, "2026-12-20")
    life.has("160", honour="160", lots={"2027-02-10": "100", "2027-03-20": "60"})
    before = life.desk.board("2026")

    # A chair for 120: all that lapses first, and a little of the rest.
    chair = life.use(120, "2027-01-05")
    life.has("40", honour="160", lots={"2027-03-20": "40"})

    # The price was reduced by 50: back to the two lots, the later one first.
    first = give_back(life, chair, 50, "2027-01-20", "reduction")
    life.has("90", honour="160", lots={"2027-02-10": "30", "2027-03-20": "60"})
    # The till asks twice; it is told of the same refund.
    assert give_back(life, chair, 50, "2027-01-20", "reduction") == (first.tx_id, False)
    life.has("90", honour="160", lots={"2027-02-10": "30", "2027-03-20": "60"})
    # More than was paid does not come back.
    with pytest.raises(NothingLeft):
        give_back(life, chair, 71, "2027-01-21", "too much")
    life.has("90", honour="160", lots={"2027-02-10": "30", "2027-03-20": "60"})

    assert life.night_before("2027-02-11") == "30"
    life.has("60", honour="160", lots={"2027-03-20": "60"})
    # The chair breaks: the other 70 were of the lot that has lapsed. Thirty days of grace.
    life.give_back(chair, "2027-02-15")
    life.has("130", honour="160", lots={"2027-03-17": "70", "2027-03-20": "60"})
    with pytest.raises(NothingLeft):
        give_back(life, chair, 1, "2027-02-16", "once more")
    # A refund is no sale that could be taken back.
    with company_scope(company_id_of(life.desk.code)), pytest.raises(PostingRefused):
        reverse(
            company_id=company_id_of(life.desk.code),
            tx_id=first.tx_id,
            key="undo",
            fact_on=date(2027, 2, 16),
        )

    # What has the least time left is used first, wherever it came from.
    life.use(100, "2027-03-10")
    life.has("30", honour="160", lots={"2027-03-20": "30"})
    assert life.night_before("2027-03-21") == "30"
    life.has("0", honour="160")

    lines = life.desk.run("statement", "0012", "--asset", "spendable")
    assert [line["points"] for line in lines] == [
        *("100", "60", "-120", "50", "-30", "70", "-100", "-30"),
    ]
    assert life.desk.board("2026") == before
