"""Rules as pages list them: the version that counts today, its sentence, its points, for whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from meritbook.org.models import Assignment, Department, Employee, Grade, Post
from meritbook.rules.checks import concerns
from meritbook.rules.content import content_of, population_of
from meritbook.rules.models import Rule, RuleVersion
from meritbook.rules.operations.publishing import open_questions
from meritbook.rules.presets import BY_SHAPE, Preset
from meritbook.rules.queries import version_spec
from meritbook.rules.sentences import rule_sentence
from meritbook.rules.spec import PersonFacts, SpecIncomplete, Tier
from meritbook.rules.texts import PER, number_text, unit_of
from meritbook.rules.values import stage_points

IN_FORCE, UPCOMING, DRAFT, ENDED = "in_force", "upcoming", "draft", "ended"

STATES: Mapping[str, tuple[str | Promise, str]] = {
    IN_FORCE: (_("生效中"), "good"),
    UPCOMING: (_("待生效"), "wait"),
    DRAFT: (_("草稿"), "calm"),
    ENDED: (_("已停用"), "bad"),
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a rule may concern: what holds for somebody on a day."""

    person: PersonFacts
    day: date

    def is_concerned(self, population: Mapping[str, Any]) -> bool:
        return concerns(population_of(population), self.person, self.day)


@dataclass(frozen=True, slots=True)
class Badge:
    """The points of a rule in a few signs: ``+100``, ``/ 周``, and whether they are a loss."""

    text: str
    per: str
    tone: str


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule in a list."""

    version: RuleVersion
    state: str
    sentence: str
    badge: Badge
    people: str
    has_draft: bool
    questions: int

    @property
    def code(self) -> str:
        return self.version.rule.code

    @property
    def preset(self) -> Preset | None:
        return BY_SHAPE.get(self.version.shape)

    @property
    def state_label(self) -> str | Promise:
        return STATES[self.state][0]

    @property
    def state_tone(self) -> str:
        return STATES[self.state][1]


@dataclass(frozen=True, slots=True)
class Indicator:
    """The rules of one indicator."""

    name: str
    lines: list[RuleLine]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rules of one sheet of a rule table, by indicator; an empty name = written by hand."""

    name: str
    indicators: list[Indicator]

    @property
    def count(self) -> int:
        return sum(len(each.lines) for each in self.indicators)

    @property
    def people(self) -> str:
        """For whom, when that is the same for every line; else nothing."""
        said = {line.people for each in self.indicators for line in each.lines}
        return said.pop() if len(said) == 1 else ""


def reader_on(*, company_id: int, employee_id: int, day: date) -> Reader:
    """Where an employee stands on ``day``; two queries."""
    places = list(
        Assignment.objects.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=day),
            company_id=company_id,
            employee_id=employee_id,
            valid_from__lte=day,
            department__company_id=company_id,
        ).values_list("department__path_ids", "post_id", "grade_id")
    )
    person = PersonFacts(
        departments=frozenset(i for path, _post, _grade in places for i in path),
        posts=frozenset(post for _path, post, _grade in places if post is not None),
        grades=frozenset(grade for _path, _post, grade in places if grade is not None),
        hired_on=Employee.objects.filter(company_id=company_id, pk=employee_id)
        .values_list("hired_on", flat=True)
        .first(),
        employee_id=employee_id,
    )
    return Reader(person, day)


def state_on(version: RuleVersion, day: date) -> str:
    """What a version is on ``day``: in force, upcoming, a draft, or ended."""
    if version.status == RuleVersion.Status.DRAFT:
        return DRAFT
    if version.active_from is not None and version.active_from > day:
        ends_before_it_begins = version.active_to is not None and (
            version.active_to <= version.active_from
        )
        return ENDED if ends_before_it_begins else UPCOMING
    return IN_FORCE if version.active_to is None or day < version.active_to else ENDED


_RANK = {IN_FORCE: 0, UPCOMING: 1, DRAFT: 2, ENDED: 3}


def shown_of(versions: Iterable[RuleVersion], day: date) -> RuleVersion:
    """Which version stands for its rule: what counts on ``day``, else the next, the draft, the
    last. ``versions`` are newest first and not empty."""
    return min(versions, key=lambda each: _RANK[state_on(each, day)])


