"""Stored files and import runs."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from meritbook.org.models import Company, Membership


class StoredFile(models.Model):
    """A file as it was handed in; the bytes lie in the data folder under ``path``."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    path = models.CharField(max_length=120, unique=True)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", null=True, blank=True, db_constraint=False
    )


class ImportRun(models.Model):
    """One import: what was handed in, how far it is, what came of it, how to undo it."""

    class Kind(models.TextChoices):
        PEOPLE = "people", _("人员")
        RULES = "rules", _("积分标准")
        EVENTS = "events", _("事件")
        OPENING = "opening", _("期初余额")

    class State(models.TextChoices):
        DRAFT = "draft", _("待确认")
        RUNNING = "running", _("进行中")
        DONE = "done", _("已完成")
        FAILED = "failed", _("失败")
        UNDONE = "undone", _("已撤销")

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    file = models.ForeignKey(
        StoredFile, models.PROTECT, related_name="+", null=True, blank=True, db_constraint=False
    )
    file_name = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    options = models.JSONField(default=dict)
    total = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    counts = models.JSONField(default=dict)
    problems = models.JSONField(default=list)
    undo = models.JSONField(default=dict)
    error = models.CharField(max_length=400, blank=True)
    created_by = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", null=True, blank=True, db_constraint=False
    )
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["company", "-created_at"], name="files_importrun_when")]
