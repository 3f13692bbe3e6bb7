"""Reading rules: the compiled rulebook, lists, one rule with its versions."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from meritbook.kit.errors import Refusal
from meritbook.kit.once import once
from meritbook.kit.words import say
from meritbook.org.models import Department, Employee, Grade, Post
from meritbook.rules.content import FLAGS, NUMBERS, TEXTS, spec_of
from meritbook.rules.event_types.books import NO_TYPES, TypeBook
from meritbook.rules.models import Rule, RuleVersion
from meritbook.rules.scoring import CompiledRule, compile_rule
from meritbook.rules.spec import RuleSpec
from meritbook.rules.type_queries import types_of

COLUMNS = (*TEXTS, *NUMBERS, *FLAGS, "shape", "period", "deadline", "extra")


class UnknownRule(Refusal):
    """No rule of the company has the code."""

    code = "unknown_rule"
    status = 404

    def __init__(self, rule_code: str) -> None:
        super().__init__(say("没有编号为“%(code)s”的积分标准", code=rule_code))


def version_content(version: RuleVersion) -> dict[str, Any]:
    """What the version says, in the form of ``content.content_of``."""
    return {name: getattr(version, name) for name in COLUMNS}


def version_spec(version: RuleVersion, *, counts_from: date | None = None) -> RuleSpec:
    """The version as the evaluator's spec; its rule must be loaded."""
    return spec_of(
        version_content(version),
        version_id=version.pk,
        rule_id=version.rule_id,
        code=version.rule.code,
        name=version.rule.name,
        number=version.number,
        population=version.population,
        postings=version.postings,
        active_from=version.active_from or date.min,
        active_to=version.active_to,
        counts_from=counts_from,
    )


@dataclass(frozen=True, slots=True)
class RuleTimeline:
    """One rule's published versions in order of their start."""

    rule_id: int
    code: str
    name: str
    versions: tuple[CompiledRule, ...]

    def on(self, day: date) -> CompiledRule | None:
        """The version valid on ``day``, or None."""
        for version in self.versions:
            spec = version.spec
            if spec.active_from <= day and (spec.active_to is None or day < spec.active_to):
                return version
        return None

    @property
    def latest(self) -> CompiledRule:
        """The version that started last."""
        return self.versions[-1]


_NO_ITEMS: Mapping[str, str] = {}


class TypesOf:
    """A company's types, read at most once: pages that judge no event do without."""

    def __init__(self, company_id: int | None) -> None:
        self._company_id = company_id

    @cached_property
    def book(self) -> TypeBook:
        return NO_TYPES if self._company_id is None else types_of(company_id=self._company_id)


class Meaning(NamedTuple):
    """What an event's type is taken for."""

    code: str
    """As it is stored: the rule's code where one rule is meant, else the type's."""
    rule_id: int | None
    """The rule, when one alone is meant by its code or name."""
    rule_ids: tuple[int, ...]
    is_known: bool


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All published rules of a company, compiled and indexed by event type."""

    rules: Mapping[int, RuleTimeline]
    by_code: Mapping[str, int]
    by_name: Mapping[str, tuple[int, ...]]
    _versions: Mapping[int, CompiledRule] = field(repr=False)
    _types: TypesOf = field(default_factory=lambda: TypesOf(None), repr=False)

    @property
    def types(self) -> TypeBook:
        """The company's types; read when somebody asks, inside of the company's scope."""
        return self._types.book

    def rules_for(self, event_type: str) -> tuple[int, ...]:
        """The ids of the rules that an event of this type feeds."""
        return self.meaning_of(event_type).rule_ids

    def meaning_of(self, event_type: str) -> Meaning:
        """What the text of an event's type means: a rule's code, a type's code or name, or the
        name of rules. A type that feeds nothing leaves its name to rules that are called so."""
        rule_id = self.by_code.get(event_type)
        if rule_id is not None:
            return Meaning(event_type, rule_id, (rule_id,), True)
        known = self.types.find(event_type)
        fed = () if known is None else tuple(one for one in known.rule_ids if one in self.rules)
        named = () if fed else self.by_name.get(event_type, ())
        if len(named) == 1:
            return Meaning(self.rules[named[0]].code, named[0], named, True)
        if named or known is None:
            return Meaning(event_type, None, named, bool(named))
        return Meaning(known.code, None, fed, True)

    def may_mean(self, event_type: str, type_code: str) -> bool:
        """Whether events that name ``event_type`` may have been stored under ``type_code``."""
        known = self.types.find(event_type)
        codes = {self.rules[one].code for one in self.by_name.get(event_type, ())}
        return type_code in codes | {event_type} | ({known.code} if known else set())

    def items_of(self, rule_id: int) -> Mapping[str, str]:
        """Which item of the rule's checklist events of a type count for, by the type's code."""
        return self.types.items.get(rule_id, _NO_ITEMS)

    def knows(self, event_type: str) -> bool:
        """Whether an event may name this type: one that feeds nothing is stored and earns nothing."""
        return self.meaning_of(event_type).is_known

    def version_on(self, rule_id: int, day: date) -> CompiledRule | None:
        """The version of a rule that is valid on ``day``, or None."""
        timeline = self.rules.get(rule_id)
        return None if timeline is None else timeline.on(day)

    def version(self, version_id: int) -> CompiledRule | None:
        """A published version by its id."""
        return self._versions.get(version_id)


def _timelines(versions: Iterable[RuleVersion]) -> dict[int, RuleTimeline]:
    by_rule: dict[int, list[RuleVersion]] = defaultdict(list)
    for version in versions:
        by_rule[version.rule_id].append(version)
    timelines = {}
    for rule_id, own in by_rule.items():
        own.sort(key=lambda each: (each.active_from or date.min, each.number))
        first = own[0].active_from
        timelines[rule_id] = RuleTimeline(
            rule_id=rule_id,
            code=own[0].rule.code,
            name=own[0].rule.name,
            versions=tuple(compile_rule(version_spec(each, counts_from=first)) for each in own),
        )
    return timelines


@once
def rulebook(*, company_id: int) -> Rulebook:
    """The company's published rules, compiled; one query, and one for the types when they are asked for."""
    versions = (
        RuleVersion.objects.filter(company_id=company_id)
        .exclude(status=RuleVersion.Status.DRAFT)
        .select_related("rule")
        .order_by("rule_id", "number")
    )
    timelines = _timelines(versions)
    by_name: dict[str, tuple[int, ...]] = {}
    for rule_id, timeline in timelines.items():
        by_name[timeline.name] = (*by_name.get(timeline.name, ()), rule_id)
    return Rulebook(
        rules=timelines,
        by_code={timeline.code: rule_id for rule_id, timeline in timelines.items()},
        by_name=by_name,
        _versions={
            version.spec.version_id: version
            for timeline in timelines.values()
            for version in timeline.versions
        },
        _types=TypesOf(company_id),
    )


