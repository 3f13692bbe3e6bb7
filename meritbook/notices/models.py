"""The outbox."""

from django.db import models

from meritbook.org.models import Company


class OutboxMessage(models.Model):
    """Something to be told outside, with the ids of what it is about and no personal data."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    topic = models.CharField(max_length=60)
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True, blank=True)
    attempts = models.IntegerField(default=0)
    last_error = models.CharField(max_length=400, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["company", "created_at"],
                condition=models.Q(delivered_at__isnull=True),
                name="notices_outbox_waiting",
            ),
        ]
