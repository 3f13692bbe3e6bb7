"""The base of every management command that works in one company.

Exit code 0 done, 1 refused (one sentence on standard error), 2 usage. With ``--json`` standard
output holds the JSON alone, also when the exit code is 1.
"""

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection

from meritbook.kit.errors import Refusal
from meritbook.kit.retries import retried, stop_of
from meritbook.kit.tenancy import company_scope
from meritbook.kit.words import say


class UnknownCompany(Refusal):
    """No company has the code that was given."""

    code = "unknown_company"
    status = 404

    def __init__(self, company_code: str) -> None:
        super().__init__(say("没有代码为“%(code)s”的公司", code=company_code))


def company_id_of(code: str) -> int:
    """The id of the company with ``code``. Raises UnknownCompany."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT org_company_id(%s)", [code])
        row = cursor.fetchone()
    if row is None or row[0] is None:
        raise UnknownCompany(code)
    return int(row[0])


class UnreadableArgument(Refusal):
    """An argument is not text in UTF-8."""

    code = "unreadable_argument"

    def __init__(self) -> None:
        super().__init__(say("命令的参数不是 UTF-8 文字，请检查终端的编码"))


class NoSuchFile(Refusal):
    """The path names no file that can be read."""

    code = "no_such_file"
    status = 404


def file_argument(text: str) -> Path:
    """An argparse type: a path; that it exists is asked when it is read (``read_bytes``)."""
    if not text:
        raise ArgumentTypeError("path is empty")
    return Path(text)


def read_bytes(path: Path) -> bytes:
    """The bytes of ``path``. Raises NoSuchFile."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise NoSuchFile(
            say("读不到文件“%(path)s”：%(error)s", path=path, error=error.strerror)
        ) from error


class JsonCommand(BaseCommand):
    """A command whose result is a JSON value, shown as JSON or as text.

    Subclasses implement ``answer`` (the value; may raise Refusal) and may override ``show``
    (the value for people) and ``failed`` (whether the value means exit code 1).
    """

    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", dest="as_json")

    def answer(self, **options: Any) -> Any:
        raise TypeError("answer is missing")

    def show(self, value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, indent=2)

    def failed(self, value: Any) -> bool:
        return False

    def handle(self, *args: Any, **options: Any) -> None:
        as_json = bool(options.pop("as_json"))
        try:
            _refuse_unreadable(options)
            value = self._answer(**options)
        except Refusal as refusal:
            if as_json:
                self._print(
                    json.dumps(
                        {"code": refusal.code, "message": refusal.message}, ensure_ascii=False
                    )
                )
            self.stderr.write(str(refusal.message))
            sys.exit(1)
        self._print(json.dumps(value, ensure_ascii=False) if as_json else self.show(value))
        if self.failed(value):
            sys.exit(1)

    def _answer(self, **options: Any) -> Any:
        try:
            return self.answer(**options)
        except DatabaseError as error:
            refusal = stop_of(error)
            if refusal is None:
                raise
            raise refusal from error

    def _print(self, text: str) -> None:
        if text:
            self.stdout.write(text)


def _refuse_unreadable(options: Mapping[str, Any]) -> None:
    """A terminal of another encoding gives bytes that are no text; paths may hold them."""
    for value in options.values():
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and not text.isascii():
                try:
                    text.encode()
                except UnicodeEncodeError:
                    raise UnreadableArgument from None


class CompanyCommand(JsonCommand):
    """A JsonCommand with ``--company``; ``answer`` gets ``company_id`` inside its scope.

    ``scoped = False`` leaves opening scopes to the command (many small transactions).
    """

    scoped = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--company", required=True, metavar="CODE")

    def answer(self, **options: Any) -> Any:
        company_id = company_id_of(options.pop("company"))
        if not self.scoped:
            return self.company_answer(company_id=company_id, **options)

        def answer() -> Any:
            with company_scope(company_id):
                return self.company_answer(company_id=company_id, **options)

        return retried(answer)

    def company_answer(self, *, company_id: int, **options: Any) -> Any:
        raise TypeError("company_answer is missing")
