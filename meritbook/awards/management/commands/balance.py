"""balance [EMPLOYEE_NO] --on DATE: what accounts held at the end of a day."""

from argparse import ArgumentParser
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from meritbook.awards.queries.wallets import employee_of
from meritbook.kit import clock
from meritbook.kit.commands import CompanyCommand
from meritbook.kit.points import points_text
from meritbook.ledger.balances import balances_effective, balances_posted, trial_balance
from meritbook.ledger.browsing import EFFECTIVE, POSTED
from meritbook.org.models import Company


class Command(CompanyCommand):
    help = "Show balances at the end of a day: of a person, or of all accounts by kind."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("employee_no", nargs="?", metavar="EMPLOYEE_NO")
        parser.add_argument("--on", dest="day", type=date.fromisoformat, metavar="DATE")
        parser.add_argument("--by", choices=(EFFECTIVE, POSTED), default=EFFECTIVE)

    def company_answer(self, *, company_id: int, **options: Any) -> Any:
        zone = Company.objects.values_list("time_zone", flat=True).get(pk=company_id)
        day = options["day"] or clock.today(time_zone=zone)
        until = datetime.combine(day, time.max, tzinfo=ZoneInfo(zone))
        is_posted = options["by"] == POSTED
        if options["employee_no"] is None:
            return [
                {
                    "asset": one.asset,
                    "kind": one.kind,
                    "accounts": one.accounts,
                    "balance": points_text(one.balance, one.scale),
                }
                for one in trial_balance(
                    company_id=company_id,
                    posted_until=until if is_posted else None,
                    effective_until=None if is_posted else day,
                )
            ]
        party_id = employee_of(company_id=company_id, employee_no=options["employee_no"]).party_id
        found = (
            balances_posted(company_id=company_id, party_id=party_id, posted_until=until, zone=zone)
            if is_posted
            else balances_effective(company_id=company_id, party_id=party_id, effective_until=day)
        )
        return [
            {
                "asset": one.asset,
                "kind": one.kind,
                "accounts": 1,
                "balance": points_text(one.balance, one.scale),
            }
            for one in found
        ]

    def show(self, value: Any) -> str:
        return "\n".join(
            "{asset:<10} {kind:<12} {accounts:>6} {balance:>14}".format(**row) for row in value
        )
