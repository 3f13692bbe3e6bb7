"""close_month MONTH: close a month's book after its checklist."""

from argparse import ArgumentParser
from typing import Any

from meritbook.kit import clock
from meritbook.kit.commands import CompanyCommand
from meritbook.kit.words import say
from meritbook.org.models import Company
from meritbook.site.closing import checklist, close, closer, month_of


class Command(CompanyCommand):
    help = "Close a month (2026-11). What comes later counts in the next open month."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("month", metavar="MONTH")
        parser.add_argument("--by", required=True, metavar="EMPLOYEE_NO", help="who does it")
        parser.add_argument(
            "--looked", action="store_true", help="what is still open was looked at"
        )

    def company_answer(self, *, company_id: int, **options: Any) -> Any:
        company = Company.objects.get(pk=company_id)
        month = month_of(options["month"])
        now = clock.now()
        today = clock.today(time_zone=company.time_zone)
        checks = checklist(company=company, month=month, today=today)
        is_new = close(
            company=company,
            month=month,
            today=today,
            now=now,
            actor=closer(company_id=company_id, employee_no=options["by"]),
            looked=options["looked"],
        )
        return {
            "month": month.text,
            "state": "closed",
            "is_new": is_new,
            "checks": [{"name": one.key, "state": one.state, "detail": one.text} for one in checks],
        }

    def show(self, value: Any) -> str:
        return (
            say("%(month)s 已关账", **value)
            if value["is_new"]
            else say("%(month)s 早已关账", **value)
        )
