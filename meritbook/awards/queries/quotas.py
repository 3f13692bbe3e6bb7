"""Managers' quotas with what is used of them this month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet

from meritbook.awards.models import ManagerQuota
from meritbook.awards.paying import QUOTA_SCALE
from meritbook.kit.periods import MONTH, Period
from meritbook.kit.points import points_text
from meritbook.ledger.quotas import QuotaUse, quota_use
from meritbook.org.models import Employee, RoleGrant

PER_PAGE = 50
NOTHING = QuotaUse(0, 0, 0)


@dataclass(frozen=True, slots=True)
class QuotaLine:
    """One manager: what was set, and this month's quota. Minor units."""

    employee: Employee
    monthly: int | None
    act_max: int | None
    use: QuotaUse

    def as_dict(self) -> dict[str, Any]:
        """For the command and the API: points as text."""

        def text(minor: int | None) -> str | None:
            return None if minor is None else points_text(minor, QUOTA_SCALE)

        return {
            "employee_no": self.employee.employee_no,
            "name": self.employee.name,
            "monthly": text(self.monthly),
            "act_max": text(self.act_max),
            "granted": text(self.use.granted),
            "used": text(self.use.used),
            "left": text(self.use.left),
        }


def quotas_in_force(*, company_id: int, today: date) -> QuerySet[ManagerQuota]:
    """The newest row of each manager whose day has come."""
    return (
        ManagerQuota.objects.filter(company_id=company_id, valid_from__lte=today)
        .select_related("employee")
        .order_by("employee_id", "-valid_from", "-id")
        .distinct("employee_id")
    )


def quota_in_force(*, company_id: int, employee_id: int, today: date) -> ManagerQuota | None:
    """What holds for one manager today; None when nothing was ever set."""
    return (
        ManagerQuota.objects.filter(
            company_id=company_id, employee_id=employee_id, valid_from__lte=today
        )
        .order_by("-valid_from", "-id")
        .first()
    )


def managers(*, company_id: int, text: str = "") -> QuerySet[Employee]:
    """Who heads a department or ever had a quota, by 工号; with a text anybody whom it fits."""
    heads = RoleGrant.objects.filter(
        company_id=company_id,
        role=RoleGrant.Role.HEAD,
        membership__ended_at=None,
        membership__employee_id=OuterRef("pk"),
    )
    settings = ManagerQuota.objects.filter(company_id=company_id, employee_id=OuterRef("pk"))
    found = Employee.objects.filter(company_id=company_id).exclude(state=Employee.State.LEFT)
    found = found.filter(
        Q(employee_no__istartswith=text)
        | Q(name__icontains=text)
        | Q(pinyin__istartswith=text)
        | Q(initials__istartswith=text)
        if text
        else Q(Exists(heads)) | Q(Exists(settings))
    )
    return found.order_by("employee_no")


def quota_page(
    *, company_id: int, today: date, text: str = "", page: str | int = 1
) -> tuple[Page[Employee], list[QuotaLine]]:
    """A page of managers with their quotas."""
    found = Paginator(managers(company_id=company_id, text=text), PER_PAGE).get_page(page)
    return found, quota_lines(company_id=company_id, people=list(found), today=today)


def quota_lines(*, company_id: int, people: Sequence[Employee], today: date) -> list[QuotaLine]:
    """The quotas of these people in the month of ``today``."""
    held = {
        row.employee_id: row
        for row in quotas_in_force(company_id=company_id, today=today)
        .filter(employee_id__in=[one.pk for one in people])
        .select_related(None)  # joined, all settings of a large company would be looked at
    }
    month = Period.containing(MONTH, today)
    used = quota_use(
        company_id=company_id,
        party_ids=[one.party_id for one in people],
        start=month.start,
        end=month.end,
    )
    return [
        QuotaLine(
            one,
            held[one.pk].monthly if one.pk in held else None,
            held[one.pk].act_max if one.pk in held else None,
            used.get(one.party_id, NOTHING),
        )
        for one in people
    ]


def own_quota(*, company_id: int, employee: Employee, today: date) -> QuotaLine | None:
    """One's own; None without a quota this month and from now on."""
    (line,) = quota_lines(company_id=company_id, people=[employee], today=today)
    return line if line.monthly is not None or line.use.granted else None
