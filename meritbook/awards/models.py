"""Events, what they earned, and the windows that gather them."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from meritbook.files.models import ImportRun
from meritbook.org.models import Company, Department, Employee
from meritbook.rules.models import Rule, RuleVersion


class Event(models.Model):
    """A fact as a source told it. One row a revision; the content is never edited."""

    class Status(models.TextChoices):
        POSTED = "posted", _("已入账")
        IN_WINDOW = "in_window", _("待周期结算")
        PENDING = "pending", _("待审核")
        NOTHING = "nothing", _("未得分")
        WITHDRAWN = "withdrawn", _("已撤回")

    company = models.ForeignKey(
        Company, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    source = models.CharField(_("来源"), max_length=60)
    event_no = models.CharField(_("事件编号"), max_length=120)
    revision = models.IntegerField(default=1)
    is_current = models.BooleanField(default=True)
    type_code = models.CharField(_("类型"), max_length=120)
    rule = models.ForeignKey(
        Rule,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
        db_constraint=False,
    )
    employee = models.ForeignKey(
        Employee, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    happened_at = models.DateTimeField(_("时间"))
    has_time = models.BooleanField(default=True)
    fact_on = models.DateField()
    quantity = models.DecimalField(
        _("数量"), max_digits=18, decimal_places=4, null=True, blank=True
    )
    amount = models.DecimalField(_("金额"), max_digits=18, decimal_places=4, null=True, blank=True)
    object = models.CharField(_("对象"), max_length=200, blank=True)
    note = models.CharField(_("备注"), max_length=1000, blank=True)
    attributes = models.JSONField(default=dict)
    content_hash = models.BinaryField()
    status = models.CharField(_("状态"), max_length=10, choices=Status.choices)
    received_at = models.DateTimeField()
    import_run = models.ForeignKey(
        ImportRun,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
        db_constraint=False,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "source", "event_no"],
                condition=models.Q(is_current=True),
                name="awards_event_one_current",
            ),
            models.UniqueConstraint(
                fields=["company", "source", "event_no", "revision"],
                condition=models.Q(is_current=False),
                name="awards_event_replaced",
            ),
        ]
        indexes = [
            models.Index(fields=["company", "employee", "fact_on"], name="awards_event_of"),
            models.Index(
                fields=["company", "import_run"],
                condition=models.Q(import_run__isnull=False),
                name="awards_event_of_import",
            ),
            # Days follow the order of writing: block ranges find them at next to no cost.
            BrinIndex(
                fields=["fact_on"],
                name="awards_event_days",
                pages_per_range=64,
            ),
        ]


class Window(models.Model):
    """One person's day, week, month … under one windowed rule, and its latest result."""

    class State(models.TextChoices):
        OPEN = "open", _("进行中")
        CLOSED = "closed", _("已结算")

    company = models.ForeignKey(
        Company, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    rule = models.ForeignKey(
        Rule, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    employee = models.ForeignKey(
        Employee, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    starts_on = models.DateField()
    ends_on = models.DateField()
    closes_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    revision = models.IntegerField(default=0)
    points = models.BigIntegerField(default=0)
    measure = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "rule", "employee", "starts_on", "ends_on"],
                name="awards_window_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["company", "closes_at"],
                condition=models.Q(state="open"),
                name="awards_window_due",
            ),
        ]


