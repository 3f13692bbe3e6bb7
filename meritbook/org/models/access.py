"""Tokens that open a door without a password, and the audit log."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from meritbook.org.models.company import Company


class AccessToken(models.Model):
    """An API key or a one-time activation link: a prefix to recognise, a SHA-256 to compare."""

    class Kind(models.TextChoices):
        API_KEY = "api_key"
        ACTIVATION = "activation"

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=16)
    token_hash = models.BinaryField(unique=True)
    scopes = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    subject_id = models.BigIntegerField(null=True, blank=True)
    created_by = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["company", "kind"], name="org_accesstoken_kind")]


class AuditEntry(models.Model):
    """Who did what to which object, before and after, and why. Append-only."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    happened_at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True, blank=True)
    actor_name = models.CharField(max_length=80, blank=True)
    action = models.CharField(max_length=60)
    object_kind = models.CharField(max_length=40)
    object_id = models.CharField(max_length=80, blank=True)
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)
    reason = models.CharField(max_length=400, blank=True)

    class Meta:
        indexes = [models.Index(fields=["company", "-happened_at"], name="org_auditentry_when")]
