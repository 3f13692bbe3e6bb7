"""Questions answered, drafts published, rules retired."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from meritbook.kit.errors import Refusal
from meritbook.rules.content import EXTRA_NUMBERS, content_of
from meritbook.rules.models import Rule, RuleVersion
from meritbook.rules.operations.gaps import gap_text
from meritbook.rules.operations.schemes import refuse_governed, refuse_locked
from meritbook.rules.operations.succession import end_predecessors
from meritbook.rules.queries import COLUMNS, version_content, version_spec
from meritbook.rules.scoring import compile_rule
from meritbook.rules.spec import SpecIncomplete


class OpenQuestions(Refusal):
    """Drafts have questions that nobody has answered."""

    code = "open_questions"
    status = 409


class VersionIncomplete(Refusal):
    """A draft lacks something that its way of scoring cannot do without."""

    code = "incomplete_rule"


class VersionsOverlap(Refusal):
    """Another version is to begin after the day on which this one should."""

    code = "versions_overlap"
    status = 409


class UnknownVersion(Refusal):
    """No such version in this company, or it is no draft."""

    code = "unknown_version"
    status = 404


def open_questions(version: RuleVersion) -> list[dict[str, Any]]:
    """The questions of a version that have no answer yet."""
    return [question for question in version.questions if "answer" not in question]


def _draft(*, company_id: int, version_id: int) -> RuleVersion:
    version = (
        RuleVersion.objects.select_for_update(of=("self",))
        .select_related("rule")
        .filter(company_id=company_id, pk=version_id, status=RuleVersion.Status.DRAFT)
        .first()
    )
    if version is None:
        raise UnknownVersion(_("这一版本不存在，或者已经发布"))
    return version


def answer_question(
    *, company_id: int, version_id: int, index: int, answer: str | None
) -> RuleVersion:
    """Answer the question at ``index`` of a draft; None takes the proposal.

    A draft's fields hold the proposed reading, so taking the proposal changes nothing but the
    mark. Another answer is written into the field that the question names. For the population,
    the answer ``only`` restricts the whole sheet to the department or post that was matched, and
    ``everyone`` takes back that a line was restricted by its own words.
    Raises UnknownVersion, IndexError-free: an unknown index is UnknownVersion too.
    """
    version = _draft(company_id=company_id, version_id=version_id)
    if not 0 <= index < len(version.questions):
        raise UnknownVersion(_("没有这个问题"))
    question = version.questions[index]
    changed = ["questions"]
    if answer is None:
        question["answer"] = question["proposal"]
    elif question["field"] == "population":
        question["answer"] = answer
        if answer == "everyone":
            version.population = {}
            changed.append("population")
        elif answer == "only":
            _restrict_sheet(company_id=company_id, version=version, population=question["choice"])
            changed.append("population")
    else:
        field = question["field"]
        question["answer"] = answer
        if field in COLUMNS:
            before = version_content(version)
            question["read_as"] = None if before[field] is None else str(before[field])
            setattr(version, field, _value(before, field, answer))
            changed.append(field)
        elif field in EXTRA_NUMBERS:
            question["read_as"] = version.extra.get(field)
            version.extra = _with_number(version, field, answer)
            changed.append("extra")
    version.save(update_fields=changed)
    return version


def _value(before: Mapping[str, Any], field: str, answer: str) -> Any:
    try:
        return content_of(dict(before) | {field: answer})[field]
    except ArithmeticError:
        raise VersionIncomplete(_("“%(answer)s”不是一个数字") % {"answer": answer}) from None


def _with_number(version: RuleVersion, field: str, answer: str) -> dict[str, Any]:
    content = version_content(version)
    try:
        extra: dict[str, Any] = content_of(content | content["extra"] | {field: answer})["extra"]
    except ArithmeticError:
        raise VersionIncomplete(_("“%(answer)s”不是一个数字") % {"answer": answer}) from None
    return extra


def _restrict_sheet(
    *, company_id: int, version: RuleVersion, population: Mapping[str, Any]
) -> None:
    version.population = dict(population)
    RuleVersion.objects.filter(
        company_id=company_id,
        rule__sheet=version.rule.sheet,
        status=RuleVersion.Status.DRAFT,
        population={},
    ).exclude(pk=version.pk).update(population=dict(population))


def publish(
    *,
    company_id: int,
    version_ids: Sequence[int],
    active_from: date,
    actor_id: int | None,
    now: datetime,
    accept_proposals: bool = False,
    is_revision: bool = False,
) -> list[RuleVersion]:
    """Publish drafts from ``active_from`` on; versions already published are left alone.

    The version valid until then ends where the new one begins. Raises OpenQuestions unless
    ``accept_proposals``, VersionIncomplete when a draft cannot be evaluated, VersionsOverlap, Locked, and
    Governed unless ``is_revision``: then opinions and approvals have been.
    """
    drafts = list(
        RuleVersion.objects.select_for_update(of=("self",))
        .select_related("rule")
        .filter(company_id=company_id, pk__in=version_ids, status=RuleVersion.Status.DRAFT)
        .order_by("id")
    )
    waiting = sum(len(open_questions(draft)) for draft in drafts)
    if waiting and not accept_proposals:
        raise OpenQuestions(_("还有 %(n)d 个问题没有回答，请先回答或采纳建议") % {"n": waiting})
    for draft in drafts:
        for question in open_questions(draft):
            question["answer"] = question["proposal"]
        try:
            compile_rule(version_spec(draft))
        except SpecIncomplete as missing:
            raise VersionIncomplete(
                _("“%(rule)s”还不能发布：%(why)s")
                % {"rule": draft.rule.name, "why": gap_text(missing)}
            ) from missing
    scheme_ids = {each.rule.scheme_id for each in drafts}
    refuse_locked(company_id=company_id, scheme_ids=scheme_ids, day=active_from)
    if not is_revision:
        refuse_governed(company_id=company_id, scheme_ids=scheme_ids)
    _refuse_overlap(company_id=company_id, drafts=drafts, active_from=active_from, today=now.date())
    _end_before(company_id=company_id, drafts=drafts, active_from=active_from)
    for draft in drafts:
        draft.status = RuleVersion.Status.PUBLISHED
        draft.active_from = active_from
        draft.published_at = now
        draft.published_by_id = actor_id
        draft.save(
            update_fields=["status", "active_from", "published_at", "published_by", "questions"]
        )
    end_predecessors(company_id=company_id, versions=drafts, from_day=active_from)
    return drafts


def _refuse_overlap(
    *, company_id: int, drafts: Sequence[RuleVersion], active_from: date, today: date
) -> None:
    """A version that is yet to begin would never come into force: that is for a person to say."""
    later = (
        RuleVersion.objects.select_related("rule")
        .filter(
            company_id=company_id,
            rule_id__in=[draft.rule_id for draft in drafts],
            status=RuleVersion.Status.PUBLISHED,
            active_from__gt=max(active_from, today),
        )
        .exclude(active_to__lte=F("active_from"))
        .order_by("active_from")
        .first()
    )
    if later is not None and later.active_from is not None:
        raise VersionsOverlap(
            _(
                "“%(rule)s”第 %(n)d 版已定从 %(later)s 起生效，和 %(day)s 起的新版重叠；"
                "请把生效日期改到 %(later)s 或以后，或者先停用第 %(n)d 版"
            )
            % {
                "rule": later.rule.name,
                "n": later.number,
                "later": later.active_from.isoformat(),
                "day": active_from.isoformat(),
            }
        )


def _end_before(*, company_id: int, drafts: Sequence[RuleVersion], active_from: date) -> None:
    """End what the drafts replace: a version that began later than they do never was in force."""
    replaced = RuleVersion.objects.filter(
        company_id=company_id,
        rule_id__in=[draft.rule_id for draft in drafts],
        status=RuleVersion.Status.PUBLISHED,
    )
    for version in replaced:
        begins = version.active_from or active_from
        ends = max(begins, active_from)
        if version.active_to is None or version.active_to > ends:
            version.active_to = ends
            version.save(update_fields=["active_to"])


def retire(*, company_id: int, rule_id: int, from_day: date, is_revision: bool = False) -> int:
    """End a rule: no version counts on ``from_day`` or later. Returns the versions ended.

    Raises Locked, Governed.
    """
    scheme_ids = set(
        Rule.objects.filter(company_id=company_id, pk=rule_id).values_list("scheme_id", flat=True)
    )
    refuse_locked(company_id=company_id, scheme_ids=scheme_ids, day=from_day)
    if not is_revision:
        refuse_governed(company_id=company_id, scheme_ids=scheme_ids)
    ended = 0
    for version in RuleVersion.objects.filter(
        company_id=company_id, rule_id=rule_id, status=RuleVersion.Status.PUBLISHED
    ):
        begins = version.active_from or from_day
        if version.active_to is None or version.active_to > from_day:
            version.active_to = max(begins, from_day)
            version.status = RuleVersion.Status.RETIRED
            version.save(update_fields=["active_to", "status"])
            ended += 1
    return ended
