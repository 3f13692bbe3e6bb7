"""A table with tiers, a cap and a multiplier, from its wording to the ledger and back to words."""

import unicodedata
from datetime import date

import pytest

from meritbook.awards.queries.explanation import explain
from meritbook.kit.tenancy import company_scope
from meritbook.rules.operations import load_drafts, publish
from meritbook.rules.tables import read_text
from tests.awards.worlds import HIRED, NOW, World, event

TEXT = """月业绩10万得100分，20万得300分，38万得800分
每处理1单得10分，单次最多50分
周末加班双倍积分"""


def plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


@pytest.fixture
def codes(world: World) -> list[str]:
    with company_scope(world.company_id):
        loaded = load_drafts(
            company_id=world.company_id,
            drafts=read_text(TEXT).drafts,
            population={},
            actor_id=None,
            now=NOW,
        )
        publish(
            company_id=world.company_id,
            version_ids=[version.pk for version in loaded.versions],
            active_from=HIRED,
            actor_id=None,
            now=NOW,
            accept_proposals=True,
        )
    return [version.rule.code for version in loaded.versions]


def said(world: World, event_no: str) -> str:
    with company_scope(world.company_id):
        found = explain(company_id=world.company_id, event_no=event_no, source="crm").as_dict()
    return plain(str(found))


def test_the_highest_tier_of_october_is_posted_and_explained(world: World, codes: list[str]):
    sales = codes[0]
    world.record(
        event("E1", sales, at="2026-10-05 10:00", amount="150000"),
        event("E2", sales, at="2026-10-20 10:00", amount="60000"),
        event("E3", sales, "002", at="2026-10-20 10:00", amount="99999"),
    )
    world.close(date(2026, 11, 1))
    assert world.balances() == {"001": 300_00}
    assert "210,000 元达到第 2 档 200,000 元,离第 3 档 380,000 元还差 170,000 元" in said(
        world, "E1"
    )
    assert "99,999 元未达到第 1 档 100,000 元,还差 1 元" in said(world, "E3")

    world.record(event("E4", sales, at="2026-10-30 10:00", amount="200000"))
    world.close(date(2026, 11, 1))
    assert world.balances() == {"001": 800_00}


def test_a_cap_of_one_event_holds_for_each_event(world: World, codes: list[str]):
    orders = codes[1]
    world.record(event("E1", orders, quantity="9"), event("E2", orders, quantity="4"))
    assert world.balances() == {"001": 90_00}
    assert "9 × 10 = 90 分,每次最多 50 分,计 50 分" in said(world, "E1")


def test_a_multiplier_posts_what_it_adds_and_refuses_an_event_without_points(
    world: World, codes: list[str]
):
    double = codes[2]
    recorded = world.record(event("E1", double, 分值="30"), event("E2", double))
    assert world.balances() == {"001": 30_00}
    assert "30 ×(2 − 1)= 30 分" in said(world, "E1")
    assert [problem.column for problem in recorded.problems] == ["分值"]
