"""Rule tables read: a grid or plain text becomes drafts, and every doubt is named.

Nouns: line (one row of a table or of a text), worth (what a points cell says), draft (a line in
one of the ten shapes), question (a doubt with a proposed reading, already filled in), finding
(what a person should know), problem (a line that could not be read).

Always holds: no line is lost, it becomes a draft or a problem; drafts keep the order and the
wording of the source; nothing is guessed without a question or a finding that names the text.

Does not know: files, the database, the clock, companies.
"""

from meritbook.rules.tables.drafts import Draft, Finding, Question, Reading
from meritbook.rules.tables.people import people_in
from meritbook.rules.tables.reading import read_tables, read_text
from meritbook.rules.tables.refusals import NoRuleTable

__all__ = [
    "Draft",
    "Finding",
    "NoRuleTable",
    "Question",
    "Reading",
    "people_in",
    "read_tables",
    "read_text",
]
