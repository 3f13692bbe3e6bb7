"""Departments, posts, grades, employees and what was valid when."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from meritbook.org.models.company import Company


class Party(models.Model):
    """Whoever can own accounts. The ledger knows people by this alone."""

    class Kind(models.TextChoices):
        EMPLOYEE = "employee", _("员工")
        TEAM = "team", _("团队")
        CUSTOMER = "customer", _("客户")
        COMPANY = "company", _("公司")

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)


class Department(models.Model):
    """A node of the department tree; ``path_ids`` runs from the root to itself."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    parent = models.ForeignKey(
        "self", models.PROTECT, related_name="children", null=True, blank=True, db_constraint=False
    )
    name = models.CharField(_("部门"), max_length=80)
    path_ids = ArrayField(models.BigIntegerField(), default=list)
    manager = models.ForeignKey(
        "Employee", models.PROTECT, related_name="+", null=True, blank=True, db_constraint=False
    )
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "parent", "name"],
                name="org_department_name",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Post(models.Model):
    """岗位."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    name = models.CharField(_("岗位"), max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "name"], name="org_post_name")]

    def __str__(self) -> str:
        return self.name


class Grade(models.Model):
    """职级."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    name = models.CharField(_("职级"), max_length=40)
    level = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "name"], name="org_grade_name")]

    def __str__(self) -> str:
        return self.name


class Employee(models.Model):
    """A person employed by the company. 工号 is text; leading zeros count."""

    class State(models.TextChoices):
        ACTIVE = "active", _("在职")
        PROBATION = "probation", _("试用")
        LEFT = "left", _("离职")

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    party = models.ForeignKey(Party, models.PROTECT, related_name="+", db_constraint=False)
    employee_no = models.CharField(_("工号"), max_length=40)
    name = models.CharField(_("姓名"), max_length=60)
    pinyin = models.CharField(max_length=240, blank=True)
    initials = models.CharField(max_length=60, blank=True)
    phone = models.CharField(_("手机号"), max_length=20, blank=True)
    hired_on = models.DateField(_("入职日期"), null=True, blank=True)
    left_on = models.DateField(_("离职日期"), null=True, blank=True)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.ACTIVE)
    manager = models.ForeignKey(
        "self", models.PROTECT, related_name="+", null=True, blank=True, db_constraint=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "employee_no"], name="org_employee_no"),
            models.UniqueConstraint(fields=["company", "party"], name="org_employee_party"),
            models.CheckConstraint(
                name="org_employee_left_after_hired",
                condition=Q(left_on__isnull=True)
                | Q(hired_on__isnull=True)
                | Q(left_on__gte=models.F("hired_on")),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Assignment(models.Model):
    """Where an employee works in a stretch of time, ``valid_from`` included, ``valid_to`` not."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    employee = models.ForeignKey(
        Employee, models.CASCADE, related_name="assignments", db_constraint=False
    )
    department = models.ForeignKey(
        Department, models.PROTECT, related_name="+", db_constraint=False
    )
    post = models.ForeignKey(
        Post, models.PROTECT, related_name="+", null=True, blank=True, db_constraint=False
    )
    grade = models.ForeignKey(
        Grade, models.PROTECT, related_name="+", null=True, blank=True, db_constraint=False
    )
    is_main = models.BooleanField(default=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="org_assignment_forward",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=models.F("valid_from")),
            ),
            models.UniqueConstraint(
                fields=["company", "employee", "valid_from"],
                condition=Q(is_main=True),
                name="org_assignment_one_main_a_day",
            ),
        ]
        indexes = [
            models.Index(fields=["company", "employee", "valid_from"], name="org_assignment_of"),
            models.Index(fields=["company", "department"], name="org_assignment_dept"),
        ]


class Fact(models.Model):
    """A dated fact of a person that rules may read: a level, a degree, a skill."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    employee = models.ForeignKey(
        Employee, models.CASCADE, related_name="facts", db_constraint=False
    )
    kind = models.CharField(max_length=40)
    value = models.CharField(max_length=120)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="org_fact_forward",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=models.F("valid_from")),
            ),
        ]
        indexes = [models.Index(fields=["company", "employee", "kind"], name="org_fact_of")]
