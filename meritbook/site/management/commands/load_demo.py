"""load_demo: the demo company, made or brought up to yesterday."""

from typing import Any

from meritbook.kit import clock
from meritbook.kit.commands import JsonCommand
from meritbook.site.demo.load import CODE, PASSWORD, PERSONAS, load_demo


class Command(JsonCommand):
    help = "载入演示公司(重复运行不会重复)"

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
        lines = [f"演示公司 {value['name']}(公司代码 {CODE})"]
        lines += [
            f"{each['title']}:账号 {each['account']} 密码 {each['password']}"
            for each in value["personas"]
        ]
        return "\n".join(lines)
