"""Writing one version: the step that every road to a new draft shares."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from meritbook.rules.content import EXTRA_NUMBERS, same_content
from meritbook.rules.models import Rule, RuleVersion
from meritbook.rules.queries import version_content


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a draft is to say: content (``content.content_of``) and what goes beside it."""

    content: Mapping[str, Any]
    population: Mapping[str, Any]
    postings: Mapping[str, Any]
    questions: list[dict[str, Any]]
    findings: list[dict[str, Any]]
    reason: str = ""


_BESIDE = ("population", "postings", "questions", "findings", "reason", "created_at", "created_by")


def says_the_same(version: RuleVersion, proposal: Proposal) -> bool:
    """Whether the version already is what is proposed; answered questions do not count."""
    return (
        same_content(_source_content(version), proposal.content)
        and version.population == proposal.population
        and version.postings == proposal.postings
    )


def _source_content(version: RuleVersion) -> dict[str, Any]:
    """The content as the source gave it: before a person's answers changed a field."""
    content = version_content(version)
    for question in version.questions:
        if "read_as" not in question:
            continue
        field, read_as = question["field"], question["read_as"]
        if field in EXTRA_NUMBERS:
            kept = {name: value for name, value in content["extra"].items() if name != field}
            content["extra"] = kept | ({} if read_as is None else {field: read_as})
        else:
            content[field] = _typed(content, field, read_as)
    return content


def _typed(content: Mapping[str, Any], field: str, value: Any) -> Any:
    from decimal import Decimal  # noqa: PLC0415 -- only here

    return Decimal(value) if isinstance(content.get(field), Decimal) and value else value


def write_draft(
    *,
    company_id: int,
    rule: Rule,
    latest: RuleVersion | None,
    proposal: Proposal,
    actor_id: int | None,
    now: datetime,
) -> RuleVersion:
    """A draft of ``rule`` that says what is proposed: the open draft changed, or a new version."""
    version = proposed_version(
        company_id=company_id,
        rule=rule,
        latest=latest,
        proposal=proposal,
        actor_id=actor_id,
        now=now,
    )
    save_version(version, proposal)
    return version


def is_new(version: RuleVersion) -> bool:
    """Whether the version has not been stored yet."""
    return bool(version._state.adding)


def save_version(version: RuleVersion, proposal: Proposal) -> None:
    """Store a new version, or what a proposal says in an open draft and nothing else of it."""
    if is_new(version):
        version.save()
    else:
        version.save(update_fields=[*proposal.content, *_BESIDE])


def proposed_version(
    *,
    company_id: int,
    rule: Rule,
    latest: RuleVersion | None,
    proposal: Proposal,
    actor_id: int | None,
    now: datetime,
) -> RuleVersion:
    """The same, not yet saved: whoever writes many stores the new ones at once."""
    values = dict(proposal.content) | {
        "population": dict(proposal.population),
        "postings": dict(proposal.postings),
        "questions": proposal.questions,
        "findings": proposal.findings,
        "reason": proposal.reason,
        "created_at": now,
        "created_by_id": actor_id,
    }
    if latest is not None and latest.status == RuleVersion.Status.DRAFT:
        for name, value in values.items():
            setattr(latest, name, value)
        return latest
    number = 1 if latest is None else latest.number + 1
    return RuleVersion(
        company_id=company_id,
        rule=rule,
        number=number,
        status=RuleVersion.Status.DRAFT,
        **values,
    )
