"""Rates in words, and what a change of one would mean."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from meritbook.kit.points import from_minor
from meritbook.kit.templatetags.kit import points as shown
from meritbook.kit.templatetags.kit import signed
from meritbook.ledger.assets import AssetPolicy, asset_policy
from meritbook.ledger.rates import Rate, outstanding, rate_on, rates


@dataclass(frozen=True, slots=True)
class RateEffect:
    """What all wallets would become: before and after a change, in minor units of the target."""

    source: AssetPolicy
    target: AssetPolicy
    numerator: int
    denominator: int
    present: Rate | None
    amount: int
    wallets: int

    @property
    def after_text(self) -> str:
        return rate_text(
            self.source, self.target, numerator=self.numerator, denominator=self.denominator
        )

    @property
    def before_text(self) -> str:
        if self.present is None:
            return "—"
        return rate_text(
            self.source,
            self.target,
            numerator=self.present.numerator,
            denominator=self.present.denominator,
        )

    @property
    def before(self) -> int | None:
        return None if self.present is None else self.present.converted(self.amount)

    @property
    def after(self) -> int:
        """What the same points become afterwards; those that keep their rate, as before."""
        if self.keeps_rate and self.before is not None:
            return self.before
        return (2 * self.amount * self.numerator + self.denominator) // (2 * self.denominator)

    @property
    def keeps_rate(self) -> bool:
        """Whether points keep the rate of the day on which they were earned."""
        return self.source.rate_basis == "earning" and self.source.keeps_lots

    @property
    def sentence(self) -> str:
        """In one sentence, for whoever confirms or approves it."""
        values = {
            "points": shown(from_minor(self.amount, self.source.scale)),
            "source": self.source.name,
            "people": self.wallets,
            "after": shown(from_minor(self.after, self.target.scale)),
            "target": self.target.name,
        }
        if self.before is None:
            return (
                _("现有 %(points)s %(source)s（%(people)s 人）共可换 %(after)s %(target)s") % values
            )
        values["before"] = shown(from_minor(self.before, self.target.scale))
        if self.keeps_rate:
            return (
                _(
                    "现有 %(points)s %(source)s（%(people)s 人）按获得当天的比例，仍可换"
                    " %(before)s %(target)s；新比例只用于以后得的"
                )
                % values
            )
        values["change"] = signed(from_minor(self.after - self.before, self.target.scale))
        return (
            _(
                "现有 %(points)s %(source)s（%(people)s 人）现在可换 %(before)s %(target)s，"
                "调整后可换 %(after)s %(target)s（%(change)s）"
            )
            % values
        )


def rate_text(source: AssetPolicy, target: AssetPolicy, *, numerator: int, denominator: int) -> str:
    """100 可用分 = 1 现金币: whole numbers where there are some."""
    given, got = from_minor(denominator, source.scale), from_minor(numerator, target.scale)
    if got < 1 and given % got == 0:
        given, got = given / got, Decimal(1)
    elif given < 1 and got % given == 0:
        given, got = Decimal(1), got / given
    return _("%(given)s %(source)s = %(got)s %(target)s") % {
        "given": shown(given),
        "source": source.name,
        "got": shown(got),
        "target": target.name,
    }


def rate_effect(
    *,
    company_id: int,
    from_code: str,
    to_code: str,
    numerator: int,
    denominator: int,
    today: date,
) -> RateEffect:
    """What a rate would mean for what people have now. Raises UnknownAsset."""
    held = outstanding(company_id=company_id, code=from_code)
    return RateEffect(
        source=asset_policy(company_id=company_id, code=from_code),
        target=asset_policy(company_id=company_id, code=to_code),
        numerator=numerator,
        denominator=denominator,
        present=rate_on(
            rates(company_id=company_id), from_code=from_code, to_code=to_code, day=today
        ),
        amount=held.amount,
        wallets=held.wallets,
    )