def rule(*, company_id: int, code: str) -> Rule:
    """One rule. Raises UnknownRule."""
    try:
        return Rule.objects.get(company_id=company_id, code=code)
    except Rule.DoesNotExist:
        raise UnknownRule(code) from None


def versions(*, company_id: int, rule_id: int) -> list[RuleVersion]:
    """All versions of a rule, the newest first."""
    return list(
        RuleVersion.objects.filter(company_id=company_id, rule_id=rule_id)
        .select_related("rule", "created_by", "published_by")
        .order_by("-number")
    )


def latest_versions(
    *, company_id: int, status: str | None = None, search: str = "", sheet: str | None = None
) -> QuerySet[RuleVersion]:
    """The newest version of each rule, in the order of the source: sheet, row, code.

    ``search`` looks in code, name, indicator and standard.
    """
    newest = (
        RuleVersion.objects.filter(company_id=company_id)
        .order_by("rule_id", "-number")
        .distinct("rule_id")
        .values("id")
    )
    found = (
        RuleVersion.objects.filter(company_id=company_id, id__in=newest)
        .select_related("rule")
        .order_by("rule__sheet", "rule__row", "rule__code")
    )
    if status:
        found = found.filter(status=status)
    if sheet is not None:
        found = found.filter(rule__sheet=sheet)
    if search:
        found = found.filter(
            Q(rule__code__icontains=search)
            | Q(rule__name__icontains=search)
            | Q(indicator__icontains=search)
            | Q(standard__icontains=search)
        )
    return found


def number_text(value: object) -> str | None:
    """A number as plain text without an exponent or trailing zeros; None stays None."""
    if value is None:
        return None
    text = f"{value:f}" if not isinstance(value, str) else value
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True, slots=True)
class PopulationNames:
    """Names of departments, posts, grades and people (by 工号) by id."""

    departments: Mapping[int, str]
    posts: Mapping[int, str]
    grades: Mapping[int, str] = field(default_factory=dict)
    employees: Mapping[int, str] = field(default_factory=dict)

    def of(self, population: Mapping[str, Any]) -> dict[str, Any]:
        """A stored population with names in place of ids; what restricts nothing is left out,
        but for departments and posts."""
        named: dict[str, Any] = {"departments": [], "posts": []}
        for kind, ids in population.items():
            if isinstance(ids, list):
                known: Mapping[int, str] = getattr(self, kind.removeprefix("except_"))
                named[kind] = [known[pk] for pk in ids if pk in known]
            else:
                named[kind] = ids
        return named


def population_names(*, company_id: int) -> PopulationNames:
    """The names that populations need; four queries."""
    return PopulationNames(
        departments=dict(
            Department.objects.filter(company_id=company_id).values_list("id", "name")
        ),
        posts=dict(Post.objects.filter(company_id=company_id).values_list("id", "name")),
        grades=dict(Grade.objects.filter(company_id=company_id).values_list("id", "name")),
        employees=dict(
            Employee.objects.filter(company_id=company_id).values_list("id", "employee_no")
        ),
    )


def reload(*, company_id: int, version_ids: Iterable[int]) -> dict[int, RuleVersion]:
    """Versions by id as they stand now, with their rules."""
    return {
        version.pk: version
        for version in RuleVersion.objects.filter(
            company_id=company_id, pk__in=list(version_ids)
        ).select_related("rule")
    }


def rule_row(version: RuleVersion, *, names: PopulationNames) -> dict[str, Any]:
    """One line of ``list_rules``: numbers as text, dates ISO 8601."""
    row: dict[str, Any] = {
        "code": version.rule.code,
        "name": version.rule.name,
        "sheet": version.rule.sheet,
        "row": version.rule.row,
        "version": version.number,
        "status": version.status,
        "active_from": version.active_from.isoformat() if version.active_from else None,
        "active_to": version.active_to.isoformat() if version.active_to else None,
        "category": version.rule.category,
        "population": names.of(version.population),
    }
    row |= {name: getattr(version, name) for name in TEXTS}
    row |= {name: number_text(getattr(version, name)) for name in NUMBERS}
    row |= {name: getattr(version, name) for name in FLAGS}
    row |= {"shape": version.shape, "period": version.period, "deadline": version.deadline}
    row |= {"tiers": [], "cap": None, "cap_per": "", "multiplier": None} | version.extra
    row["postings"] = version.postings
    row["questions"] = version.questions
    return row
