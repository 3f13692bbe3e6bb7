"""read_rules FILE: reads a rule table and writes nothing."""

from argparse import ArgumentParser
from typing import Any

from meritbook.kit.commands import JsonCommand, file_argument
from meritbook.rules.sheets import read_rule_path


class Command(JsonCommand):
    help = "Read a rule table and write nothing: drafts, questions, findings."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=file_argument)

    def answer(self, **options: Any) -> Any:
        reading = read_rule_path(options["file"])
        return {
            "drafts": [draft.as_dict() for draft in reading.drafts],
            "problems": [problem.as_dict() for problem in reading.problems],
            "findings": [finding.as_dict() for finding in reading.findings],
        }

    def show(self, value: Any) -> str:
        lines = [
            f"{draft['sheet'] or '-'} {draft['row']}: {draft['standard']}"
            f" → {draft['shape']} {draft['points_text']}"
            for draft in value["drafts"]
        ]
        lines += [
            f"? {draft['sheet']} {draft['row']}: {question['text']}({question['proposal']})"
            for draft in value["drafts"]
            for question in draft["questions"]
        ]
        lines += [
            f"! {each['sheet']} {each['row']}: {each['reason']}" for each in value["problems"]
        ]
        lines += [f"* {each['sheet']} {each['row']}: {each['text']}" for each in value["findings"]]
        return "\n".join(lines)
