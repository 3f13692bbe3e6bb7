"""A person's wallet and statement, each line with the sentence that explains it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from meritbook.awards.queries.entries import Explained, explain_entries
from meritbook.kit.errors import Refusal
from meritbook.kit.points import points_text
from meritbook.ledger import statements as ledger
from meritbook.ledger.kinds import kind_name
from meritbook.ledger.names import Named
from meritbook.ledger.statements import Account, Movement
from meritbook.org.models import Company, Employee


class UnknownEmployee(Refusal):
    """The company has nobody with the 工号."""

    code = "unknown_employee"
    status = 404

    def __init__(self, employee_no: str) -> None:
        super().__init__(_("没有工号为“%(no)s”的员工") % {"no": employee_no[:60]})


@dataclass(frozen=True, slots=True)
class Line:
    """A movement and, where an event or a window caused it, the explanation."""

    movement: Movement
    explained: Explained | None

    @property
    def sentence(self) -> str:
        """Why; of what no event caused the note, or what kind of movement it is."""
        if self.explained is not None:
            return self.explained.sentence
        return self.movement.note or kind_name(self.movement.kind)

    @property
    def rule_code(self) -> str | None:
        return self.explained.rule.spec.code if self.explained else None

    @property
    def event_no(self) -> str | None:
        return self.explained.event_no if self.explained else None

    def as_dict(self) -> dict[str, object]:
        """The JSON of the contract."""
        one = self.movement
        return {
            "tx_id": str(one.tx_id),
            "posted_at": one.posted_at.isoformat(),
            "effective_on": one.effective_on.isoformat(),
            "asset": one.asset,
            "points": points_text(one.points, one.scale),
            "balance_after": points_text(one.balance_after, one.scale),
            "rule_code": self.rule_code,
            "event_no": self.event_no,
            "sentence": self.sentence,
            "reverses": None if one.reverses_tx_id is None else str(one.reverses_tx_id),
        }


def employee_of(*, company_id: int, employee_no: str) -> Employee:
    """An employee by 工号. Raises UnknownEmployee."""
    try:
        return Employee.objects.get(company_id=company_id, employee_no=employee_no)
    except Employee.DoesNotExist:
        raise UnknownEmployee(employee_no) from None


def wallet_dict(
    *, employee_no: str, accounts: Sequence[Account], named: Mapping[str, Named]
) -> dict[str, object]:
    """The JSON of the contract, with the names of the company's assets."""
    return {
        "employee_no": employee_no,
        "accounts": [
            {
                "asset": one.asset,
                "name": named[one.asset].name,
                "unit": named[one.asset].unit,
                "balance": points_text(one.balance, one.scale),
                "held": points_text(one.held, one.scale),
                "available": points_text(one.available, one.scale),
                "expiring": [
                    {"date": lot.day.isoformat(), "amount": points_text(lot.amount, one.scale)}
                    for lot in one.expiring
                ],
            }
            for one in accounts
        ],
    }


def statement(
    *,
    company_id: int,
    party_id: int,
    asset: str | None = None,
    assets: Sequence[str] | None = None,
    start: date | None = None,
    end: date | None = None,
    newest_first: bool = False,
    offset: int = 0,
    limit: int | None = None,
) -> list[Line]:
    """A statement in order of posting, with sentences; of all ``assets``, or of one.

    Raises UnknownAsset.
    """
    company = Company.objects.get(id=company_id)
    movements = ledger.statement(
        company_id=company_id,
        party_id=party_id,
        asset=asset,
        assets=assets,
        start=start,
        end=end,
        newest_first=newest_first,
        offset=offset,
        limit=limit,
    )
    explained = explain_entries(
        company_id=company_id,
        zone=company.time_zone,
        tx_ids={one.tx_id for one in movements},
    )
    return [
        Line(
            one._replace(posted_at=one.posted_at.astimezone(company.zone)), explained.get(one.tx_id)
        )
        for one in movements
    ]
