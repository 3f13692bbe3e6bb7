"""board --period P: who stands where."""

from argparse import ArgumentParser
from typing import Any

from meritbook.kit.commands import CompanyCommand
from meritbook.standings.queries import HONOUR, board, department_of, period_of


class Command(CompanyCommand):
    help = "Show the board of a period."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--period", required=True, metavar="PERIOD")
        parser.add_argument("--asset", default=HONOUR, metavar="CODE")
        parser.add_argument("--department", metavar="NAME")
        parser.add_argument("--limit", type=int, metavar="N")

    def company_answer(self, *, company_id: int, **options: Any) -> Any:
        name = options["department"]
        found = board(
            company_id=company_id,
            period=period_of(options["period"]),
            asset=options["asset"],
            department_id=department_of(company_id=company_id, name=name) if name else None,
        )
        return found.as_list(limit=options["limit"])

    def show(self, value: Any) -> str:
        return "\n".join(
            "{rank:>4}  {employee_no}  {name}  {department}  {points}".format(**row)
            for row in value
        )
