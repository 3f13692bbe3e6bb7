"""Types of events over HTTP."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from meritbook.org.api import ERRORS, bearer, caller_of, needs
from meritbook.rules.type_listings import type_list

router = Router(auth=bearer, tags=["rules"])


class AttributeOut(Schema):
    """A further column. ``kind``: text, number, date, datetime or yes_no."""

    name: str
    kind: str


class FedOut(Schema):
    """A rule that the type feeds; ``item``: the line of its checklist, else empty."""

    code: str
    item: str


class TypeOut(Schema):
    """``own``: the company added it; others are the same everywhere."""

    code: str
    name: str
    category: str
    attributes: list[AttributeOut]
    active: bool
    own: bool
    rules: list[FedOut]


class TypesOut(Schema):
    items: list[TypeOut]


@router.get("", response={200: TypesOut, **ERRORS}, summary="Types of events and what they feed")
@needs("rules:read")
def get_event_types(request: HttpRequest) -> dict[str, Any]:
    """An event's ``type`` is a code or name of these, or a rule's code."""
    company_id = caller_of(request).company_id
    return {"items": [line.as_dict() for line in type_list(company_id=company_id).lines]}
