"""Kinds of events that a company renamed, added or mapped, and the rules that they feed."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from meritbook.org.models import Company
from meritbook.rules.models.rules import Rule


class EventType(models.Model):
    """A type as the company has it; canonical ones have a row only when something was said."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    code = models.CharField(_("编号"), max_length=60)
    name = models.CharField(_("名称"), max_length=80)
    category = models.CharField(_("类别"), max_length=40, blank=True)
    attributes = models.JSONField(default=list)  # [{"name": …, "kind": …}]
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="rules_eventtype_code"),
            models.UniqueConstraint(fields=["company", "name"], name="rules_eventtype_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Feed(models.Model):
    """That events of a type feed a rule, or one item of the rule's checklist."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    event_type = models.ForeignKey(
        EventType, models.PROTECT, related_name="feeds", db_constraint=False
    )
    rule = models.ForeignKey(Rule, models.PROTECT, related_name="+", db_constraint=False)
    item = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "event_type", "rule"], name="rules_feed_once"
            ),
            models.UniqueConstraint(
                fields=["company", "rule", "item"],
                condition=~Q(item=""),
                name="rules_feed_item_once",
            ),
        ]
