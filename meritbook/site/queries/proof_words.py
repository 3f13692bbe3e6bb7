"""What verify's checks are called, and where a head was told, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

CHECKS = {
    "transfers_fit_their_accounts": _("每次转移的账户、种类、日期都对得上"),
    "no_empty_transaction": _("没有空的记账"),
    "trial_balance": _("每种积分，所有账户加起来等于零"),
    "balances_are_folds": _("每个账户的余额等于它的全部记账"),
    "lots_conserve": _("积分批次的剩余等于余额"),
    "day_totals_are_folds": _("每日合计等于当日的记账"),
    "checkpoints_are_folds": _("日终余额等于到那天为止的记账"),
    "departments_are_of_this_company": _("记账里的部门都是本公司的"),
    "lot_uses_are_folds": _("每个批次的使用、收回、到期都有据可查"),
    "lots_are_used_in_time": _("没有用过已到期的积分，也没有提前清零"),
    "held_is_what_holds_hold": _("冻结的数额等于未结束的冻结"),
    "holds_end_once": _("每笔冻结只结束一次"),
    "keys_occur_once": _("同一件事没有重复记账"),
    "reversals_stay_within": _("冲销没有超过原来的记账"),
    "caps_are_folds": _("上限没有被突破，已用数额有据可查"),
    "closed_months_stand_still": _("已关账的月份没有变动"),
    "parents_are_of_this_company": _("没有与其他公司混在一起的记账"),
    "guards_are_present": _("数据库的保护都在"),
    "sealed_or_waiting": _("每笔记账都已封存，或在等待封存"),
    "blocks_are_true": _("每一块的内容与封存时一样"),
    "blocks_are_chained": _("块与块首尾相接"),
    "anchors_agree": _("与留在外面的锚点一致"),
}

PLACES = {
    "file": _("锚点文件"),
    "message": _("通知"),
    "print": _("公示表"),
}


class CheckRow(NamedTuple):
    """A check as the page shows it."""

    title: str
    ok: bool
    detail: str


def check_rows(checks: Iterable[Mapping[str, Any]]) -> list[CheckRow]:
    """The broken ones first."""
    rows = [
        CheckRow(str(CHECKS.get(one["name"], one["name"])), bool(one["ok"]), str(one["detail"]))
        for one in checks
    ]
    return sorted(rows, key=lambda row: row.ok)


def place_names(places: Iterable[str]) -> list[str]:
    """Where a head was told."""
    return [str(PLACES.get(place, place)) for place in places]
