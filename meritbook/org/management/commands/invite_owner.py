"""Give a company an owner, or an owner a way back in."""

from argparse import ArgumentParser
from typing import Any

from meritbook.kit import clock
from meritbook.kit.commands import CompanyCommand
from meritbook.org.management.invitations import invitation_text
from meritbook.org.models import Company
from meritbook.org.operations.audit import Actor
from meritbook.org.operations.owners import invite_owner


class Command(CompanyCommand):
    help = "Make somebody an owner and print a one-time activation link."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--phone", default="", metavar="PHONE")
        parser.add_argument("--employee-no", default="", metavar="NO")
        parser.add_argument("--name", default="", metavar="NAME", help="of somebody new")

    def company_answer(self, *, company_id: int, **options: Any) -> Any:
        company = Company.objects.get(id=company_id)
        invitation = invite_owner(
            company_id=company_id,
            phone=options["phone"],
            employee_no=options["employee_no"],
            name=options["name"],
            today=clock.today(time_zone=company.time_zone),
            now=clock.now(),
            actor=Actor(membership_id=None, name="invite_owner"),
        )
        return {"company": company.code, **invitation.as_json(zone=company.zone)}

    def show(self, value: Any) -> str:
        return invitation_text(value, company_code=value["company"])
