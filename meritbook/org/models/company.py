"""The company, its programmes and its calendar."""

from zoneinfo import ZoneInfo

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class Company(models.Model):
    """A tenant. Its own row is guarded by its id."""

    code = models.CharField(_("公司代码"), max_length=40)
    name = models.CharField(_("公司名称"), max_length=120)
    time_zone = models.CharField(_("时区"), max_length=60, default="Asia/Shanghai")
    created_at = models.DateTimeField()
    suspended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="org_company_code_form",
                condition=models.Q(code__regex=r"^[A-Za-z0-9][A-Za-z0-9._-]*$"),
            ),
            # People type it at sign-in: upper and lower case are the same company.
            models.UniqueConstraint(Lower("code"), name="org_company_code_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which its days, weeks and deadlines are counted."""
        return ZoneInfo(self.time_zone)


class Programme(models.Model):
    """A points programme of a company: employees first, customers later."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="org_programme_code"),
        ]


class CalendarDay(models.Model):
    """A day on which the company departs from the statutory calendar, or that a user confirmed."""

    class Kind(models.TextChoices):
        WORKDAY = "workday", _("工作日")
        DAY_OFF = "day_off", _("休息日")

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    day = models.DateField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "day"], name="org_calendarday_day"),
        ]
