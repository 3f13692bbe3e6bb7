"""Make a company with everything that it begins with."""

from argparse import ArgumentParser
from typing import Any

from django.db import transaction

from meritbook.kit import clock
from meritbook.kit.commands import JsonCommand
from meritbook.kit.tenancy import company_scope
from meritbook.kit.words import say
from meritbook.org.management.invitations import invitation_text
from meritbook.org.operations.audit import Actor
from meritbook.org.operations.owners import invite_owner
from meritbook.site.companies import found_company


class Command(JsonCommand):
    help = "Create a company with its default assets, calendar and roles."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("code", metavar="CODE")
        parser.add_argument("name", metavar="NAME")
        parser.add_argument("--time-zone", default="Asia/Shanghai")
        parser.add_argument(
            "--owner-name", default="", metavar="NAME", help="gets a one-time link to sign in"
        )
        parser.add_argument("--owner-phone", default="", metavar="PHONE")
        parser.add_argument("--owner-no", default="0001", metavar="NO")
        self.parser = parser

    def answer(self, **options: Any) -> Any:
        if options["owner_phone"] and not options["owner_name"]:
            self.parser.error("--owner-phone needs --owner-name")
        now = clock.now()
        # The company and its owner, or neither.
        with transaction.atomic():
            company = found_company(
                code=options["code"],
                name=options["name"],
                time_zone=options["time_zone"],
                now=now,
            )
            made = {"id": company.pk, "code": company.code, "name": company.name}
            if options["owner_name"]:
                with company_scope(company.pk):
                    invitation = invite_owner(
                        company_id=company.pk,
                        phone=options["owner_phone"],
                        employee_no=options["owner_no"],
                        name=options["owner_name"],
                        today=clock.today(time_zone=company.time_zone),
                        now=now,
                        actor=Actor(membership_id=None, name="create_company"),
                    )
                made["owner"] = invitation.as_json(zone=company.zone)
        return made

    def show(self, value: Any) -> str:
        lines = [say("已建立公司“%(name)s”，代码 %(code)s", name=value["name"], code=value["code"])]
        if "owner" in value:
            lines.append(invitation_text(value["owner"], company_code=value["code"]))
        return "\n".join(lines)
