"""What a form asks for an event of a type that feeds several rules, or none yet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.utils.translation import gettext as _

from meritbook.kit.retelling import retold
from meritbook.rules.fields import fields_of
from meritbook.rules.queries import rulebook
from meritbook.rules.spec import Field


def inputs_of_type(
    *, company_id: int, code: str, day: date, given: Mapping[str, str]
) -> tuple[str, tuple[Field, ...]] | None:
    """The type's name and its inputs: what its rules of ``day`` ask for, its own attributes, those
    ``given`` already, and the numbers. None for a rule's code and for an unknown type."""
    book = rulebook(company_id=company_id)
    meaning = book.meaning_of(code)
    known = book.types.find(code)
    if known is None or meaning.rule_id is not None:
        return None
    found: dict[str, Field] = {}
    for rule_id in meaning.rule_ids:
        rule = book.version_on(rule_id, day)
        for field in fields_of(rule.spec, tr=_) if rule is not None else ():
            # One of several rules must not ask anything of people whom it does not concern.
            needed = field.required and len(meaning.rule_ids) == 1
            found.setdefault(field.name, field._replace(required=needed))
    for attribute in known.attributes:
        name = attribute.name
        found.setdefault(name, Field("attribute", name, retold(name), attribute.kind))
    for name in given:
        found.setdefault(name, Field("attribute", name, name, "text"))
    found.setdefault("quantity", Field("quantity", "quantity", _("数量"), "number"))
    found.setdefault("amount", Field("amount", "amount", _("金额"), "money", _("元")))
    return retold(known.name), tuple(found.values())
