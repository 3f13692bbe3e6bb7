"""Making a company."""

import re
from datetime import datetime

from django.db import connection
from django.utils.translation import gettext as _

from meritbook.kit.errors import Refusal
from meritbook.kit.tenancy import company_scope
from meritbook.org.models import Company, Party, Programme
from meritbook.org.operations.audit import SYSTEM, Actor, note

EMPLOYEES = "employees"


class CompanyRefused(Refusal):
    """The company cannot be made as asked."""

    code = "company_refused"


class CodeTaken(CompanyRefused):
    """Another company has the code."""

    code = "company_code_taken"
    status = 409


def create_company(
    *,
    code: str,
    name: str,
    now: datetime,
    time_zone: str = "Asia/Shanghai",
    actor: Actor = SYSTEM,
) -> Company:
    """A company with its own party and the programme of its employees.

    Opens the company's scope itself and leaves it again; the caller enters it for what follows.
    Raises CompanyRefused or CodeTaken.
    """
    code, name = code.strip(), " ".join(name.split())
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", code):
        raise CompanyRefused(
            _("公司代码“%(code)s”不合要求：请用 1 到 40 个字母、数字、点、横线") % {"code": code}
        )
    if not name or len(name) > 120:
        raise CompanyRefused(_("公司名称请写 1 到 120 个字"))
    with connection.cursor() as cursor:
        # Two at once wait for each other, so the second one reads a sentence and no trace.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('org.create_company'))")
        cursor.execute("SELECT org_company_id(%s)", [code])
        if cursor.fetchone()[0] is not None:
            raise CodeTaken(_("公司代码“%(code)s”已经被使用") % {"code": code})
        cursor.execute("SELECT nextval(pg_get_serial_sequence('org_company', 'id'))")
        company_id = int(cursor.fetchone()[0])
    with company_scope(company_id):
        company = Company.objects.create(
            id=company_id, code=code, name=name, time_zone=time_zone, created_at=now
        )
        Party.objects.create(company_id=company_id, kind=Party.Kind.COMPANY)
        Programme.objects.create(company_id=company_id, code=EMPLOYEES, name="员工积分")
        note(
            company_id=company_id,
            actor=actor,
            now=now,
            action="company.create",
            object_kind="company",
            object_id=company_id,
            after={"code": code, "name": name},
        )
    return company
