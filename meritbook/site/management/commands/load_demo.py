"""load_demo: the demo company, made or brought up to yesterday."""

from typing import Any

from meritbook.kit import clock
from meritbook.kit.commands import JsonCommand
from meritbook.kit.words import say
from meritbook.site.demo.load import CODE, PASSWORD, PERSONAS, load_demo


class Command(JsonCommand):
    help = "Load the demo company; again: nothing is doubled."

    def answer(self, **options: Any) -> Any:
        company = load_demo(now=clock.now())
        return {
            "company": company.code,
            "name": company.name,
            "personas": [
                {"title": each.title, "account": each.account, "password": PASSWORD}
                for each in PERSONAS
            ],
        }

    def show(self, value: Any) -> str:
        lines = [say("演示公司 %(name)s(公司代码 %(code)s)", name=value["name"], code=CODE)]
        lines += [
            say("%(title)s：账号 %(account)s 密码 %(password)s", **each)
            for each in value["personas"]
        ]
        return "\n".join(lines)
