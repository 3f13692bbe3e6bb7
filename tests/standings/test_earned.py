"""What people have without making the board is what the board says."""

from datetime import date

import pytest

from meritbook.kit.periods import Period
from meritbook.kit.tenancy import company_scope
from meritbook.org.models import Assignment
from meritbook.org.queries.roster import last_in_departments
from meritbook.standings.queries import board, points_of, points_of_all
from tests.awards.worlds import World, event, found_world

pytestmark = pytest.mark.django_db
PERIODS = ("2026-11", "2026-11-12", "2026-10", "2026-12", "2026-W46", "2026", "all")


@pytest.fixture
def world(db: None) -> World:
    """李雷 moved to 仓库 in November, 林涛 left in October and 周末 comes in December, both with points."""
    world = found_world("acme", "示例公司")
    sales, store = world.department("销售部"), world.department("仓库")
    south = world.department("华南组", sales)
    world.hire("001", "李雷", south)
    world.hire("002", "韩梅梅", sales)
    world.hire("003", "林涛", store)
    world.hire("004", "周末", store)
    world.move("001", "仓库", date(2026, 11, 15))
    deal = world.rule("S1", "签合同", points="10").rule.code
    late = world.rule("S1", "迟到", points="-5").rule.code
    world.record(
        event("1", deal, "001", "2026-11-12 10:00"),
        event("2", late, "001", "2026-11-12 09:00"),
        event("3", deal, "001", "2026-10-12 10:00"),
        event("4", deal, "003", "2026-11-12 10:00"),
        event("5", deal, "004", "2026-11-12 10:00"),
        event("6", late, "002", "2026-10-13 09:00"),
    )
    with company_scope(world.company_id):
        places = Assignment.objects.filter(company_id=world.company_id)
        places.filter(employee__employee_no="003").update(valid_to=date(2026, 10, 20))
        places.filter(employee__employee_no="004").update(valid_from=date(2026, 12, 1))
    return world


@pytest.mark.parametrize("asset", ["honour", "spendable"])
@pytest.mark.parametrize("text", PERIODS)
def test_sums_and_own_points_are_those_of_the_board(world: World, text: str, asset: str) -> None:
    period, company_id = Period.parse(text), world.company_id
    people = [row[0] for row in world.select("SELECT id FROM org_employee ORDER BY id")]
    with company_scope(company_id):
        found = board(company_id=company_id, period=period, asset=asset)
        assert points_of_all(company_id=company_id, period=period, asset=asset) == found.points
        for employee_id in people:
            row = found.own(employee_id)
            assert points_of(
                company_id=company_id, period=period, employee_id=employee_id, asset=asset
            ) == (None if row is None else row.points)


def test_who_has_points_without_being_employed_is_shown_with_the_latest_department(
    world: World,
) -> None:
    with company_scope(world.company_id):
        found = board(company_id=world.company_id, period=Period.parse("2026-11"))
    assert [(row.rank, row.name, row.department, row.points) for row in found.rows] == [
        (1, "林涛", "仓库", 1000),
        (1, "周末", "仓库", 1000),
        (3, "李雷", "仓库", 500),
        (4, "韩梅梅", "销售部", 0),
    ]
    assert {row.name: (row.previous_rank, row.previous_points) for row in found.rows} == {
        "林涛": (2, 0),
        "周末": (None, 0),
        "李雷": (1, 1000),
        "韩梅梅": (3, -500),
    }


def test_a_department_ranks_those_who_were_in_it_last(world: World) -> None:
    ids = dict(world.select("SELECT name, id FROM org_department"))
    with company_scope(world.company_id):
        rows = board(
            company_id=world.company_id, period=Period.parse("2026-11"), department_id=ids["销售部"]
        ).rows
        # 李雷 earned in 销售部 before he moved; in October he was of it.
        assert [(row.rank, row.name, row.department, row.previous_rank) for row in rows] == [
            (1, "李雷", "仓库", 1),
            (2, "韩梅梅", "销售部", 2),
        ]
        team = last_in_departments(company_id=world.company_id, department_ids=[ids["仓库"]])
        assert last_in_departments(company_id=world.company_id, department_ids=[]) == []
    names = dict(world.select("SELECT id, name FROM org_employee"))
    assert {names[one] for one in team} == {"李雷", "林涛", "周末"}
