"""From drafts that were read off a table to draft versions: new, changed or unchanged lines."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from meritbook.kit.errors import Refusal
from meritbook.kit.words import told
from meritbook.org.models import Department, Post, Programme
from meritbook.rules.codes import rule_codes
from meritbook.rules.content import content_of
from meritbook.rules.library import drafts_of, template
from meritbook.rules.models import Rule, RuleVersion
from meritbook.rules.operations.gaps import gap_text
from meritbook.rules.operations.publishing import publish
from meritbook.rules.operations.schemes import default_scheme
from meritbook.rules.operations.versions import (
    Proposal,
    is_new,
    proposed_version,
    save_version,
    says_the_same,
)
from meritbook.rules.populations import Match, People
from meritbook.rules.queries import latest_versions, version_spec
from meritbook.rules.scoring import compile_rule
from meritbook.rules.spec import SpecIncomplete
from meritbook.rules.tables import Draft, Finding

NAME_LENGTH = 200
_AT_ONCE = 1000
"""So many rows are stored by one statement."""


class DepartmentUnknown(Refusal):
    """The department named does not exist, or its name stands in several places of the tree."""

    code = "unknown_department"
    status = 404


@dataclass(frozen=True, slots=True)
class LineResult:
    """What became of one line: its version, and whether it is new, changed or unchanged."""

    version: RuleVersion
    change: str
    row: int


@dataclass(frozen=True, slots=True)
class Loaded:
    """The lines of a table in order, each with its version."""

    lines: Sequence[LineResult]

    @property
    def unchanged(self) -> int:
        return sum(line.change == "unchanged" for line in self.lines)

    @property
    def versions(self) -> list[RuleVersion]:
        return [line.version for line in self.lines]


def department_population(*, company_id: int, department: str | None) -> dict[str, Any]:
    """The population of a table: the department named (a name or a path), else everyone.

    Raises DepartmentUnknown.
    """
    if not department:
        return {}
    wanted = [part.strip() for part in department.replace("\\", "/").split("/") if part.strip()]
    departments = {
        each.pk: each for each in Department.objects.filter(company_id=company_id, active=True)
    }

    def path(each: Department) -> list[str]:
        return [departments[step].name for step in each.path_ids if step in departments]

    found = [each for each in departments.values() if path(each)[-len(wanted) :] == wanted]
    if not found:
        raise DepartmentUnknown(_("没有名为“%(name)s”的部门") % {"name": department})
    if len(found) > 1:
        raise DepartmentUnknown(
            _("有 %(n)d 个部门叫“%(name)s”，请写出完整路径") % {"n": len(found), "name": department}
        )
    return {"departments": [found[0].pk]}


def _sheet_questions(*, company_id: int, sheets: Iterable[str]) -> dict[str, dict[str, Any]]:
    """A question for each sheet whose name matches a department or a post."""
    names = {sheet for sheet in sheets if sheet}
    if not names:
        return {}
    departments = {
        name: pk
        for pk, name in Department.objects.filter(company_id=company_id, active=True).values_list(
            "id", "name"
        )
    }
    posts = {
        name: pk
        for pk, name in Post.objects.filter(company_id=company_id).values_list("id", "name")
    }
    questions = {}
    for sheet in names:
        for noun, known in (("departments", departments), ("posts", posts)):
            match = next((known[name] for name in (sheet, f"{sheet}部") if name in known), None)
            if match is not None:
                questions[sheet] = {
                    "field": "population",
                    "text": told(
                        "工作表“%(sheet)s”与一个部门或岗位同名：这些标准只适用于它，还是全公司？",
                        sheet=sheet,
                    ),
                    "proposal": told("全公司"),
                    "choice": {noun: [match]},
                }
                break
    return questions


def _with_people(questions: Sequence[dict[str, Any]], meant: Match) -> list[dict[str, Any]]:
    """Ask about the department or post that a line names instead of about its bare words."""
    others = [question for question in questions if question["field"] != "population"]
    return [
        *others,
        {
            "field": "population",
            "text": told("“%(text)s”：只对这些人计分吗？", text=meant.words),
            "proposal": told("只适用于%(people)s", people=meant.name),
            "choice": meant.population,
            "line": True,
        },
    ]


def load_drafts(
    *,
    company_id: int,
    drafts: Sequence[Draft],
    population: Mapping[str, Any],
    actor_id: int | None,
    now: datetime,
    findings: Sequence[Finding] = (),
) -> Loaded:
    """Write each draft as a draft version; lines that say what they said before are left alone.

    ``population`` is ``department_population``'s answer. Without one, a sheet named like a
    department or post gets a question on its first line, and a line that names one (仅销售部) is
    proposed to be for it alone. A finding stays with the draft it is about,
    also where one row became several. New rules and their versions are stored many at a time.
    """
    programme = Programme.objects.get(company_id=company_id, code="employees")
    rows: list[dict[str, Any]] = [dict(draft.as_dict()) for draft in drafts]
    codes = rule_codes((row["sheet"], row["indicator"], row["standard"]) for row in rows)
    known = {rule.code: rule for rule in Rule.objects.filter(company_id=company_id)}
    latest = {version.rule_id: version for version in latest_versions(company_id=company_id)}
    asked = (
        {}
        if population
        else _sheet_questions(company_id=company_id, sheets=(row["sheet"] for row in rows))
    )
    people = People(company_id=company_id)
    by_place: dict[tuple[str, int, int], list[dict[str, Any]]] = {}
    for finding in findings:
        place = (finding.sheet, finding.row, finding.part)
        by_place.setdefault(place, []).append(dict(finding.as_dict()))

    known |= _new_rules(
        company_id=company_id,
        programme=programme,
        rows={code: row for code, row in zip(codes, rows, strict=True) if code not in known},
        now=now,
    )
    lines = []
    created: list[RuleVersion] = []
    for draft, row, code in zip(drafts, rows, codes, strict=True):
        rule = known[code]
        questions = [dict(question) for question in row.get("questions", [])]
        before = latest.get(rule.pk)
        own: Mapping[str, Any] = population
        if not population and (meant := people.meant_by(draft.standard, draft.points_text)):
            questions = _with_people(questions, meant)
            own = meant.population if before is None else before.population
        if (question := asked.pop(row["sheet"], None)) is not None:
            questions.append(question)
        proposal = Proposal(
            content=content_of(row),
            population=own,
            # Where a rule posts is said on its page; a table says nothing about it.
            postings=before.postings if before is not None else {},
            questions=questions,
            findings=by_place.get((draft.sheet, draft.row, draft.part), []),
        )
        if before is not None and says_the_same(before, proposal):
            lines.append(LineResult(before, "unchanged", row["row"]))
            continue
        version = proposed_version(
            company_id=company_id,
            rule=rule,
            latest=before,
            proposal=proposal,
            actor_id=actor_id,
            now=now,
        )
        if is_new(version):
            created.append(version)
        else:
            save_version(version, proposal)
        lines.append(LineResult(version, "new" if before is None else "changed", row["row"]))
    RuleVersion.objects.bulk_create(created, batch_size=_AT_ONCE)
    return Loaded(lines)


def _new_rules(
    *,
    company_id: int,
    programme: Programme,
    rows: Mapping[str, Mapping[str, Any]],
    now: datetime,
) -> dict[str, Rule]:
    """A rule for each line whose code nobody has yet, by code."""
    if not rows:
        return {}
    scheme = default_scheme(company_id=company_id, now=now)
    rules = [
        Rule(
            company_id=company_id,
            programme=programme,
            scheme=scheme,
            code=code,
            name=str(row["standard"])[:NAME_LENGTH],
            sheet=row["sheet"],
            row=row["row"],
            category=str(row.get("category") or "")[:40],
        )
        for code, row in rows.items()
    ]
    return {rule.code: rule for rule in Rule.objects.bulk_create(rules, batch_size=_AT_ONCE)}


def complete(version: RuleVersion) -> str | None:
    """Why the version cannot run yet, or None."""
    try:
        compile_rule(version_spec(version))
    except SpecIncomplete as missing:
        return gap_text(missing)
    return None


def load_template(
    *,
    company_id: int,
    code: str,
    now: datetime,
    actor_id: int | None = None,
    publish_from: date | None = None,
    department: str | None = None,
) -> Loaded:
    """Load a ready template of the library; with ``publish_from`` its proposals are taken and
    it is published from that day."""
    loaded = load_drafts(
        company_id=company_id,
        drafts=drafts_of(template(code)),
        population=department_population(company_id=company_id, department=department),
        actor_id=actor_id,
        now=now,
    )
    if publish_from is not None:
        publish(
            company_id=company_id,
            version_ids=[version.pk for version in loaded.versions],
            active_from=publish_from,
            actor_id=actor_id,
            now=now,
            accept_proposals=True,
        )
    return loaded
