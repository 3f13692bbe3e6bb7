"""withdraw_events FILE: events that did not happen after all."""

from argparse import ArgumentParser
from typing import Any

from meritbook.awards.sheets import withdraw_listed
from meritbook.kit import clock
from meritbook.kit.commands import CompanyCommand, file_argument, read_bytes
from meritbook.kit.words import say


class Command(CompanyCommand):
    help = "Withdraw the events whose numbers a file lists; what they earned is reversed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", metavar="FILE", type=file_argument)
        parser.add_argument("--source", default="default", metavar="NAME")

    def company_answer(self, *, company_id: int, **options: Any) -> Any:
        return withdraw_listed(
            company_id=company_id,
            content=read_bytes(options["file"]),
            name=options["file"].name,
            source=options["source"],
            now=clock.now(),
        ).as_dict()

    def show(self, value: Any) -> str:
        lines = [
            say(
                "撤回 %(withdrawn)s 条，此前已撤回 %(duplicate)s 条，未找到 %(refused)s 条", **value
            )
        ]
        lines += [say("第 %(row)s 行：%(reason)s。", **each) for each in value["problems"]]
        return "\n".join(lines)
