"""Adding, renaming and switching off types of events, and saying which rules they feed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from meritbook.kit.errors import Refusal
from meritbook.rules.event_types.books import KnownType
from meritbook.rules.event_types.catalogue import TypeAttribute
from meritbook.rules.models import EventType, Feed, Rule
from meritbook.rules.queries import UnknownRule, latest_versions
from meritbook.rules.type_queries import types_of

NAME_MAX, CATEGORY_MAX, ATTRIBUTES_MAX = 80, 40, 20
KINDS = ("text", "number", "date", "datetime", "yes_no")
_CODE = re.compile(r"[a-z][a-z0-9_]{0,29}(?:\.[a-z0-9_]{1,29}){0,2}")


class BadType(Refusal):
    """A type cannot be so: its code, its name, or what it shall feed. ``field`` names the input."""

    code = "bad_event_type"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class UnknownType(Refusal):
    """The company has no such type, and it is no canonical one."""

    code = "unknown_event_type"
    status = 404

    def __init__(self, type_code: str) -> None:
        super().__init__(_("没有编号为“%(code)s”的事件类型") % {"code": type_code[:60]})


class Target(NamedTuple):
    """A rule that a type shall feed, and which item of its checklist (empty: the rule itself)."""

    rule_code: str
    item: str = ""


def known_type(*, company_id: int, code: str) -> KnownType:
    """One type by its code. Raises UnknownType."""
    found = types_of(company_id=company_id).by_code.get(code)
    if found is None:
        raise UnknownType(code)
    return found


def save_type(
    *,
    company_id: int,
    code: str,
    name: str,
    now: datetime,
    category: str = "",
    attributes: Sequence[TypeAttribute] = (),
    is_active: bool = True,
    is_new: bool = False,
) -> EventType:
    """Add a type, or say what a known one is called and carries. Its code stays for ever.

    Raises BadType, UnknownType (not new, and nobody knows it).
    """
    code, name, category = code.strip().lower(), name.strip(), category.strip()
    book = types_of(company_id=company_id)
    if is_new:
        _refuse_code(company_id, code, book.by_code)
    elif code not in book.by_code:
        raise UnknownType(code)
    _refuse_name(code, name, book.by_code)
    if len(category) > CATEGORY_MAX:
        raise BadType("category", _("类别不超过 %(n)d 个字") % {"n": CATEGORY_MAX})
    row, _made = EventType.objects.update_or_create(
        company_id=company_id,
        code=code,
        defaults={
            "name": name,
            "category": category,
            "attributes": [one._asdict() for one in _checked(attributes)],
            "is_active": is_active,
        },
        create_defaults={
            "name": name,
            "category": category,
            "attributes": [one._asdict() for one in _checked(attributes)],
            "is_active": is_active,
            "created_at": now,
        },
    )
    return row


def _refuse_code(company_id: int, code: str, known: Mapping[str, KnownType]) -> None:
    if not _CODE.fullmatch(code):
        raise BadType("code", _("编号用小写英文和点，例如 customer.visited"))
    if code in known or Rule.objects.filter(company_id=company_id, code__iexact=code).exists():
        raise BadType("code", _("编号“%(code)s”已经有了") % {"code": code})


def _refuse_name(code: str, name: str, known: Mapping[str, KnownType]) -> None:
    if not name or len(name) > NAME_MAX or not name.isprintable():
        raise BadType("name", _("请填写名称，不超过 %(n)d 个字") % {"n": NAME_MAX})
    if any(name in (one.name, one.code) for one in known.values() if one.code != code):
        raise BadType("name", _("已经有叫“%(name)s”的事件类型") % {"name": name})


def _checked(attributes: Sequence[TypeAttribute]) -> list[TypeAttribute]:
    cleaned: dict[str, TypeAttribute] = {}
    for one in attributes:
        name = one.name.strip()
        if not name:
            continue
        if len(name) > NAME_MAX or not name.isprintable():
            raise BadType("attributes", _("属性名不超过 %(n)d 个字") % {"n": NAME_MAX})
        if one.kind not in KINDS:
            raise BadType("attributes", _("没有“%(kind)s”这种属性") % {"kind": one.kind[:40]})
        cleaned[name] = TypeAttribute(name, one.kind)
    if len(cleaned) > ATTRIBUTES_MAX:
        raise BadType("attributes", _("属性不超过 %(n)d 个") % {"n": ATTRIBUTES_MAX})
    return list(cleaned.values())


def feed_rules(
    *, company_id: int, code: str, targets: Sequence[Target], now: datetime
) -> tuple[Target, ...]:
    """Say which rules a type feeds from now on; all it fed before and is not named any more ends.

    Events that are in keep what they earned. Raises UnknownType, UnknownRule, BadType.
    """
    known = known_type(company_id=company_id, code=code)
    row = EventType.objects.filter(company_id=company_id, code=code).first() or save_type(
        company_id=company_id,
        code=code,
        name=known.name,
        category=known.category,
        attributes=known.attributes,
        now=now,
    )
    wanted = {one.rule_code: one for one in targets}
    rules = {
        one.code: one for one in Rule.objects.filter(company_id=company_id, code__in=list(wanted))
    }
    items = _items(company_id, [one.pk for one in rules.values()])
    for target in wanted.values():
        if target.rule_code not in rules:
            raise UnknownRule(target.rule_code)
        _refuse_item(company_id, row, rules[target.rule_code], target, items)
    Feed.objects.filter(company_id=company_id, event_type=row).delete()
    Feed.objects.bulk_create(
        Feed(company_id=company_id, event_type=row, rule=rules[one.rule_code], item=one.item)
        for one in wanted.values()
    )
    return tuple(wanted.values())


def _items(company_id: int, rule_ids: Sequence[int]) -> dict[int, set[str]]:
    """The items of the checklists of rules, by rule."""
    return {
        version.rule_id: checklist_items(version.extra)
        for version in latest_versions(company_id=company_id).filter(rule_id__in=rule_ids)
    }


def checklist_items(extra: Mapping[str, Any]) -> set[str]:
    """The names of the items of a version's checklist that have a bound."""
    return {
        str(one["item"])
        for one in extra.get("checklist") or ()
        if one.get("value") not in (None, "")
    }


def _refuse_item(
    company_id: int, row: EventType, rule: Rule, target: Target, items: Mapping[int, set[str]]
) -> None:
    if not target.item:
        return
    if target.item not in items.get(rule.pk, set()):
        raise BadType(
            "targets",
            _("标准“%(rule)s”没有“%(item)s”这一项") % {"rule": rule.name, "item": target.item[:80]},
        )
    taken = Feed.objects.filter(company_id=company_id, rule=rule, item=target.item)
    other = taken.exclude(event_type=row).select_related("event_type").first()
    if other is not None:
        raise BadType(
            "targets",
            _("标准“%(rule)s”的“%(item)s”已经由“%(type)s”计数")
            % {"rule": rule.name, "item": target.item, "type": other.event_type.name},
        )
