"""What somebody may do with the own points: turn them into others, hand them to a colleague."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from meritbook.kit.points import from_minor
from meritbook.kit.templatetags.kit import points as shown
from meritbook.ledger.assets import AssetPolicy, asset_policies
from meritbook.ledger.names import Named
from meritbook.ledger.rates import rate_on, rates
from meritbook.ledger.statements import wallet
from meritbook.org.models import Employee
from meritbook.site.queries.rate_words import rate_text


@dataclass(frozen=True, slots=True)
class Convertible:
    """One asset that turns into another today, and how much there is of it."""

    source: AssetPolicy
    target: AssetPolicy
    available: Decimal
    rate: str

    @property
    def key(self) -> str:
        return f"{self.source.code}/{self.target.code}"

    @property
    def label(self) -> str:
        return _("%(source)s → %(target)s") % {
            "source": self.source.name,
            "target": self.target.name,
        }


@dataclass(frozen=True, slots=True)
class Transferable:
    """One asset that may be handed to a colleague, and how much there is of it."""

    policy: AssetPolicy
    available: Decimal

    @property
    def label(self) -> str:
        return _("%(asset)s（可用 %(points)s）") % {
            "asset": self.policy.name,
            "points": shown(self.available),
        }


def convertible(
    *, employee: Employee, today: date, sight: Mapping[str, Named]
) -> list[Convertible]:
    """What the employee may turn into what today, at a rate that holds."""
    policies = {one.code: one for one in asset_policies(company_id=employee.company_id)}
    if not any(one.is_convertible for one in policies.values()):
        return []
    available = _available(employee)
    known = rates(company_id=employee.company_id)
    pairs = dict.fromkeys((one.from_code, one.to_code) for one in known)
    found = []
    for from_code, to_code in pairs:
        rate = rate_on(known, from_code=from_code, to_code=to_code, day=today)
        source, target = policies[from_code], policies[to_code]
        if rate and source.is_convertible and from_code in sight and to_code in sight:
            text = rate_text(source, target, numerator=rate.numerator, denominator=rate.denominator)
            found.append(Convertible(source, target, available.get(from_code, Decimal(0)), text))
    return found


def transferable(*, employee: Employee, sight: Mapping[str, Named]) -> list[Transferable]:
    """What the employee may hand to a colleague."""
    allowed = [
        one
        for one in asset_policies(company_id=employee.company_id)
        if one.is_transferable and one.code in sight
    ]
    if not allowed:
        return []
    available = _available(employee)
    return [Transferable(one, available.get(one.code, Decimal(0))) for one in allowed]


def _available(employee: Employee) -> dict[str, Decimal]:
    return {
        one.asset: from_minor(one.available, one.scale)
        for one in wallet(company_id=employee.company_id, party_id=employee.party_id)
    }
