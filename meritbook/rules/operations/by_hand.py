"""One rule written by hand: a new rule, or a new version of one that exists."""

from collections.abc import Mapping
from dataclasses import astuple
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from meritbook.kit.errors import Refusal
from meritbook.org.models import Programme
from meritbook.rules.codes import rule_code
from meritbook.rules.content import content_of, tiers_of
from meritbook.rules.models import Rule, RuleVersion
from meritbook.rules.operations.loading import NAME_LENGTH
from meritbook.rules.operations.publishing import VersionIncomplete
from meritbook.rules.operations.schemes import default_scheme
from meritbook.rules.operations.succession import checked_predecessors
from meritbook.rules.operations.versions import Proposal, write_draft

HAND_SHEET = ""
LARGEST = Decimal(10) ** 10
"""No bound and no worth of a tier is higher: the columns that repeat them hold no more."""


class TiersDecide(Refusal):
    """Points or target were changed beside tiers, which decide both."""

    code = "tiers_decide"
    status = 409


def save_rule(
    *,
    company_id: int,
    values: Mapping[str, Any],
    population: Mapping[str, Any],
    postings: Mapping[str, Any],
    reason: str,
    actor_id: int | None,
    now: datetime,
    rule: Rule | None = None,
) -> RuleVersion:
    """Write a draft version from DRAFT-like ``values``; without ``rule`` a new one is made.

    ``values`` must hold ``shape`` and ``standard``. Publish it with ``publish``. Tiers, as
    [{"from", "points"}], decide the points and the target of an S5. Raises TiersDecide when those
    were changed and the tiers were not, VersionIncomplete for what should be a number and is none,
    PredecessorUnknown for rules that it cannot follow.
    """
    if values.get("succeeds"):
        codes = checked_predecessors(
            company_id=company_id,
            codes=values["succeeds"],
            own_code=None if rule is None else rule.code,
        )
        values = {**values, "succeeds": codes}
    try:
        content = content_of(values)
    except ArithmeticError:
        raise VersionIncomplete(_("分值、目标和各档都要填数字")) from None
    if any(
        abs(number) >= LARGEST for tier in tiers_of(values.get("tiers")) for number in astuple(tier)
    ):
        raise VersionIncomplete(_("各档的数字过大"))
    if rule is None:
        rule = _new_rule(company_id=company_id, values=values, now=now)
    latest = (
        RuleVersion.objects.filter(company_id=company_id, rule_id=rule.pk)
        .order_by("-number")
        .first()
    )
    _check_tiers(values, latest)
    return write_draft(
        company_id=company_id,
        rule=rule,
        latest=latest,
        proposal=Proposal(
            content=content,
            population=population,
            postings=postings,
            questions=[],
            findings=[],
            reason=reason,
        ),
        actor_id=actor_id,
        now=now,
    )


def _check_tiers(values: Mapping[str, Any], latest: RuleVersion | None) -> None:
    """Refuse a change of points or target that the tiers, left as they were, would undo."""
    if latest is None or values["shape"] != "S5":
        return
    tiers = tiers_of(values.get("tiers"))
    if not tiers or tiers != tiers_of(latest.extra.get("tiers")):
        return
    for name, decided in (("points", tiers[-1].points), ("target", tiers[-1].from_)):
        given = values.get(name)
        if given not in (None, "") and Decimal(str(given)) != decided:
            raise TiersDecide(
                _("这条标准分 %(n)d 档，分值和目标由各档决定；要改请改各档") % {"n": len(tiers)}
            )


def _new_rule(*, company_id: int, values: Mapping[str, Any], now: datetime) -> Rule:
    taken = set(Rule.objects.filter(company_id=company_id).values_list("code", flat=True))
    ordinal = 1
    while (
        code := rule_code(
            sheet=HAND_SHEET,
            indicator=str(values.get("indicator") or ""),
            standard=str(values["standard"]),
            ordinal=ordinal,
        )
    ) in taken:
        ordinal += 1
    return Rule.objects.create(
        company_id=company_id,
        programme=Programme.objects.get(company_id=company_id, code="employees"),
        scheme=default_scheme(company_id=company_id, now=now),
        code=code,
        name=str(values["standard"])[:NAME_LENGTH],
        category=str(values.get("category") or "")[:40],
    )
