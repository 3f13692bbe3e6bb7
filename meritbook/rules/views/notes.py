"""What people do to rules, as lines of the audit log."""

from collections.abc import Mapping
from typing import Any

from meritbook.files.models import ImportRun
from meritbook.kit import clock
from meritbook.org.doors import MemberRequest
from meritbook.org.operations.audit import actor_of, note
from meritbook.rules.listings import sentence_of
from meritbook.rules.models import RuleVersion


def note_rule(
    request: MemberRequest,
    *,
    action: str,
    code: str,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    reason: str = "",
) -> None:
    """Write down what the reader did to one rule, in the caller's transaction."""
    note(
        company_id=request.company.pk,
        actor=actor_of(request.member),
        now=clock.now(),
        action=action,
        object_kind="rule",
        object_id=code,
        before=before,
        after=after,
        reason=reason,
    )


def note_import(
    request: MemberRequest, *, run: ImportRun, action: str, after: Mapping[str, object]
) -> None:
    """Write down what the reader did to all the rules of one table."""
    note(
        company_id=request.company.pk,
        actor=actor_of(request.member),
        now=clock.now(),
        action=action,
        object_kind="import_run",
        object_id=run.pk,
        after={"file": run.file_name, **after},
    )


def version_note(version: RuleVersion | None) -> dict[str, object] | None:
    """A version as the log keeps it: its number and its sentence."""
    if version is None:
        return None
    said: dict[str, object] = {"version": version.number, "rule": sentence_of(version)}
    if version.population.get("employees"):
        said["people_named"] = len(version.population["employees"])
        said["named_because"] = version.population.get("reason", "")
    return said


def answer_note(question: Mapping[str, Any]) -> dict[str, object]:
    """A question of a draft and what was answered."""
    return {"question": question["text"], "field": question["field"], "answer": question["answer"]}
