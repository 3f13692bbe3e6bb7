"""why_not EMPLOYEE_NO --on DATE: why somebody has no points for what they did."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from meritbook.awards.queries.missing import why_missing
from meritbook.awards.queries.wallets import UnknownEmployee
from meritbook.kit.commands import CompanyCommand
from meritbook.org.models import Company
from meritbook.org.queries.roster import roster


class Command(CompanyCommand):
    help = "Tell the first failed step under each standard that may be meant."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("employee_no", metavar="EMPLOYEE_NO")
        parser.add_argument("--on", required=True, type=date.fromisoformat, metavar="DATE")
        parser.add_argument("--words", default="", metavar="TEXT")
        parser.add_argument("--rule", default="", metavar="CODE")

    def company_answer(self, *, company_id: int, **options: Any) -> Any:
        wanted = options["employee_no"]
        person = roster(company_id=company_id, employee_nos=[wanted]).get(wanted)
        if person is None:
            raise UnknownEmployee(wanted)
        return why_missing(
            company_id=company_id,
            zone=Company.objects.values_list("time_zone", flat=True).get(id=company_id),
            person=person,
            day=options["on"],
            typed=options["words"],
            rule_code=options["rule"],
        ).as_dict()

    def show(self, value: Any) -> str:
        if value["text"]:
            return str(value["text"])
        signs = {"earned": "✓", "waiting": "…", "pending": "…"}
        return "\n".join(
            f"{signs.get(one['state'], '✗')} {one['rule_code']} {one['rule_name']}: {one['text']}"
            for one in value["findings"]
        )
