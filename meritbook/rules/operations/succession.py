"""Rules that take the place of others: one split into several, several merged into one.

A successor names its predecessors (``extra.succeeds``, codes); when it is published they end where
it begins, and what was earned by them is shown with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.utils.translation import gettext as _

from meritbook.kit.errors import Refusal
from meritbook.rules.models import Rule, RuleVersion

MOST = 20


class PredecessorUnknown(Refusal):
    """A predecessor is no rule of the company, or the rule itself or one of its successors."""

    code = "unknown_predecessor"


def checked_predecessors(
    *, company_id: int, codes: Iterable[str], own_code: str | None
) -> list[str]:
    """The codes of the predecessors, each once. Raises PredecessorUnknown."""
    wanted = list(dict.fromkeys(filter(None, (code.strip() for code in codes))))[:MOST]
    known = set(
        Rule.objects.filter(company_id=company_id, code__in=wanted).values_list("code", flat=True)
    )
    for code in wanted:
        if code not in known:
            raise PredecessorUnknown(_("没有编号为“%(code)s”的积分标准") % {"code": code})
        if own_code is not None and own_code in (code, *ancestors(company_id, [code])):
            raise PredecessorUnknown(
                _("“%(code)s”已经接替了这一条，不能再反过来接替；请去掉它") % {"code": code}
            )
    return wanted


def ancestors(company_id: int, codes: Sequence[str]) -> list[str]:
    """The codes that these rules follow, and those that they follow in turn."""
    found: list[str] = []
    ahead = list(codes)
    while ahead:
        links = _predecessors(company_id, ahead)
        ahead = [code for code in dict.fromkeys(links) if code not in found]
        found += ahead
    return found


def _predecessors(company_id: int, codes: Sequence[str]) -> list[str]:
    stored = RuleVersion.objects.filter(
        company_id=company_id, rule__code__in=codes, extra__has_key="succeeds"
    ).values_list("extra__succeeds", flat=True)
    return [code for each in stored for code in each]


def successors(company_id: int, code: str) -> list[Rule]:
    """The rules that follow this one."""
    return list(
        Rule.objects.filter(
            company_id=company_id,
            versions__company_id=company_id,
            versions__extra__succeeds__contains=[code],
        )
        .distinct()
        .order_by("code")
    )


def end_predecessors(
    *, company_id: int, versions: Iterable[RuleVersion], from_day: date
) -> list[str]:
    """End the rules that these versions follow where they begin; the codes of those ended."""
    codes = {code for version in versions for code in version.extra.get("succeeds") or ()}
    ended = []
    for version in RuleVersion.objects.select_related("rule").filter(
        company_id=company_id, rule__code__in=codes, status=RuleVersion.Status.PUBLISHED
    ):
        begins = version.active_from or from_day
        if version.active_to is None or version.active_to > from_day:
            version.active_to = max(begins, from_day)
            version.status = RuleVersion.Status.RETIRED
            version.save(update_fields=["active_to", "status"])
            ended.append(version.rule.code)
    return sorted(set(ended))
