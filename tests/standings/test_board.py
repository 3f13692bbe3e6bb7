"""Boards: ties, zeros, departments, the change against the period before."""

from datetime import date

import pytest

from meritbook.kit.periods import Period
from meritbook.kit.tenancy import company_scope
from meritbook.org.models import Department
from meritbook.standings.queries import (
    BadPeriod,
    Board,
    UnknownAsset,
    board,
    department_of,
    period_of,
)
from meritbook.standings.ranks import in_order
from tests.awards.worlds import World, event, found_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    """李雷 in 销售部/华南组, 韩梅梅 in 销售部, 林涛 in 仓库."""
    world = found_world("acme", "示例公司")
    sales, store = world.department("销售部"), world.department("仓库")
    south = world.department("华南组", sales)
    world.hire("001", "李雷", south)
    world.hire("002", "韩梅梅", sales)
    world.hire("003", "林涛", store)
    return world


def shown(world: World, period: str = "2026-11", **options: object) -> Board:
    with company_scope(world.company_id):
        return board(company_id=world.company_id, period=Period.parse(period), **options)  # type: ignore[arg-type]


def lines(found: Board) -> list[tuple[int, str, str]]:
    return [(row.rank, row.name, row.points_text) for row in found.rows]


def test_equal_points_share_a_rank_in_order_of_numbers() -> None:
    rows = [("c", "003", 5), ("b", "002", 9), ("a", "001", 9), ("d", "004", 5), ("e", "005", 0)]
    assert in_order(rows) == [("a", 1, 9), ("b", 1, 9), ("c", 3, 5), ("d", 3, 5), ("e", 5, 0)]


def test_everyone_employed_is_listed_zeros_too(world: World) -> None:
    code = world.rule("S1", "签合同", points="10").rule.code
    world.record(event("1", code, "003"))
    store = world.select("SELECT id FROM org_department WHERE name = '仓库'")[0][0]
    with company_scope(world.company_id):
        world.hire("004", "周末", Department.objects.get(pk=store), left_on=date(2026, 10, 31))

    assert lines(shown(world)) == [(1, "林涛", "10"), (2, "李雷", "0"), (2, "韩梅梅", "0")]
    assert "周末" in {row.name for row in shown(world, "2026-10").rows}


def test_a_posting_shows_at_once(world: World) -> None:
    code = world.rule("S1", "签合同", points="10").rule.code
    world.record(event("1", code, "001"))
    assert shown(world).rows[0].points_text == "10"

    world.record(event("2", code, "001"))

    assert shown(world).rows[0].points_text == "20"


def test_a_department_counts_what_was_earned_in_it_and_below(world: World) -> None:
    code = world.rule("S1", "签合同", points="10").rule.code
    world.record(event("1", code, "001"), event("2", code, "002"), event("3", code, "003"))
    with company_scope(world.company_id):
        sales = department_of(company_id=world.company_id, name="销售部")
        south = department_of(company_id=world.company_id, name="销售部/华南组")

    assert lines(shown(world, department_id=sales)) == [(1, "李雷", "10"), (1, "韩梅梅", "10")]
    assert lines(shown(world, department_id=south)) == [(1, "李雷", "10")]


def test_points_stay_in_the_department_where_they_were_earned(world: World) -> None:
    code = world.rule("S1", "签合同", points="10").rule.code
    world.record(event("1", code, "003", "2026-11-05 10:00"))
    world.move("003", "销售部", date(2026, 11, 10))
    world.record(event("2", code, "003", "2026-11-11 10:00"))
    with company_scope(world.company_id):
        sales = department_of(company_id=world.company_id, name="销售部")
        store = department_of(company_id=world.company_id, name="仓库")

    assert shown(world).rows[0].points_text == "20"
    assert lines(shown(world, department_id=store)) == [(1, "林涛", "10")]
    assert lines(shown(world, department_id=sales))[0] == (1, "林涛", "10")


def test_the_change_against_the_period_before(world: World) -> None:
    code = world.rule("S1", "签合同", points="10").rule.code
    world.record(
        event("1", code, "002", "2026-10-12 10:00", quantity="3"),
        event("2", code, "001", "2026-10-12 10:00"),
        event("3", code, "001", "2026-11-12 10:00", quantity="2"),
    )

    first, second, third = shown(world).rows

    assert (first.name, first.rank_change, first.points_change) == ("李雷", 1, 1000)
    assert (second.name, second.rank_change, second.points_change) == ("韩梅梅", -1, -3000)
    assert (third.name, third.rank, third.rank_change) == ("林涛", 2, 1)
    assert shown(world, "all").rows[0].rank_change is None


@pytest.mark.parametrize(
    ("period", "points"),
    [
        ("2026-11-12", "10"),
        ("2026-11-13", "0"),
        ("2026-W46", "10"),
        ("2026-Q4", "10"),
        ("2026", "10"),
        ("all", "10"),
    ],
)
def test_the_day_that_counts_decides_the_period(world: World, period: str, points: str) -> None:
    code = world.rule("S1", "签合同", points="10").rule.code
    world.record(event("1", code, "001", "2026-11-12 10:00"))

    assert {row.name: row.points_text for row in shown(world, period).rows}["李雷"] == points


def test_unknown_names_are_refused(world: World) -> None:
    with pytest.raises(BadPeriod):
        period_of("2026-13")
    with pytest.raises(UnknownAsset):
        shown(world, asset="gold")


def test_another_company_has_a_board_of_its_own(world: World) -> None:
    code = world.rule("S1", "签合同", points="10").rule.code
    world.record(event("1", code, "001"))
    stranger = found_world("other", "别家公司")
    stranger.hire("001", "路人", stranger.department("销售部"))

    assert lines(shown(stranger)) == [(1, "路人", "0")]
