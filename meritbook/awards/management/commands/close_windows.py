"""close_windows --until DATE: post the results of windows that are over."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from meritbook.awards.operations import close_windows
from meritbook.kit import clock
from meritbook.kit.commands import CompanyCommand
from meritbook.kit.words import say


class Command(CompanyCommand):
    help = "Post the results of all windows that end before a day; again: nothing new."
    scoped = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--until", required=True, type=date.fromisoformat, metavar="DATE")

    def company_answer(self, *, company_id: int, **options: Any) -> Any:
        closed = close_windows(company_id=company_id, until=options["until"], now=clock.now())
        return {"windows": closed.windows, "entries": closed.entries}

    def show(self, value: Any) -> str:
        return say("结算 %(windows)s 个周期，记账 %(entries)s 笔", **value)
