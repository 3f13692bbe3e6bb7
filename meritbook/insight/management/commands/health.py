"""health: what is wrong with the rules, why it matters, and what each post can reach."""

from argparse import ArgumentParser
from decimal import Decimal
from typing import Any

from meritbook.insight.answers import health_answer
from meritbook.insight.queries.health import MONTHS, health
from meritbook.insight.words import SEVERITY
from meritbook.kit import clock
from meritbook.kit.commands import CompanyCommand
from meritbook.kit.words import say
from meritbook.org.models import Company


class Command(CompanyCommand):
    help = "Check the scheme: findings with their mends, and points to reach by post."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--published", action="store_true", help="leave drafts out")
        parser.add_argument("--months", type=int, choices=range(1, 25), default=MONTHS, metavar="N")

    def company_answer(self, *, company_id: int, **options: Any) -> Any:
        zone = Company.objects.values_list("time_zone", flat=True).get(pk=company_id)
        return health_answer(
            health(
                company_id=company_id,
                today=clock.today(time_zone=zone),
                with_drafts=not options["published"],
                months=options["months"],
            )
        )

    def show(self, value: Any) -> str:
        lines = []
        for one in value["findings"]:
            lines += [
                f"[{SEVERITY[one['severity']][0]}] {one['title']}：{one['what']}",
                f"  {one['why']}",
                "  → " + one["mend"],
                "  " + " ".join(one["rules"]),
            ]
        lines.append(say("每月可达分："))
        lines += [
            f"  {row['post']} {row['people']}: {Decimal(row['points'])}" for row in value["reach"]
        ]
        return "\n".join(lines if value["findings"] else [say("没有发现问题"), *lines])
