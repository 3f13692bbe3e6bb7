"""set_event_type CODE: add or rename a type of events, and say which rules it feeds."""

from argparse import ArgumentParser
from typing import Any

from meritbook.kit import clock
from meritbook.kit.commands import CompanyCommand
from meritbook.org.operations.audit import SYSTEM, note
from meritbook.rules.event_types.catalogue import TypeAttribute
from meritbook.rules.operations.event_types import Target, feed_rules, save_type
from meritbook.rules.type_queries import types_of


class Command(CompanyCommand):
    help = "Add or change a type of events; --rule names a rule that it feeds, again for each."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("code", metavar="CODE")
        parser.add_argument("--name", metavar="NAME")
        parser.add_argument("--category", metavar="NAME")
        parser.add_argument("--attribute", action="append", metavar="NAME[:KIND]")
        parser.add_argument("--rule", action="append", metavar="CODE[:ITEM]")
        parser.add_argument("--off", action="store_true")

    def company_answer(self, *, company_id: int, **options: Any) -> Any:
        known = types_of(company_id=company_id).by_code.get(options["code"])
        attributes = options["attribute"]
        now = clock.now()
        row = save_type(
            company_id=company_id,
            code=options["code"],
            name=options["name"] or (known.name if known else ""),
            category=(
                options["category"]
                if options["category"] is not None
                else known.category
                if known
                else ""
            ),
            attributes=(
                [TypeAttribute(*_pair(one, "text")) for one in attributes]
                if attributes is not None
                else known.attributes
                if known
                else ()
            ),
            is_active=not options["off"],
            is_new=known is None,
            now=now,
        )
        if options["rule"] is not None:
            feed_rules(
                company_id=company_id,
                code=row.code,
                targets=[Target(*_pair(one, "")) for one in options["rule"]],
                now=now,
            )
        fed = types_of(company_id=company_id).by_code[row.code].feeds
        note(
            company_id=company_id,
            actor=SYSTEM,
            now=now,
            action="event_type.set",
            object_kind="event_type",
            object_id=row.code,
            after={"name": row.name, "rules": len(fed)},
        )
        return {"code": row.code, "name": row.name, "active": row.is_active, "rules": len(fed)}


def _pair(text: str, other: str) -> tuple[str, str]:
    first, _colon, second = text.partition(":")
    return first, second or other
