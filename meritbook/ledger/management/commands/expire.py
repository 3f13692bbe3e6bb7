"""expire [--until DATE]: let what nobody used in time lapse."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from meritbook.kit import clock
from meritbook.kit.commands import CompanyCommand
from meritbook.kit.errors import Refusal
from meritbook.kit.tenancy import company_scope
from meritbook.kit.words import say
from meritbook.ledger.operations.daily import expire_all
from meritbook.org.models import Company


class NotYet(Refusal):
    """The day has not come: what lapses then can still be used."""

    code = "not_yet"


class Command(CompanyCommand):
    help = "Let points lapse whose last day is before a day (today); again: nothing new."
    scoped = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--until", type=date.fromisoformat, metavar="DATE")

    def company_answer(self, *, company_id: int, **options: Any) -> dict[str, Any]:
        with company_scope(company_id):
            zone = Company.objects.values_list("time_zone", flat=True).get(id=company_id)
        today = clock.today(time_zone=zone)
        until: date = options["until"] or today
        if until > today:
            raise NotYet(say("还没有到 %(day)s，不能提前清零", day=until))
        done = expire_all(company_id=company_id, today=until)
        return {"until": until.isoformat(), "lots": done.lots}

    def show(self, value: dict[str, Any]) -> str:
        return say("%(until)s 之前到期的 %(lots)s 批积分已清零", **value)
