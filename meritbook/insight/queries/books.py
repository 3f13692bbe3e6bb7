"""The two rulebooks of a backtest: what is published, and the same with drafts in their places."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from django.utils.translation import gettext as _

from meritbook.awards.caps import CapBook
from meritbook.awards.evaluation import Versions
from meritbook.awards.operations.rule_caps import stated_cap
from meritbook.awards.queries.caps import book_of
from meritbook.insight.replaying import Rulings
from meritbook.kit.errors import Refusal
from meritbook.ledger.caps import Cap, find_caps
from meritbook.rules.models import RuleVersion
from meritbook.rules.operations.gaps import gap_text
from meritbook.rules.queries import Rulebook, RuleTimeline, rulebook, version_spec
from meritbook.rules.scoring import CompiledRule, compile_rule
from meritbook.rules.spec import SpecIncomplete

STATED_FROM = 10**15
"""Caps that versions state and the ledger does not know yet have ids from here on."""


class DraftIncomplete(Refusal):
    """A draft cannot score anything yet."""

    code = "incomplete_rule"


class DraftGone(Refusal):
    """A draft that was to be tried has been published or thrown away."""

    code = "draft_gone"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("要试算的草稿已经发布或丢弃了，请重新选择草稿再试算"))


class NoDraft(Refusal):
    """A rule has no draft that could be tried."""

    code = "no_draft"
    status = 404

    def __init__(self, rule_code: str) -> None:
        super().__init__(
            _("标准“%(code)s”没有草稿；请先修改这条标准，再试算") % {"code": rule_code}
        )


def drafts_of(*, company_id: int, version_ids: Sequence[int] | None = None) -> list[RuleVersion]:
    """Open drafts in the order of their source: all, or those named. Raises DraftGone."""
    found = RuleVersion.objects.filter(
        company_id=company_id, status=RuleVersion.Status.DRAFT
    ).select_related("rule")
    if version_ids is not None:
        found = found.filter(pk__in=version_ids)
    drafts = list(found.order_by("rule__sheet", "rule__row", "rule__code"))
    if version_ids is not None and len(drafts) != len(set(version_ids)):
        raise DraftGone
    return drafts


def draft_ids(*, company_id: int, codes: Sequence[str] | None) -> list[int]:
    """The open drafts of rules by code; all when None. Raises NoDraft."""
    drafts = drafts_of(company_id=company_id)
    if codes is None:
        return [draft.pk for draft in drafts]
    by_code = {draft.rule.code: draft.pk for draft in drafts}
    for code in codes:
        if code not in by_code:
            raise NoDraft(code)
    return [by_code[code] for code in dict.fromkeys(codes)]


def rulings(*, company_id: int, drafts: Iterable[RuleVersion]) -> Rulings:
    """Both rulebooks with their caps. Drafts hold for all days. Raises DraftIncomplete."""
    before = rulebook(company_id=company_id)
    after = with_drafts(before, drafts)
    changed = frozenset(
        rule_id
        for rule_id in before.rules.keys() | after.rules.keys()
        if before.rules.get(rule_id) is not after.rules.get(rule_id)
    )
    # Who comes first takes the room of a cap that people share: no one person's replay knows it.
    caps = [cap for cap in find_caps(company_id=company_id) if cap.scope == "person"]
    return Rulings(
        Versions(before),
        Versions(after),
        changed,
        _with_stated(company_id, caps, before),
        _with_stated(company_id, caps, after),
    )


def with_drafts(book: Rulebook, drafts: Iterable[RuleVersion]) -> Rulebook:
    """The book in which each draft is the one version of its rule. Raises DraftIncomplete."""
    rules = dict(book.rules)
    for draft in drafts:
        rules[draft.rule_id] = RuleTimeline(
            rule_id=draft.rule_id,
            code=draft.rule.code,
            name=draft.rule.name,
            versions=(_compiled(draft),),
        )
    by_name: dict[str, tuple[int, ...]] = {}
    for rule_id, timeline in rules.items():
        by_name[timeline.name] = (*by_name.get(timeline.name, ()), rule_id)
    return replace(
        book,
        rules=rules,
        by_code={timeline.code: rule_id for rule_id, timeline in rules.items()},
        by_name=by_name,
        _versions={
            version.spec.version_id: version
            for timeline in rules.values()
            for version in timeline.versions
        },
    )


def _compiled(draft: RuleVersion) -> CompiledRule:
    spec = replace(version_spec(draft), active_from=date.min, active_to=None, counts_from=None)
    try:
        return compile_rule(spec)
    except SpecIncomplete as missing:
        raise DraftIncomplete(
            _("草稿“%(rule)s”还不能试算：%(why)s。请先改好草稿，或者不选它")
            % {"rule": draft.rule.name, "why": gap_text(missing)}
        ) from missing


def _with_stated(company_id: int, caps: Sequence[Cap], book: Rulebook) -> CapBook:
    """The caps, and those that versions state and nobody has needed so far."""
    known = {cap.rule_version_id for cap in caps}
    missing = []
    for timeline in book.rules.values():
        for version in timeline.versions:
            stated = stated_cap(version)
            spec = version.spec
            if stated is None or spec.version_id in known:
                continue
            missing.append(
                Cap(
                    cap_id=STATED_FROM + spec.version_id,
                    name=spec.name,
                    asset_code=stated[0],
                    scale=2,
                    amount=stated[1],
                    scope="person",
                    department_id=None,
                    party_id=None,
                    subject=spec.code,
                    period=spec.cap_per,
                    policy="clip",
                    valid_from=date.min,
                    valid_to=None,
                    reason="",
                    rule_version_id=spec.version_id,
                )
            )
    return book_of(company_id=company_id, caps=[*caps, *missing])
