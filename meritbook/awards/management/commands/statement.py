"""statement EMPLOYEE_NO: every movement of somebody's points, with its reason."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from meritbook.awards.queries.wallets import employee_of, statement
from meritbook.kit.commands import CompanyCommand


class Command(CompanyCommand):
    help = "List the movements of somebody's accounts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("employee_no", metavar="EMPLOYEE_NO")
        parser.add_argument("--asset", metavar="CODE")
        parser.add_argument("--from", dest="start", type=date.fromisoformat, metavar="DATE")
        parser.add_argument("--to", dest="end", type=date.fromisoformat, metavar="DATE")

    def company_answer(self, *, company_id: int, **options: Any) -> Any:
        employee = employee_of(company_id=company_id, employee_no=options["employee_no"])
        lines = statement(
            company_id=company_id,
            party_id=employee.party_id,
            asset=options["asset"],
            start=options["start"],
            end=options["end"],
        )
        return [line.as_dict() for line in lines]

    def show(self, value: Any) -> str:
        return "\n".join(
            "{effective_on} {asset:<10} {points:>8} {balance_after:>8}  {sentence}".format(**row)
            for row in value
        )
