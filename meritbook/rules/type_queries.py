"""The types of a company with the rules that they feed, and what they could feed."""

from __future__ import annotations

import json

from django.db import connection

from meritbook.rules.event_types.books import OwnType, TypeBook, type_book
from meritbook.rules.event_types.catalogue import TypeAttribute

_OWN = """
SELECT t.code, t.name, t.category, t.attributes::text, t.is_active,
    coalesce(jsonb_agg(jsonb_build_array(f.rule_id, f.item) ORDER BY f.rule_id)
        FILTER (WHERE f.id IS NOT NULL), '[]')::text
FROM rules_eventtype t
LEFT JOIN rules_feed f ON f.company_id = t.company_id AND f.event_type_id = t.id
WHERE t.company_id = %s
GROUP BY t.id ORDER BY t.code
"""


def types_of(*, company_id: int) -> TypeBook:
    """The canonical types and the company's own, each with what it feeds; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_OWN, [company_id])
        return type_book(
            OwnType(
                code,
                name,
                category,
                tuple(TypeAttribute(one["name"], one["kind"]) for one in json.loads(attributes)),
                is_active,
                tuple((int(rule_id), str(item)) for rule_id, item in json.loads(feeds)),
            )
            for code, name, category, attributes, is_active, feeds in cursor.fetchall()
        )
