"""load_events FILE: events from an xlsx or csv file."""

import sys
from argparse import ArgumentParser
from typing import Any

from tqdm import tqdm

from meritbook.awards.sheets import load_events, read_events
from meritbook.kit import clock
from meritbook.kit.commands import CompanyCommand, file_argument, read_bytes
from meritbook.kit.words import say


class Command(CompanyCommand):
    help = "Record the events of a file and post what they earn."
    scoped = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", metavar="FILE", type=file_argument)
        parser.add_argument("--source", default="default", metavar="NAME")
        parser.add_argument("--revise", action="store_true")
        parser.add_argument("--all-or-nothing", action="store_true")

    def company_answer(self, *, company_id: int, **options: Any) -> Any:
        file = read_events(read_bytes(options["file"]), name=options["file"].name)
        with tqdm(total=len(file.lines), unit=say("行"), disable=not sys.stderr.isatty()) as bar:
            loaded = load_events(
                company_id=company_id,
                file=file,
                source=options["source"],
                now=clock.now(),
                revise=options["revise"],
                all_or_nothing=options["all_or_nothing"],
                progress=lambda done, _total: bar.update(done - bar.n),
            )
        self.rolled_back = loaded.rolled_back
        self.revise = options["revise"]
        return loaded.as_dict()

    def failed(self, value: Any) -> bool:
        if self.rolled_back:
            self.stderr.write(say("有 %(n)s 个问题，一行都没有导入", n=len(value["problems"])))
        return self.rolled_back

    def show(self, value: Any) -> str:
        lines = [
            say(
                "新增 %(new)s 条，重复 %(duplicate)s 条，更正 %(revised)s 条，冲突 %(conflict)s 条，"
                "未导入 %(refused)s 条",
                **value,
            )
        ]
        lines += [
            say("%(sheet)s 第 %(row)s 行 %(column)s：%(reason)s。%(remedy)s", **each)
            for each in value["problems"]
        ]
        if value["conflict"] and not self.revise:
            lines.append(say("编号相同、内容不同的行要按更正处理时，请加上 --revise"))
        return "\n".join(lines)
