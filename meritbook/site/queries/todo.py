"""What waits for a points officer, and the first steps of a new company."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from meritbook.awards.queries.desk import has_events
from meritbook.files.models import ImportRun
from meritbook.kit.templatetags.kit import moment
from meritbook.org.models import Employee
from meritbook.org.queries.members import Member
from meritbook.rules.models import Revision, RuleVersion
from meritbook.rules.operations.publishing import open_questions
from meritbook.rules.operations.revisions import is_invited
from meritbook.rules.operations.schemes import REMIND_DAYS
from meritbook.rules.queries.revisions import to_sign
from meritbook.rules.queries.schemes import reviews_due

_RUN_PAGES: dict[str, str] = {
    ImportRun.Kind.PEOPLE: "people-import-run",
    ImportRun.Kind.RULES: "rule-import-run",
    ImportRun.Kind.EVENTS: "event-import-run",
    ImportRun.Kind.OPENING: "opening-run",
}
RUNS_SHOWN = 4
RUNS_DAYS = 14


def approvals_todo(*, count: int) -> list[dict[str, Any]]:
    """What waits for the reader's approval; empty when nothing does."""
    if not count:
        return []
    return [
        {
            "icon": "stamp",
            "tone": "wait",
            "title": _("%(count)s 件事等你审批") % {"count": count},
            "note": _("同意后马上生效，拒绝要写明理由"),
            "address": "/approvals/",
        }
    ]


def schemes_todo(*, member: Member, today: date) -> list[dict[str, Any]]:
    """The schemes to look back at, for who answers for them and for officers."""
    due = reviews_due(company_id=member.company.pk, today=today, days=REMIND_DAYS)
    return [
        {
            "icon": "clipboard-check",
            "tone": "bad" if each.review_on is not None and each.review_on < today else "wait",
            "title": _("“%(name)s”该复盘了") % {"name": each.name},
            "note": _("复盘日期 %(day)s") % {"day": each.review_on},
            "address": reverse("scheme", args=[each.code]),
        }
        for each in due
        if member.is_officer or each.responsible_id == member.membership.pk
    ]


def papers_todo(*, member: Member, today: date) -> list[dict[str, Any]]:
    """What an employee has to read and sign, and what they are asked their opinion of."""
    company_id = member.company.pk
    items: list[dict[str, Any]] = []
    if member.employee is not None:
        items += [
            {
                "icon": "pen-line",
                "tone": "wait",
                "title": _("请阅读并签收“%(name)s”") % {"name": each.scheme.name},
                "note": _("第 %(n)s 版文本") % {"n": each.number},
                "address": reverse("edition", args=[each.pk]),
            }
            for each in to_sign(company_id=company_id, employee=member.employee)
        ]
    running = Revision.objects.filter(
        company_id=company_id, state=Revision.State.CONSULTING, consult_until__gte=today
    ).order_by("consult_until", "pk")
    items += [
        {
            "icon": "messages-square",
            "tone": "live",
            "title": _("“%(title)s”正在征求意见") % {"title": each.title},
            "note": _("到 %(day)s 为止") % {"day": each.consult_until},
            "address": reverse("revision", args=[each.pk]),
        }
        for each in running
        if is_invited(each, member=member, today=today)
    ]
    return items


def todo(*, company_id: int, now: datetime, overdue: int, waiting: int) -> list[dict[str, Any]]:
    """What to approve, drafts to publish, imports with rows left out or unconfirmed, windows past
    their close."""
    items = approvals_todo(count=waiting)
    if overdue:
        items.append(
            {
                "icon": "hourglass",
                "tone": "wait",
                "title": _("%(count)s 个周期已到期，正在等待结算") % {"count": overdue},
                "note": _("结算任务几分钟内会处理；一直不变时请找管理员"),
                "address": "/events/?status=in_window",
            }
        )
    drafts = list(
        RuleVersion.objects.filter(company_id=company_id, status=RuleVersion.Status.DRAFT)
    )
    if drafts:
        questions = sum(len(open_questions(version)) for version in drafts)
        items.append(
            {
                "icon": "file-pen-line",
                "tone": "live",
                "title": _("%(count)s 条积分标准还是草稿") % {"count": len(drafts)},
                "note": _("有 %(count)s 个问题没有回答") % {"count": questions}
                if questions
                else _("核对后就可以发布"),
                "address": "/rules/?state=draft",
            }
        )
    return items + _runs(company_id=company_id, now=now)


def first_steps(*, company_id: int) -> list[dict[str, Any]]:
    """The three steps of a new company; empty once all are done."""
    people = Employee.objects.filter(company_id=company_id).count() > 1
    rules = (
        RuleVersion.objects.filter(company_id=company_id)
        .exclude(status=RuleVersion.Status.DRAFT)
        .exists()
    )
    events = has_events(company_id=company_id)
    if people and rules and events:
        return []
    steps: list[dict[str, Any]] = [
        {
            "done": people,
            "title": _("导入员工"),
            "text": _("一份 Excel，至少有工号、姓名、部门三列。"),
            "address": "/people/import/",
            "action": _("导入员工"),
            "other_address": "/people/new/",
            "other_action": _("手工添加"),
        },
        {
            "done": rules,
            "title": _("发布积分标准"),
            "text": _("上传公司现有的规则表，或从模板库里挑一套。"),
            "address": "/rules/import/",
            "action": _("上传规则表"),
            "other_address": "/rules/library/",
            "other_action": _("看模板库"),
        },
        {
            "done": events,
            "title": _("记下第一件事"),
            "text": _("谁做了什么：手工记一笔，或导入一份事件表。"),
            "address": "/events/new/",
            "action": _("记一笔"),
            "other_address": "/events/import/",
            "other_action": _("导入事件"),
        },
    ]
    following = next(step for step in steps if not step["done"])
    return [step | {"is_next": step is following} for step in steps]


def _runs(*, company_id: int, now: datetime) -> list[dict[str, Any]]:
    runs = (
        ImportRun.objects.filter(
            company_id=company_id,
            created_at__gte=now - timedelta(days=RUNS_DAYS),
            state__in=[ImportRun.State.DRAFT, ImportRun.State.FAILED, ImportRun.State.DONE],
        )
        .select_related("created_by")
        .order_by("-created_at", "-pk")[:20]
    )
    items = []
    for run in runs:
        title = _run_title(run)
        if title:
            by = run.created_by.name if run.created_by else ""
            items.append(
                {
                    "icon": "file-warning" if run.problems else "file-clock",
                    "tone": "wait" if run.state == ImportRun.State.DRAFT else "bad",
                    "title": title,
                    "note": " · ".join(part for part in (moment(run.created_at), by) if part),
                    "address": reverse(_RUN_PAGES[run.kind], args=[run.pk]),
                }
            )
    return items[:RUNS_SHOWN]


def _run_title(run: ImportRun) -> str:
    if run.state == ImportRun.State.DRAFT:
        return _("“%(file)s”导入了一半，等你确认") % {"file": run.file_name}
    if run.state == ImportRun.State.FAILED:
        return _("“%(file)s”没有导入成功") % {"file": run.file_name}
    if run.problems:
        values = {"file": run.file_name, "count": len(run.problems)}
        return _("“%(file)s”有 %(count)s 个问题要处理") % values
    return ""
