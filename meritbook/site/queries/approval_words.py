"""What a case is about, in words: its kind, an icon, and what there is to know of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from meritbook.approvals.models import Case
from meritbook.awards.operations import queued
from meritbook.awards.queries.entries import explain_entries
from meritbook.kit.periods import Period
from meritbook.kit.points import from_minor, points_text
from meritbook.kit.templatetags.kit import period_name
from meritbook.kit.templatetags.kit import points as grouped
from meritbook.ledger.names import asset_name, asset_names
from meritbook.ledger.operations import rates as rate_changes
from meritbook.ledger.operations import worths
from meritbook.ledger.rates import outstanding
from meritbook.ledger.worth import Worth, worth
from meritbook.rules.operations import revisions
from meritbook.rules.queries.revisions import revision_of
from meritbook.rules.queries.texts import change_texts
from meritbook.site.queries.rate_words import rate_effect

RESTS_SHOWN = 5
"""So many gains of a case are told one by one."""
CHANGES_SHOWN = 12
"""So many changes of a revision are told one by one."""


@dataclass(frozen=True, slots=True)
class About:
    """A case in words: what kind it is, an icon, and what there is to know."""

    label: str
    icon: str
    facts: tuple[tuple[str, str], ...] = ()


def kind_of(kind: str) -> About:
    """A kind's name and icon, for lists."""
    match kind:
        case worths.CHANGE:
            return About(_("积分价值"), icon="badge-japanese-yen")
        case queued.REST:
            return About(_("超出上限的积分"), icon="gauge")
        case rate_changes.CHANGE:
            return About(_("兑换比例"), icon="arrow-left-right")
        case revisions.REVISION:
            return About(_("积分方案修订"), icon="file-pen-line")
        case _:
            return About(kind, icon="stamp")


def about(case: Case, *, today: date) -> About:
    """What a case asks for, as its page shows it."""
    kind = kind_of(case.kind)
    match case.kind:
        case worths.CHANGE:
            return replace(kind, facts=_about_worth(case, today=today))
        case queued.REST:
            return replace(kind, facts=_about_rest(case))
        case rate_changes.CHANGE:
            return replace(kind, facts=_about_rate(case, today=today))
        case revisions.REVISION:
            return replace(kind, facts=_about_revision(case, today=today))
        case _:
            return kind


def _about_revision(case: Case, *, today: date) -> tuple[tuple[str, str], ...]:
    found = revision_of(company_id=case.company_id, revision_id=int(case.payload["revision_id"]))
    changes = [
        (each.code, f"{each.before or '–'} → {each.after or _('停用')}")
        for each in change_texts(found, day=today)
    ]
    more = len(changes) - CHANGES_SHOWN
    return (
        (_("方案"), found.scheme.name),
        (_("为什么要改"), found.reason),
        (_("生效日期"), found.effective_on.isoformat()),
        *changes[:CHANGES_SHOWN],
        *([(_("其他"), _("还有 %(n)s 条") % {"n": more})] if more > 0 else []),
        ("SHA-256", found.sha256),
    )


def _about_worth(case: Case, *, today: date) -> tuple[tuple[str, str], ...]:
    asked = case.payload
    scale, code = asked["scale"], asked["asset_code"]
    present = worth(company_id=case.company_id, asset_code=code, on=today)
    return (
        (_("积分类型"), asset_name(code, asset_names(company_id=case.company_id))),
        (_("现在"), _ratio(points=present.points, cents=present.cents, scale=scale)),
        (_("改为"), _ratio(points=asked["points"], cents=asked["cents"], scale=scale)),
        (_("生效日期"), asked["valid_from"]),
        (_("影响"), _liability(case, before=present)),
        (_("原因"), asked["note"] or "–"),
    )


def _liability(case: Case, *, before: Worth) -> str:
    """What people hold, in money before and after."""
    asked = case.payload
    held = outstanding(company_id=case.company_id, code=asked["asset_code"]).amount
    after = Worth(asked["points"], asked["cents"])
    return _("员工手里的 %(points)s 分，折算由 %(before)s 元变为 %(after)s 元") % {
        "points": grouped(from_minor(held, asked["scale"])),
        "before": _money(before.cents_of(held)),
        "after": _money(after.cents_of(held)),
    }


def _money(cents: int) -> str:
    return f"{Decimal(cents) / 100:,.2f}"


def _about_rate(case: Case, *, today: date) -> tuple[tuple[str, str], ...]:
    asked = case.payload
    effect = rate_effect(
        company_id=case.company_id,
        from_code=asked["from_code"],
        to_code=asked["to_code"],
        numerator=asked["numerator"],
        denominator=asked["denominator"],
        today=today,
    )
    return (
        (_("兑换"), f"{effect.source.name} → {effect.target.name}"),
        (_("现在"), effect.before_text),
        (_("改为"), effect.after_text),
        (_("生效日期"), asked["valid_from"]),
        (_("影响"), effect.sentence),
        (_("原因"), asked["note"] or "–"),
    )


def _about_rest(case: Case) -> tuple[tuple[str, str], ...]:
    """The cap, its span, and what earned the points beyond it."""
    asked = case.payload
    span = asked["period"]
    period = Period.containing(
        "all" if span == "life" else span, date.fromisoformat(asked["start"])
    )
    shown = asked["rests"][:RESTS_SHOWN]
    found = explain_entries(
        company_id=case.company_id,
        zone=case.company.time_zone,
        tx_ids=[each["tx_id"] for each in shown],
    )
    facts = [
        (_("上限"), asked["cap"]),
        (_("周期"), period_name(period)),
        *(
            (
                _("%(points)s 分") % {"points": points_text(each["points"])},
                found[each["tx_id"]].sentence if each["tx_id"] in found else "–",
            )
            for each in shown
        ),
    ]
    more = len(asked["rests"]) - len(shown)
    if more:
        facts.append((_("其他"), _("还有 %(n)s 笔") % {"n": more}))
    return tuple(facts)


def _ratio(*, points: int, cents: int, scale: int) -> str:
    return _("%(points)s 积分折合 %(money)s 元") % {
        "points": points_text(points, scale),
        "money": _money(cents),
    }
