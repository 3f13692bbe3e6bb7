"""Managers' quotas over HTTP."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from meritbook.awards.queries.quotas import managers, quota_lines
from meritbook.kit import clock
from meritbook.org.api import ERRORS, bearer, caller_of, needs
from meritbook.org.models import Company

router = Router(auth=bearer, tags=["quotas"])


class QuotaOut(Schema):
    """One manager this month. ``monthly`` null: no quota; ``act_max`` null: as much as is left."""

    employee_no: str
    name: str
    monthly: str | None
    act_max: str | None
    granted: str
    used: str
    left: str


class QuotasOut(Schema):
    month: str
    items: list[QuotaOut]


@router.get("", response={200: QuotasOut, **ERRORS}, summary="Managers' quotas of this month")
@needs("budgets:read")
def get_quotas(request: HttpRequest) -> dict[str, Any]:
    """Heads of departments and whoever has had a quota."""
    company_id = caller_of(request).company_id
    zone = Company.objects.values_list("time_zone", flat=True).get(pk=company_id)
    today = clock.today(time_zone=zone)
    people = list(managers(company_id=company_id))
    found = quota_lines(company_id=company_id, people=people, today=today)
    return {"month": f"{today:%Y-%m}", "items": [each.as_dict() for each in found]}
