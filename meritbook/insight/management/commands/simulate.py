"""simulate: a year of the scheme, before any history exists."""

from argparse import ArgumentParser
from decimal import Decimal
from typing import Any

from meritbook.insight.answers import simulation_answer
from meritbook.insight.queries.simulation import Imagined, posts_of, simulated
from meritbook.insight.simulating import Assumptions
from meritbook.kit import clock
from meritbook.kit.commands import CompanyCommand
from meritbook.kit.words import say
from meritbook.org.models import Company


class Command(CompanyCommand):
    help = "Expected points, cost and board of a year, from people and how far targets are reached."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--attainment", type=int, choices=range(201), default=80, metavar="%")
        parser.add_argument("--spread", type=int, choices=range(51), default=15, metavar="%")
        parser.add_argument(
            "--people", type=int, metavar="N", help="in each post; default: as it is"
        )

    def company_answer(self, *, company_id: int, **options: Any) -> Any:
        zone = Company.objects.values_list("time_zone", flat=True).get(pk=company_id)
        today = clock.today(time_zone=zone)
        rows, workdays = posts_of(company_id=company_id, today=today)
        return simulation_answer(
            simulated(
                company_id=company_id,
                rows=rows,
                imagined=[Imagined(options["people"], None)] * len(rows),
                assumptions=Assumptions(
                    attainment=Decimal(options["attainment"]) / 100,
                    spread=Decimal(options["spread"]) / 100,
                    workdays=workdays,
                ),
                today=today,
            )
        )

    def show(self, value: Any) -> str:
        lines = [
            say(
                "一年：%(points)s 分，%(money)s 元，%(people)s 人",
                points=value["year_points"],
                money=value["year_money"],
                people=value["people"],
            )
        ]
        lines += [
            f"  {row['post']} {row['people']}: {row['points_a_month']} ({row['money_a_month']})"
            for row in value["posts"]
        ]
        return "\n".join(lines)
