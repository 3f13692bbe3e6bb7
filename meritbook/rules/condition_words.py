"""What a condition found, with the numbers compared, as people read it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from meritbook.kit.expressions import Told, Value
from meritbook.rules.conditions import decided
from meritbook.rules.spec import EventFacts, PersonFacts, RuleSpec
from meritbook.rules.texts import LIST_SIGN, Translator, day_text, gettext_noop, number_text

_ = gettext_noop

HELD = _("条件成立：%(parts)s")
FAILED = _("条件不成立：%(parts)s")
COMPARED = _("%(text)s（%(given)s）")
GIVEN = _("%(name)s为 %(value)s")
NOT_GIVEN = _("%(name)s未填")
YES, NO = _("是"), _("否")


def condition_held(spec: RuleSpec, event: EventFacts, person: PersonFacts, tr: Translator) -> str:
    """What made the condition hold; empty without one."""
    parts = decided(spec, event, person)
    return tr(HELD) % {"parts": _parts(parts, tr)} if parts else ""


def condition_failed(spec: RuleSpec, event: EventFacts, person: PersonFacts, tr: Translator) -> str:
    """What made the condition fail."""
    return tr(FAILED) % {"parts": _parts(decided(spec, event, person), tr)}


def _parts(parts: Sequence[Told], tr: Translator) -> str:
    return tr(LIST_SIGN).join(_part(one, tr) for one in parts)


def _part(told: Told, tr: Translator) -> str:
    given = [
        tr(NOT_GIVEN if value is None else GIVEN) % {"name": name, "value": _shown(value, tr)}
        for name, value in told.given
    ]
    if told.failure:
        given.append(tr(told.failure))
    if not given:
        return told.text
    return tr(COMPARED) % {"text": told.text, "given": tr(LIST_SIGN).join(given)}


def _shown(value: Value, tr: Translator) -> str:
    match value:
        case bool():
            return tr(YES if value else NO)
        case Decimal():
            return number_text(value)
        case date():
            return day_text(value, tr)
    return "" if value is None else str(value)
