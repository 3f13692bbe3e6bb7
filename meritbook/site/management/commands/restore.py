"""A backup into an empty installation."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from meritbook.kit.commands import JsonCommand, NoSuchFile, file_argument
from meritbook.site.backups.restoring import restore_backup, summary

TRUST = gettext_lazy(
    "只恢复自己做的备份：文件里的 SQL 以数据库所有者的身份执行，来历不明的文件等于让别人管理这台数据库。"
)


class Command(JsonCommand):
    help = (
        "Restore a backup into an empty installation; refuses one that has a company."
        " The file's SQL runs as the owner of the database: restore only what you made yourself."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=file_argument, metavar="FILE")

    def answer(self, **options: Any) -> dict[str, Any]:
        file: Path = options["file"]
        if not file.is_file():
            raise NoSuchFile(_("没有这个文件：%(path)s") % {"path": file})
        if self.stderr.isatty():
            self.stderr.write(str(TRUST), style_func=str)
        return summary(restore_backup(path=file.absolute(), tell=self._tell))

    def _tell(self, step: str) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"{step}…", style_func=str)

    def failed(self, value: dict[str, Any]) -> bool:
        return not all(company["verified"] for company in value["companies"])

    def show(self, value: dict[str, Any]) -> str:
        lines = [
            _("%(name)s：%(n)s 笔记账，%(verdict)s")
            % {
                "name": company["name"],
                "n": company["transactions"],
                "verdict": _("账目完全相符") if company["verified"] else _("账目有不符之处"),
            }
            for company in value["companies"]
        ]
        told = _("已恢复 %(made_at)s 的备份：%(rows)s 行数据，%(files)s 个文件") % value
        return "\n".join([told, *lines, str(TRUST)])
