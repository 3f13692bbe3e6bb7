"""wallet EMPLOYEE_NO: what somebody has."""

from argparse import ArgumentParser
from typing import Any

from meritbook.awards.queries.wallets import employee_of, wallet_dict
from meritbook.kit.commands import CompanyCommand
from meritbook.kit.words import say
from meritbook.ledger.names import named_assets
from meritbook.ledger.statements import wallet


class Command(CompanyCommand):
    help = "Show somebody's accounts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("employee_no", metavar="EMPLOYEE_NO")

    def company_answer(self, *, company_id: int, **options: Any) -> Any:
        employee = employee_of(company_id=company_id, employee_no=options["employee_no"])
        return wallet_dict(
            employee_no=employee.employee_no,
            accounts=wallet(company_id=company_id, party_id=employee.party_id),
            named=named_assets(company_id=company_id),
        )

    def show(self, value: Any) -> str:
        return "\n".join(
            say("%(name)-10s %(balance)12s (可用 %(available)s)", **account)
            for account in value["accounts"]
        )
