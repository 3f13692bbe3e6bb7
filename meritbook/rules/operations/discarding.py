"""Throwing drafts away: what nobody published leaves no trace."""

from collections.abc import Sequence

from meritbook.rules.models import Rule, RuleVersion


def discard_drafts(*, company_id: int, version_ids: Sequence[int]) -> int:
    """Delete drafts among ``version_ids``, and rules that are left without a version.

    Published and retired versions stay. Returns the drafts deleted.
    """
    drafts = RuleVersion.objects.filter(
        company_id=company_id, pk__in=version_ids, status=RuleVersion.Status.DRAFT
    )
    rule_ids = list(drafts.values_list("rule_id", flat=True))
    deleted, _each = drafts.delete()
    Rule.objects.filter(company_id=company_id, pk__in=rule_ids, versions__isnull=True).delete()
    return deleted


def discard_draft(*, company_id: int, rule_id: int) -> bool:
    """Delete the open draft of one rule; whether the rule still exists afterwards."""
    drafts = RuleVersion.objects.filter(
        company_id=company_id, rule_id=rule_id, status=RuleVersion.Status.DRAFT
    )
    discard_drafts(company_id=company_id, version_ids=list(drafts.values_list("id", flat=True)))
    return Rule.objects.filter(company_id=company_id, pk=rule_id).exists()
