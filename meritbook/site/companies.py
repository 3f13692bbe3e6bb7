"""Founding a company: its tables of org, and the assets of its first programme."""

from datetime import datetime

from django.db import connection, transaction

from meritbook.kit.tenancy import company_scope
from meritbook.ledger.operations import create_assets
from meritbook.org.models import Company, Programme
from meritbook.org.operations.audit import SYSTEM, Actor
from meritbook.org.operations.companies import EMPLOYEES, create_company


def found_company(
    *,
    code: str,
    name: str,
    now: datetime,
    time_zone: str = "Asia/Shanghai",
    actor: Actor = SYSTEM,
) -> Company:
    """A company ready for people and rules. Opens its scope and leaves it again."""
    with transaction.atomic():
        company = create_company(code=code, name=name, time_zone=time_zone, now=now, actor=actor)
        with company_scope(company.pk):
            programme = Programme.objects.get(company_id=company.pk, code=EMPLOYEES)
            create_assets(company_id=company.pk, programme_id=programme.pk)
    return company


def find_company(*, code: str) -> Company | None:
    """The company with ``code``, or None."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT org_company_id(%s)", [code])
        (company_id,) = cursor.fetchone()
    if company_id is None:
        return None
    with company_scope(company_id):
        return Company.objects.get(pk=company_id)
