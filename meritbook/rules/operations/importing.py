"""A rule table handed in on a page: read into drafts, looked through, then published or dropped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from meritbook.files.models import ImportRun
from meritbook.files.operations.runs import finish_run, start_run, store_file
from meritbook.kit.errors import Refusal
from meritbook.kit.problems import Problem
from meritbook.rules.codes import rule_codes
from meritbook.rules.models import RuleVersion
from meritbook.rules.operations.discarding import discard_drafts
from meritbook.rules.operations.loading import LineResult, load_drafts
from meritbook.rules.operations.publishing import publish
from meritbook.rules.queries import latest_versions
from meritbook.rules.tables import Draft, Finding, Reading

PASTED = "粘贴的文字.txt"


class ImportOver(Refusal):
    """The import was published or dropped already."""

    code = "import_over"
    status = 409


def open_run(
    *,
    company_id: int,
    name: str,
    content: bytes | None,
    reading: Reading,
    population: Mapping[str, Any],
    actor_id: int | None,
    now: datetime,
) -> ImportRun:
    """A waiting run with the drafts of ``reading``; ``content`` is the file to keep, if any."""
    file = (
        store_file(company_id=company_id, name=name, content=content, created_by=actor_id, now=now)
        if content is not None
        else None
    )
    run = start_run(
        company_id=company_id,
        kind=ImportRun.Kind.RULES,
        file_name=name,
        file=file,
        now=now,
        created_by=actor_id,
        state=ImportRun.State.DRAFT,
    )
    return fill_run(run=run, reading=reading, population=population, actor_id=actor_id, now=now)


def fill_run(
    *,
    run: ImportRun,
    reading: Reading,
    population: Mapping[str, Any],
    actor_id: int | None,
    now: datetime,
) -> ImportRun:
    """Store the drafts of ``reading`` as the run's; it waits for somebody's word then."""
    lines = _load(
        company_id=run.company_id,
        drafts=reading.drafts,
        findings=reading.findings,
        population=population,
        actor_id=actor_id,
        now=now,
    )
    run.state = ImportRun.State.DRAFT
    run.options = {
        "lines": [[line.version.pk, line.change] for line in lines],
        "findings": [finding.as_dict() for finding in reading.findings],
    }
    run.problems = [problem.as_dict() for problem in reading.problems]
    run.total = len(lines)
    run.counts = _counts(lines)
    run.save(update_fields=["state", "options", "problems", "total", "counts"])
    return run


def _counts(lines: Sequence[LineResult]) -> dict[str, int]:
    return {
        change: sum(line.change == change for line in lines)
        for change in ("new", "changed", "unchanged")
    }


def _load(
    *,
    company_id: int,
    drafts: Sequence[Draft],
    findings: Sequence[Finding],
    population: Mapping[str, Any],
    actor_id: int | None,
    now: datetime,
) -> list[LineResult]:
    """The lines sheet by sheet: without a department named, a sheet that was loaded before keeps
    the population that it has, so that the same file again changes nothing."""
    known = {
        version.rule.code: version.population for version in latest_versions(company_id=company_id)
    }
    sheets: dict[str, list[Draft]] = {}
    for draft in drafts:
        sheets.setdefault(draft.sheet, []).append(draft)
    lines: list[LineResult] = []
    for own in sheets.values():
        keys = ((draft.sheet, draft.indicator, draft.standard) for draft in own)
        before = [known[code] for code in rule_codes(keys) if code in known]
        kept = before[0] if before and all(each == before[0] for each in before) else {}
        loaded = load_drafts(
            company_id=company_id,
            drafts=own,
            population=population or kept,
            actor_id=actor_id,
            now=now,
            findings=findings,
        )
        lines.extend(loaded.lines)
    return lines


def publish_import(
    *,
    company_id: int,
    run: ImportRun,
    population: Mapping[str, Any] | None,
    active_from: date,
    accept_proposals: bool,
    actor_id: int | None,
    now: datetime,
) -> int:
    """Publish the run's drafts from ``active_from`` on and close the run; how many were published.

    ``population`` None keeps what each draft says; a mapping sets it for all of them. Raises
    ImportOver, OpenQuestions, VersionIncomplete.
    """
    _still_open(run)
    version_ids = [pk for pk, _change in run.options["lines"]]
    if population is not None:
        RuleVersion.objects.filter(
            company_id=company_id, pk__in=version_ids, status=RuleVersion.Status.DRAFT
        ).update(population=dict(population))
    published = publish(
        company_id=company_id,
        version_ids=version_ids,
        active_from=active_from,
        actor_id=actor_id,
        now=now,
        accept_proposals=accept_proposals,
    )
    counts = {**run.counts, "published": len(published)}
    finish_run(
        run=run,
        counts=counts,
        problems=[Problem(**problem) for problem in run.problems],
        undo={},
        total=run.total,
        now=now,
    )
    return len(published)


def drop_import(*, company_id: int, run: ImportRun, now: datetime) -> int:
    """Delete the run's drafts and close it; how many drafts went. Raises ImportOver."""
    _still_open(run)
    dropped = discard_drafts(
        company_id=company_id,
        version_ids=[pk for pk, change in run.options["lines"] if change != "unchanged"],
    )
    finish_run(
        run=run,
        counts=run.counts,
        problems=[Problem(**problem) for problem in run.problems],
        undo={},
        total=run.total,
        now=now,
        state=ImportRun.State.UNDONE,
    )
    return dropped


def _still_open(run: ImportRun) -> None:
    if run.state != ImportRun.State.DRAFT:
        raise ImportOver(_("这次导入已经处理完了"))
