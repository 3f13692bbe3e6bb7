"""try_rule CODE or --text: what one event would earn under a rule, and why; nothing is stored."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from meritbook.kit.commands import CompanyCommand
from meritbook.kit.words import say
from meritbook.rules.attributes import moment_of
from meritbook.rules.listings import sentence_of
from meritbook.rules.models import RuleVersion
from meritbook.rules.queries import latest_versions, rule
from meritbook.rules.sketches import DraftWrong, sketched
from meritbook.rules.tables import read_text
from meritbook.rules.trying import event_of, try_rule
from meritbook.rules.vocabulary import vocabulary


def moment(text: str) -> tuple[datetime, bool]:
    """An argparse type: a day, with or without a time."""
    found = moment_of(text)
    if found is None:
        raise ArgumentTypeError(f"{text!r} is no day and no time, e.g. 2026-11-12 21:30")
    return found


def number(text: str) -> Decimal:
    """An argparse type: a decimal number."""
    try:
        found = Decimal(text)
    except InvalidOperation:
        raise ArgumentTypeError(f"{text!r} is no number") from None
    if not found.is_finite():
        raise ArgumentTypeError(f"{text!r} is no number")
    return found


def pair(text: str) -> tuple[str, str]:
    """An argparse type: NAME=VALUE."""
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name.strip(), value.strip()


class Command(CompanyCommand):
    help = "Try a rule, or a sentence that says one, with an event. Nothing is stored."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("code", nargs="?", metavar="CODE")
        parser.add_argument("--text", metavar="SENTENCE", help="a rule in words")
        parser.add_argument("--condition", default="", metavar="EXPRESSION", help="with --text")
        parser.add_argument("--asks", type=pair, action="append", default=[], metavar="NAME=KIND")
        parser.add_argument("--employee", required=True, metavar="NO")
        parser.add_argument("--at", required=True, type=moment, metavar="TIME")
        parser.add_argument("--quantity", type=number)
        parser.add_argument("--amount", type=number)
        parser.add_argument("--object", default="")
        parser.add_argument(
            "--attribute", type=pair, action="append", default=[], metavar="NAME=VALUE"
        )

    def company_answer(self, *, company_id: int, **options: Any) -> Any:
        version = self._version(company_id, options)
        at, has_time = options["at"]
        trial = try_rule(
            company_id=company_id,
            version=version,
            employee_no=options["employee"],
            event=event_of(
                {
                    "happened_at": at,
                    "has_time": has_time,
                    "quantity": options["quantity"],
                    "amount": options["amount"],
                    "object": options["object"],
                    "attributes": dict(options["attribute"]),
                }
            ),
        )
        return {"rule": sentence_of(version), **trial.as_dict()}

    def _version(self, company_id: int, options: dict[str, Any]) -> RuleVersion:
        if options["code"]:
            found = rule(company_id=company_id, code=options["code"])
            return latest_versions(company_id=company_id).get(rule_id=found.pk)
        drafts = read_text(options["text"] or "").drafts if options["text"] else []
        if len(drafts) != 1:
            raise DraftWrong(say("请写一个标准编号，或者用 --text 写一句只含一条标准的话"))
        return sketched(
            company_id=company_id,
            values=drafts[0].as_dict(),
            population={},
            condition=options["condition"],
            attributes=dict(options["asks"]),
            definitions={},
            words=vocabulary(company_id=company_id),
        )

    def show(self, value: Any) -> str:
        lines = [value["rule"], f"{value['status']} {value['points']}: {value['sentence']}"]
        lines += [f"  {'✓' if step['ok'] else '✗'} {step['text']}" for step in value["steps"]]
        lines += ["! {column}: {reason} {remedy}".format(**one) for one in value["problems"]]
        return "\n".join(lines)
