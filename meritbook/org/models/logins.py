"""Log-ins are platform-wide; a membership links one to a company, with roles and scopes."""

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from meritbook.org.models.company import Company
from meritbook.org.models.people import Department, Employee


class LoginManager(BaseUserManager["Login"]):
    """Makes log-ins; Django's authentication asks for ``get_by_natural_key``."""

    def create_login(self, *, username: str, password: str | None, phone: str | None) -> "Login":
        login = self.model(username=username, phone=phone)
        login.set_password(password)
        login.save(using=self._db)
        return login


class Login(AbstractBaseUser):
    """Somebody who can sign in, by phone or through a membership's company code and 工号."""

    username = models.CharField(max_length=64, unique=True)
    phone = models.CharField(_("手机号"), max_length=20, unique=True, null=True, blank=True)
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)
    language = models.CharField(max_length=10, blank=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[LoginManager] = LoginManager()

    def __str__(self) -> str:
        return self.username


class Membership(models.Model):
    """A log-in's place in a company; the employee that it is, when it is one."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    login = models.ForeignKey(Login, models.PROTECT, related_name="+")
    employee = models.ForeignKey(
        Employee, models.PROTECT, related_name="+", null=True, blank=True, db_constraint=False
    )
    name = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "login"], name="org_membership_login"),
            models.UniqueConstraint(fields=["company", "employee"], name="org_membership_employee"),
        ]


class RoleGrant(models.Model):
    """A role of a membership; a head's is limited to a department and what lies below it."""

    class Role(models.TextChoices):
        OWNER = "owner", _("负责人")
        OFFICER = "officer", _("积分专员")
        HEAD = "head", _("部门主管")
        FINANCE = "finance", _("财务")
        AUDITOR = "auditor", _("审计")
        EMPLOYEE = "employee", _("员工")

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    membership = models.ForeignKey(
        Membership, models.CASCADE, related_name="grants", db_constraint=False
    )
    role = models.CharField(max_length=20, choices=Role.choices)
    department = models.ForeignKey(
        Department, models.PROTECT, related_name="+", null=True, blank=True, db_constraint=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "membership", "role", "department"],
                name="org_rolegrant_once",
                nulls_distinct=False,
            ),
        ]


class SetupToken(models.Model):
    """The one-time address of the set-up page, as a hash; spent when the company is made."""

    token_hash = models.BinaryField(unique=True)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)


class SignInFailure(models.Model):
    """Failed sign-ins of late, by a hash of who failed where: the memory of the back-off."""

    key = models.BinaryField(primary_key=True, max_length=32)
    failures = models.IntegerField()
    last_at = models.DateTimeField()
