"""Several at once: nothing doubled, nothing lost."""

import random
import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connections

from tests.awards.worlds import World, event, found_world

THREADS = 4


@pytest.fixture
def world(live_database: str) -> World:
    world = found_world("acme", "示例公司")
    sales = world.department("销售部")
    for number in range(1, 6):
        world.hire(f"00{number}", f"员工{number}", sales)
    return world


def at_once(*work: Callable[[], Any]) -> list[Any]:
    """Run all at the same time; their answers in order. What one raises is raised here."""
    gate = threading.Barrier(len(work))
    answers: list[Any] = [None] * len(work)
    errors: list[BaseException] = []

    def run(index: int) -> None:
        try:
            gate.wait(20)
            answers[index] = work[index]()
        except BaseException as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    if errors:
        raise errors[0]
    return answers


def test_the_same_batch_from_everywhere_posts_once(world: World) -> None:
    contract = world.rule("S1", "签合同", points="10").rule.code
    visits = world.rule("S4", "回访", points="100", target="20", unit="个", period="week").rule.code
    events = [event(f"A{n}", contract, f"00{n % 5 + 1}") for n in range(60)]
    events += [event(f"B{n}", visits, f"00{n % 5 + 1}", quantity="2") for n in range(40)]

    def send(seed: int) -> Any:
        mixed = random.Random(seed).sample(events, len(events))
        return world.record(*mixed)

    answers = at_once(*(lambda seed=seed: send(seed) for seed in range(THREADS)))  # type: ignore[misc]

    assert sum(answer.count("new") for answer in answers) == 100
    assert sum(answer.count("duplicate") for answer in answers) == 100 * (THREADS - 1)
    assert sum(world.balances().values()) == 60 * 1000
    world.close(date(2026, 11, 16))
    assert sum(world.balances().values()) == 60 * 1000 + 5 * 8000


def test_two_closings_share_the_work(world: World) -> None:
    code = world.rule("S2", "日报", points="5", period="day").rule.code
    world.record(
        *(
            event(f"E{person}-{day}", code, f"00{person}", f"2026-11-{day:02d} 10:00")
            for person in range(1, 6)
            for day in range(1, 11)
        )
    )

    closed = at_once(*[lambda: world.close(date(2026, 11, 21))] * THREADS)

    assert sum(one.entries for one in closed) == 50
    assert sum(world.balances().values()) == 50 * 500


def test_closing_while_events_arrive_loses_none(world: World) -> None:
    code = world.rule("S4", "回访", points="100", target="100", unit="个", period="week").rule.code

    def send(part: int) -> Any:
        for n in range(10):
            world.record(event(f"E{part}-{n}", code, f"00{n % 5 + 1}", quantity="1"))

    at_once(
        lambda: send(1),
        lambda: send(2),
        *[lambda: world.close(date(2026, 11, 16))] * 2,
    )

    world.close(date(2026, 11, 16))
    assert world.balances() == {f"00{person}": 400 for person in range(1, 6)}


def test_corrections_of_one_event_follow_each_other(world: World) -> None:
    code = world.rule("S1", "签合同", points="10").rule.code
    world.record(event("E", code))

    at_once(
        *(
            lambda n=n: world.record(event("E", code, quantity=str(n)), revise=True)  # type: ignore[misc]
            for n in range(2, 2 + THREADS)
        )
    )

    (current,) = world.select(
        "SELECT revision, quantity FROM awards_event WHERE company_id = %s AND is_current",
        [world.company_id],
    )
    assert current[0] == 1 + THREADS
    assert world.balances() == {"001": int(current[1]) * 1000}


def test_chunks_that_overlap_keep_the_order_of_the_file(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number that occurs again in a later chunk meets the first one, as in one chunk."""
    monkeypatch.setattr("meritbook.awards.operations.recording.CHUNK", 20)
    contract = world.rule("S1", "签合同", points="10").rule.code
    visits = world.rule("S4", "回访", points="100", target="20", unit="个", period="week").rule.code
    rows = [event(f"A{n}", contract, f"00{n % 5 + 1}") for n in range(150)]
    rows += [event(f"A{n}", contract, f"00{n % 5 + 1}", quantity="2") for n in range(0, 150, 10)]
    rows += [event(f"B{n}", visits, f"00{n % 5 + 1}", quantity="2") for n in range(60)]
    rows += [event(f"X{n}", contract, "999") for n in range(3)]
    told: list[int] = []

    recorded = world.record(*rows, progress=lambda done, _total: told.append(done))

    statuses = [one.status for one in recorded.results]
    assert statuses[:150] == ["new"] * 150
    assert statuses[150:165] == ["conflict"] * 15
    assert statuses[165:] == ["new"] * 60 + ["refused"] * 3
    assert told[-1] == len(rows)
    assert told == sorted(told)
    assert sum(world.balances().values()) == 150 * 1000
    world.close(date(2026, 11, 16))
    assert sum(world.balances().values()) == 150 * 1000 + 5 * 10000


def test_an_error_in_one_chunk_keeps_the_others_whole(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meritbook.awards.operations.recording.CHUNK", 20)
    contract = world.rule("S1", "签合同", points="10").rule.code
    rows = [event(f"A{n}", contract, f"00{n % 5 + 1}") for n in range(100)]
    rows[50] = rows[50]._replace(quantity="many")  # type: ignore[arg-type]  # a mistake of ours

    with pytest.raises(Exception, match=r".+"):
        world.record(*rows)

    posted = sum(world.balances().values()) // 1000
    assert posted % 20 == 0
    rows[50] = event("A50", contract, "001")
    assert world.record(*rows).count("new") == 100 - posted
    assert sum(world.balances().values()) == 100 * 1000
