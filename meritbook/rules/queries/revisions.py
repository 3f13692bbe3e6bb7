"""Revisions and editions as they are read."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from meritbook.kit.errors import Refusal
from meritbook.kit.words import say
from meritbook.org.models import Employee
from meritbook.rules.models import Edition, Revision, Scheme, Signature


class UnknownRevision(Refusal):
    """The company has no such revision."""

    code = "unknown_revision"
    status = 404

    def __init__(self) -> None:
        super().__init__(say("没有这次修订"))


class UnknownEdition(Refusal):
    """The company has no such edition."""

    code = "unknown_edition"
    status = 404

    def __init__(self) -> None:
        super().__init__(say("没有这一版"))


def revision_of(*, company_id: int, revision_id: int, for_update: bool = False) -> Revision:
    """One revision with its scheme. Raises UnknownRevision."""
    found = Revision.objects.filter(company_id=company_id, pk=revision_id)
    if for_update:
        found = found.select_for_update(of=("self",))
    revision = found.select_related("scheme__committee").first()
    if revision is None:
        raise UnknownRevision
    return revision


def revisions(*, company_id: int, scheme: Scheme) -> QuerySet[Revision]:
    """The revisions of a scheme, the latest first."""
    return Revision.objects.filter(company_id=company_id, scheme=scheme).order_by("-number")


def edition_of(*, company_id: int, edition_id: int) -> Edition:
    """One edition with its scheme. Raises UnknownEdition."""
    found = (
        Edition.objects.filter(company_id=company_id, pk=edition_id)
        .select_related("scheme")
        .first()
    )
    if found is None:
        raise UnknownEdition
    return found


def newest_editions(*, company_id: int) -> list[Edition]:
    """The newest edition of each scheme."""
    return list(
        Edition.objects.filter(company_id=company_id)
        .select_related("scheme")
        .order_by("scheme_id", "-number")
        .distinct("scheme_id")
    )


def to_sign(*, company_id: int, employee: Employee) -> list[Edition]:
    """What an employee has to read and sign: the newest of each scheme that asks for it."""
    wanted = [each for each in newest_editions(company_id=company_id) if each.scheme.must_sign]
    signed = set(
        Signature.objects.filter(
            company_id=company_id, employee=employee, edition_id__in=[each.pk for each in wanted]
        ).values_list("edition_id", flat=True)
    )
    return [each for each in wanted if each.pk not in signed]


@dataclass(frozen=True, slots=True)
class Signed:
    """Who has signed an edition and who of those employed has not."""

    signatures: list[Signature]
    missing: list[Employee]


def signed(edition: Edition) -> Signed:
    """Who has and who has not, by name; everybody employed now is asked."""
    signatures = list(
        Signature.objects.filter(company_id=edition.company_id, edition=edition)
        .select_related("employee")
        .order_by("signed_at", "pk")
    )
    missing = (
        Employee.objects.filter(company_id=edition.company_id)
        .exclude(state=Employee.State.LEFT)
        .exclude(pk__in=[each.employee_id for each in signatures])
        .order_by("employee_no", "pk")
    )
    return Signed(signatures, list(missing))
