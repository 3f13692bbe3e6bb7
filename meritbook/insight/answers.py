"""What insight answers to programs: plain values, points as text."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from meritbook.insight.models import Backtest, BacktestLine
from meritbook.insight.queries.health import Health
from meritbook.insight.simulating import Simulation
from meritbook.insight.words import finding_title
from meritbook.kit.points import points_text


def health_answer(found: Health) -> dict[str, Any]:
    """The findings, the gravest first, and the points that each post can reach in a month."""
    return {
        "rules": len(found.scheme.rules),
        "months": found.scheme.months,
        "findings": [
            {
                "key": each.key,
                "code": each.code,
                "severity": each.severity,
                "title": finding_title(each.code),
                "rules": [rule.code for rule in each.rules],
                "what": each.what,
                "why": each.why,
                "mend": each.mend.label,
            }
            for each in found.findings
        ],
        "reach": [
            {
                "post": row.post,
                "people": row.people,
                "points": str(row.points.quantize(Decimal(1), rounding=ROUND_HALF_UP)),
                "uncapped_rules": row.open_rules,
            }
            for row in found.reach
        ],
    }


def backtest_answer(found: Backtest) -> dict[str, Any]:
    """A backtest with its sums; those are None until it is done."""
    summary = found.summary
    return {
        "id": found.pk,
        "name": found.name,
        "state": found.state,
        "starts_on": found.starts_on.isoformat(),
        "ends_on": found.ends_on.isoformat(),
        "done": found.done,
        "total": found.total,
        "error": found.error,
        "before": _sums(summary["before"]) if summary else None,
        "after": _sums(summary["after"]) if summary else None,
        "posted": points_text(summary["posted"]) if summary else None,
        "winners": summary.get("winners", 0),
        "losers": summary.get("losers", 0),
        "moved": summary.get("moved", 0),
        "budgets_exceeded": sum(each["is_over"] for each in summary.get("budgets", ())),
        "rules": [
            {
                "code": each["code"],
                "is_changed": each["is_changed"],
                "before": _sums(each["before"]),
                "after": _sums(each["after"]),
                "gained": each["gained"],
                "lost": each["lost"],
                "changed": each["changed"],
            }
            for each in summary.get("rules", ())
        ],
    }


def _sums(side: dict[str, int]) -> dict[str, Any]:
    return {
        "points": points_text(side["points"]),
        "money": points_text(side["cents"]),
        "entries": side["entries"],
    }


def person_answer(line: BacktestLine) -> dict[str, Any]:
    """One person before and after."""
    return {
        "employee_no": line.employee.employee_no,
        "name": line.employee.name,
        "department": line.department.name if line.department else "",
        "before": points_text(line.before),
        "after": points_text(line.after),
        "before_rank": line.before_rank,
        "after_rank": line.after_rank,
        "before_money": points_text(line.before_cents),
        "after_money": points_text(line.after_cents),
    }


def simulation_answer(found: Simulation) -> dict[str, Any]:
    """A simulated year: points and money as text, the first hundred of the board."""
    return {
        "people": found.people,
        "year_points": points_text(found.year_points),
        "year_money": points_text(found.year_cents),
        "posts": [
            {
                "post": row.post,
                "people": row.people,
                "points_a_month": points_text(row.points),
                "weakest": points_text(row.weak),
                "strongest": points_text(row.strong),
                "money_a_month": points_text(row.cents),
                "year_money": points_text(row.year_cents),
            }
            for row in found.posts
        ],
        "board": [
            {
                "rank": rank,
                "post": row.post,
                "number": row.number,
                "points": points_text(row.points),
            }
            for rank, row in enumerate(found.board[:100], start=1)
        ],
        "skipped_rules": [rule.code for rule in found.skipped],
    }
