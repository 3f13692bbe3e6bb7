"""event_types: every type of event and the rules that it feeds."""

from typing import Any

from meritbook.kit.commands import CompanyCommand
from meritbook.rules.type_listings import type_list


class Command(CompanyCommand):
    help = "List types of events."

    def company_answer(self, *, company_id: int, **options: Any) -> Any:
        return [line.as_dict() for line in type_list(company_id=company_id).lines]

    def show(self, value: Any) -> str:
        return "\n".join(
            " ".join(
                (
                    one["code"],
                    one["name"],
                    *(f"→ {rule['code']} {rule['item']}".rstrip() for rule in one["rules"]),
                )
            )
            for one in value
        )
