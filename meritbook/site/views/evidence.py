"""Evidence packs: of a scheme, and of what one employee has signed."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from meritbook.kit import clock
from meritbook.org.doors import MemberRequest, for_members
from meritbook.org.operations.audit import actor_of, note
from meritbook.org.operations.people import employee as employee_of
from meritbook.org.permissions import may_manage_rules
from meritbook.rules.queries.schemes import scheme as scheme_of
from meritbook.site.evidence import employee_evidence, scheme_evidence
from meritbook.site.views.statement_files import PDF, attachment


@require_safe
@for_members(may_manage_rules)
def scheme_evidence_file(request: MemberRequest, code: str) -> HttpResponse:
    """How a scheme came about, whole; that it was taken is kept."""
    scheme = scheme_of(company_id=request.company.pk, code=code)
    now = clock.now()
    content = scheme_evidence(company=request.company, scheme=scheme, now=now)
    note(
        company_id=request.company.pk,
        actor=actor_of(request.member),
        now=now,
        action="evidence.take",
        object_kind="scheme",
        object_id=scheme.code,
    )
    name = _("制度存证-%(name)s.pdf") % {"name": scheme.name}
    return attachment(content, name=name, content_type=PDF)


@require_safe
@for_members()
def employee_evidence_file(request: MemberRequest, employee_no: str) -> HttpResponse:
    """What somebody has signed: for themselves, and for officers."""
    employee = employee_of(company_id=request.company.pk, employee_no=employee_no)
    if employee != request.member.employee and not may_manage_rules(request.member):
        raise PermissionDenied
    now = clock.now()
    content = employee_evidence(company=request.company, employee=employee, now=now)
    if employee != request.member.employee:
        note(
            company_id=request.company.pk,
            actor=actor_of(request.member),
            now=now,
            action="evidence.take",
            object_kind="employee",
            object_id=employee.employee_no,
        )
    name = _("制度存证-%(name)s.pdf") % {"name": employee.name}
    return attachment(content, name=name, content_type=PDF)
