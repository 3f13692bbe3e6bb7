"""What every page's shell needs: the member at hand, the navigation by role, the phone's dock."""

from dataclasses import dataclass, replace
from functools import partial

from django.http import HttpRequest
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from meritbook.approvals.queries import waiting_count
from meritbook.kit import clock
from meritbook.org.queries.members import Member


@dataclass(frozen=True, slots=True)
class Item:
    """One way through the product."""

    address: str
    label: str | Promise
    icon: str
    count: object = 0
    """How much waits behind it: a number, or something that becomes one when it is shown."""
    hides_at_zero: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Items under one heading; an empty heading is not shown."""

    label: str | Promise
    items: tuple[Item, ...]


HOME = Item("/", _("工作台"), icon="layout-dashboard")
WALLET = Item("/wallet/", _("我的钱包"), icon="wallet")
BOARDS = Item("/boards/", _("排行榜"), icon="trophy")
RULES = Item("/rules/", _("积分标准"), icon="scroll-text")
BACKTESTS = Item("/insight/backtests/", _("标准试算"), icon="flask-conical")
INSIGHT = Item("/insight/", _("标准分析"), icon="stethoscope")
APPROVALS = Item("/approvals/", _("审批"), icon="stamp")
EVENTS = Item("/events/", _("事件"), icon="calendar-check")
BUDGET = Item("/ledger/budget/", _("积分预算"), icon="gauge")
PEOPLE = Item("/people/", pgettext_lazy("navigation", "员工"), icon="users")
DEPARTMENTS = Item("/departments/", _("组织架构"), icon="network")
LEDGER = Item("/ledger/", _("账本"), icon="book-open-text")
IMPORTS = Item("/imports/", _("导入历史"), icon="history")
API_KEYS = Item("/settings/api-keys/", _("接口密钥"), icon="key-round")
BACKUPS = Item("/settings/backups/", _("备份"), icon="database-backup")
ME = Item("/me/", _("我的"), icon="circle-user-round")


def groups_for(member: Member) -> tuple[Group, ...]:
    """The side navigation of ``member``: what it may open, nothing else."""
    mine = (HOME, WALLET, BOARDS) if member.employee else (HOME, BOARDS)
    # Asked when the page is drawn, once: the menu stands on it twice.
    count = SimpleLazyObject(partial(_waiting, member))
    books = [Group(_("财务"), (LEDGER,))] if member.is_reader and not member.is_officer else []
    if not (member.is_officer or member.is_head):
        asked = replace(APPROVALS, count=count, hides_at_zero=True)
        return (Group("", (*mine, EVENTS, RULES, asked)), *books)
    groups = [Group("", (*mine, replace(APPROVALS, count=count)))]
    if member.is_officer:
        groups.append(Group(_("积分管理"), (EVENTS, RULES, INSIGHT, LEDGER, IMPORTS)))
        groups.append(Group(_("组织"), (PEOPLE, DEPARTMENTS)))
    else:
        groups.append(Group(_("团队"), (EVENTS, RULES, BACKTESTS, BUDGET, PEOPLE)))
    if member.is_owner:
        groups.append(Group(_("设置"), (API_KEYS, BACKUPS)))
    return (*groups, *books)


def _waiting(member: Member) -> int:
    return waiting_count(member, on=clock.today(time_zone=member.company.time_zone))


def dock_for(member: Member) -> tuple[Item, ...]:
    """The five items of the phone's bottom bar."""
    if member.is_officer or member.is_head:
        return (HOME, BOARDS, EVENTS, PEOPLE, ME)
    return (HOME, BOARDS, WALLET, RULES, ME)


def navigation(request: HttpRequest) -> dict[str, object]:
    """``member``, ``navigation`` and ``dock``; without a member only ``member`` (None)."""
    member: Member | None = getattr(request, "member", None)
    if member is None:
        return {"member": None}
    return {"member": member, "navigation": groups_for(member), "dock": dock_for(member)}
