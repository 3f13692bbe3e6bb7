"""list_schemes: every scheme with its goal and how it may change."""

from typing import Any

from meritbook.kit.commands import CompanyCommand
from meritbook.rules.queries.schemes import scheme_row, schemes


class Command(CompanyCommand):
    help = "List schemes."

    def company_answer(self, *, company_id: int, **options: Any) -> Any:
        return [scheme_row(each) for each in schemes(company_id=company_id)]

    def show(self, value: Any) -> str:
        return "\n".join(
            f"{each['code']} {each['name']} {each['rules']} {each['approval']}"
            f" {each['review_on'] or ''}".rstrip()
            for each in value
        )
