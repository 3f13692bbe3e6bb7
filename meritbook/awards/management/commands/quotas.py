"""quotas: what each manager may give away this month; with --set somebody's from today on."""

from argparse import ArgumentParser, ArgumentTypeError
from decimal import Decimal, InvalidOperation
from typing import Any

from meritbook.awards.operations.quotas import set_quota
from meritbook.awards.paying import QUOTA_SCALE
from meritbook.awards.queries.quotas import managers, quota_lines
from meritbook.kit import clock
from meritbook.kit.commands import CompanyCommand
from meritbook.kit.points import to_minor
from meritbook.kit.words import say
from meritbook.org.models import Company
from meritbook.org.operations.audit import SYSTEM
from meritbook.org.operations.people import employee


def points(text: str) -> int:
    """An argparse type: points in minor units."""
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise ArgumentTypeError(text) from error
    if not value.is_finite() or value != round(value, QUOTA_SCALE) or abs(value) > 10**12:
        raise ArgumentTypeError(text)
    return to_minor(value, QUOTA_SCALE)


class Command(CompanyCommand):
    help = (
        "Managers' quotas of this month; --set EMPLOYEE_NO with --monthly (and --act-max) sets one."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--set", dest="employee_no", metavar="EMPLOYEE_NO")
        parser.add_argument("--monthly", type=points, metavar="POINTS", help="none: no quota")
        parser.add_argument("--act-max", type=points, metavar="POINTS")

    def company_answer(self, *, company_id: int, **options: Any) -> Any:
        zone = Company.objects.values_list("time_zone", flat=True).get(pk=company_id)
        today = clock.today(time_zone=zone)
        if options["employee_no"]:
            set_quota(
                company_id=company_id,
                employee=employee(company_id=company_id, employee_no=options["employee_no"]),
                monthly=options["monthly"],
                act_max=options["act_max"],
                today=today,
                now=clock.now(),
                actor=SYSTEM,
            )
        people = list(managers(company_id=company_id))
        found = quota_lines(company_id=company_id, people=people, today=today)
        return [line.as_dict() for line in found]

    def show(self, value: Any) -> str:
        return "\n".join(
            say(
                "%(employee_no)s %(name)s：每月 %(monthly)s，已用 %(used)s / %(granted)s，剩余 %(left)s",
                **{key: "–" if each[key] is None else each[key] for key in each},
            )
            for each in value
        ) or say("还没有部门主管")
