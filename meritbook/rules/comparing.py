"""Two versions of a rule side by side, field by field."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from meritbook.rules.listings import Names, sentence_of
from meritbook.rules.models import RuleVersion
from meritbook.rules.wording import (
    READING,
    SOURCE,
    Label,
    changes_between,
    reading_facts,
    source_facts,
)


@dataclass(frozen=True, slots=True)
class Row:
    """One field of both versions."""

    label: Label
    before: str
    after: str
    is_changed: bool


def side_by_side(older: RuleVersion, newer: RuleVersion, *, names: Names) -> list[Row]:
    """Every field that one of the two says something in; the sentence and the changes come first."""
    rows = [Row(_("标准"), sentence_of(older), sentence_of(newer), is_changed=False)]
    changed = changes_between(older, newer, names=names)
    rows += [Row(each.label, each.before, each.after, is_changed=True) for each in changed]
    known = {str(each.label) for each in changed}
    before = {each.name: each for each in (*source_facts(older), *reading_facts(older))}
    for fact in (*source_facts(newer), *reading_facts(newer)):
        if str(fact.label) not in known and fact.name in (*SOURCE, *READING):
            same = before.get(fact.name)
            rows.append(Row(fact.label, same.text if same else "", fact.text, is_changed=False))
    first = rows[0]
    rows[0] = Row(first.label, first.before, first.after, first.before != first.after)
    return rows