class WindowEvent(models.Model):
    """That an event was brought into a window; ``counted`` tells whether it counts there.

    One that does not count (too late, say) stays, because the version that governs the window at
    its close may judge it otherwise.
    """

    pk = models.CompositePrimaryKey("company", "window", "event")
    company = models.ForeignKey(
        Company, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    window = models.ForeignKey(
        Window, models.PROTECT, related_name="members", db_index=False, db_constraint=False
    )
    event = models.ForeignKey(
        Event, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    counted = models.BooleanField()

    class Meta:
        indexes = [models.Index(fields=["company", "event"], name="awards_windowevent_of")]


class Entry(models.Model):
    """What an event or a closed window earned, and what that is explained from.

    One for each transaction of the ledger; its id is the transaction's.
    """

    company = models.ForeignKey(
        Company, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    rule_version = models.ForeignKey(
        RuleVersion, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    event = models.ForeignKey(
        Event,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
        db_constraint=False,
    )
    window = models.ForeignKey(
        Window,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
        db_constraint=False,
    )
    employee = models.ForeignKey(
        Employee, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    points = models.BigIntegerField()
    effective_on = models.DateField()
    tx_id = models.BigIntegerField()
    reverses = models.ForeignKey(
        "self",
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
        db_constraint=False,
    )
    facts = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="awards_entry_is_its_tx", condition=models.Q(id=models.F("tx_id"))
            ),
            models.CheckConstraint(
                name="awards_entry_has_cause",
                condition=models.Q(event__isnull=False) | models.Q(window__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["company", "event"],
                condition=models.Q(event__isnull=False),
                name="awards_entry_of_event",
            ),
            models.Index(
                fields=["company", "window"],
                condition=models.Q(window__isnull=False),
                name="awards_entry_of_window",
            ),
            BrinIndex(
                fields=["effective_on"],
                name="awards_entry_days",
                pages_per_range=64,
            ),
        ]


class IdempotencyKey(models.Model):
    """A key that a program sent with a request, bound to the payload, and the answer it got."""

    company = models.ForeignKey(
        Company, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    token_id = models.BigIntegerField()
    key = models.CharField(max_length=200)
    payload_hash = models.BinaryField()
    status_code = models.IntegerField()
    answer = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "token_id", "key"], name="awards_idempotencykey_once"
            ),
        ]


class ManagerQuota(models.Model):
    """How much a manager may give away by hand each month, from a day on; append-only.

    The newest row whose day has come holds. ``monthly`` null: no quota, nothing is counted.
    """

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    employee = models.ForeignKey(Employee, models.PROTECT, related_name="+", db_constraint=False)
    monthly = models.BigIntegerField(null=True)
    """Minor units of the asset quota."""
    act_max = models.BigIntegerField(null=True)
    """The most that one award may cost; null: as much as is left."""
    valid_from = models.DateField()
    created_at = models.DateTimeField()
    created_by = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="awards_managerquota_range",
                condition=models.Q(monthly__isnull=True)
                | models.Q(monthly__gte=1, monthly__lte=10**15),
            ),
            models.CheckConstraint(
                name="awards_managerquota_act",
                condition=models.Q(act_max__isnull=True)
                | models.Q(act_max__gte=1, act_max__lte=models.F("monthly")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["company", "employee", "-valid_from", "-id"], name="awards_managerquota_now"
            )
        ]


class Budget(models.Model):
    """How much may be issued in each month, quarter or year, by a department or the company.

    Holds for days from ``starts_on`` up to the day before ``ends_on``. Never edited: a change ends
    it and begins another.
    """

    class Span(models.TextChoices):
        MONTH = "month", _("每月")
        QUARTER = "quarter", _("每季度")
        YEAR = "year", _("每年")

    class Unit(models.TextChoices):
        POINTS = "points", _("积分")
        MONEY = "money", _("元")

    class Policy(models.TextChoices):
        WARN = "warn", _("只提醒")
        QUEUE = "queue", _("超出的转审批")

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    department = models.ForeignKey(
        Department, models.PROTECT, related_name="+", null=True, blank=True, db_constraint=False
    )
    """With those below it; None: the whole company."""
    asset_code = models.CharField(max_length=40)
    span = models.CharField(max_length=10, choices=Span.choices)
    unit = models.CharField(max_length=10, choices=Unit.choices)
    amount = models.BigIntegerField()
    """Minor units of the asset, or cents, as ``unit`` says."""
    policy = models.CharField(max_length=10, choices=Policy.choices)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    cap_ids = ArrayField(models.BigIntegerField(), default=list)
    """The ledger's caps that hold it: of the span in which it began, and from the next one on."""
    created_at = models.DateTimeField()
    created_by = models.BigIntegerField(null=True, blank=True)
    ended_by = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="awards_budget_range",
                condition=models.Q(amount__gte=1, amount__lte=10**15),
            ),
            models.CheckConstraint(
                name="awards_budget_forward",
                condition=models.Q(ends_on__isnull=True)
                | models.Q(ends_on__gte=models.F("starts_on")),
            ),
            models.UniqueConstraint(
                fields=["company", "department", "asset_code", "span"],
                condition=models.Q(ends_on__isnull=True),
                name="awards_budget_one_at_a_time",
                nulls_distinct=False,
            ),
        ]
