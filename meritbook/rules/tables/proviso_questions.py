"""Questions about what a line says beside its price, and about steps from something unnamed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from meritbook.kit.words import gettext_noop, told
from meritbook.rules.tables.amounts import AMOUNT
from meritbook.rules.tables.drafts import Draft
from meritbook.rules.tables.measures import years_in
from meritbook.rules.tables.people import people_in
from meritbook.rules.tables.provisos import provisos_in, rank_in, streak_in
from meritbook.rules.tables.readers import Doubts, Reader
from meritbook.rules.tables.units import COUNTERS

_BEYOND = re.compile(
    rf"(?:每(?:个)?[天日周月季年]度?)?(?:超过|超出|超|达到?|满|不足)?{AMOUNT}(?:元|{COUNTERS})?(?:及?以上|以下|以外|之外|以内|之内)?(?:的)?部分"
    rf"|(?:每(?:个)?[天日周月季年]度?)?(?:超过|达到?|满)?{AMOUNT}(?:元|{COUNTERS})?(?:及?以上|以外|之外|以内)(?=[,;:]?每)"
)
_STEP_FROM = re.compile(
    r"每(?:提高|提升|增长|上升|增加|降低|下降|减少|提前|高|低|升|降|超过?|超出|超额(?:完成)?|少于?|低于|高于|多|差|缺)[^,;。\d()]{0,6}"
    rf"{AMOUNT}(?:个?百分点|%|元|{COUNTERS})?|(?:^|[,;])(?:超|多|少|差|缺)1(?:{COUNTERS})"
)
_STEP_VERB = re.compile(r"每?(?:超|少|低于|高于|低|差|缺|多)|百分点|%")
_BASE = re.compile(
    r"比|较|环比|同比|相对|上[月年季周]|去年|上期|目标|标准|定额|计划|基数|指标|基准|要求"
)


def ask_provisos(reader: Reader, draft: Draft, doubts: Doubts) -> None:
    """Ask about all that the line says beside its price."""
    for each in provisos_in(reader.said):
        if each.kind == "floor" and draft.divisor and f"{draft.divisor:f}" in each.text:
            continue  # 每满3单…不足3单不计 is what whole units are
        field, question, proposal = _QUESTIONS[each.kind]
        doubts.ask(field, told(question, text=each.text), told(proposal))
    if years := years_in(reader.standard):
        if draft.shape == "S3":
            doubts.ask(
                "period",
                told("“%(text)s”是发一次，还是每月都发？", text=years.text),
                told("登记一次算一次，数量填年数"),
            )
        else:
            doubts.ask(
                "years",
                told("“%(text)s”还不能按年数自动计算", text=years.text),
                told("只按写明的分值，不乘年数"),
            )
    for text in _steps(reader, draft):
        doubts.ask(
            "baseline",
            told("“%(text)s”没有写从多少算起", text=text),
            told("事件里填提高、超出或差了多少"),
        )
    if draft.shape in {"S1", "S3"} and (found := _BEYOND.search(reader.standard)):
        doubts.ask(
            "beyond",
            told("“%(text)s”还不能自动分段计算", text=found[0].strip(",;")),
            told("不设起计线，事件里填该计分的那部分"),
        )
    if streak := streak_in(reader.said):
        doubts.ask(
            "streak",
            told("“%(text)s”还不能自动累计", text=streak),
            told("达到时登记一次，得一次"),
        )
    if rank := rank_in(reader.said):
        doubts.ask("rank", told("“%(text)s”还不能自动排名", text=rank), told("登记给谁就计给谁"))
    for who in people_in(reader.said):
        doubts.ask(
            "population",
            told("“%(text)s”：只对这些人计分吗？", text=who),
            told("不限，登记给谁就计给谁"),
        )


def _steps(reader: Reader, draft: Draft) -> Iterator[str]:
    """Yield steps from something that the line does not name: 每提高1个百分点."""
    if draft.shape != "S3":
        return
    found = _STEP_FROM.search(reader.standard)
    if found is None or (
        not _STEP_VERB.match(found[0].lstrip(",;"))
        and "百分点" not in found[0]
        and "%" not in found[0]
    ):
        return
    if _BASE.search(reader.standard):
        return
    yield found[0].strip(",;")


_QUESTIONS = {
    "cooldown": (
        "cooldown",
        gettext_noop("“%(text)s”还不能自动限制间隔"),
        gettext_noop("每次登记都计分，由登记人把关"),
    ),
    "once": (
        "once",
        gettext_noop("“%(text)s”还不能自动限制次数"),
        gettext_noop("每次登记都计分，由登记人把关"),
    ),
    "highest": (
        "once",
        gettext_noop("“%(text)s”还不能自动只取一项"),
        gettext_noop("登记事件时只报最高的那一项"),
    ),
    "sharing": (
        "sharing",
        gettext_noop("“%(text)s”还不能自动分配"),
        gettext_noop("登记给谁，谁得全部分值，不平分"),
    ),
    "floor": (
        "floor",
        gettext_noop("“%(text)s”还不能设起计线"),
        gettext_noop("不设，未达到也按同样的办法计"),
    ),
    "formula": (
        "points",
        gettext_noop("“%(text)s”还不能自动计算"),
        gettext_noop("不计这一部分，只按写明的分值"),
    ),
}