def rule_lines(
    *, company_id: int, day: date, names: Names, with_drafts: bool = True
) -> list[RuleLine]:
    """All rules of a company, one line each, in the order of their source; one query."""
    versions = (
        RuleVersion.objects.filter(company_id=company_id)
        .select_related("rule")
        .order_by("rule__sheet", "rule__row", "rule__code", "-number")
    )
    if not with_drafts:
        versions = versions.exclude(status=RuleVersion.Status.DRAFT)
    lines = []
    for _rule, own in groupby(versions, key=lambda each: each.rule_id):
        every = list(own)
        lines.append(rule_line(shown_of(every, day), day=day, names=names, newest=every[0]))
    return sorted(lines, key=lambda line: line.version.rule.sheet == "")


def chosen(
    lines: Iterable[RuleLine],
    *,
    names: Names,
    state: str = "",
    search: str = "",
    sheet: str | None = None,
    department_id: int | None = None,
    reader: Reader | None = None,
) -> list[RuleLine]:
    """The lines that a filter keeps; ``reader`` keeps the rules that concern somebody."""
    branch = names.branch(department_id) if department_id is not None else frozenset()
    return [
        line
        for line in lines
        if (not state or line.state == state or (state == DRAFT and line.has_draft))
        and (sheet is None or line.version.rule.sheet == sheet)
        and (department_id is None or _concerns(line, branch))
        and (reader is None or reader.is_concerned(line.version.population))
        and (not search or _found(line, search))
    ]


def counts(lines: Iterable[RuleLine]) -> Counter[str]:
    """How many lines stand in which state; a rule in force with a new draft counts as both."""
    return Counter(
        state for line in lines for state in {line.state, *([DRAFT] if line.has_draft else [])}
    )


def _concerns(line: RuleLine, departments: frozenset[int]) -> bool:
    wanted = line.version.population.get("departments") or ()
    return not wanted or not departments.isdisjoint(wanted)


def _found(line: RuleLine, search: str) -> bool:
    text = " ".join(
        (
            line.code,
            line.version.indicator,
            line.version.result,
            line.version.standard,
            line.sentence,
        )
    ).lower()
    return all(word in text for word in search.lower().split())


def rule_line(
    version: RuleVersion, *, day: date, names: Names, newest: RuleVersion | None = None
) -> RuleLine:
    """One version as a line; its rule must be loaded."""
    return RuleLine(
        version=version,
        state=state_on(version, day),
        sentence=sentence_of(version),
        badge=badge_of(version),
        people=names.of(version.population),
        has_draft=newest is not None
        and newest.pk != version.pk
        and newest.status == RuleVersion.Status.DRAFT,
        questions=len(open_questions(version)) if version.status == RuleVersion.Status.DRAFT else 0,
    )


def imagined(values: Mapping[str, Any], *, population: Mapping[str, Any]) -> RuleVersion:
    """A version that nobody has saved, from DRAFT-like values: for a preview."""
    return RuleVersion(
        rule=Rule(code="", name=str(values["standard"])),
        number=1,
        status=RuleVersion.Status.DRAFT,
        population=population,
        **content_of(values),
    )


def by_sheet(lines: Iterable[RuleLine]) -> list[Sheet]:
    """Lines by sheet and indicator, in the order in which they come."""
    order: dict[str, dict[str, list[RuleLine]]] = {}
    for line in lines:
        own = order.setdefault(line.version.rule.sheet, {})
        own.setdefault(line.version.indicator, []).append(line)
    return [
        Sheet(sheet, [Indicator(*each) for each in indicators.items()])
        for sheet, indicators in order.items()
    ]


def sentence_of(version: RuleVersion) -> str:
    """The rule as one sentence; for a draft that lacks a number, its own wording."""
    try:
        return rule_sentence(version_spec(version), tr=gettext)
    except SpecIncomplete:
        return version.standard


def badge_of(version: RuleVersion) -> Badge:
    """The points of a version in a few signs."""
    low, high = version.points_min, version.points_max
    if version.shape == "S9" and low is not None and high is not None:
        text = f"{number_text(low)} ~ {number_text(high)}"
        return Badge(text, "", "loss" if high <= 0 else "gain" if low >= 0 else "muted")
    try:
        spec = version_spec(version)
        if spec.multiplier is not None:
            return Badge(f"×{number_text(spec.multiplier)}", "", "gain")
        if spec.tiers:
            return _tiers_badge(spec.tiers, _per(version))
        worth = stage_points(spec) if version.shape == "S6" else version.points
    except SpecIncomplete:
        worth = None
    if worth is None:
        return Badge("—", "", "muted")
    sign = "+" if worth > 0 else ""
    return Badge(f"{sign}{number_text(worth)}", _per(version), "gain" if worth > 0 else "loss")


