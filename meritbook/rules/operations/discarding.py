"""Throwing drafts away: what nobody published leaves no trace."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from meritbook.kit.errors import Refusal
from meritbook.rules.models import Change, Rule, RuleVersion


class InRevision(Refusal):
    """The draft stands in a revision, which is kept."""

    code = "in_revision"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("这份草稿在修订记录里，不能删除；可以继续修改"))


def discard_drafts(*, company_id: int, version_ids: Sequence[int]) -> int:
    """Delete drafts among ``version_ids``, and rules that are left without a version.

    Published and retired versions stay, and drafts that stand in a revision. Returns the drafts
    deleted.
    """
    kept = Change.objects.filter(company_id=company_id, version_id__in=list(version_ids))
    drafts = RuleVersion.objects.filter(
        company_id=company_id, pk__in=version_ids, status=RuleVersion.Status.DRAFT
    ).exclude(pk__in=kept.values("version_id"))
    rule_ids = list(drafts.values_list("rule_id", flat=True))
    deleted, _each = drafts.delete()
    Rule.objects.filter(company_id=company_id, pk__in=rule_ids, versions__isnull=True).delete()
    return deleted


def discard_draft(*, company_id: int, rule_id: int) -> bool:
    """Delete the open draft of one rule; whether the rule still exists afterwards.

    Raises InRevision.
    """
    drafts = RuleVersion.objects.filter(
        company_id=company_id, rule_id=rule_id, status=RuleVersion.Status.DRAFT
    )
    if Change.objects.filter(company_id=company_id, version__in=drafts).exists():
        raise InRevision
    discard_drafts(company_id=company_id, version_ids=list(drafts.values_list("id", flat=True)))
    return Rule.objects.filter(company_id=company_id, pk=rule_id).exists()
