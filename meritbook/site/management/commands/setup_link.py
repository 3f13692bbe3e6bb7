"""Print the one-time address of the set-up page; nothing when there is a company."""

from typing import Any

from meritbook.kit import clock
from meritbook.kit.commands import JsonCommand
from meritbook.site.founding import open_setup


class Command(JsonCommand):
    help = "Print the one-time address of the set-up page while there is no company."

    def answer(self, **options: Any) -> Any:
        token = open_setup(now=clock.now())
        return {"path": f"/setup/{token}/" if token else None}

    def show(self, value: Any) -> str:
        return str(value["path"] or "")
