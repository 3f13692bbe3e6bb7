"""A mend, applied: drafts with its changes, and rules that end today. Nothing is published."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from meritbook.insight.queries.health import health
from meritbook.kit.errors import Refusal
from meritbook.org.operations.audit import Actor, note
from meritbook.rules.content import content_of
from meritbook.rules.health import Finding
from meritbook.rules.models import RuleVersion
from meritbook.rules.operations import retire
from meritbook.rules.operations.discarding import discard_draft
from meritbook.rules.operations.versions import Proposal, write_draft
from meritbook.rules.queries import version_content


class FindingGone(Refusal):
    """The finding does not stand any more: somebody mended it, or changed the rule."""

    code = "finding_gone"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("这个问题已经不在了：标准刚被改过。请刷新体检，看看现在的情况"))


class Mended(NamedTuple):
    """What a mend did: drafts that wait for publication, and the codes of rules that ended."""

    finding: Finding
    drafts: tuple[RuleVersion, ...]
    retired: tuple[str, ...]


def apply_mend(*, company_id: int, key: str, today: date, actor: Actor, now: datetime) -> Mended:
    """Apply the mend of the finding that ``key`` names, on the scheme with its drafts.

    Raises FindingGone when the scheme has no such finding now.
    """
    found = next(
        (each for each in health(company_id=company_id, today=today).findings if each.key == key),
        None,
    )
    if found is None:
        raise FindingGone
    with transaction.atomic():
        drafts = tuple(
            _drafted(
                company_id=company_id,
                rule_id=change.rule_id,
                values=change.values,
                reason=found.mend.label,
                actor=actor,
                now=now,
            )
            for change in found.mend.changes
        )
        codes = {rule.rule_id: rule.code for rule in found.rules}
        for rule_id in found.mend.retires:
            _end(company_id, rule_id, code=codes[rule_id], reason=found.what, day=today,
                 actor=actor, now=now)  # fmt: skip
        for draft in drafts:
            note(
                company_id=company_id,
                actor=actor,
                now=now,
                action="rule.mend",
                object_kind="rule",
                object_id=draft.rule.code,
                after={"finding": found.code, "version": draft.number},
                reason=found.mend.label,
            )
    return Mended(found, drafts, tuple(codes[rule_id] for rule_id in found.mend.retires))


def _drafted(
    *,
    company_id: int,
    rule_id: int,
    values: Mapping[str, object],
    reason: str,
    actor: Actor,
    now: datetime,
) -> RuleVersion:
    """The latest version's content with the changes, as the rule's draft; open questions stay."""
    latest = (
        RuleVersion.objects.select_for_update(of=("self",))
        .select_related("rule")
        .filter(company_id=company_id, rule_id=rule_id)
        .latest("number")
    )
    content = version_content(latest)
    flat: dict[str, Any] = {**content, **content["extra"], **values}
    if {"points", "points_min", "points_max", "tiers"} & values.keys():
        flat["points_text"] = ""  # the source's words speak of the old price
    is_draft = latest.status == RuleVersion.Status.DRAFT
    return write_draft(
        company_id=company_id,
        rule=latest.rule,
        latest=latest,
        proposal=Proposal(
            content=content_of(flat),
            population=latest.population,
            postings=latest.postings,
            questions=latest.questions if is_draft else [],
            findings=latest.findings,
            reason=reason[:400],
        ),
        actor_id=actor.membership_id,
        now=now,
    )


def _end(
    company_id: int,
    rule_id: int,
    *,
    code: str,
    reason: str,
    day: date,
    actor: Actor,
    now: datetime,
) -> None:
    """End a rule today; its draft goes, and with it a rule that never counted."""
    discard_draft(company_id=company_id, rule_id=rule_id)
    retire(company_id=company_id, rule_id=rule_id, from_day=day)
    note(
        company_id=company_id,
        actor=actor,
        now=now,
        action="rule.retire",
        object_kind="rule",
        object_id=code,
        after={"from": day},
        reason=reason,
    )
