"""Schemes as they are read: one, all, what of them is due."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from meritbook.kit.errors import Refusal
from meritbook.kit.words import say
from meritbook.rules.models import Scheme
from meritbook.rules.queries.rules import number_text


class UnknownScheme(Refusal):
    """The company has no such scheme."""

    code = "unknown_scheme"
    status = 404

    def __init__(self) -> None:
        super().__init__(say("没有这个积分方案"))


def schemes(*, company_id: int) -> QuerySet[Scheme]:
    """The company's schemes, the default one first; ``rule_count`` counts their rules."""
    return (
        Scheme.objects.filter(company_id=company_id)
        .select_related("responsible", "committee")
        .annotate(rule_count=Count("rules", filter=Q(rules__company_id=company_id)))
        .order_by("-is_default", "name", "pk")
    )


def scheme(*, company_id: int, code: str) -> Scheme:
    """One scheme by its code. Raises UnknownScheme."""
    found = schemes(company_id=company_id).filter(code=code).first()
    if found is None:
        raise UnknownScheme
    return found


def scheme_of(*, company_id: int, scheme_id: int) -> Scheme:
    """One scheme by its id. Raises UnknownScheme."""
    found = Scheme.objects.filter(company_id=company_id, pk=scheme_id).first()
    if found is None:
        raise UnknownScheme
    return found


def reviews_due(*, company_id: int, today: date, days: int) -> list[Scheme]:
    """The schemes whose review comes within the days or is late, the latest first."""
    return list(
        Scheme.objects.filter(company_id=company_id, review_on__lte=today + timedelta(days=days))
        .select_related("responsible")
        .order_by("review_on", "pk")
    )


def scheme_row(scheme: Scheme) -> dict[str, Any]:
    """One scheme as the API and the command give it; it comes from ``schemes``."""

    def text(value: object) -> str | None:
        return None if value is None else str(value)

    return {
        "code": scheme.code,
        "name": scheme.name,
        "goal": scheme.goal,
        "company_goal": scheme.company_goal,
        "measure": scheme.measure,
        "measure_unit": scheme.measure_unit,
        "measure_from": number_text(scheme.measure_from),
        "measure_to": number_text(scheme.measure_to),
        "measure_by": text(scheme.measure_by),
        "responsible": scheme.responsible.name if scheme.responsible else None,
        "review_on": text(scheme.review_on),
        "approval": scheme.approval,
        "consultation_days": scheme.consultation_days,
        "notice_days": scheme.notice_days,
        "must_sign": scheme.must_sign,
        "rules": getattr(scheme, "rule_count", None),
    }
