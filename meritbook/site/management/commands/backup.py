"""The whole installation into one file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from meritbook.kit import clock
from meritbook.kit.commands import JsonCommand, file_argument
from meritbook.site.backups.making import make_backup, summary


class Command(JsonCommand):
    help = "Back up all companies, their files and anchors into a new file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=file_argument, metavar="FILE")

    def answer(self, **options: Any) -> dict[str, Any]:
        file: Path = options["file"]
        return summary(make_backup(path=file.absolute(), now=clock.now(), tell=self._tell))

    def _tell(self, step: str) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"{step}…", style_func=str)

    def show(self, value: dict[str, Any]) -> str:
        return _(
            "已备份到 %(file)s：%(companies)s 家公司，%(rows)s 行数据，%(files)s 个文件，%(size)s MB"
        ) % {
            "file": value["file"],
            "companies": len(value["companies"]),
            "rows": value["rows"],
            "files": value["files"],
            "size": round(value["size"] / 1_000_000, 1),
        }
