"""Cases, the steps in which they are decided, who is asked at each, and what they said."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
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

    class Rule(models.TextChoices):
        COUNT = "count", _("同意数")
        """So many approvals; one refusal ends the case."""
        VOTE = "vote", _("表决")
        """A committee votes: a refusal is a vote against."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, related_name="steps", db_constraint=False)
    position = models.SmallIntegerField()
    rule = models.CharField(max_length=10, choices=Rule.choices, default=Rule.COUNT)
    needed = models.SmallIntegerField(default=1)
    """How many approvals this step needs."""
    voters = models.SmallIntegerField(null=True, blank=True)
    """How many may vote; None where nobody votes."""
    quorum = models.SmallIntegerField(null=True, blank=True)
    """How many votes make a vote count when its time is over."""
    limit_hours = models.IntegerField(null=True, blank=True)
    """So long after its opening the step is due; None: whenever."""
    reminded_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)
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
            models.CheckConstraint(
                name="approvals_step_vote",
                condition=Q(rule="count", voters__isnull=True, quorum__isnull=True)
                | Q(
                    rule="vote",
                    quorum__gte=1,
                    voters__gte=F("quorum"),
                    needed__lte=F("voters"),
                    limit_hours__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="approvals_step_limit",
                condition=Q(limit_hours__isnull=True) | Q(limit_hours__range=(1, 24 * 90)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["company", "due_at"],
                condition=Q(state="open", due_at__isnull=False),
                name="approvals_step_due",
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
    replaces = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", null=True, blank=True, db_constraint=False
    )
    """Who passed the step on and is no longer asked; None: asked beside the others."""
    added_by = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", null=True, blank=True, db_constraint=False
    )
    added_at = models.DateTimeField(null=True, blank=True)
    """None: asked from the beginning. Without ``added_by``: the time limit had passed."""
    note = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="approvals_approver_replaces_by_one",
                condition=Q(replaces__isnull=True)
                | Q(membership__isnull=False, added_by__isnull=False, added_at__isnull=False),
            ),
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
            models.UniqueConstraint(
                "company",
                "step",
                Coalesce("on_behalf_of", "decided_by"),
                name="approvals_decision_one_voice",
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


class Delegation(models.Model):
    """Somebody decides for somebody else from one day to another. Only its end comes sooner."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    delegator = models.ForeignKey(Membership, models.PROTECT, related_name="+", db_constraint=False)
    delegate = models.ForeignKey(Membership, models.PROTECT, related_name="+", db_constraint=False)
    starts_on = models.DateField()
    ends_on = models.DateField()
    """The last day."""
    reason = models.CharField(max_length=200, blank=True)
    created_by = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", null=True, blank=True, db_constraint=False
    )
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="approvals_delegation_days", condition=Q(ends_on__gte=F("starts_on"))
            ),
            models.CheckConstraint(
                name="approvals_delegation_two", condition=~Q(delegator=F("delegate"))
            ),
        ]
        indexes = [
            models.Index(
                fields=["company", "delegate", "ends_on"],
                condition=Q(revoked_at__isnull=True),
                name="approvals_delegation_to",
            ),
            models.Index(fields=["company", "delegator"], name="approvals_delegation_from"),
        ]


class Committee(models.Model):
    """People who vote together."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    quorum_percent = models.SmallIntegerField(default=50)
    """The least share of the members that must have voted when the time is over."""
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "name"],
                condition=Q(closed_at__isnull=True),
                name="approvals_committee_name",
            ),
            models.CheckConstraint(
                name="approvals_committee_quorum", condition=Q(quorum_percent__range=(1, 100))
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Seat(models.Model):
    """Somebody's place in a committee, until it ends."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    committee = models.ForeignKey(
        Committee, models.PROTECT, related_name="seats", db_constraint=False
    )
    membership = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", db_constraint=False
    )
    taken_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "committee", "membership"],
                condition=Q(left_at__isnull=True),
                name="approvals_seat_once",
            ),
        ]
