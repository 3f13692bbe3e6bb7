"""explain EVENT_NO: what an event earned, why, and what it missed."""

from argparse import ArgumentParser
from typing import Any

from meritbook.awards.queries.explanation import explain
from meritbook.kit.commands import CompanyCommand


class Command(CompanyCommand):
    help = "Explain one event: its entries step by step, and near misses."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("event_no", metavar="EVENT_NO")
        parser.add_argument("--source", default="default", metavar="NAME")

    def company_answer(self, *, company_id: int, **options: Any) -> Any:
        return explain(
            company_id=company_id, event_no=options["event_no"], source=options["source"]
        ).as_dict()

    def show(self, value: Any) -> str:
        lines = ["{event_no} ({source}): {status}".format(**value)]
        for entry in value["entries"]:
            lines.append("{asset} {points}: {sentence}".format(**entry))
            lines += [f"  {'✓' if s['ok'] else '✗'} {s['text']}" for s in entry["steps"]]
        lines += ["✗ {rule_code} {failed_step}: {text}".format(**near) for near in value["near"]]
        return "\n".join(lines)
