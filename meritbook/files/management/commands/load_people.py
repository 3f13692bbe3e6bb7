"""Load a people file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from meritbook.files.operations.people import import_people
from meritbook.kit import clock
from meritbook.kit.commands import CompanyCommand
from meritbook.kit.sheets import UnreadableFile
from meritbook.kit.words import say
from meritbook.org.models import Company
from meritbook.org.operations.audit import Actor


class Command(CompanyCommand):
    help = "Create and update employees from an xlsx, xls or csv file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--all-or-nothing", action="store_true")

    def company_answer(self, *, company_id: int, **options: Any) -> Any:
        path = Path(options["file"])
        try:
            content = path.read_bytes()
        except OSError as error:
            raise UnreadableFile(
                say("打不开文件 %(name)s：%(error)s", name=path, error=error.strerror)
            ) from error
        company = Company.objects.get(id=company_id)
        result = import_people(
            company_id=company_id,
            content=content,
            file_name=path.name,
            all_or_nothing=options["all_or_nothing"],
            today=clock.today(time_zone=company.time_zone),
            now=clock.now(),
            actor=Actor(membership_id=None, name="load_people"),
        )
        self.rolled_back = result.rolled_back
        return result.as_json()

    def failed(self, value: Any) -> bool:
        if self.rolled_back:
            self.stderr.write(say("有 %(n)s 个问题，一行都没有导入", n=len(value["problems"])))
        return self.rolled_back

    def show(self, value: Any) -> str:
        count = {key: value[key] for key in ("created", "updated", "unchanged", "refused")}
        lines = [
            say(
                "新增 %(created)s 人，更新 %(updated)s 人，未变 %(unchanged)s 行，未导入 %(refused)s 行",
                **count,
            )
        ]
        if value["departments_created"]:
            lines.append(
                say("新建部门：%(names)s", names=say("、").join(value["departments_created"]))
            )
        lines += [
            say("%(sheet)s 第 %(row)s 行 %(column)s：%(reason)s。%(remedy)s", **each)
            for each in value["problems"]
        ]
        return "\n".join(lines)
