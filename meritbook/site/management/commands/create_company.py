"""Make a company with everything that it begins with."""

from argparse import ArgumentParser
from typing import Any

from meritbook.kit import clock
from meritbook.kit.commands import JsonCommand
from meritbook.kit.words import say
from meritbook.site.companies import found_company


class Command(JsonCommand):
    help = "Create a company with its default assets, calendar and roles."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("code", metavar="CODE")
        parser.add_argument("name", metavar="NAME")
        parser.add_argument("--time-zone", default="Asia/Shanghai")

    def answer(self, **options: Any) -> Any:
        company = found_company(
            code=options["code"],
            name=options["name"],
            time_zone=options["time_zone"],
            now=clock.now(),
        )
        return {"id": company.pk, "code": company.code, "name": company.name}

    def show(self, value: Any) -> str:
        return say("已建立公司“%(name)s”,代码 %(code)s", **value)
