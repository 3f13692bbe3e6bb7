"""Rules and their versions."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from meritbook.org.models import Company, Membership, Programme
from meritbook.rules.models.schemes import Scheme


class Rule(models.Model):
    """One line of a rule table through all its versions. ``code`` is unique and stays."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+", db_constraint=False)
    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="rules", db_constraint=False)
    code = models.CharField(_("编号"), max_length=60)
    name = models.CharField(_("名称"), max_length=200)
    sheet = models.CharField(_("工作表"), max_length=80, blank=True)
    row = models.IntegerField(_("行"), null=True, blank=True)
    category = models.CharField(_("类别"), max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="rules_rule_code"),
        ]
        indexes = [models.Index(fields=["company", "scheme"], name="rules_rule_scheme")]

    def __str__(self) -> str:
        return self.name


class RuleVersion(models.Model):
    """What a rule says from ``active_from`` until before ``active_to``."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("草稿")
        PUBLISHED = "published", _("已发布")
        RETIRED = "retired", _("已停用")

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    rule = models.ForeignKey(Rule, models.PROTECT, related_name="versions", db_constraint=False)
    number = models.IntegerField(_("版本"))
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    active_from = models.DateField(_("生效日期"), null=True, blank=True)
    active_to = models.DateField(_("失效日期"), null=True, blank=True)

    shape = models.CharField(_("计分方式"), max_length=3)
    indicator = models.TextField(_("关键指标"), blank=True)
    process = models.TextField(_("关键过程"), blank=True)
    result = models.TextField(_("关键结果"), blank=True)
    weight_percent = models.DecimalField(
        _("权重"), max_digits=7, decimal_places=2, null=True, blank=True
    )
    standard = models.TextField(_("衡量标准"))
    points_text = models.CharField(_("积分"), max_length=80, blank=True)
    points = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    points_min = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    points_max = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    unit = models.CharField(max_length=20, blank=True)
    divisor = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    period = models.CharField(max_length=10, null=True, blank=True)
    target = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    threshold = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    strict = models.BooleanField(default=False)
    proportional = models.BooleanField(default=False)
    deadline = models.JSONField(null=True, blank=True)
    limit_minutes = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    project_total = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    extra = models.JSONField(default=dict)  # see content.EXTRA
    postings = models.JSONField(default=dict)  # asset code → factor; empty = the defaults
    population = models.JSONField(default=dict)  # {"departments": [ids], "posts": [ids]}
    questions = models.JSONField(default=list)
    findings = models.JSONField(default=list)

    reason = models.CharField(_("修改原因"), max_length=400, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", null=True, blank=True, db_constraint=False
    )
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", null=True, blank=True, db_constraint=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "rule", "number"], name="rules_version_number"
            ),
            models.CheckConstraint(
                name="rules_version_forward",
                condition=Q(active_to__isnull=True)
                | Q(active_from__isnull=True)
                | Q(active_to__gte=models.F("active_from")),
            ),
            models.CheckConstraint(
                name="rules_version_published_has_start",
                condition=Q(status="draft") | Q(active_from__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["company", "status"], name="rules_version_status")]
