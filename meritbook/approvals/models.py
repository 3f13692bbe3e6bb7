"""Cases, the steps in which they are decided, who is asked at each, and what they said."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from meritbook.org.models import Company, Department, Employee, Membership, RoleGrant


class Case(models.Model):
    """Something that waits for an answer. Only its state changes, and only once."""

    class State(models.TextChoices):
        OPEN = "open", _("待审批")
        APPROVED = "approved", _("已同意")
        REFUSED = "refused", _("已拒绝")
        WITHDRAWN = "withdrawn", _("已撤回")

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    key = models.CharField(max_length=200)
    """Given by the opener: the same key opens the same case."""
    kind = models.CharField(max_length=60)
    """Tells the caller which of its operations the outcome is for."""
    title = models.CharField(max_length=200)
    amount = models.CharField(max_length=80, blank=True)
    """What it is worth, in words."""
    subject_kind = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=80, blank=True)
    payload = models.JSONField(default=dict)
    """All that the caller needs to act later. Never changed: what was approved is what is done."""
    opened_by = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", null=True, blank=True, db_constraint=False
    )
    """None: a job or a program opened it."""
    opened_name = models.CharField(max_length=80)
    opened_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "key"], name="approvals_case_key"),
            models.CheckConstraint(
                name="approvals_case_closed",
                condition=Q(state="open", closed_at__isnull=True)
                | Q(state__in=["approved", "refused", "withdrawn"], closed_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["company", "opened_at"],
                condition=Q(state="open"),
                name="approvals_case_open",
            ),
            models.Index(fields=["company", "-closed_at"], name="approvals_case_closed_at"),
            models.Index(fields=["company", "opened_by"], name="approvals_case_opened_by"),
        ]

    def __str__(self) -> str:
        return self.title


class Beneficiary(models.Model):
    """Somebody who gains or loses by a case, and so does not decide it."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    case = models.ForeignKey(
        Case, models.PROTECT, related_name="beneficiaries", db_constraint=False
    )
    employee = models.ForeignKey(Employee, models.PROTECT, related_name="+", db_constraint=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "case", "employee"], name="approvals_beneficiary_once"
            ),
        ]


class Step(models.Model):
    """One link of a case's chain. The first is open, later ones wait for those before them."""

    class State(models.TextChoices):
        WAITING = "waiting", _("未到")
        OPEN = "open", _("待审批")
        APPROVED = "approved", _("已同意")
        REFUSED = "refused", _("已拒绝")
        SKIPPED = "skipped", _("不再需要")

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, related_name="steps", db_constraint=False)
    position = models.SmallIntegerField()
    needed = models.SmallIntegerField(default=1)
    """How many approvals this step needs."""
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    opened_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "case", "position"], name="approvals_step_position"
            ),
            models.CheckConstraint(
                name="approvals_step_range", condition=Q(position__gte=1, needed__gte=1)
            ),
        ]


class Approver(models.Model):
    """Who may decide a step: everybody with a role (a head's of a department), or one person."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    step = models.ForeignKey(Step, models.PROTECT, related_name="approvers", db_constraint=False)
    role = models.CharField(max_length=20, choices=RoleGrant.Role.choices, blank=True)
    department = models.ForeignKey(
        Department, models.PROTECT, related_name="+", null=True, blank=True, db_constraint=False
    )
    membership = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", null=True, blank=True, db_constraint=False
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="approvals_approver_one_way",
                condition=Q(role="", membership__isnull=False, department__isnull=True)
                | Q(role__in=["owner", "officer"], membership__isnull=True, department__isnull=True)
                | Q(role="head", membership__isnull=True, department__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["company", "step"], name="approvals_approver_step")]


class Decision(models.Model):
    """What somebody said to a step. Append-only."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, related_name="decisions", db_constraint=False)
    step = models.ForeignKey(Step, models.PROTECT, related_name="decisions", db_constraint=False)
    decided_by = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", db_constraint=False
    )
    on_behalf_of = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", null=True, blank=True, db_constraint=False
    )
    decided_name = models.CharField(max_length=80)
    approves = models.BooleanField()
    comment = models.CharField(max_length=400, blank=True)
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "step", "decided_by"], name="approvals_decision_once"
            ),
            models.CheckConstraint(
                name="approvals_decision_refusal_has_reason",
                condition=Q(approves=True) | ~Q(comment=""),
            ),
        ]
        indexes = [
            models.Index(fields=["company", "case"], name="approvals_decision_case"),
            models.Index(fields=["company", "decided_by"], name="approvals_decision_by"),
        ]
