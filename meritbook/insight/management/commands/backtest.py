"""backtest: try drafts out over past events, keep the result, and show it."""

from argparse import ArgumentParser
from typing import Any

from meritbook.insight.answers import backtest_answer, person_answer
from meritbook.insight.operations.backtests import ask, run
from meritbook.insight.queries.backtests import backtest_of, lines_of
from meritbook.insight.queries.books import draft_ids
from meritbook.insight.queries.health import span_before
from meritbook.kit import clock
from meritbook.kit.commands import CompanyCommand
from meritbook.kit.tenancy import company_scope
from meritbook.kit.words import say
from meritbook.org.models import Company
from meritbook.org.operations.audit import Actor


class Command(CompanyCommand):
    help = "Try drafts out over the events of past months; the ledger is not touched."
    scoped = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--months", type=int, choices=range(1, 25), default=3, metavar="N")
        parser.add_argument("--rule", action="append", metavar="CODE", help="default: all drafts")
        parser.add_argument("--published", action="store_true", help="no draft: check the ledger")
        parser.add_argument("--name", default="backtest", metavar="TEXT")

    def company_answer(self, *, company_id: int, **options: Any) -> Any:
        now = clock.now()
        with company_scope(company_id):
            zone = Company.objects.values_list("time_zone", flat=True).get(pk=company_id)
            codes = [] if options["published"] else options["rule"]
            made = ask(
                company_id=company_id,
                name=options["name"],
                span=span_before(clock.today(time_zone=zone), months=options["months"]),
                version_ids=draft_ids(company_id=company_id, codes=codes),
                actor=Actor(None, "backtest"),
                now=now,
            )
        run(company_id=company_id, backtest_id=made.pk, now=now)
        with company_scope(company_id):
            found = backtest_of(company_id=company_id, backtest_id=made.pk, scope=None)
            lines = lines_of(found, scope=None)
            return backtest_answer(found) | {"people": [person_answer(each) for each in lines]}

    def failed(self, value: Any) -> bool:
        return bool(value["state"] != "done")

    def show(self, value: Any) -> str:
        if value["state"] != "done":
            return str(value["error"] or value["state"])
        lines = [
            say(
                "%(start)s 至 %(end)s：现在 %(before)s 分，试算 %(after)s 分，账本 %(posted)s 分",
                start=value["starts_on"],
                end=value["ends_on"],
                before=value["before"]["points"],
                after=value["after"]["points"],
                posted=value["posted"],
            )
        ]
        lines += [
            f"{each['employee_no']}  {each['name']}  {each['before']} → {each['after']}"
            f"  ({each['before_rank']} → {each['after_rank']})"
            for each in value["people"]
        ]
        return "\n".join(lines)
