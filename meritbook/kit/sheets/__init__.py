"""Tables from and to people: xlsx, xls, csv and text in; xlsx out.

Nouns: workbook (the sheets of one file), sheet (a grid of cells with its merged ranges), table
(a sheet read by its headings), column (what a heading may be called and what stands under it).

Always holds: rows are numbered as the spreadsheet shows them; a dangerous or unreadable file is
refused before it is opened, in one sentence; what is written is text, never a formula.

Does not know: people, events, rules, points, the database.
"""

from meritbook.kit.sheets.columns import (
    Column,
    MissingColumns,
    Row,
    Table,
    heading_key,
    match_headings,
    read_table,
)
from meritbook.kit.sheets.grid import CellValue, Merge, Sheet, Workbook, text_of
from meritbook.kit.sheets.guards import Limits, UnreadableFile
from meritbook.kit.sheets.reading import decode_text, read_grid_text, read_path, read_workbook
from meritbook.kit.sheets.values import (
    BadValue,
    Moment,
    code_of,
    date_of,
    moment_of,
    number_of,
    phone_of,
)
from meritbook.kit.sheets.wording import plain, simplified
from meritbook.kit.sheets.writing import (
    OutSheet,
    write_error_report,
    write_template,
    write_workbook,
)

__all__ = [
    "BadValue",
    "CellValue",
    "Column",
    "Limits",
    "Merge",
    "MissingColumns",
    "Moment",
    "OutSheet",
    "Row",
    "Sheet",
    "Table",
    "UnreadableFile",
    "Workbook",
    "code_of",
    "date_of",
    "decode_text",
    "heading_key",
    "match_headings",
    "moment_of",
    "number_of",
    "phone_of",
    "plain",
    "read_grid_text",
    "read_path",
    "read_table",
    "read_workbook",
    "simplified",
    "text_of",
    "write_error_report",
    "write_template",
    "write_workbook",
]
