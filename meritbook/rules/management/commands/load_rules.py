"""load_rules FILE: a rule table becomes drafts, or published versions."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from meritbook.kit import clock
from meritbook.kit.commands import CompanyCommand, file_argument
from meritbook.org.models import Company
from meritbook.org.operations.audit import Actor, note
from meritbook.rules import operations
from meritbook.rules.queries import reload
from meritbook.rules.sheets import read_rule_path


class Command(CompanyCommand):
    help = "Load a rule table, as drafts or published."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=file_argument)
        parser.add_argument("--publish", action="store_true")
        parser.add_argument("--from", dest="active_from", type=date.fromisoformat, metavar="DATE")
        parser.add_argument("--accept-proposals", action="store_true")
        parser.add_argument("--department")

    def company_answer(self, *, company_id: int, **options: Any) -> Any:
        now = clock.now()
        company = Company.objects.get(pk=company_id)
        reading = read_rule_path(options["file"])
        loaded = operations.load_drafts(
            company_id=company_id,
            drafts=reading.drafts,
            population=operations.department_population(
                company_id=company_id, department=options["department"]
            ),
            actor_id=None,
            now=now,
            findings=reading.findings,
        )
        if options["publish"]:
            active_from = options["active_from"] or now.astimezone(company.zone).date()
            published = operations.publish(
                company_id=company_id,
                version_ids=[version.pk for version in loaded.versions],
                active_from=active_from,
                actor_id=None,
                now=now,
                accept_proposals=options["accept_proposals"],
            )
            if published:
                note(
                    company_id=company_id,
                    actor=Actor(membership_id=None, name="load_rules"),
                    now=now,
                    action="rules.publish",
                    object_kind="rule_table",
                    after={
                        "file": options["file"].name,
                        "published": len(published),
                        "from": active_from,
                    },
                )
        versions = reload(company_id=company_id, version_ids=[v.pk for v in loaded.versions])
        return {
            "rules": [
                {
                    "code": version.rule.code,
                    "sheet": version.rule.sheet,
                    "row": line.row,
                    "version": version.number,
                    "status": version.status,
                    "change": line.change,
                }
                for line in loaded.lines
                for version in [versions[line.version.pk]]
            ],
            "unchanged": loaded.unchanged,
            "problems": [problem.as_dict() for problem in reading.problems],
        }

    def show(self, value: Any) -> str:
        lines = [
            f"{rule['code']} v{rule['version']} {rule['status']} ({rule['sheet']} {rule['row']})"
            for rule in value["rules"]
        ]
        lines += [
            f"! {each['sheet']} {each['row']}: {each['reason']}" for each in value["problems"]
        ]
        return "\n".join(lines)
