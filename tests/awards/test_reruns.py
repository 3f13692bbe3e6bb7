"""A version published late, for days gone by: what is posted, what it cites, and that it is once."""

from datetime import date
from typing import Any

from meritbook.awards.operations.reruns import Rescored, rescore
from meritbook.kit.tenancy import company_scope
from meritbook.ledger.operations.periods import close_month
from meritbook.org.models import Department
from tests.awards.worlds import NOW, World, event

NOVEMBER = (date(2026, 11, 1), date(2026, 11, 20))


def again(world: World, *rule_ids: int, **options: Any) -> Rescored:
    return rescore(
        company_id=world.company_id,
        rule_ids=rule_ids,
        start=options.pop("start", NOVEMBER[0]),
        end=NOVEMBER[1],
        run_id=options.pop("run_id", 1),
        now=NOW,
        **options,
    )


def facts(world: World) -> list[tuple[Any, ...]]:
    return world.select(
        "SELECT points, (facts->'rerun'->>'from')::bigint, (facts->'rerun'->>'to')::bigint,"
        " rule_version_id, reverses_id IS NOT NULL FROM awards_entry"
        " WHERE company_id = %s AND facts ? 'rerun' ORDER BY id",
        [world.company_id],
    )


def late_price(world: World) -> tuple[Any, Any]:
    """迟到 cost 5; on 21 November it is decided that since 10 November it costs 10."""
    old = world.rule("S1", "迟到", points="-5")
    world.record(
        event("A", old.rule.code, "001", "2026-11-05 09:10"),
        event("B", old.rule.code, "001", "2026-11-12 09:10"),
        event("C", old.rule.code, "002", "2026-11-13 09:10"),
    )
    return old, world.rule(
        "S1", "迟到", points="-10", rule=old.rule, active_from=date(2026, 11, 10)
    )


def test_differences_cite_both_versions(world: World) -> None:
    old, new = late_price(world)
    assert world.balances() == {"001": -10_00, "002": -5_00}
    found = again(world, old.rule_id)
    assert world.balances() == {"001": -15_00, "002": -10_00}
    assert (found.events, found.entries, found.points, len(found.people)) == (3, 4, -10_00, 2)
    assert sorted(facts(world)) == [
        (-10_00, old.pk, new.pk, new.pk, False),
        (-10_00, old.pk, new.pk, new.pk, False),
        (5_00, old.pk, new.pk, old.pk, True),
        (5_00, old.pk, new.pk, old.pk, True),
    ]


def test_again_posts_nothing(world: World) -> None:
    old, _new = late_price(world)
    again(world, old.rule_id)
    found = again(world, old.rule_id, run_id=2)
    assert (found.entries, found.points) == (0, 0)
    assert world.balances() == {"001": -15_00, "002": -10_00}


def test_a_rehearsal_tells_the_same_and_leaves_nothing(world: World) -> None:
    old, _new = late_price(world)
    rehearsed = again(world, old.rule_id, is_rehearsal=True, run_id=0)
    assert facts(world) == []
    assert world.balances() == {"001": -10_00, "002": -5_00}
    done = again(world, old.rule_id)
    assert (rehearsed.entries, rehearsed.points) == (done.entries, done.points)


def test_what_comes_to_the_same_stays(world: World) -> None:
    old = world.rule("S1", "迟到", points="-5")
    world.record(event("B", old.rule.code, "001", "2026-11-12 09:10"))
    world.rule("S1", "迟到（改说法）", points="-5", rule=old.rule, active_from=date(2026, 11, 10))
    assert again(world, old.rule_id).entries == 0


def test_an_event_of_somebody_whom_the_rule_did_not_concern_earns_now(world: World) -> None:
    with company_scope(world.company_id):
        store = Department.objects.get(company_id=world.company_id, name="仓库").pk
    deal = world.rule("S1", "签合同", points="10", population={"departments": [store]})
    world.record(event("D", deal.rule.code, "001", "2026-11-17 10:00"))
    assert world.statuses() == {"D": "nothing"}
    world.rule("S1", "签合同", points="10", rule=deal.rule, active_from=date(2026, 11, 10))
    again(world, deal.rule_id)
    assert world.balances() == {"001": 10_00}
    assert world.statuses() == {"D": "posted"}
    assert [(row[1], row[4]) for row in facts(world)] == [(None, False)]


def test_a_window_posts_its_difference(world: World) -> None:
    visits = world.rule("S4", "每周回访", points="100", target="20", period="week", unit="个")
    world.record(event("V", visits.rule.code, "001", "2026-11-11 10:00", quantity="10"))
    world.close(date(2026, 11, 16))
    assert world.balances() == {"001": 50_00}
    new = world.rule(
        "S4", "每周回访", points="100", target="10", period="week", unit="个",
        rule=visits.rule, active_from=date(2026, 11, 1),
    )  # fmt: skip
    again(world, visits.rule_id)
    assert world.balances() == {"001": 100_00}
    assert {row[1:3] for row in facts(world)} == {(visits.pk, new.pk)}
    assert again(world, visits.rule_id, run_id=2).entries == 0


def test_from_each_time_to_by_week(world: World) -> None:
    """The rule counts by week now: single entries are taken back, the window is paid."""
    visits = world.rule("S1", "回访", points="10")
    world.record(
        *(event(f"V{n}", visits.rule.code, "001", f"2026-11-{9 + n:02} 10:00") for n in range(3))
    )
    assert world.balances() == {"001": 30_00}
    world.rule(
        "S4", "回访", points="100", target="3", period="week",
        rule=visits.rule, active_from=date(2026, 11, 1),
    )  # fmt: skip
    again(world, visits.rule_id)
    assert world.balances() == {"001": 100_00}
    assert set(world.statuses().values()) == {"posted"}


def test_a_closed_month_stays(world: World) -> None:
    old = world.rule("S1", "迟到", points="-5")
    world.record(event("B", old.rule.code, "001", "2026-10-12 09:10"))
    world.rule("S1", "迟到", points="-10", rule=old.rule, active_from=date(2026, 10, 1))
    before = [row for row in world.day_totals() if row[2].month == 10]
    _close_october(world)
    found = again(world, old.rule_id, start=date(2026, 10, 1))
    assert found.moved == 2
    assert world.balances() == {"001": -10_00}
    assert [row for row in world.day_totals() if row[2].month == 10] == before


def _close_october(world: World) -> None:
    with company_scope(world.company_id):
        close_month(
            company_id=world.company_id, month=date(2026, 10, 1), closed_by=1, closed_at=NOW
        )
