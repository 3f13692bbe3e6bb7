"""Revisions and editions as they are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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


def newest_edition(*, company_id: int, scheme: Scheme) -> Edition | None:
    """The newest edition of a scheme; None before a text was given out."""
    found = Edition.objects.filter(company_id=company_id, scheme=scheme)
    return found.order_by("-number").first()


def revision_row(revision: Revision) -> dict[str, Any]:
    """One revision as the API gives it."""
    until = revision.consult_until
    return {
        "id": revision.pk,
        "number": revision.number,
        "title": revision.title,
        "reason": revision.reason,
        "state": revision.state,
        "consult_until": until.isoformat() if until else None,
        "effective_on": revision.effective_on.isoformat(),
        "sha256": revision.sha256 or None,
        "approval": revision.case_id,
        "created_at": revision.created_at.isoformat(),
    }


def signatures_row(edition: Edition | None) -> dict[str, Any]:
    """Who has signed an edition and who has not, as the API gives it."""
    if edition is None:
        return {"edition": None, "sha256": None, "valid_on": None, "signed": [], "missing": []}
    people = signed(edition)
    return {
        "edition": edition.number,
        "sha256": edition.sha256,
        "valid_on": edition.valid_on.isoformat(),
        "signed": [
            {"employee_no": each.employee.employee_no, "at": each.signed_at.isoformat()}
            for each in people.signatures
        ],
        "missing": [each.employee_no for each in people.missing],
    }
