"""load_opening FILE --on DATE: balances that people bring from the system before."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from meritbook.files.models import ImportRun
from meritbook.files.operations.runs import start_run
from meritbook.kit import clock
from meritbook.kit.commands import CompanyCommand, file_argument, read_bytes
from meritbook.kit.words import say
from meritbook.org.models import Company
from meritbook.org.operations.audit import SYSTEM
from meritbook.site.opening_sheet import read_opening
from meritbook.site.openings import check_day, default_day, load_opening, record_run


class Command(CompanyCommand):
    help = "Post opening balances from a file; the same balance again does nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=file_argument, metavar="FILE")
        parser.add_argument(
            "--on", type=date.fromisoformat, metavar="DATE", help="default: before the first month"
        )
        parser.add_argument("--all-or-nothing", action="store_true")

    def company_answer(self, *, company_id: int, **options: Any) -> dict[str, object]:
        path: Path = options["file"]
        zone = Company.objects.values_list("time_zone", flat=True).get(pk=company_id)
        today = clock.today(time_zone=zone)
        on: date = options["on"] or default_day(company_id=company_id, today=today)
        check_day(company_id=company_id, on=on, today=today)
        file = read_opening(read_bytes(path), name=path.name, company_id=company_id, on=on)
        loaded = load_opening(
            company_id=company_id,
            file=file,
            on=on,
            actor_id=None,
            all_or_nothing=options["all_or_nothing"],
        )
        run = start_run(
            company_id=company_id,
            kind=ImportRun.Kind.OPENING,
            file_name=path.name,
            now=clock.now(),
            options={"on": on.isoformat()},
        )
        run.total = len(file.table.rows)
        record_run(run=run, loaded=loaded, now=clock.now(), actor=SYSTEM)
        return {"on": on.isoformat(), **loaded.as_dict()}

    def show(self, value: dict[str, Any]) -> str:
        lines = [
            f"{one['row']} {one['column']} {one['reason']} {one['remedy']}".strip()
            for one in value["problems"]
        ]
        told = say(
            "期初日 %(on)s：新记入 %(new)s 笔，以前已有 %(duplicate)s 笔，数量不同 %(conflict)s 笔，"
            "有问题 %(refused)s 笔",
            **{name: value[name] for name in ("on", "new", "duplicate", "conflict", "refused")},
        )
        return "\n".join([*lines, told])
