"""list_rules: every rule with its newest version."""

from typing import Any

from meritbook.kit.commands import CompanyCommand
from meritbook.rules.queries import latest_versions, population_names, rule_row


class Command(CompanyCommand):
    help = "List rules."

    def company_answer(self, *, company_id: int, **options: Any) -> Any:
        versions = list(latest_versions(company_id=company_id))
        names = population_names(company_id=company_id)
        return [rule_row(version, names=names) for version in versions]

    def show(self, value: Any) -> str:
        return "\n".join(
            f"{rule['code']} v{rule['version']} {rule['status']} {rule['shape']}"
            f" {rule['points_text']} {rule['sheet']} {rule['standard']}"
            for rule in value
        )
