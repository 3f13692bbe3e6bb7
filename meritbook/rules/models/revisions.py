"""Revisions: changes of a scheme's rules that are consulted on, approved and announced together."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from meritbook.approvals.models import Case
from meritbook.files.models import StoredFile
from meritbook.org.models import Company, Employee, Membership
from meritbook.rules.models.rules import Rule, RuleVersion
from meritbook.rules.models.schemes import Scheme


class Revision(models.Model):
    """Drafts and retirements that become one change of a scheme."""

    class State(models.TextChoices):
        CONSULTING = "consulting", _("征求意见")
        APPROVING = "approving", _("审批中")
        ANNOUNCED = "announced", _("已公布")
        REFUSED = "refused", _("未通过")
        WITHDRAWN = "withdrawn", _("已撤回")

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    scheme = models.ForeignKey(
        Scheme, models.PROTECT, related_name="revisions", db_constraint=False
    )
    number = models.IntegerField()
    title = models.CharField(_("标题"), max_length=120)
    reason = models.TextField(_("为什么要改"))
    state = models.CharField(max_length=12, choices=State.choices)
    audience = models.JSONField(default=dict)
    """{"departments": [ids]}; empty: everybody."""
    consult_until = models.DateField(_("意见截止"), null=True, blank=True)
    effective_on = models.DateField(_("生效日期"))
    text = models.TextField(blank=True)
    """What was submitted, word for word, and its SHA-256."""
    sha256 = models.CharField(max_length=64, blank=True)
    case = models.ForeignKey(
        Case, models.PROTECT, related_name="+", null=True, blank=True, db_constraint=False
    )
    created_by = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", null=True, blank=True, db_constraint=False
    )
    created_name = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "scheme", "number"], name="rules_revision_number"
            ),
            models.CheckConstraint(
                name="rules_revision_submitted_text",
                condition=Q(submitted_at__isnull=True, sha256="")
                | Q(submitted_at__isnull=False, sha256__regex="^[0-9a-f]{64}$"),
            ),
            models.CheckConstraint(
                name="rules_revision_closed",
                condition=Q(state__in=["consulting", "approving"], closed_at__isnull=True)
                | Q(state__in=["announced", "refused", "withdrawn"], closed_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["company", "state"], name="rules_revision_state")]

    def __str__(self) -> str:
        return self.title


class Change(models.Model):
    """One rule of a revision: the draft that comes into force, or None where the rule ends."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    revision = models.ForeignKey(
        Revision, models.PROTECT, related_name="changes", db_constraint=False
    )
    rule = models.ForeignKey(Rule, models.PROTECT, related_name="+", db_constraint=False)
    version = models.ForeignKey(
        RuleVersion, models.PROTECT, related_name="+", null=True, blank=True, db_constraint=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "revision", "rule"], name="rules_change_once"
            ),
        ]


class Opinion(models.Model):
    """What somebody said in a consultation, and what was answered, once."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    revision = models.ForeignKey(
        Revision, models.PROTECT, related_name="opinions", db_constraint=False
    )
    author = models.ForeignKey(Membership, models.PROTECT, related_name="+", db_constraint=False)
    author_name = models.CharField(max_length=80)
    text = models.TextField()
    said_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_name = models.CharField(max_length=80, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="rules_opinion_answered",
                condition=Q(answer="", answered_at__isnull=True)
                | (~Q(answer="") & Q(answered_at__isnull=False)),
            ),
        ]
        indexes = [models.Index(fields=["company", "revision"], name="rules_opinion_revision")]


class Minutes(models.Model):
    """A paper of a meeting about a revision. Append-only."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    revision = models.ForeignKey(
        Revision, models.PROTECT, related_name="minutes", db_constraint=False
    )
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", db_constraint=False)
    title = models.CharField(max_length=120)
    added_name = models.CharField(max_length=80)
    added_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["company", "revision"], name="rules_minutes_revision")]


class Edition(models.Model):
    """The whole text of a scheme as it was given out to be signed. Append-only."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="editions", db_constraint=False)
    revision = models.ForeignKey(
        Revision, models.PROTECT, related_name="+", null=True, blank=True, db_constraint=False
    )
    number = models.IntegerField()
    valid_on = models.DateField()
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    created_name = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "scheme", "number"], name="rules_edition_number"
            ),
            models.CheckConstraint(
                name="rules_edition_hash", condition=Q(sha256__regex="^[0-9a-f]{64}$")
            ),
        ]


class Signature(models.Model):
    """Somebody has read an edition and says so. Append-only."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    edition = models.ForeignKey(
        Edition, models.PROTECT, related_name="signatures", db_constraint=False
    )
    employee = models.ForeignKey(Employee, models.PROTECT, related_name="+", db_constraint=False)
    membership = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", db_constraint=False
    )
    name = models.CharField(max_length=80)
    sha256 = models.CharField(max_length=64)
    """Of the text that was before the signer's eyes."""
    signed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "edition", "employee"], name="rules_signature_once"
            ),
        ]
