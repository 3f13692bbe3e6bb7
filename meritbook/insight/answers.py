"""What insight answers to programs: plain values, points as text."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from meritbook.insight.queries.health import Health
from meritbook.insight.words import finding_title


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
