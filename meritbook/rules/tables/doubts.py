"""What can be said of a rule table from its text alone: the first form of the health check."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import groupby

from meritbook.kit.sheets import plain
from meritbook.kit.words import told
from meritbook.rules.tables.amounts import AMOUNT, LONGEST, squeezed
from meritbook.rules.tables.cells import Line
from meritbook.rules.tables.drafts import Draft, Finding, number_text
from meritbook.rules.tables.provisos import is_uncapped
from meritbook.rules.tables.units import COUNTERS

UNLAWFUL = re.compile(
    r"罚款|扣(?:除|发|减|罚)?(?:当月|本月|\d+元)?(?:的)?(?:基本)?(?:工资|奖金|薪资|薪水|提成|底薪|绩效工资)|罚\d+元|现金处罚|经济处罚|赔偿全部|开除|末位淘汰"
)
SUBJECTIVE = re.compile(
    r"态度(?:良好|端正|好|积极)?|表现(?:良好|突出|优秀|好)|领导(?:满意|认为|认可)|积极主动|工作认真|较好|比较好|一般般|酌情|适当|负面情绪|正能量"
)
_PLACEHOLDER = re.compile(r"[*×xX#]{1,3}类|[××]{2,}|\*\*+|_{2,}|某某|(?<![A-Za-z])X{2,}")
_SLIP = re.compile(r"合同外尾款|[\u4e00-\u9fff]——[\u4e00-\u9fff]{1,2}$")
_BOUND_FIRST = re.compile(
    rf"(?:超过|达到?|满|不足|低于|大于|小于|≥|≤|>=?|<=?)*{AMOUNT}(?:至|到|~|-|%|元|{COUNTERS}|以上|以下|天|得|扣|加)"
)
_GRADE = re.compile(
    r"(?:小学|初中|高中|中专|大专|专科|本科|学士|硕士|研究生|博士|优秀|优|良好?|中等|合格|及格|一般|较?差"
    r"|[特一二三四\dABCDS]等奖?|\d?级|[初中高]级(?:职称|工)?|[国省市县区]级|[金银铜]奖|[冠亚季]军|第\d名)(?:以上|学历|及以上)?"
    r"(?=\d|得|奖|加|扣|$)"
)
SAME_THINGS = (
    ("销售金额", re.compile(r"单量|销售额|业绩|营业额|成交额|出单")),
    ("客户转介绍", re.compile(r"转介绍")),
    ("回访客户", re.compile(r"回访")),
    ("新客户", re.compile(r"(?:开发|获得|新增)[^,;]{0,6}(?:新|潜在)客户")),
)


def findings_on(drafts: Sequence[Draft], lines: Sequence[Line]) -> list[Finding]:
    """Return what is certain from the texts: wording, caps, prices, weights."""
    found: list[Finding] = []
    for draft in drafts:
        found.extend(
            replace(each, part=draft.part) for each in (*_wording(draft), *_uncapped(draft))
        )
    found.extend(_ladders(drafts))
    found.extend(_prices(drafts))
    found.extend(_weights(lines))
    return found


def unlawful(text: str, *, sheet: str, row: int) -> list[Finding]:
    """Return a finding where a text speaks of fines or of cutting pay."""
    found = UNLAWFUL.search(squeezed(text))
    if found is None:
        return []
    reason = told("“%(found)s”违法或有争议：积分制度不能罚款、扣工资", found=found[0])
    return [Finding("unlawful_wording", sheet, row, reason, told("改成扣荣誉分"))]


def _wording(draft: Draft) -> Iterator[Finding]:
    text = squeezed(f"{draft.standard};{draft.points_text}")
    yield from unlawful(text, sheet=draft.sheet, row=draft.row)
    if found := SUBJECTIVE.search(text):
        yield Finding(
            "subjective_wording",
            draft.sheet,
            draft.row,
            told("“%(found)s”靠主观判断", found=found[0]),
            told("写成看得见、数得清的行为"),
        )
    if draft.shape == "S1" and re.fullmatch(r"旷工|缺勤", squeezed(draft.standard)):
        yield Finding(
            "unit_unstated",
            draft.sheet,
            draft.row,
            told("“%(standard)s”没写按次还是按天，按次计", standard=draft.standard),
            told("按天计时写成“-50 分/天”"),
        )
    if found := _SLIP.search(plain(draft.standard[:LONGEST])):
        yield Finding(
            "likely_slip",
            draft.sheet,
            draft.row,
            told("“%(found)s”像是笔误或分页残留", found=found[0]),
            told("核对原文"),
        )
    whole = plain(f"{draft.process};{draft.result};{draft.standard}"[: 3 * LONGEST]).replace(
        " ", ""
    )
    if found := _PLACEHOLDER.search(whole):
        yield Finding(
            "placeholder",
            draft.sheet,
            draft.row,
            told("“%(found)s”还没填写具体内容", found=found[0]),
            told("补上具体名称"),
        )


def _uncapped(draft: Draft) -> Iterator[Finding]:
    points = draft.points or Decimal(0)
    if is_uncapped(squeezed(draft.standard)):
        return
    if draft.shape == "S3" and points > 0 and draft.cap is None:
        text = told("“%(standard)s”按量计分，没有封顶", standard=draft.standard)
        if draft.target is not None:
            text = told(
                "“%(standard)s”按量计分，没有封顶；目标 %(target)s 只用作进度",
                standard=draft.standard,
                target=number_text(draft.target),
            )
        yield Finding("no_cap", draft.sheet, draft.row, text, told("需要时设每人每月上限"))
    if draft.shape == "S7" and points < 0 and draft.cap is None:
        yield Finding(
            "no_floor",
            draft.sheet,
            draft.row,
            told("“%(standard)s”没有扣分下限", standard=draft.standard),
            told("需要时设最多扣多少"),
        )


def _ladders(drafts: Sequence[Draft]) -> Iterator[Finding]:
    """Name lines that look like steps of one thing but were read as rules of their own."""
    for (sheet, row), group in groupby(drafts, key=lambda draft: (draft.sheet, draft.row)):
        steps = list(group)
        if len(steps) < 2:
            continue
        names = [squeezed(draft.standard).rpartition(":")[2] for draft in steps]
        listed = "、".join(draft.standard for draft in steps)[:80]
        if any(_BOUND_FIRST.match(name) for name in names[1:]):
            yield Finding(
                "tiers_unclear",
                sheet,
                row,
                told(
                    "“%(listed)s”像是分档，读不成一组，每档各按一条标准读，可能同时得分",
                    listed=listed,
                ),
                told("写成“月业绩达到 10 万得 100 分，20 万得 300 分”，一行只写一组分档"),
            )
        elif all(_GRADE.search(name) for name in names):
            yield Finding(
                "choice_list",
                sheet,
                row,
                told(
                    "“%(listed)s”像是同一项的几档，每档各按一条标准读，不限制只取一档",
                    listed=listed,
                ),
                told("登记事件时只报符合的那一档"),
            )


def _prices(drafts: Sequence[Draft]) -> Iterator[Finding]:
    """Compare what the same thing earns in different places, per 元 or per unit."""
    for name, pattern in SAME_THINGS:
        priced: list[tuple[Decimal, Draft]] = []
        for draft in drafts:
            if draft.shape != "S3" or not draft.points or draft.points <= 0 or not draft.divisor:
                continue
            if not pattern.search(squeezed(draft.standard)):
                continue
            if (draft.unit == "元") != (name == "销售金额"):
                continue
            priced.append((draft.points / draft.divisor, draft))
        for price, draft in priced[1:]:
            first_price, first = priced[0]
            if price != first_price:
                yield Finding(
                    "priced_differently",
                    draft.sheet,
                    draft.row,
                    told(
                        "%(name)s定价不同：“%(standard)s”%(points)s，“%(first)s”（%(sheet)s 第 %(row)s 行）%(first_points)s",
                        name=name,
                        standard=draft.standard,
                        points=draft.points_text,
                        first=first.standard,
                        sheet=first.sheet,
                        row=first.row,
                        first_points=first.points_text,
                    ),
                    told("统一定价，或写明为什么不同"),
                    part=draft.part,
                )


def _weights(lines: Sequence[Line]) -> Iterator[Finding]:
    """Name indicators whose weights do not add up to 100; a merged weight counts once."""
    groups: list[list[Line]] = []
    for line in lines:
        key = (line.sheet, line.indicator.text)
        if groups and (groups[-1][0].sheet, groups[-1][0].indicator.text) == key:
            groups[-1].append(line)
        else:
            groups.append([line])
    off: list[tuple[list[Line], Decimal]] = []
    for group in groups:
        sums = _possible_sums(group)
        if sums and Decimal(100) not in sums:
            off.append((group, min(sums)))
    used: set[int] = set()
    for start in range(len(off)):
        if start in used:
            continue
        run = _run_to_hundred(off, start)
        if run:
            used.update(run)
            names = "、".join(off[index][0][0].indicator.text for index in run)
            first = off[start][0][0]
            yield Finding(
                "weights_together",
                first.sheet,
                first.row,
                told("%(names)s的权重合起来才是 100%%", names=names),
                told("合成一个指标，或各自写满 100%"),
            )
            continue
        group, total = off[start]
        yield Finding(
            "weights_not_100",
            group[0].sheet,
            group[0].row,
            told(
                "“%(indicator)s”的权重合计 %(total)s%%",
                indicator=group[0].indicator.text or group[0].sheet,
                total=number_text(total),
            ),
            told("调整到 100%"),
        )


def _possible_sums(group: Sequence[Line]) -> set[Decimal]:
    """Sums by real cells, by process and by result: repeated values may be one merged cell."""
    weighted = [line for line in group if line.weight_percent is not None]
    sums: set[Decimal] = set()
    for cells in (
        {str(line.weight.anchor): line.weight_percent or Decimal(0) for line in weighted},
        {f"{x.process.text}/{x.weight.text}": x.weight_percent or Decimal(0) for x in weighted},
        {f"{x.result.text}/{x.weight.text}": x.weight_percent or Decimal(0) for x in weighted},
    ):
        if cells:
            sums.add(sum(cells.values(), Decimal(0)))
    return sums


def _run_to_hundred(off: Sequence[tuple[list[Line], Decimal]], start: int) -> list[int]:
    """Return neighbours on one sheet from `start` on whose weights make 100 together, else []."""
    total = Decimal(0)
    run: list[int] = []
    for index in range(start, len(off)):
        if off[index][0][0].sheet != off[start][0][0].sheet:
            break
        run.append(index)
        total += off[index][1]
        if total == 100 and len(run) > 1:
            return run
    return []
