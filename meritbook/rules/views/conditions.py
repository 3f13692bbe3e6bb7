"""The panel of a rule's condition: rows or expression, and what there is to choose from."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpResponse
from django.shortcuts import render

from meritbook.kit.expressions import Kind
from meritbook.org.doors import MemberRequest
from meritbook.rules.conditions import DEPARTMENT, GRADE, POST
from meritbook.rules.forms import RuleForm
from meritbook.rules.forms.conditions import (
    SIGN_CHOICES,
    WITHOUT_VALUE,
    ConditionField,
    Typed,
    after_step,
    empty,
    typed_in,
)
from meritbook.rules.vocabulary import Vocabulary, vocabulary


def condition_context(form: RuleForm) -> dict[str, Any]:
    """What the panel of a form's condition shows."""
    field = form["condition"]
    typed = typed_in(form.data) if form.is_bound else field.initial or empty()
    words: Vocabulary = cast(ConditionField, form.fields["condition"]).words
    return _context(typed, words) | {"errors": field.errors}


def condition_part(request: MemberRequest) -> HttpResponse:
    """The panel again (htmx): one row more or less, or the other view of the same thing."""
    words = vocabulary(company_id=request.company.pk)
    typed = after_step(typed_in(request.POST), step=request.GET.get("step", ""), words=words)
    response = render(request, "rules/_condition.html", {"condition": _context(typed, words)})
    response["HX-Trigger"] = "inputs-changed"
    return response


def _context(typed: Typed, words: Vocabulary) -> dict[str, Any]:
    kinds = words.kinds({})
    return {
        **typed,
        "signs": SIGN_CHOICES,
        "without_value": WITHOUT_VALUE,
        "names": [name for name, _kind in kinds.items()],
        "choices": [
            choice for name in (POST, GRADE, DEPARTMENT) for choice in words.ids.get(name, {})
        ],
        "memberships": [name for name, kind in kinds.items() if kind is Kind.MEMBERSHIP],
        "is_used": bool(typed["rows"] or typed["text"]),
    }
