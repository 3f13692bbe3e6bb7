"""export_journal FILE: every transfer as plain text that beancount or hledger checks."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from meritbook.kit.commands import CompanyCommand, NoSuchFile, file_argument
from meritbook.kit.words import say
from meritbook.ledger.journal import BEANCOUNT, FORMATS, write_journal
from meritbook.org.models import Company, Employee


class Command(CompanyCommand):
    help = "Write the journal for beancount or hledger, with balance assertions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=file_argument, metavar="FILE")
        parser.add_argument("--format", dest="form", choices=FORMATS, default=BEANCOUNT)

    def company_answer(self, *, company_id: int, **options: Any) -> Any:
        path: Path = options["file"]
        try:
            with path.open("w", encoding="utf-8", newline="\n") as file:
                written = write_journal(
                    company_id=company_id,
                    form=options["form"],
                    file=file,
                    title=Company.objects.get(pk=company_id).name,
                    names=dict(
                        Employee.objects.filter(company_id=company_id).values_list(
                            "party_id", "employee_no"
                        )
                    ),
                )
        except OSError as error:
            raise NoSuchFile(
                say("写不了文件“%(path)s”：%(error)s", path=path, error=error.strerror)
            ) from error
        return {"file": str(path), "format": options["form"], **written._asdict()}

    def show(self, value: Any) -> str:
        return say(
            "已写入 %(file)s：%(transactions)s 笔记账，%(transfers)s 次转移，%(assertions)s 处余额核对",
            **value,
        )
