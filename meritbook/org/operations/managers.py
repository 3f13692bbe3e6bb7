"""Direct managers in a file: found forward and backward, cycles refused."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from meritbook.kit.problems import Problem
from meritbook.kit.words import say
from meritbook.org.people_file import PersonRow


@dataclass(frozen=True, slots=True)
class Chains:
    """``managers``: 工号 → manager's 工号 to set; ``refused``: 工号 of rows that cannot stay."""

    managers: Mapping[str, str]
    refused: AbstractSet[str]
    problems: Sequence[Problem]


def manager_chains(
    *,
    rows: Sequence[PersonRow],
    stored: Mapping[str, Mapping[str, object]],
    lost: AbstractSet[str],
    problem_of: Callable[[PersonRow, str, str, str], Problem],
) -> Chains:
    """Resolve 直属上级工号.

    An unknown one refuses the row. One whose own row was refused (``lost``) does not: the row is
    kept with the manager as it was, and the problem says so, or one bad cell of a chief would
    refuse everybody below.
    """
    in_file = {row.employee_no for row in rows}
    refused: set[str] = set()
    managers: dict[str, str] = {}
    problems: list[Problem] = []
    for row in rows:
        manager = row.manager_no
        if manager is None:
            continue
        if manager in in_file or manager in stored:
            managers[row.employee_no] = manager
        elif manager in lost:
            problems.append(_later(row, manager, problem_of))
        else:
            refused.add(row.employee_no)
            problems.append(
                problem_of(
                    row,
                    "manager_no",
                    say("没有工号为“%(manager)s”的上级", manager=manager),
                    say("请检查上级的工号，或先导入上级，或留空"),
                )
            )
    numbers = {row["id"]: number for number, row in stored.items()}
    before = {
        number: numbers[row["manager_id"]]
        for number, row in stored.items()
        if row["manager_id"] is not None
    }
    cycle = _in_cycles({**before, **managers})
    for row in rows:
        if row.employee_no in cycle and row.employee_no in managers:
            refused.add(row.employee_no)
            problems.append(
                problem_of(
                    row,
                    "manager_no",
                    say("上级关系绕成了圈：%(cycle)s", cycle=" → ".join(cycle[row.employee_no])),
                    say("请改正其中一人的上级"),
                )
            )
    for row in rows:
        manager = managers.get(row.employee_no)
        if row.employee_no in refused:
            managers.pop(row.employee_no, None)
        elif manager in refused and manager not in stored:
            managers.pop(row.employee_no)
            problems.append(_later(row, str(manager), problem_of))
    return Chains(managers=managers, refused=refused, problems=problems)


def _later(
    row: PersonRow, manager: str, problem_of: Callable[[PersonRow, str, str, str], Problem]
) -> Problem:
    return problem_of(
        row,
        "manager_no",
        say("上级“%(manager)s”所在的行没有导入，本行已导入，上级暂不改动", manager=manager),
        say("改正上级那一行后再导入一次"),
    )


def _in_cycles(manager_of: Mapping[str, str]) -> dict[str, list[str]]:
    """Everybody on a cycle, with the cycle as it runs from them."""
    done: set[str] = set()
    found: dict[str, list[str]] = {}
    for start in manager_of:
        walk: dict[str, int] = {}
        order: list[str] = []
        each: str | None = start
        while each is not None and each not in done and each not in walk:
            walk[each] = len(order)
            order.append(each)
            each = manager_of.get(each)
        if each is not None and each in walk:
            ring = order[walk[each] :]
            for index, number in enumerate(ring):
                found[number] = [*ring[index:], *ring[:index], number]
        done.update(order)
    return found
