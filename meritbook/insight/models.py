"""Backtests with what came of them, and re-runs."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from meritbook.org.models import Company, Department, Employee, Membership, Post
from meritbook.rules.models import Rule


class Backtest(models.Model):
    """Rules tried out over the events of past days. Points are minor units, money cents."""

    class State(models.TextChoices):
        WAITING = "waiting", _("排队中")
        RUNNING = "running", _("计算中")
        DONE = "done", _("已完成")
        FAILED = "failed", _("失败")
        CANCELLED = "cancelled", _("已取消")

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    name = models.CharField(_("名称"), max_length=120)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    starts_on = models.DateField()
    ends_on = models.DateField()
    version_ids = ArrayField(models.BigIntegerField(), default=list)
    """The drafts that are tried; none: the published rules alone, against the ledger."""
    total = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    is_cancelled = models.BooleanField(default=False)
    is_shared = models.BooleanField(default=False)
    """Heads see it, with their own people."""
    summary = models.JSONField(default=dict)
    error = models.CharField(max_length=400, blank=True)
    created_by = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", null=True, blank=True, db_constraint=False
    )
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="insight_backtest_forward",
                condition=models.Q(ends_on__gte=models.F("starts_on")),
            ),
        ]
        indexes = [models.Index(fields=["company", "-created_at"], name="insight_backtest_when")]


class BacktestLine(models.Model):
    """What one person has before and after."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    backtest = models.ForeignKey(
        Backtest, models.CASCADE, related_name="lines", db_constraint=False
    )
    employee = models.ForeignKey(Employee, models.PROTECT, related_name="+", db_constraint=False)
    department = models.ForeignKey(
        Department, models.PROTECT, related_name="+", null=True, db_constraint=False
    )
    post = models.ForeignKey(Post, models.PROTECT, related_name="+", null=True, db_constraint=False)
    manager = models.ForeignKey(
        Employee, models.PROTECT, related_name="+", null=True, db_constraint=False
    )
    before = models.BigIntegerField()
    after = models.BigIntegerField()
    before_cents = models.BigIntegerField()
    after_cents = models.BigIntegerField()
    before_entries = models.IntegerField()
    after_entries = models.IntegerField()
    before_rank = models.IntegerField()
    after_rank = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "backtest", "employee"], name="insight_line_once"
            ),
        ]

    @property
    def difference(self) -> int:
        return self.after - self.before


class BacktestChange(models.Model):
    """One of the largest entries gained, lost or changed, with both traces as they were then."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    backtest = models.ForeignKey(
        Backtest, models.CASCADE, related_name="changes", db_constraint=False
    )
    rule = models.ForeignKey(Rule, models.PROTECT, related_name="+", db_constraint=False)
    employee = models.ForeignKey(Employee, models.PROTECT, related_name="+", db_constraint=False)
    event_id = models.BigIntegerField(null=True)
    """The event; None: a window."""
    starts_on = models.DateField()
    ends_on = models.DateField()
    before = models.BigIntegerField()
    after = models.BigIntegerField()
    before_text = models.TextField(blank=True)
    after_text = models.TextField(blank=True)
    before_steps = models.JSONField(default=list)
    after_steps = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["company", "backtest"], name="insight_change_of")]

    @property
    def difference(self) -> int:
        return self.after - self.before


class Rerun(models.Model):
    """Days gone by scored again under the rules as they are now; what that posted."""

    class State(models.TextChoices):
        WAITING = "waiting", _("排队中")
        RUNNING = "running", _("计算中")
        DONE = "done", _("已完成")
        FAILED = "failed", _("失败")

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    rule_ids = ArrayField(models.BigIntegerField())
    starts_on = models.DateField()
    ends_on = models.DateField()
    reason = models.CharField(_("原因"), max_length=400)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    counts = models.JSONField(default=dict)
    error = models.CharField(max_length=400, blank=True)
    created_by = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", null=True, blank=True, db_constraint=False
    )
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="insight_rerun_forward",
                condition=models.Q(ends_on__gte=models.F("starts_on")),
            ),
        ]
        indexes = [models.Index(fields=["company", "-created_at"], name="insight_rerun_when")]
