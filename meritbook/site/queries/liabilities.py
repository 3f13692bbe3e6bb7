"""What lapses month by month, and what unspent points are worth by age, for pages and workbooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from meritbook.kit.periods import MONTH, Period
from meritbook.kit.points import from_minor
from meritbook.ledger.forecasts import AGES, Aged, Lapse, aged, lapses
from meritbook.ledger.names import asset_names
from meritbook.ledger.worth import SCALE, Worth, worth
from meritbook.site.queries.ledger_words import Person, people_of


@dataclass(frozen=True, slots=True)
class Lapsing:
    """What lapses in one month of one asset. ``money`` is in 元."""

    period: Period
    asset: str
    name: str
    points: Decimal
    money: Decimal
    people: int
    is_overdue: bool
    """The day has passed; the expiry job has not been there yet."""


@dataclass(frozen=True, slots=True)
class PersonLapse:
    """What lapses for one person on one day."""

    person: Person | None
    party_id: int
    asset: str
    name: str
    day: date
    points: Decimal


@dataclass(frozen=True, slots=True)
class AgedAsset:
    """Unspent points of one asset by age, and their worth today in 元."""

    asset: str
    name: str
    points: Sequence[Decimal]
    total: Decimal
    money: Sequence[Decimal]
    money_total: Decimal
    people: int
    worth: Worth
    scale: int

    @property
    def is_weighed(self) -> bool:
        """Whether the company weighs it in money at all."""
        return self.worth.cents > 0

    @property
    def points_per_yuan(self) -> Decimal:
        """How many points make one 元."""
        if not self.worth.cents:
            return Decimal()
        return from_minor(self.worth.points, self.scale) * 100 / self.worth.cents


@dataclass(frozen=True, slots=True)
class AgedPerson:
    """One person's unspent points of one asset."""

    person: Person | None
    party_id: int
    asset: str
    name: str
    points: Sequence[Decimal]
    total: Decimal
    money: Decimal


def lapsing_by_month(*, company_id: int, found: Sequence[Lapse], today: date) -> list[Lapsing]:
    """Lapses gathered by month and asset, the earliest first."""
    names = asset_names(company_id=company_id)
    worths = _worths(company_id, {one.asset for one in found}, today)
    gathered: dict[tuple[date, str], list[Lapse]] = {}
    for one in found:
        gathered.setdefault((one.day.replace(day=1), one.asset), []).append(one)
    return [
        Lapsing(
            period=Period.containing(MONTH, month),
            asset=asset,
            name=names.get(asset, asset),
            points=from_minor(sum(one.amount for one in parts), parts[0].scale),
            money=from_minor(worths[asset].cents_of(sum(one.amount for one in parts)), SCALE),
            people=len({one.party_id for one in parts}),
            is_overdue=any(one.day < today for one in parts),
        )
        for (month, asset), parts in sorted(gathered.items(), key=lambda each: each[0][0])
    ]


def lapses_of_people(
    *, company_id: int, party_ids: Sequence[int] | None = None, until: date | None = None
) -> tuple[list[Lapse], list[PersonLapse]]:
    """What lapses for whom, the earliest first; the raw rows beside it."""
    found = lapses(company_id=company_id, party_ids=party_ids, until=until)
    people = people_of(company_id=company_id, party_ids={one.party_id for one in found})
    names = asset_names(company_id=company_id)
    return found, [
        PersonLapse(
            person=people.get(one.party_id),
            party_id=one.party_id,
            asset=one.asset,
            name=names.get(one.asset, one.asset),
            day=one.day,
            points=from_minor(one.amount, one.scale),
        )
        for one in found
    ]


def liability(*, company_id: int, today: date) -> tuple[list[AgedAsset], list[AgedPerson]]:
    """Unspent points by age: of the company by asset, and of each person."""
    found = aged(company_id=company_id, today=today)
    names = asset_names(company_id=company_id)
    worths = _worths(company_id, {one.asset for one in found}, today)
    people = people_of(company_id=company_id, party_ids={one.party_id for one in found})
    by_asset: dict[str, list[Aged]] = {}
    for one in found:
        by_asset.setdefault(one.asset, []).append(one)
    assets = []
    for asset, parts in by_asset.items():
        own, scale = worths[asset], parts[0].scale
        sums = [sum(one.by_age[index] for one in parts) for index in range(len(AGES) + 1)]
        assets.append(
            AgedAsset(
                asset=asset,
                name=names.get(asset, asset),
                points=[from_minor(each, scale) for each in sums],
                total=from_minor(sum(sums), scale),
                money=[from_minor(own.cents_of(each), SCALE) for each in sums],
                money_total=from_minor(own.cents_of(sum(sums)), SCALE),
                people=len(parts),
                worth=own,
                scale=scale,
            )
        )
    persons = [
        AgedPerson(
            person=people.get(one.party_id),
            party_id=one.party_id,
            asset=one.asset,
            name=names.get(one.asset, one.asset),
            points=[from_minor(each, one.scale) for each in one.by_age],
            total=from_minor(one.total, one.scale),
            money=from_minor(worths[one.asset].cents_of(one.total), SCALE),
        )
        for one in found
    ]
    persons.sort(key=lambda each: (-each.money, -each.total, each.party_id, each.asset))
    return assets, persons


def _worths(company_id: int, assets: set[str], today: date) -> Mapping[str, Worth]:
    found = {
        asset: worth(company_id=company_id, asset_code=asset, on=today) for asset in sorted(assets)
    }
    if "quota" in found:
        # What a manager may still give is owed to nobody.
        found["quota"] = found["quota"]._replace(cents=0)
    return found
