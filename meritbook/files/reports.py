"""The error report of an import: the refused lines as they came, with the reason in front."""

from collections.abc import Iterable

from meritbook.kit.problems import Problem
from meritbook.kit.sheets import read_table, read_workbook, write_error_report
from meritbook.org.sheets import COLUMNS


def error_report(*, content: bytes, file_name: str, problems: Iterable[Problem]) -> bytes:
    """An xlsx that can be mended and uploaded again."""
    table = read_table(read_workbook(content, name=file_name).sheets, columns=COLUMNS)
    return write_error_report(table, problems=list(problems))
