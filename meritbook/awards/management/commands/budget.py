"""budget --period 2026-11: what may be issued, what is used, what is left, where it leads."""

from argparse import ArgumentParser
from typing import Any

from meritbook.awards.queries.budgets import standings_of
from meritbook.kit import clock
from meritbook.kit.commands import CompanyCommand
from meritbook.kit.periods import MONTH, Period
from meritbook.kit.words import say
from meritbook.org.models import Company


class Command(CompanyCommand):
    help = "The budgets of a period, and of the longer ones around it, with what is used of them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--period", metavar="PERIOD", help="2026-11, 2026-Q4, 2026; default: this month"
        )

    def company_answer(self, *, company_id: int, **options: Any) -> Any:
        zone = Company.objects.values_list("time_zone", flat=True).get(pk=company_id)
        today = clock.today(time_zone=zone)
        text = options["period"]
        period = Period.parse(text) if text else Period.containing(MONTH, today)
        return [
            each.as_dict()
            for each in standings_of(company_id=company_id, period=period, today=today)
        ]

    def show(self, value: Any) -> str:
        lines = [
            say(
                "%(who)s %(period)s %(asset)s：已用 %(used)s / %(points)s 分（%(used_money)s / %(money)s 元），"
                "剩余 %(remaining)s 分，预计 %(forecast)s 分",
                who=one["department"] or say("全公司"),
                **{
                    key: "–" if one[key] is None else one[key] for key in one if key != "department"
                },
            )
            for one in value
        ]
        return "\n".join(lines) or say("这段时间没有预算")
