"""Plain text into lines: one standard a line, headings above, several clauses in one line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

from meritbook.kit.problems import Problem
from meritbook.kit.words import told
from meritbook.rules.tables.amounts import AMOUNT, squeezed
from meritbook.rules.tables.cells import Cell, Line
from meritbook.rules.tables.doubts import unlawful
from meritbook.rules.tables.drafts import Finding
from meritbook.rules.tables.provisos import is_proviso
from meritbook.rules.tables.tiers import tiers_of
from meritbook.rules.tables.worths import AWARD, DEDUCT, NO_COUNT, NO_MARK, Worth, worth_of

_NUMBERING = re.compile(
    r"^\s*(?P<number>(?:第?[一二三四五六七八九十百]+(?:[、.．,,]|章|节|条|部分|类)|[((][一二三四五六七八九十\d]+[))]"
    r"|\d{1,3}(?:[、)).．]|\.\s)(?!\d)|[①-⑳]|[-*•·●■◆★▪]\s*(?=[^\d\s])|#+\s|[【\[](?=[^】\]]+[】\]]\s*$)))\s*"
)
_POINTS = re.compile(
    rf"(?P<word>{DEDUCT}|{AWARD})?(?P<sign>[+-])?(?P<number>{AMOUNT})"
    rf"(?:(?:个?积分|分)?(?:至|到|~|-)(?P<sign2>[+-])?(?P<high>{AMOUNT}))?(?P<point>个?积分|分(?![钟之制店公类部支析享配])|个?points?)"
    r"(?P<per>/[^,;。、()\s]{1,8})?",
    re.IGNORECASE,
)
_BARE = re.compile(
    rf"(?:(?P<word>{DEDUCT}|{AWARD})[+-]?|[+-])(?P<number>{AMOUNT})"
    rf"(?:(?:至|到|~)(?P<sign2>[+-])?(?P<high>{AMOUNT}))?(?P<per>/[^,;。、()\s]{{1,8}})?$"
)
_MULTIPLIED = re.compile(
    r"(?:双倍|翻倍|加倍|\d+(?:\.\d+)?倍)(?:积分|计分|奖励)?$|积分(?:翻倍|加倍|双倍)$"
)
_MARKS = " \t::,,;;。.、|—"
_NOT_POINTS_AFTER = re.compile(r"^(?:以上|以下|以内|及以上|及以下|者|为满|满分)")
_CLOCK_BEFORE = re.compile(r"\d[点时]$")  # 22点30分 is a time
_CAP_BEFORE = re.compile(r"(?:封顶|最高|最多|上限|不超过|至多|累计)(?:为|加|扣|得|-)?$")
_CAP_CLAUSE = re.compile(
    rf"(?:每个?[天日周月季年人次笔单]度?|单[次笔]|[日周月年]度?)?(?:累计)?{NO_MARK}(?:封顶|最高|最多|上限|不超过|至多)(?:为|加|扣|得)?-?{AMOUNT}{NO_COUNT}分?"
    rf"|[,;(]{AMOUNT}分封顶"
)
_HEAD = re.compile(r"^[\u4e00-\u9fff、()（）]{2,14}[:\uff1a](?=.)")
_EACH_OF = re.compile(
    r"^(?P<deeds>[\u4e00-\u9fff]{2,8}(?:(?:[、\uff0c,]|和|及|与)[\u4e00-\u9fff]{2,8}?)+)各(?:得|加|记|计|给|奖励?)?(?P<price>扣?[+-]?[\d\uff10-\uff19一二三四五六七八九十百]+\s*(?:积分|分).*)$"
)
_REACHED_BEFORE = re.compile(
    r"(?:评分|得分|打分|考试|成绩|测评|满意度)[^,;]{0,4}(?:达到?|为|≥|>=|>|超过|低于)?$"
)


@dataclass
class TextLines:
    """Lines with their worths, lines that could not be read, and remarks."""

    sheet: str = ""

    lines: list[tuple[Line, Worth]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    heading: Cell = field(default_factory=Cell)
    """The heading that stands last: it may be that of a table below."""
    is_pending: bool = False
    """No line stands below that heading."""


def lines_of_text(
    text: str, *, sheet: str, prose: bool = False, headings: frozenset[int] = frozenset()
) -> TextLines:
    """Split a text into lines with their points; a line without points is a heading or a problem.

    In `prose` (a document) such a line is a finding. `headings` are lines known to be headings.
    """
    out = TextLines(sheet=sheet)
    raw = text.splitlines()
    heading = Cell()
    used = True
    for number, original in enumerate(raw, start=1):
        body = original.strip().strip("\ufeff")
        if not body:
            continue
        numbering = _NUMBERING.match(body)
        content = body[numbering.end() :].strip() if numbering else body
        clauses = _clauses(content)
        if clauses:
            used = True
            for clause in clauses:
                _add(out, clause, sheet=sheet, row=number, heading=heading)
        elif number in headings or _is_heading(
            content, numbered=numbering, following=_following(raw, number)
        ):
            if not used:
                out.findings.append(passed_over(heading, sheet=sheet))
            heading = Cell(text=re.sub(r"[::】\]\s]+$", "", content) or content, anchor=number)
            used = False
        elif prose:
            out.findings.extend(unlawful(content, sheet=sheet, row=number))
            out.findings.append(passed_over(Cell(content, number), sheet=sheet))
        else:
            out.findings.extend(unlawful(content, sheet=sheet, row=number))
            out.problems.append(
                Problem(
                    sheet=sheet,
                    row=number,
                    column="",
                    reason=told("“%(content)s”没有写积分", content=content[:60]),
                    remedy=told("请写进它所限制的那一条标准")
                    if _limits(content)
                    else told("请写上积分，如“迟到-5分”"),
                )
            )
    out.heading, out.is_pending = heading, not used
    if out.is_pending and not prose:
        out.findings.append(passed_over(heading, sheet=sheet))
    return out


def passed_over(cell: Cell, *, sheet: str) -> Finding:
    """Return the finding that a line or row was taken for no rule."""
    return Finding(
        kind="not_a_rule",
        sheet=sheet,
        row=cell.anchor,
        text=told("这一行不是标准，没有计入：“%(text)s”", text=cell.text[:60]),
        mend=told("如是标准，请补上衡量标准和积分"),
    )


def priced_clauses(text: str) -> list[tuple[str, str, Worth]]:
    """Return (deed, points text, worth) of each priced clause of a cell; [] unless all are read."""
    divided = [_divided(clause) for clause in _clauses(text)]
    priced = [(deed, points, worth) for deed, points, worth in divided if worth is not None]
    return priced if len(priced) == len(divided) else []


def prices_in(text: str) -> list[Worth]:
    """Return the worths that a sentence names."""
    found = (worth_of(price[0]) for price in _candidates(squeezed(text)))
    return [worth for worth in found if worth is not None]


def _add(out: TextLines, clause: str, *, sheet: str, row: int, heading: Cell) -> None:
    standard, points, worth = _divided(clause)
    if worth is None:
        out.problems.append(
            Problem(
                sheet=sheet,
                row=row,
                column="",
                reason=told("“%(clause)s”的积分读不懂", clause=clause[:60]),
                remedy=told("请写成“迟到-5分”“每单 10 分”这样的形式"),
            )
        )
        return
    prices = _candidates(squeezed(clause))
    if len(prices) > 1 and not tiers_of(squeezed(clause), points=""):
        out.findings.append(
            Finding(
                kind="several_prices",
                sheet=sheet,
                row=row,
                text=told(
                    "“%(clause)s”写了 %(prices)s 个分值，只按“%(points)s”读",
                    clause=clause[:60],
                    prices=len(prices),
                    points=points,
                ),
                mend=told("拆成几行，一行一个分值"),
            )
        )
    line = Line(
        sheet=sheet, row=row, indicator=heading, standard=standard, points=points, spoken=True
    )
    out.lines.append((line, worth))


def _candidates(text: str) -> list[re.Match[str]]:
    """Return where points stand in a squeezed text; caps and marks of tests are left out."""
    found = [
        match
        for match in _POINTS.finditer(text)
        if not _NOT_POINTS_AFTER.match(text[match.end() :])
        and not _CLOCK_BEFORE.search(text[: match.start()])
        and not _CAP_BEFORE.search(text[: match.start()])
        and not (_REACHED_BEFORE.search(text[: match.start()]) and not match["word"])
    ]
    if not found and (bare := _BARE.search(text) or _MULTIPLIED.search(text)):
        return [bare]
    if len(found) > 1:
        # 满分 100 分 beside another price says the most that can be had.
        found = [m for m in found if m["word"] != "满分"] or found
    return found


def _clauses(content: str) -> list[str]:
    """Split a line into clauses with one price each, verbatim; [] when it names no points."""
    if not _candidates(squeezed(content)):
        return []
    if tiers_of(squeezed(content), points=""):
        return [content]
    spans: list[tuple[int, int]] = []
    begin = 0  # of the clause that is still without a price
    for start, end in _parts(content):
        part = squeezed(content[start:end])
        priced = _candidates(part)
        if priced and spans and begin == start and not _deed(part, priced[-1]):
            # Only a price, no deed of its own: it belongs to the clause before.
            spans[-1] = (spans[-1][0], end)
        elif priced:
            spans.append((begin, end))
        else:
            continue
        begin = end + 1
    if begin < len(content) and spans:
        spans[-1] = (spans[-1][0], len(content))
    clauses = [content[start:end].strip(_MARKS) for start, end in spans]
    if len(clauses) == 1:
        return _each_of(content) or [content]
    return _with_head(clauses)


def _with_head(clauses: list[str]) -> list[str]:
    """Give each price of a list the words before its colon: 职称:初级10分,中级20分."""
    found = _HEAD.match(clauses[0])
    if found is None or any(re.search(r"[:\uff1a]", clause) for clause in clauses[1:]):
        return clauses
    return [clauses[0], *(f"{found[0]}{clause}" for clause in clauses[1:])]


def _each_of(content: str) -> list[str]:
    """Return a line for each thing of 日报、周报各5分; [] for anything else."""
    found = _EACH_OF.match(content.strip())
    if found is None:
        return []
    deeds = [deed.strip() for deed in re.split(r"[、\uff0c,]|和|及|与", found["deeds"])]
    if len(deeds) < 2 or not all(2 <= len(deed) <= 8 for deed in deeds):
        return []
    return [f"{deed}{found['price']}" for deed in deeds]


def _parts(content: str) -> list[tuple[int, int]]:
    """Return the spans between commas, semicolons and stops; a comma within a number is none."""
    marks = [m.start() for m in re.finditer(r"[;\uff1b。\uff0c、]|(?<!\d),|,(?!\d)", content)]
    edges = [-1, *marks, len(content)]
    return [(a + 1, b) for a, b in pairwise(edges) if content[a + 1 : b].strip()]


def _deed(text: str, priced: re.Match[str]) -> str:
    return re.sub(
        r"^(?:每[次个人天周月]|最[高多低少]|封顶|上限|满分|另|则|可|再)+",
        "",
        text[: priced.start()],
    )


def _divided(clause: str) -> tuple[str, str, Worth | None]:
    """Return (standard, points text, worth) of one clause.

    “迟到-5分” is 迟到 with -5分; a sentence such as “每完成一单销售获得10积分” stays whole.
    """
    text = squeezed(clause)
    found = _candidates(text)
    if not found:
        return clause, "", None
    price = found[-1]
    worth = worth_of(price[0])
    if worth is not None and (cap := _CAP_CLAUSE.search(text)):
        worth = worth_of(f"{price[0]},{cap[0].lstrip(',;')}") or worth
    if len(found) > 1 and tiers_of(text, points=""):
        return clause.strip(), "、".join(_spelled(each) for each in found), worth
    word = price["word"] if "word" in price.re.groupindex else None
    rest = text[price.start() :]
    if not word and price.end() == len(text.rstrip(_MARKS)):
        tail_at = _tail(clause, rest)
        standard = clause[:tail_at].strip(_MARKS)
        if tail_at and standard:
            return standard, clause[tail_at:].strip(_MARKS), worth
    return clause.strip(), _spelled(price), worth


def _tail(clause: str, squeezed_tail: str) -> int:
    """Return where the tail begins in the clause as written; 0 when it cannot be told."""
    for start in range(len(clause) - 1, 0, -1):
        if squeezed(clause[start:]) == squeezed_tail:
            return start
    return 0


def _spelled(price: re.Match[str]) -> str:
    """Return the price for the points column: an award without its verb, a deduction with it."""
    word = price["word"] if "word" in price.re.groupindex else None
    if word and re.fullmatch(AWARD, word):
        return price[0][len(word) :]
    return price[0]


def _is_heading(content: str, *, numbered: re.Match[str] | None, following: str) -> bool:
    if content.endswith((":", ":", "】", "]")):
        return len(content) <= 30
    if re.search(r"\d", squeezed(content)) or len(content) > 16:
        return False
    if numbered is None:
        return bool(re.search(r"(?:类|方面|部分|制度|标准|规则|管理|篇)$", content)) and bool(
            _candidates(squeezed(following))
        )
    # “2、着装整洁” between numbered standards is a line without points, not a heading.
    style = _style(numbered["number"])
    next_numbering = _NUMBERING.match(following)
    return bool(following) and (next_numbering is None or _style(next_numbering["number"]) != style)


def _limits(content: str) -> bool:
    """Say whether a line only limits another one: 每位客户每周只算一次, 每月最高50分."""
    text = squeezed(content)
    return is_proviso(text) or bool(_CAP_CLAUSE.fullmatch(text.strip(_MARKS)))


def _style(number: str) -> str:
    return re.sub(r"[一二三四五六七八九十百]+", "一", re.sub(r"\d+", "1", number.strip()))


def _following(raw: list[str], number: int) -> str:
    return next((line.strip() for line in raw[number:] if line.strip()), "")
