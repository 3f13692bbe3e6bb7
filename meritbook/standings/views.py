"""The board page and its Excel file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.kit.pages import remembered_page
from meritbook.kit.periods import ALL, DAY, MONTH, QUARTER, WEEK, YEAR, Period
from meritbook.kit.templatetags.kit import period_name, signed, tone
from meritbook.kit.templatetags.kit import points as shown
from meritbook.ledger.names import Named, named_assets
from meritbook.ledger.operations.sealing import note_anchor
from meritbook.ledger.proofs import head
from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.org.permissions import may_manage_people
from meritbook.org.queries.departments import subtree_ids
from meritbook.org.queries.members import Member
from meritbook.standings.pages import (
    Reader,
    Summary,
    department_choices,
    departments_html,
    gap_note,
    lines,
    rows_html,
    summary,
)
from meritbook.standings.permissions import may_export_boards, may_see_board_of
from meritbook.standings.queries import (
    HONOUR,
    Board,
    BoardRow,
    UnknownAsset,
    board,
    period_of,
)
from meritbook.standings.sheets import board_workbook

PER_PAGE = 50
PAGE_SECONDS = 10.0
_QUERY = frozenset({"period", "asset", "department", "page"})
KINDS = (
    (DAY, gettext_lazy("今日")),
    (WEEK, gettext_lazy("本周")),
    (MONTH, gettext_lazy("本月")),
    (QUARTER, gettext_lazy("本季")),
    (YEAR, gettext_lazy("年度")),
    (ALL, gettext_lazy("全部")),
)
ON_BOARDS = frozenset({HONOUR, "spendable"})
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@for_members()
def boards(request: MemberRequest) -> HttpResponse:
    """The board of a period: ``period``, ``asset``, ``department`` and ``page`` in the query."""
    today = today_of(request)
    try:
        shown_board = _asked(request, today=today)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("/boards/")

    def page() -> HttpResponse:
        return render(request, "standings/board.html", _context(request, shown_board, today=today))

    if not _QUERY.issuperset(request.GET):
        return page()  # no two such addresses need be the same: they would only fill the memory
    member = request.member
    return remembered_page(
        request,
        key=(
            request.company.pk,
            member.membership.pk,
            member.name,
            member.roles,
            member.headed_department_ids,
            len(request.places),
            shown_board.version,
            today,
        ),
        seconds=PAGE_SECONDS,
        make=page,
    )


@for_members(may_export_boards)
def export(request: MemberRequest) -> HttpResponse:
    """The whole board as a workbook."""
    try:
        asked = _asked(request, today=today_of(request))
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("/boards/")
    newest = head(company_id=request.company.pk)
    if newest is not None:
        note_anchor(company_id=request.company.pk, seq=newest.seq, place="print", at=clock.now())
    response = HttpResponse(board_workbook(asked, head=newest), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="board-{asked.period.text}.xlsx"'
    return response


def reader_of(member: Member) -> Reader:
    """The member as the reader of a board."""
    return Reader(
        employee_id=member.employee.pk if member.employee else None,
        departments=None
        if member.is_officer
        else subtree_ids(company_id=member.company.pk, department_ids=member.headed_department_ids),
    )


def assets_of(request: MemberRequest) -> dict[str, Named]:
    """The assets that have a board which the reader may see: those earned by rules, then own ones."""
    return {
        code: one
        for code, one in named_assets(company_id=request.company.pk).items()
        if (code in ON_BOARDS or one.is_own) and may_see_board_of(request.member, one.visible_to)
    }


def _asked(request: MemberRequest, *, today: date) -> Board:
    text = request.GET.get("period", "").strip()
    period = period_of(text) if text else Period.containing(MONTH, today)
    department = request.GET.get("department", "")
    known = assets_of(request)
    if not known:
        raise PermissionDenied
    asset = request.GET.get("asset") or next(iter(known), HONOUR)
    if asset not in known:
        raise UnknownAsset(asset)
    return board(
        company_id=request.company.pk,
        period=period,
        asset=asset,
        department_id=int(department) if department.isdecimal() and len(department) < 18 else None,
    )


def _context(request: MemberRequest, shown_board: Board, *, today: date) -> dict[str, Any]:
    member, period = request.member, shown_board.period
    assets = assets_of(request)
    reader = reader_of(member)
    own = shown_board.own(reader.employee_id) if reader.employee_id else None
    sums = summary(shown_board, company_id=request.company.pk)
    page = Paginator(shown_board.rows, PER_PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    choices = department_choices(company_id=request.company.pk)
    names = {choice.id: choice.path for choice in choices}
    department_id = shown_board.department_id
    running = period.kind != ALL and period.holds(today)
    compared = [
        {**line._asdict(), "address": _address(shown_board, department=str(line.id))}
        for line in sums.departments
    ]
    return {
        "board": shown_board,
        "head": head(company_id=request.company.pk),
        "period": period,
        "running": running,
        "scorers": sums.scorers,
        "kinds": [
            {
                "label": label,
                "address": _address(shown_board, period=Period.containing(kind, today).text),
                "current": kind == period.kind,
            }
            for kind, label in KINDS
        ],
        "previous": _address(shown_board, period=period.previous().text),
        "next": _address(shown_board, period=period.next().text)
        if period.kind != ALL and period.next().start <= today
        else "",
        "assets": [
            {
                "label": one.name,
                "address": _address(shown_board, asset=code),
                "current": code == shown_board.asset,
            }
            for code, one in assets.items()
        ],
        "asset_name": assets[shown_board.asset].name,
        "department_name": names.get(department_id or 0, _("全部部门")),
        "department_choices": [choice for choice in choices if choice.active],
        "cards": _cards(shown_board, sums, own, running=running),
        "departments": compared,
        "departments_html": departments_html(shown_board, compared, company_id=request.company.pk),
        "page": page,
        "lines": lines(shown_board, rows, reader=reader),
        "rows_html": rows_html(shown_board, rows, reader=reader, company_id=request.company.pk),
        "my_row": lines(shown_board, [own], reader=reader)[0]
        if own is not None and own not in rows
        else None,
        "my_page": _my_page(shown_board, own),
        "import_address": "/people/import/" if may_manage_people(member) else "",
        "export_address": f"/boards/export.xlsx{_address(shown_board)}"
        if may_export_boards(member)
        else "",
    }


def _address(shown_board: Board, **changed: str) -> str:
    """The query of this board with changes; what is usual is left out."""
    query = {
        "period": shown_board.period.text,
        "asset": shown_board.asset if shown_board.asset != HONOUR else "",
        "department": str(shown_board.department_id or ""),
    } | changed
    if query["asset"] == HONOUR:
        query["asset"] = ""
    return "?" + urlencode({name: value for name, value in query.items() if value})


def _my_page(shown_board: Board, own: BoardRow | None) -> str:
    if own is None:
        return ""
    number = shown_board.rows.index(own) // PER_PAGE + 1
    return f"{_address(shown_board, page=str(number))}#me"


def _total_note(sums: Summary, *, running: bool) -> str:
    """The period before: its sum while this one still runs, the difference afterwards."""
    if running:
        return _("上期共 %(points)s") % {"points": shown(sums.previous_total)}
    return _("比上期 %(points)s") % {"points": signed(sums.total - sums.previous_total)}


def _cards(
    shown_board: Board, sums: Summary, own: BoardRow | None, *, running: bool
) -> list[Mapping[str, Any]]:
    cards: list[Mapping[str, Any]] = [
        {
            "icon": "coins",
            "label": _("积分合计"),
            "value": shown(sums.total),
            "note": _total_note(sums, running=running) if shown_board.previous else "",
            "note_tone": "" if running else tone(sums.total - sums.previous_total),
        },
        {
            "icon": "users",
            "label": _("得分人数"),
            "value": f"{shown(sums.scorers)} / {shown(sums.people)}",
            "note": _("占 %(percent)s%%") % {"percent": sums.scorers * 100 // (sums.people or 1)},
        },
        {
            "icon": "scale",
            "label": _("人均"),
            "value": shown(sums.average),
            "note": _("最高 %(points)s") % {"points": shown(sums.top)},
        },
    ]
    if own is not None and not sums.scorers:
        cards.append(
            {"icon": "medal", "label": _("我的名次"), "value": "—", "note": _("还没有人得分")}
        )
    elif own is not None:
        moved = own.rank_change or 0
        note = gap_note(shown_board, own)
        cards.append(
            {
                "icon": "medal",
                "label": _("我的名次"),
                "value": _("第 %(rank)s 名") % {"rank": own.rank},
                "note": f"↑{moved} · {note}" if moved > 0 else note,
            }
        )
    else:
        cards.append(
            {
                "icon": "crown",
                "label": _("第一名"),
                "value": sums.top_name or "—",
                "note": period_name(shown_board.period),
            }
        )
    return cards
