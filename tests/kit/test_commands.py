"""What every command refuses before it begins."""

import io
import json
from argparse import ArgumentParser

import pytest
from django.core.management import call_command

from meritbook.kit.commands import JsonCommand


class Echo(JsonCommand):
    """Gives back what it was asked."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("name")

    def answer(self, **options: object) -> object:
        return options["name"]


def test_an_argument_that_is_no_text_is_refused_with_a_sentence() -> None:
    told, complained = io.StringIO(), io.StringIO()
    name = "销售".encode("gb18030").decode("utf-8", "surrogateescape")
    with pytest.raises(SystemExit) as end:
        call_command(Echo(), name, as_json=True, stdout=told, stderr=complained)
    assert end.value.code == 1
    assert json.loads(told.getvalue())["code"] == "unreadable_argument"
    assert "UTF-8" in complained.getvalue()
