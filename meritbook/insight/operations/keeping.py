"""What is kept of a backtest: a line a person, the largest changes with their traces, the sums."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from meritbook.awards.models import Budget
from meritbook.insight.models import Backtest, BacktestChange, BacktestLine
from meritbook.insight.operations.computing import Computed
from meritbook.insight.replaying import Members
from meritbook.insight.tallying import Both, Changed, Side, points_of
from meritbook.kit.periods import Period
from meritbook.ledger.names import named_assets
from meritbook.ledger.visibility import OFFICERS
from meritbook.ledger.worth import Worth, worth
from meritbook.org.models import Department
from meritbook.rules.scoring import CompiledRule
from meritbook.rules.sentences import event_sentence, window_sentence
from meritbook.rules.spec import Step
from meritbook.rules.trace import trace_event, trace_window
from meritbook.standings.ranks import ranks

RANKING = "honour"
"""What ranks and cannot be spent costs nothing."""


@dataclass(slots=True)
class Kept:
    """Rows that are ready to be written, and the sums."""

    backtest: Backtest
    lines: list[BacktestLine]
    changes: list[BacktestChange]
    summary: dict[str, Any]

    def write(self) -> None:
        """Write the rows, once: those of a run that broke off before go."""
        self.backtest.lines.filter(company_id=self.backtest.company_id).delete()
        self.backtest.changes.filter(company_id=self.backtest.company_id).delete()
        BacktestLine.objects.bulk_create(self.lines, batch_size=1_000)
        BacktestChange.objects.bulk_create(self.changes, batch_size=200)


class Money:
    """What points of assets cost on a day, in cents."""

    def __init__(self, *, company_id: int, day: date) -> None:
        self._company_id, self._day = company_id, day
        self._worths: dict[str, Worth] = {}

    def cents(self, assets: Mapping[str, int]) -> int:
        """What minor units by asset come to."""
        return sum(
            self._of(asset).cents_of(amount) for asset, amount in assets.items() if asset != RANKING
        )

    def _of(self, asset: str) -> Worth:
        if asset not in self._worths:
            self._worths[asset] = worth(company_id=self._company_id, asset_code=asset, on=self._day)
        return self._worths[asset]


def keep(*, backtest: Backtest, found: Computed) -> Kept:
    """Everything that the page shows later; in the snapshot's scope, writes nothing."""
    money = Money(company_id=backtest.company_id, day=backtest.ends_on)
    lines = _lines(backtest, found, money)
    return Kept(
        backtest,
        lines,
        [_change(backtest, found, each) for each in found.tally.largest],
        _summary(backtest, found, money, lines),
    )


def _lines(backtest: Backtest, found: Computed, money: Money) -> list[BacktestLine]:
    people = found.tally.people
    before, after = (
        ranks(
            (one, found.standings[one].employee_no, getattr(both, side).points)
            for one, both in people.items()
        )
        for side in ("before", "after")
    )
    lines = []
    for employee_id, both in people.items():
        at = found.standings[employee_id]
        lines.append(
            BacktestLine(
                company_id=backtest.company_id,
                backtest_id=backtest.pk,
                employee_id=employee_id,
                department_id=at.department_id,
                post_id=at.post_id,
                manager_id=at.manager_id,
                before=both.before.points,
                after=both.after.points,
                before_cents=money.cents(both.before.assets),
                after_cents=money.cents(both.after.assets),
                before_entries=both.before.entries,
                after_entries=both.after.entries,
                before_rank=before[employee_id].rank,
                after_rank=after[employee_id].rank,
            )
        )
    return lines


def _summary(
    backtest: Backtest, found: Computed, money: Money, lines: Sequence[BacktestLine]
) -> dict[str, Any]:
    tally = found.tally
    whole = Both(_total(one.before for one in tally.people.values()),
                 _total(one.after for one in tally.people.values()))  # fmt: skip
    return {
        "events": tally.events,
        "people": len(lines),
        "before": _side(whole.before, money),
        "after": _side(whole.after, money),
        "posted": sum(found.posted.values()),
        "winners": sum(line.after > line.before for line in lines),
        "losers": sum(line.after < line.before for line in lines),
        "moved": sum(line.after_rank != line.before_rank for line in lines),
        "rules": _rules(found, money),
        "months": [
            {"month": f"{month:%Y-%m}", "before": _side(one.before, money),
             "after": _side(one.after, money)}
            for month, one in sorted(tally.months.items())
        ],
        "budgets": _budgets(backtest, found),
    }  # fmt: skip


def _total(sides: Iterable[Side]) -> Side:
    whole = Side()
    for side in sides:
        whole.points += side.points
        whole.entries += side.entries
        for asset, amount in side.assets.items():
            whole.assets[asset] += amount
    return whole


def _side(side: Side, money: Money) -> dict[str, int]:
    return {"points": side.points, "entries": side.entries, "cents": money.cents(side.assets)}