def _tiers_badge(tiers: tuple[Tier, ...], per: str) -> Badge:
    low, high = min(tier.points for tier in tiers), max(tier.points for tier in tiers)
    ends = [low] if low == high else [low, high]
    text = " ~ ".join(number_text(each) for each in ends)
    return Badge(text, per, "loss" if high <= 0 else "gain" if low >= 0 else "muted")


def _per(version: RuleVersion) -> str:
    """What the points are for: a period, a unit, an occurrence."""
    if version.shape in ("S2", "S4", "S5"):
        return gettext(PER[version.period]) if version.period in PER else ""
    if version.shape == "S7":
        return gettext("天") if (version.points or 0) < 0 else gettext("次")
    if version.shape in ("S1", "S3", "S8", "S10"):
        unit = unit_of(version_spec(version), gettext)
        divisor = version.divisor
        if divisor is not None and divisor != 1:
            return f"{number_text(divisor)} {unit}".strip()
        return unit or gettext("次")
    return ""


class Names:
    """The company's departments, posts and grades by id, read once for a page."""

    def __init__(self, *, company_id: int) -> None:
        self.company_id = company_id
        self.departments = {
            each.pk: each for each in Department.objects.filter(company_id=company_id)
        }
        self.posts: dict[int, str] = dict(
            Post.objects.filter(company_id=company_id).values_list("id", "name")
        )

    @cached_property
    def grades(self) -> dict[int, str]:
        """Grades by id."""
        return dict(Grade.objects.filter(company_id=self.company_id).values_list("id", "name"))

    def path(self, department: Department) -> str:
        """``销售部 / 华南组``."""
        return " / ".join(
            self.departments[step].name for step in department.path_ids if step in self.departments
        )

    def of(self, population: Mapping[str, Any]) -> str:
        """Whom a population means, in words."""
        parts = [
            *self._named(population, "departments", "posts", "grades"),
            *_tenure_words(population),
        ]
        named = len(population.get("employees") or ())
        if named:
            text = gettext("另点名 %(n)d 人") if parts else gettext("只点名 %(n)d 人")
            parts.append(text % {"n": named})
        if not parts:
            parts.append(gettext("全公司"))
        left_out = self._named(population, "except_departments", "except_posts")
        excepted = len(population.get("except_employees") or ())
        if excepted:
            left_out.append(gettext("%(n)d 人") % {"n": excepted})
        if left_out:
            sign = pgettext("list sign", "、")
            parts.append(gettext("不含%(people)s") % {"people": sign.join(left_out)})
        return " · ".join(parts)

    def _named(self, population: Mapping[str, Any], *kinds: str) -> list[str]:
        """The names of each kind, joined; a kind without any is left out."""
        found = []
        for kind in kinds:
            ids = population.get(kind) or ()
            if not ids:
                continue
            known: Mapping[int, str] = (
                {pk: each.name for pk, each in self.departments.items()}
                if kind.endswith("departments")
                else self.posts
                if kind.endswith("posts")
                else self.grades
            )
            names = [known[each] for each in ids if each in known]
            if names:
                found.append(pgettext("list sign", "、").join(names))
        return found

    def branch(self, department_id: int) -> frozenset[int]:
        """A department with those above and below it."""
        department = self.departments.get(department_id)
        above = department.path_ids if department else []
        return frozenset(above) | frozenset(
            each.pk for each in self.departments.values() if department_id in each.path_ids
        )

    def department_choices(self) -> list[tuple[int, str]]:
        """Active departments by their path."""
        found = [(each.pk, self.path(each)) for each in self.departments.values() if each.active]
        return sorted(found, key=lambda each: each[1])

    def post_choices(self) -> list[tuple[int, str]]:
        """Posts by name."""
        return sorted(self.posts.items(), key=lambda each: each[1])

    def grade_choices(self) -> list[tuple[int, str]]:
        """Grades by name."""
        return sorted(self.grades.items(), key=lambda each: each[1])


def _tenure_words(population: Mapping[str, Any]) -> list[str]:
    words = []
    if population.get("tenure_from") is not None:
        words.append(gettext("入职满 %(n)d 个月") % {"n": population["tenure_from"]})
    if population.get("tenure_to") is not None:
        words.append(gettext("入职不满 %(n)d 个月") % {"n": population["tenure_to"]})
    return words
