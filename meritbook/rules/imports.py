"""A rule import as its page shows it: original rows, how each was read, questions, findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import Http404
from django.utils.translation import gettext as _

from meritbook.files.models import ImportRun
from meritbook.rules import listings
from meritbook.rules.listings import Names, RuleLine
from meritbook.rules.models import RuleVersion
from meritbook.rules.presets import PERIOD_NAMES
from meritbook.rules.wording import Change, FieldFact, changes_between, reading_facts, source_facts

PER_PAGE = 100
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
class Totals:
    """What all lines of a run come to, whichever of them are shown."""

    counts: Counter[str]
    open_questions: int
    drafts: int
    findings: int
    is_restricted: bool
    """Whether some draft is for certain departments or posts."""
    first_open: int | None
    """The version of the first line that has an open question."""
    first_open_page: int
    places: frozenset[tuple[str, int | None]]
    """Sheet and row of every line."""


@dataclass(frozen=True, slots=True)
class RuleImport:
    """A run with one page of its lines in the order of the source."""

    run: ImportRun
    page: Page[int]
    """Of the versions' ids."""
    lines: list[ImportedLine]
    loose_findings: list[Mapping[str, Any]]
    """Findings about whole sheets, or about rows that are no lines."""
    totals: Totals

    @property
    def is_open(self) -> bool:
        return self.run.state == ImportRun.State.DRAFT

    @property
    def total(self) -> int:
        return self.page.paginator.count

    @property
    def counts(self) -> Counter[str]:
        return self.totals.counts

    @property
    def open_questions(self) -> int:
        return self.totals.open_questions

    @property
    def first_open(self) -> int | None:
        return self.totals.first_open

    @property
    def first_open_address(self) -> str:
        """Where the first line with an open question stands."""
        page = self.totals.first_open_page
        anchor = f"#line-{self.totals.first_open}"
        return anchor if page == self.page.number else f"?page={page}{anchor}"

    @property
    def is_restricted(self) -> bool:
        return self.totals.is_restricted

    @property
    def drafts(self) -> int:
        return self.totals.drafts

    @property
    def findings(self) -> int:
        return len(self.loose_findings) + self.totals.findings

    @property
    def sheets(self) -> list[ImportedSheet]:
        """The page's lines by sheet, in order."""
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


def rule_import(
    *, company_id: int, run: ImportRun, day: date, names: Names, page: int | str = 1
) -> RuleImport:
    """The run with a page of its lines; four queries. Lines whose draft was deleted are left out."""
    changes = {int(pk): change for pk, change in run.options.get("lines", [])}
    totals, ids = _totals(company_id=company_id, changes=changes)
    shown: Page[int] = Paginator(ids, PER_PAGE).get_page(page)
    versions = {
        version.pk: version
        for version in RuleVersion.objects.select_related("rule").filter(
            company_id=company_id, pk__in=list(shown.object_list)
        )
    }
    before = _versions_before(company_id=company_id, versions=versions.values(), changes=changes)
    lines = [
        _imported(
            versions[pk],
            change=changes[pk],
            before=before.get(versions[pk].rule_id),
            day=day,
            names=names,
        )
        for pk in shown.object_list
        if pk in versions
    ]
    loose = [
        finding
        for finding in run.options.get("findings", [])
        if (finding["sheet"], finding["row"]) not in totals.places
    ]
    return RuleImport(run=run, page=shown, lines=lines, loose_findings=loose, totals=totals)


def _totals(*, company_id: int, changes: Mapping[int, str]) -> tuple[Totals, list[int]]:
    """What all lines come to, and the ids of those that are left in the order of the source."""
    rows = {
        row[0]: row
        for row in RuleVersion.objects.filter(company_id=company_id, pk__in=changes).values_list(
            "pk", "status", "questions", "findings", "population", "rule__sheet", "rule__row"
        )
    }
    ids = [pk for pk in changes if pk in rows]
    drafts = [pk for pk in ids if rows[pk][1] == RuleVersion.Status.DRAFT]
    asked = {pk: sum("answer" not in question for question in rows[pk][2]) for pk in drafts}
    first = next((pk for pk in drafts if asked[pk]), None)
    totals = Totals(
        counts=Counter(changes[pk] for pk in ids),
        open_questions=sum(asked.values()),
        drafts=len(drafts),
        findings=sum(len(rows[pk][3]) for pk in ids),
        is_restricted=any(rows[pk][4] for pk in drafts),
        first_open=first,
        first_open_page=1 if first is None else ids.index(first) // PER_PAGE + 1,
        places=frozenset((row[5], row[6]) for row in rows.values()),
    )
    return totals, ids


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
