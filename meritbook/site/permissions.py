"""Who may see whose wallet."""

from datetime import date

from meritbook.org.models import Assignment, Employee
from meritbook.org.queries.departments import subtree_ids
from meritbook.org.queries.members import Member


def may_see_wallet(member: Member, employee: Employee, *, day: date) -> bool:
    """One's own, a head's people as of ``day``, and for points officers everybody's."""
    if member.is_officer or (member.employee is not None and member.employee.pk == employee.pk):
        return True
    if not member.headed_department_ids:
        return False
    company_id = member.company.pk
    headed = subtree_ids(company_id=company_id, department_ids=member.headed_department_ids)
    places = Assignment.objects.filter(
        company_id=company_id,
        employee_id=employee.pk,
        department_id__in=headed,
        valid_from__lte=day,
    )
    return any(place.valid_to is None or day < place.valid_to for place in places)
