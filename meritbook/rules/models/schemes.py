"""Schemes: what a set of rules is for, how it may change, and what its reviews found."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from meritbook.approvals.models import Committee
from meritbook.org.models import Company, Membership, Programme


class Scheme(models.Model):
    """A set of rules with a goal and somebody who answers for it."""

    class Approval(models.TextChoices):
        NONE = "none", _("不用审批，积分专员直接发布")
        OWNER = "owner", _("负责人审批")
        COMMITTEE = "committee", _("委员会表决")
        TWO_LEVEL = "two_level", _("两级会签：方案负责人，再到公司负责人")

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+", db_constraint=False)
    code = models.CharField(_("编号"), max_length=40)
    name = models.CharField(_("名称"), max_length=120)
    is_default = models.BooleanField(default=False)
    """New rules go there unless somebody says otherwise."""

    goal = models.TextField(_("目标"), blank=True)
    company_goal = models.CharField(_("服务的公司目标"), max_length=200, blank=True)
    measure = models.CharField(_("衡量指标"), max_length=80, blank=True)
    measure_unit = models.CharField(_("单位"), max_length=20, blank=True)
    measure_from = models.DecimalField(
        _("现在"), max_digits=18, decimal_places=4, null=True, blank=True
    )
    measure_to = models.DecimalField(
        _("要达到"), max_digits=18, decimal_places=4, null=True, blank=True
    )
    measure_by = models.DateField(_("期限"), null=True, blank=True)
    responsible = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", null=True, blank=True, db_constraint=False
    )
    review_on = models.DateField(_("复盘日期"), null=True, blank=True)
    review_told_on = models.DateField(null=True, blank=True)
    """The review date that has been reminded of."""

    approval = models.CharField(max_length=10, choices=Approval.choices, default=Approval.NONE)
    committee = models.ForeignKey(
        Committee, models.PROTECT, related_name="+", null=True, blank=True, db_constraint=False
    )
    limit_hours = models.SmallIntegerField(_("审批时限（小时）"), default=72)
    consultation_days = models.SmallIntegerField(_("征求意见天数"), default=0)
    """0: nobody is asked before a change."""
    notice_days = models.SmallIntegerField(_("提前公布天数"), default=0)
    must_sign = models.BooleanField(_("员工要签收"), default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="rules_scheme_code"),
            models.UniqueConstraint(
                fields=["company", "programme"],
                condition=Q(is_default=True),
                name="rules_scheme_one_default",
            ),
            models.CheckConstraint(
                name="rules_scheme_committee",
                condition=Q(approval="committee", committee__isnull=False)
                | (~Q(approval="committee") & Q(committee__isnull=True)),
            ),
            models.CheckConstraint(
                name="rules_scheme_days",
                condition=Q(
                    consultation_days__range=(0, 90),
                    notice_days__range=(0, 90),
                    limit_hours__range=(1, 24 * 90),
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Review(models.Model):
    """What a look back at a scheme found. Append-only."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="reviews", db_constraint=False)
    measured = models.DecimalField(
        _("现在的数值"), max_digits=18, decimal_places=4, null=True, blank=True
    )
    findings = models.TextField(_("复盘结论"))
    next_on = models.DateField(_("下次复盘"), null=True, blank=True)
    reviewed_by = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", null=True, blank=True, db_constraint=False
    )
    reviewed_name = models.CharField(max_length=80)
    reviewed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["company", "scheme"], name="rules_review_scheme")]


class Lock(models.Model):
    """Days on which no change of a scheme takes effect. Lifted, never edited."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="locks", db_constraint=False)
    starts_on = models.DateField(_("从"))
    ends_on = models.DateField(_("到"))
    """The last day."""
    reason = models.CharField(_("原因"), max_length=200, blank=True)
    created_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="rules_lock_days", condition=Q(ends_on__gte=F("starts_on"))
            ),
        ]
        indexes = [models.Index(fields=["company", "scheme"], name="rules_lock_scheme")]
