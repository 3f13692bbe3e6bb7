"""rerun: score past days again under a rule's present versions; without --post it only looks."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from meritbook.insight.operations.reruns import ask, checked_span, counts_of, preview, run
from meritbook.kit import clock
from meritbook.kit.commands import CompanyCommand
from meritbook.kit.tenancy import company_scope
from meritbook.kit.words import say
from meritbook.org.models import Company
from meritbook.org.operations.audit import Actor
from meritbook.rules.queries import rule as rule_of


class Command(CompanyCommand):
    help = "What scoring past days again would post; with --post and --reason it is posted."
    scoped = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--rule", required=True, metavar="CODE")
        parser.add_argument(
            "--from", required=True, dest="start", type=date.fromisoformat, metavar="DAY"
        )
        parser.add_argument(
            "--to", required=True, dest="end", type=date.fromisoformat, metavar="DAY"
        )
        parser.add_argument("--post", action="store_true")
        parser.add_argument("--reason", default="", metavar="TEXT")

    def company_answer(self, *, company_id: int, **options: Any) -> Any:
        now = clock.now()
        with company_scope(company_id):
            zone = Company.objects.values_list("time_zone", flat=True).get(pk=company_id)
            rule = rule_of(company_id=company_id, code=options["rule"])
            span = checked_span(
                start=options["start"], end=options["end"], today=clock.today(time_zone=zone)
            )
            if not options["post"]:
                found = preview(company_id=company_id, rule=rule, span=span, now=now)
                return {"state": "preview", "error": "", **counts_of(found)}
            made = ask(
                company_id=company_id,
                rule=rule,
                span=span,
                reason=options["reason"],
                actor=Actor(None, "rerun"),
                now=now,
            )
        run(company_id=company_id, rerun_id=made.pk, now=now)
        with company_scope(company_id):
            made.refresh_from_db()
        return {"state": made.state, "error": made.error, **made.counts}

    def failed(self, value: Any) -> bool:
        return bool(value["error"])

    def show(self, value: Any) -> str:
        return str(value["error"]) or say(
            "%(events)s 个事件，%(entries)s 笔账，%(people)s 人，共 %(points)s 分", **value
        )