def _rules(found: Computed, money: Money) -> list[dict[str, Any]]:
    """Every rule that earned on a side, those that changed first, then by what they moved."""
    rows: list[dict[str, Any]] = []
    for rule_id, sums in found.tally.rules.items():
        timeline = found.rulings.after.book.rules.get(
            rule_id
        ) or found.rulings.before.book.rules.get(rule_id)
        if timeline is None:
            continue
        rows.append(
            {
                "code": timeline.code,
                "name": timeline.latest.spec.standard or timeline.name,
                "is_changed": rule_id in found.rulings.changed,
                "before": _side(sums.both.before, money),
                "after": _side(sums.both.after, money),
                "gained": sums.gained,
                "lost": sums.lost,
                "changed": sums.changed,
            }
        )
    rows.sort(
        key=lambda row: (
            not row["is_changed"],
            -abs(row["after"]["points"] - row["before"]["points"]),
            row["code"],
        )
    )
    return rows


def _budgets(backtest: Backtest, found: Computed) -> list[dict[str, Any]]:
    """The budgets in force beside what both sides would have issued, in each span that the days
    cover whole; spans within are on budget or over it."""
    paths = dict(
        Department.objects.filter(company_id=backtest.company_id).values_list("pk", "path_ids")
    )
    rows = []
    budgets = Budget.objects.filter(
        company_id=backtest.company_id, ends_on__isnull=True
    ).select_related("department")
    for budget in budgets.order_by("pk"):
        price = worth(
            company_id=backtest.company_id, asset_code=budget.asset_code, on=backtest.ends_on
        )
        used: dict[Period, list[int]] = defaultdict(lambda: [0, 0])
        for one, sides in found.tally.issued.items():
            if one.asset != budget.asset_code:
                continue
            if budget.department_id is not None and budget.department_id not in paths.get(
                one.department_id or 0, ()
            ):
                continue
            span = Period.containing(budget.span, one.month)
            used[span] = [a + b for a, b in zip(used[span], sides, strict=True)]
        for span in sorted(used, key=lambda each: each.start):
            sides = used[span]
            if budget.unit == Budget.Unit.MONEY:
                sides = [price.cents_of(side) for side in sides]
            rows.append(
                {
                    "department": budget.department.name if budget.department else "",
                    "asset": budget.asset_code,
                    "period": span.text,
                    "unit": budget.unit,
                    "amount": budget.amount,
                    "before": sides[0],
                    "after": sides[1],
                    "is_over": sides[1] > budget.amount,
                }
            )
    return rows


def _change(backtest: Backtest, found: Computed, one: Changed) -> BacktestChange:
    if one.event is not None:
        starts_on = ends_on = one.event.fact_on
    else:
        assert one.window is not None  # noqa: S101 -- an event or a window
        starts_on, ends_on = one.window.starts_on, one.window.ends_on
    before_text, before_steps = _told(found, one, is_after=False)
    after_text, after_steps = _told(found, one, is_after=True)
    return BacktestChange(
        company_id=backtest.company_id,
        backtest_id=backtest.pk,
        rule_id=one.rule_id,
        employee_id=one.employee_id,
        event_id=None if one.event is None else one.event.id,
        starts_on=starts_on,
        ends_on=ends_on,
        before=points_of(one.before),
        after=points_of(one.after),
        before_text=before_text,
        after_text=after_text,
        before_steps=before_steps,
        after_steps=after_steps,
    )


def _told(found: Computed, one: Changed, *, is_after: bool) -> tuple[str, list[dict[str, Any]]]:
    """The sentence and the steps of one side, as an explanation would tell them."""
    book = found.rulings.after if is_after else found.rulings.before
    earning = one.after if is_after else one.before
    members: Members = one.after_members if is_after else one.before_members
    last = one.event.fact_on if one.event is not None else one.window.ends_on  # type: ignore[union-attr]
    rule = earning.rule if earning is not None else book.version_on(one.rule_id, last)
    if rule is None:
        return _("没有这条标准"), []
    named = {
        code: each
        for code, each in named_assets(company_id=found.intake.company_id).items()
        if each.visible_to != OFFICERS
    }
    if one.event is not None and not rule.windowed:
        person = found.intake.place(found.intake.person(one.employee_id), one.event.fact_on).person
        return (
            event_sentence(rule, one.event.facts, person, tr=_),
            _steps(trace_event(rule, one.event.facts, person, tr=_, assets=named)),
        )
    if one.window is not None and rule.windowed:
        return (
            window_sentence(rule, one.window, [each for each, _facts in members], tr=_),
            _steps(trace_window(rule, one.window, members, tr=_, assets=named)),
        )
    return _no_entry(rule), []


def _no_entry(rule: CompiledRule) -> str:
    return _("按周期结算，不按次计分") if rule.windowed else _("按次计分，不按周期结算")


def _steps(steps: Iterable[Step]) -> list[dict[str, Any]]:
    return [{"ok": step.ok, "text": step.text} for step in steps]
