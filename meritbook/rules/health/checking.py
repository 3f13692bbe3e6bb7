"""All findings on a scheme, the gravest first."""

from __future__ import annotations

from meritbook.rules.health import limits, pricing, usage, wording
from meritbook.rules.health.scheme import SEVERITIES, Finding, Scheme


def check_scheme(scheme: Scheme) -> list[Finding]:
    """What is wrong with the scheme, by severity and then in the order of the rules."""
    found = [
        finding for part in (wording, pricing, limits, usage) for finding in part.findings(scheme)
    ]
    place = {rule.rule_id: n for n, rule in enumerate(scheme.rules)}
    return sorted(
        found,
        key=lambda finding: (
            SEVERITIES.index(finding.severity),
            finding.code,
            place[finding.rules[0].rule_id],
        ),
    )
