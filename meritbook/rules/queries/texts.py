"""A scheme in plain words, the same for everybody who reads it: what is signed and hashed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext, override
from django.utils.translation import gettext as _

from meritbook.rules.models import Change, Revision, RuleVersion, Scheme
from meritbook.rules.queries.rules import (
    PopulationNames,
    number_text,
    population_names,
    version_spec,
)
from meritbook.rules.sentences import rule_sentence
from meritbook.rules.spec import SpecIncomplete

LANGUAGE = "zh-hans"
"""Documents are written in the language of the rules, whoever asks for them."""


@dataclass(frozen=True, slots=True)
class RuleText:
    """One rule in words."""

    code: str
    sentence: str
    people: str
    is_deduction: bool
    version: RuleVersion


def sentence_in_words(version: RuleVersion) -> str:
    """A version as one sentence; its rule must be loaded."""
    try:
        return rule_sentence(version_spec(version), tr=gettext)
    except SpecIncomplete:
        return version.standard


def rule_texts(*, company_id: int, scheme_ids: Sequence[int], day: date) -> list[RuleText]:
    """The rules of schemes that count on ``day``, in the order of their source."""
    found = (
        RuleVersion.objects.filter(
            Q(active_to__isnull=True) | Q(active_to__gt=day),
            company_id=company_id,
            rule__scheme_id__in=list(scheme_ids),
            active_from__lte=day,
        )
        .exclude(status=RuleVersion.Status.DRAFT)
        .select_related("rule")
        .order_by("rule__sheet", "rule__row", "rule__code", "number")
    )
    names = population_names(company_id=company_id)
    return [_rule_text(each, names) for each in found]


def _rule_text(version: RuleVersion, names: PopulationNames) -> RuleText:
    people = names.of(version.population)
    parts = ["、".join(each) for each in people.values() if each]
    worth = version.points_max if version.points is None else version.points
    return RuleText(
        code=version.rule.code,
        sentence=sentence_in_words(version),
        people=" · ".join(parts) or _("全公司"),
        is_deduction=worth is not None and worth < 0,
        version=version,
    )


def scheme_head(scheme: Scheme) -> list[str]:
    """What a scheme is for, a line each."""
    lines = [_("方案：%(name)s") % {"name": scheme.name}]
    if scheme.goal:
        lines.append(_("目标：%(goal)s") % {"goal": scheme.goal})
    if scheme.company_goal:
        lines.append(_("服务的公司目标：%(goal)s") % {"goal": scheme.company_goal})
    if scheme.measure_to is not None:
        lines.append(
            _("衡量：%(measure)s 从 %(first)s 到 %(last)s %(unit)s，%(day)s 前")
            % {
                "measure": scheme.measure,
                "first": number_text(scheme.measure_from) or "–",
                "last": number_text(scheme.measure_to),
                "unit": scheme.measure_unit,
                "day": scheme.measure_by,
            }
        )
    return lines


def scheme_text(*, scheme: Scheme, day: date) -> str:
    """The whole scheme as it counts on ``day``: what people sign."""
    with override(LANGUAGE):
        rules = rule_texts(company_id=scheme.company_id, scheme_ids=[scheme.pk], day=day)
        awards = [each for each in rules if not each.is_deduction]
        deductions = [each for each in rules if each.is_deduction]
        lines = [*scheme_head(scheme), _("以下标准自 %(day)s 起适用。") % {"day": day}]
        for title, own in ((_("加分"), awards), (_("扣分"), deductions)):
            if own:
                lines += ["", title, *_numbered(own)]
    return "\n".join(lines) + "\n"


def _numbered(rules: Iterable[RuleText]) -> list[str]:
    return [
        f"{number}. [{each.code}] {each.sentence}（{each.people}）"
        for number, each in enumerate(rules, start=1)
    ]


@dataclass(frozen=True, slots=True)
class ChangeText:
    """One change of a revision in words; an empty side: there was or will be nothing."""

    code: str
    before: str
    after: str
    version: RuleVersion | None
    replaced: RuleVersion | None


def change_texts(revision: Revision, *, day: date) -> list[ChangeText]:
    """What a revision changes against the rules that counted when it was made or count on ``day``."""
    company_id = revision.company_id
    changes = list(
        Change.objects.filter(company_id=company_id, revision=revision)
        .select_related("rule", "version__rule")
        .order_by("rule__sheet", "rule__row", "rule__code")
    )
    before: dict[int, RuleVersion] = {}
    for version in (
        RuleVersion.objects.filter(
            company_id=company_id, rule_id__in=[each.rule_id for each in changes]
        )
        .exclude(status=RuleVersion.Status.DRAFT)
        .exclude(pk__in=[each.version_id for each in changes if each.version_id])
        .select_related("rule")
        .order_by("number")
    ):
        own = next(each for each in changes if each.rule_id == version.rule_id)
        if own.version is None or version.number < own.version.number:
            before[version.rule_id] = version
    return [
        ChangeText(
            code=each.rule.code,
            before=sentence_in_words(before[each.rule_id]) if each.rule_id in before else "",
            after=sentence_in_words(each.version) if each.version else "",
            version=each.version,
            replaced=before.get(each.rule_id),
        )
        for each in changes
    ]


def revision_text(revision: Revision, *, day: date) -> str:
    """A revision word for word: what is approved and hashed."""
    with override(LANGUAGE):
        names = population_names(company_id=revision.company_id)
        lines = [
            _("方案：%(name)s") % {"name": revision.scheme.name},
            _("修订：%(title)s") % {"title": revision.title},
            _("原因：%(reason)s") % {"reason": revision.reason},
            "",
        ]
        for change in change_texts(revision, day=day):
            if change.version is None:
                lines.append(f"[{change.code}] " + _("停用：%(text)s") % {"text": change.before})
                continue
            people = _rule_text(change.version, names).people
            if change.before:
                lines.append(f"[{change.code}] " + _("原来：%(text)s") % {"text": change.before})
                lines.append(
                    f"[{change.code}] "
                    + _("改为：%(text)s（%(people)s）") % {"text": change.after, "people": people}
                )
            else:
                lines.append(
                    f"[{change.code}] "
                    + _("新增：%(text)s（%(people)s）") % {"text": change.after, "people": people}
                )
    return "\n".join(lines) + "\n"


def digest(text: str) -> str:
    """The SHA-256 of a text in UTF-8, as hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
