"""caps --day 2026-11-21: what may be gained at most, what is used and left."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from meritbook.awards.queries.cap_list import cap_lines
from meritbook.kit import clock
from meritbook.kit.commands import CompanyCommand
from meritbook.kit.words import say
from meritbook.org.models import Company


class Command(CompanyCommand):
    help = "The caps that count on a day, each in its span of days, with what is used and left."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--day", metavar="DAY", type=date.fromisoformat, help="2026-11-21; default: today"
        )

    def company_answer(self, *, company_id: int, **options: Any) -> Any:
        zone = Company.objects.values_list("time_zone", flat=True).get(pk=company_id)
        day = options["day"] or clock.today(time_zone=zone)
        return [line.as_dict() for line in cap_lines(company_id=company_id, day=day)]

    def show(self, value: Any) -> str:
        lines = []
        for one in value:
            lines.append(
                say(
                    "%(name)s（%(span)s）：最多 %(amount)s，已用 %(used)s，剩余 %(left)s",
                    **{key: one[key] for key in ("name", "span", "amount", "used", "left")},
                )
            )
            lines += [
                f"  {taker['employee_no'] or ''} {taker['name']} {taker['used']} / {one['amount']}"
                for taker in one["takers"]
                if taker["name"]
            ]
        return "\n".join(lines) or say("这一天没有上限")
