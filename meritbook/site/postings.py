"""Where the points of a rule go: factors as people say them, and as the rule keeps them.

People say how much of an asset one point of the rule becomes. The rule keeps the factor between
hundredths of a point and minor units of the asset, so that scoring needs no scales.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from meritbook.kit.errors import Refusal
from meritbook.kit.points import points_text
from meritbook.ledger.names import Named
from meritbook.org.operations.audit import Actor, note
from meritbook.rules.models import Rule, RuleVersion
from meritbook.rules.operations.postings import set_postings
from meritbook.rules.queries import version_spec
from meritbook.rules.scoring import AWARD_POSTINGS, DEDUCTION_POSTINGS, legs
from meritbook.rules.spec import SCALE

NOT_EARNED = frozenset({"quota"})
"""What no rule gives: a quota is granted by the month."""
FACTOR_MAX = Decimal(1000)


class PostingsRefused(Refusal):
    """The points of the rule do not go there; ``code`` names the reason."""

    def __init__(self, reason: str) -> None:
        texts = {
            "unknown_asset": _("没有这种积分资产"),
            "bad_factor": _("每 1 分记多少须在 0 到 1000 之间"),
            "no_postings": _("至少要记入一种积分"),
            "only_honour": _("扣分只扣荣誉：会扣分的标准不能记入别的积分"),
        }
        super().__init__(texts.get(reason, reason), code=reason)


def earned_assets(named: Mapping[str, Named]) -> dict[str, Named]:
    """The assets that a rule may give."""
    return {code: one for code, one in named.items() if code not in NOT_EARNED}


def deducts(version: RuleVersion) -> bool:
    """Whether the rule takes points, or may take them."""
    bounds = (version.points, version.points_min, version.points_max)
    return any(one is not None and one < 0 for one in bounds)


def factors_of(version: RuleVersion, *, named: Mapping[str, Named]) -> dict[str, Decimal]:
    """How much of each asset one point becomes, by code; the usual where the rule says nothing."""
    usual = DEDUCTION_POSTINGS if deducts(version) else AWARD_POSTINGS
    kept = {code: Decimal(str(factor)) for code, factor in version.postings.items()} or dict(usual)
    return {
        code: factor.scaleb(SCALE - named[code].scale).normalize()
        for code, factor in kept.items()
        if code in named
    }


def kept_factors(
    factors: Mapping[str, Decimal], *, version: RuleVersion, named: Mapping[str, Named]
) -> dict[str, str]:
    """The factors as the rule keeps them; empty when they are the usual ones.

    Raises PostingsRefused.
    """
    given = {code: factor for code, factor in factors.items() if factor}
    if not given.keys() <= earned_assets(named).keys():
        raise PostingsRefused("unknown_asset")
    if any(not 0 < factor <= FACTOR_MAX for factor in given.values()):
        raise PostingsRefused("bad_factor")
    if not given:
        raise PostingsRefused("no_postings")
    if deducts(version) and given.keys() != {"honour"}:
        raise PostingsRefused("only_honour")
    usual = DEDUCTION_POSTINGS if deducts(version) else AWARD_POSTINGS
    if given == usual:
        return {}
    return {
        code: format(factor.scaleb(named[code].scale - SCALE).normalize(), "f")
        for code, factor in given.items()
    }


def posted_words(
    version: RuleVersion, *, postings: Mapping[str, str], named: Mapping[str, Named], points: int
) -> list[tuple[str, str]]:
    """What ``points`` (minor units) of the rule become: name and amount of each asset."""
    version = RuleVersion(
        **{
            field.attname: getattr(version, field.attname)
            for field in RuleVersion._meta.concrete_fields
        }
        | {"postings": dict(postings)}
    )
    return [
        (named[code].name, points_text(amount, named[code].scale))
        for code, amount in legs(version_spec(version), points)
        if code in named
    ]


def change_postings(
    *,
    company_id: int,
    rule: Rule,
    version: RuleVersion,
    factors: Mapping[str, Decimal],
    named: Mapping[str, Named],
    reason: str,
    actor: Actor,
    now: datetime,
) -> RuleVersion:
    """A draft of the rule that posts so, to be published from a day. Raises PostingsRefused."""
    kept = kept_factors(factors, version=version, named=named)
    draft = set_postings(
        company_id=company_id,
        rule=rule,
        postings=kept,
        reason=reason,
        actor_id=actor.membership_id,
        now=now,
    )
    note(
        company_id=company_id,
        actor=actor,
        now=now,
        action="rule.postings",
        object_kind="rule",
        object_id=rule.code,
        before={"version": version.number, "postings": version.postings},
        after={"version": draft.number, "postings": kept},
        reason=reason,
    )
    return draft
