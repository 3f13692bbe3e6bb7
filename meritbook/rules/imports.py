"""A rule import as its page shows it: original rows, how each was read, questions, findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _

from meritbook.files.models import ImportRun
from meritbook.rules import listings
from meritbook.rules.listings import Names, RuleLine
from meritbook.rules.models import RuleVersion
from meritbook.rules.presets import PERIOD_NAMES
from meritbook.rules.wording import Change, FieldFact, changes_between, reading_facts, source_facts

CHANGES = {"new": "live", "changed": "wait", "unchanged": "calm"}
_NOT_CHIPS = frozenset({"shape", "points", "points_min", "points_max", "proportional"})


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose: what is sent, and what people read."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Question:
    """A doubt about one line, as a small form."""

    index: int
    text: str
    proposal: str
    answer: str | None
    options: tuple[Option, ...]
    """Other answers than the proposal; empty when one writes it, or has to open the form."""
    kind: str
    """``options``, ``number``, ``text``, or ``form`` when only the whole form can say it."""

    @property
    def is_open(self) -> bool:
        return self.answer is None


@dataclass(frozen=True, slots=True)
class ImportedLine:
    """One row of the table: its cells, the reading, and what came of it."""

    line: RuleLine
    change: str
    source: list[FieldFact]
    chips: list[FieldFact]
    questions: list[Question]
    findings: list[Mapping[str, Any]]
    differences: list[Change]

    @property
    def tone(self) -> str:
        return CHANGES[self.change]

    @property
    def change_label(self) -> str:
        return {"new": _("新增"), "changed": _("有变化"), "unchanged": _("没有变化")}[self.change]

    @property
    def is_draft(self) -> bool:
        return self.line.version.status == RuleVersion.Status.DRAFT

    @property
    def is_quiet(self) -> bool:
        """Nothing to look at: in use already, and the same."""
        return self.change == "unchanged" and not self.is_draft

    @property
    def open_questions(self) -> int:
        return sum(question.is_open for question in self.questions)


@dataclass(frozen=True, slots=True)
class ImportedSheet:
    """The lines of one sheet: those to look at, and those that say what they said."""

    name: str
    lively: list[ImportedLine]
    quiet: list[ImportedLine]

    @property
    def count(self) -> int:
        return len(self.lively) + len(self.quiet)


@dataclass(frozen=True, slots=True)
class RuleImport:
    """A run with its lines in the order of the source."""

    run: ImportRun
    lines: list[ImportedLine]
    loose_findings: list[Mapping[str, Any]]
    """Findings about whole sheets, or about rows that are no lines."""
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def is_open(self) -> bool:
        return self.run.state == ImportRun.State.DRAFT

    @property
    def open_questions(self) -> int:
        return sum(line.open_questions for line in self.lines if line.is_draft)

    @property
    def first_open(self) -> int | None:
        """The version of the first line that has an open question."""
        return next(
            (one.line.version.pk for one in self.lines if one.is_draft and one.open_questions), None
        )

    @property
    def is_restricted(self) -> bool:
        """Whether some draft is for certain departments or posts."""
        return any(one.is_draft and one.line.version.population for one in self.lines)

    @property
    def drafts(self) -> int:
        return sum(line.is_draft for line in self.lines)

    @property
    def findings(self) -> int:
        return len(self.loose_findings) + sum(len(line.findings) for line in self.lines)

    @property
    def sheets(self) -> list[ImportedSheet]:
        """Lines by sheet, in order."""
        order: dict[str, list[ImportedLine]] = {}
        for line in self.lines:
            order.setdefault(line.line.version.rule.sheet, []).append(line)
        return [
            ImportedSheet(
                name,
                [line for line in lines if not line.is_quiet],
                [line for line in lines if line.is_quiet],
            )
            for name, lines in order.items()
        ]


def rule_import(*, company_id: int, run: ImportRun, day: date, names: Names) -> RuleImport:
    """The run with all its lines; three queries. Lines whose draft was deleted are left out."""
    changes = {int(pk): change for pk, change in run.options.get("lines", [])}
    versions = {
        version.pk: version
        for version in RuleVersion.objects.select_related("rule").filter(
            company_id=company_id, pk__in=changes
        )
    }
    before = _versions_before(company_id=company_id, versions=versions.values(), changes=changes)
    lines = [
        _imported(
            versions[pk],
            change=change,
            before=before.get(versions[pk].rule_id),
            day=day,
            names=names,
        )
        for pk, change in changes.items()
        if pk in versions
    ]
    rows = {(line.line.version.rule.sheet, line.line.version.rule.row) for line in lines}
    loose = [
        finding
        for finding in run.options.get("findings", [])
        if (finding["sheet"], finding["row"]) not in rows
    ]
    counts = Counter(line.change for line in lines)
    return RuleImport(run=run, lines=lines, loose_findings=loose, counts=counts)


def _versions_before(
    *, company_id: int, versions: Any, changes: Mapping[int, str]
) -> dict[int, RuleVersion]:
    """The version before each changed one, by rule."""
    changed = {each.rule_id: each.number for each in versions if changes[each.pk] == "changed"}
    found: dict[int, RuleVersion] = {}
    for version in (
        RuleVersion.objects.select_related("rule")
        .filter(company_id=company_id, rule_id__in=changed)
        .order_by("number")
    ):
        if version.number < changed[version.rule_id]:
            found[version.rule_id] = version
    return found


def _imported(
    version: RuleVersion, *, change: str, before: RuleVersion | None, day: date, names: Names
) -> ImportedLine:
    return ImportedLine(
        line=listings.rule_line(version, day=day, names=names),
        change=change,
        source=source_facts(version),
        chips=[fact for fact in reading_facts(version) if fact.name not in _NOT_CHIPS],
        questions=[
            _question(index, question, names=names)
            for index, question in enumerate(version.questions)
        ],
        findings=version.findings,
        differences=changes_between(before, version, names=names) if before is not None else [],
    )


def imported_line(
    *, company_id: int, run: ImportRun, version_id: int, day: date, names: Names
) -> ImportedLine:
    """One line of a run again, after a question was answered; 404 for a version not of the run."""
    changes = {int(pk): change for pk, change in run.options.get("lines", [])}
    version = (
        RuleVersion.objects.select_related("rule")
        .filter(company_id=company_id, pk=version_id)
        .first()
    )
    if version is None or version_id not in changes:
        raise Http404(_("没有这一行"))
    before = _versions_before(company_id=company_id, versions=[version], changes=changes)
    return _imported(
        version,
        change=changes[version_id],
        before=before.get(version.rule_id),
        day=day,
        names=names,
    )


_NUMBERS = frozenset(
    {
        "points",
        "points_min",
        "points_max",
        "divisor",
        "target",
        "threshold",
        "limit_minutes",
        "project_total",
        "weight_percent",
    }
)


def _question(index: int, question: Mapping[str, Any], *, names: Names) -> Question:
    name = question["field"]
    options: tuple[Option, ...] = ()
    kind = "form"
    if name == "population":
        kind = "options" if "choice" in question else "form"
        label = _("只适用于%(people)s") % {"people": names.of(question.get("choice") or {})}
        options = (Option("only", label),) if "choice" in question else ()
        if question.get("line"):
            options = (Option("everyone", _("全公司")),)
    elif name == "period":
        kind = "options"
        options = tuple(Option(value, str(text)) for value, text in PERIOD_NAMES.items())
    elif name in ("strict", "proportional"):
        kind = "options"
        options = (Option("1", _("是")), Option("", _("否")))
    elif name in _NUMBERS:
        kind = "number"
    elif name == "unit":
        kind = "text"
    answer = question.get("answer")
    said = {option.value: option.label for option in options}
    return Question(
        index=index,
        text=question["text"],
        proposal=question["proposal"],
        answer=None if "answer" not in question else said.get(str(answer), str(answer)),
        options=options,
        kind=kind,
    )
