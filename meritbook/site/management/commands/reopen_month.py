"""reopen_month MONTH --reason TEXT: open the last closed month again."""

from argparse import ArgumentParser
from typing import Any

from meritbook.kit import clock
from meritbook.kit.commands import CompanyCommand
from meritbook.kit.words import say
from meritbook.org.models import Company
from meritbook.site.closing import closer, month_of, reopen


class Command(CompanyCommand):
    help = "Open a closed month (2026-11) again, for a reason that is kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("month", metavar="MONTH")
        parser.add_argument("--by", required=True, metavar="EMPLOYEE_NO", help="who does it")
        parser.add_argument("--reason", required=True)

    def company_answer(self, *, company_id: int, **options: Any) -> Any:
        month = month_of(options["month"])
        is_new = reopen(
            company=Company.objects.get(pk=company_id),
            month=month,
            reason=options["reason"],
            now=clock.now(),
            actor=closer(company_id=company_id, employee_no=options["by"]),
        )
        return {"month": month.text, "state": "open", "is_new": is_new}

    def show(self, value: Any) -> str:
        return (
            say("%(month)s 已重新打开", **value)
            if value["is_new"]
            else say("%(month)s 本来就没有关账", **value)
        )
