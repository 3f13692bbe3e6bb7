"""grant_quotas [--month 2026-11]: give managers the month's quota, once."""

from argparse import ArgumentParser
from typing import Any

from meritbook.awards.operations.quotas import BadQuota, grant_quotas
from meritbook.kit import clock
from meritbook.kit.commands import CompanyCommand
from meritbook.kit.periods import MONTH, Period
from meritbook.kit.words import say
from meritbook.org.models import Company


class Command(CompanyCommand):
    help = "Grant managers the quota of the running month; again: nothing new."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--month", metavar="MONTH", help="2026-11; default: this month")

    def company_answer(self, *, company_id: int, **options: Any) -> Any:
        zone = Company.objects.values_list("time_zone", flat=True).get(pk=company_id)
        today = clock.today(time_zone=zone)
        running = Period.containing(MONTH, today)
        # One granted ahead could be given away ahead; one of the past would have lapsed.
        if options["month"] and Period.parse(options["month"]) != running:
            raise BadQuota(say("额度只能在当月发放，现在是 %(month)s", month=running.text))
        granted = grant_quotas(company_id=company_id, month=running.start, today=today)
        return {"month": running.text, "granted": granted.new, "before": granted.before}

    def show(self, value: Any) -> str:
        return say("%(month)s：新发放 %(granted)s 人，已发放过 %(before)s 人", **value)
