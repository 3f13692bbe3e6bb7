"""What a points cell says: 30 分/天, -50 分/次, 1000 分/万, -50 至 1000, 双倍, 扣5-20分."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from meritbook.rules.tables.amounts import AMOUNT, amount_of, squeezed
from meritbook.rules.tables.units import COUNTERS, counter_of, money_divisor, period_of_unit

DEDUCT = r"扣除|扣减|扣罚|扣|减去|减|罚|负|倒扣|罚款"
AWARD = r"奖励|奖|加|获得|得到|得|给予|给|记|计|获|积|增加|可得|可加|可获|满分"
_POINT = r"(?:个?(?:积分|分|点|points?|pts?))"
_SPAN = r"(?:至|到|~|-{1,2})"
_PER = r"(?:/|每|一)(?P<per>[^/,;()]{1,10})(?:/(?P<per2>人|次|个|名|天|单))?"
_SINGLE = re.compile(
    rf"(?:(?P<lead>每[^\d,;+-]{{1,6}}?|每{AMOUNT}[^\d,;+-]{{1,4}}?):?)?"
    rf"(?P<word>{DEDUCT}|{AWARD})?(?P<sign>[+-])?(?P<number>{AMOUNT}){_POINT}?(?:{_PER})?",
    re.IGNORECASE,
)
_RANGE = re.compile(
    rf"(?:每[^\d,;+-]{{1,4}})?(?P<word>{DEDUCT}|{AWARD})?(?P<sign>[+-])?(?P<low>{AMOUNT}){_POINT}?{_SPAN}"
    rf"(?P<word2>{DEDUCT}|{AWARD})?(?P<sign2>[+-])?(?P<high>{AMOUNT}){_POINT}?(?:{_PER})?",
    re.IGNORECASE,
)
_MULTIPLIER = re.compile(
    r"(?:积分|按|给予|获得|得|享受?)*(?:[x×*](?P<times>\d+(?:\.\d+)?)倍?|(?P<fold>\d+(?:\.\d+)?)倍(?:积分|计分|奖励)?)",
    re.IGNORECASE,
)
NO_COUNT = rf"(?![\d.百千万亿])(?!{COUNTERS}|%|元|天|遍|趟)"
"""Behind a number that is no count of something: 最多 50 分, not 最多 3 次."""
_CAP = re.compile(
    rf"[,;(]?(?P<per>每个?[天日周月季年人次笔单]度?|单[次笔]|[日周月年]度?)?(?:累计)?(?:封顶|最高|最多|上限|不超过|至多|累计不超过)(?:为|加|扣|得)?-?(?P<cap>{AMOUNT}){NO_COUNT}{_POINT}?(?:封顶)?\)?"
    rf"|[,;(](?P<cap2>{AMOUNT}){_POINT}?封顶\)?"
)
_EMPTY = {"", "-", "/", "\\", "无", "暂无", "待定", "n/a", "--", "空"}


@dataclass(frozen=True, slots=True)
class Worth:
    """A points cell in parts. `low` equals `high` unless it is a range.

    `signed` says whether a sign or a word (扣, 加) stood there; `unit` with `divisor` is what is
    counted (money in 元), `period` the period in the unit's place.
    """

    low: Decimal
    high: Decimal
    is_range: bool = False
    signed: bool = False
    odd_signs: bool = False
    unit: str | None = None
    divisor: Decimal | None = None
    period: str | None = None
    cap: Decimal | None = None
    cap_per: str = ""
    """What the cap is for: "event", a kind of period, or "" where nothing is said."""
    multiplier: Decimal | None = None
    note: str = ""


NO_MARK = r"(?<!得分)(?<!评分)(?<!打分)(?<!分数)(?<!成绩)(?<!考试)(?<!意度)"
"""Before 不超过: a mark of a test is compared, nothing is limited."""
_STATED_CAP = re.compile(
    rf"(?P<per>每个?[天日周月季年人次笔单]度?|单[次笔]|[日周月年]度?)?(?:累计)?{NO_MARK}"
    rf"(?:封顶|最高|最多|上限|不超过|至多)(?:为|加|扣|得|计)?-?(?P<cap>{AMOUNT}){NO_COUNT}{_POINT}(?!钟)"
)
_AT_MOST = "最多|至多|上限|仅限|只限|限|不超过|仅|只"
_LIMIT = re.compile(
    rf"[,;(]?(?:每人)?(?:每个?[天日周月季年次笔单]度?|单[次笔]|[日周月年]度?)?(?:累计)?(?:"
    rf"{NO_MARK}(?:封顶|最高|最多|上限|不超过|至多)(?:为|加|扣|得|计)?-?{AMOUNT}{NO_COUNT}{_POINT}(?!钟)"
    rf"|(?:最多|至多|上限|限)(?:为|计|得)?\d+[次回](?!数))(?:封顶)?\)?"
    rf"|[,;(]?(?:每人)?每个?[天日周月季年]度?(?:不超过\d+[次回](?!数)|(?:{_AT_MOST})(?:为|计|得|算|加|记|能|可|扣)*\d+(?:[次回](?!数)|{COUNTERS}))"
    rf"|[,;(]{AMOUNT}{_POINT}封顶\)?"
)
_TIMES = re.compile(
    rf"(?:每人)?(?:每个?(?P<per>[天日周月季年])度?)?(?:{_AT_MOST})(?:为|计|得|算|加|记|能|可|扣)*(?P<times>\d+)(?P<unit>[次回]|{COUNTERS})"
)


@dataclass(frozen=True, slots=True)
class Times:
    """How often something counts: 每天最多3次. `per` is a kind of period, "" where none is said."""

    number: Decimal
    unit: str
    per: str
    text: str


def without_limits(text: str) -> str:
    """Return a squeezed text without what it says of limits, so that they are not read as targets."""
    return _LIMIT.sub("", text) or text


def cap_in(text: str) -> tuple[Decimal, str] | None:
    """Return the cap that a squeezed text states in points, and what it is for; None without one."""
    found = _STATED_CAP.search(text)
    return (amount_of(found["cap"]), _span_of(found["per"] or "")) if found else None


def times_limit_in(text: str) -> Times | None:
    """Return what a squeezed text says of how often something counts: 每天最多3次; None without."""
    found = next((each for each in _TIMES.finditer(text) if _is_limit(each)), None)
    if found is None:
        return None
    per = period_of_unit(found["per"]) if found["per"] else None
    return Times(Decimal(found["times"]), found["unit"], per or "", found[0])


def _is_limit(found: re.Match[str]) -> bool:
    """Say whether the words limit how often: 不超过 3 个 without a period bounds something else."""
    return found["unit"] in {"次", "回"} or bool(found["per"] and "不超过" not in found[0])


def is_blank(text: str) -> bool:
    """Say whether a points cell holds nothing that could be points."""
    return squeezed(text).lower() in _EMPTY


def worth_of(text: str, *, unit_text: str = "", deducts: bool = False) -> Worth | None:
    """Read a points cell; None when it is not points.

    `unit_text` is the cell of a separate column of units; `deducts` says that the column holds
    deductions, so that a bare number is one.
    """
    body = squeezed(text).rstrip(".;,。")
    cap, cap_per = None, ""
    if found := _CAP.search(body):
        rest = body[: found.start()] + body[found.end() :]
        if rest and re.search(r"\d", rest):
            body, cap = rest, amount_of(found["cap"] or found["cap2"])
            cap_per = _span_of(found["per"] or "")
    note = ""
    if (found := re.search(r"\(([^()]*)\)", body)) and found.start() > 0:
        note, body = found[1], body[: found.start()] + body[found.end() :]
    if body in {"双倍", "翻倍", "双倍积分", "加倍", "积分翻倍", "积分加倍", "积分双倍"}:
        body = "2倍"
    if found := _MULTIPLIER.fullmatch(body):
        times = Decimal(found["times"] or found["fold"])
        return Worth(low=Decimal(0), high=Decimal(0), multiplier=times, signed=True)
    if unit_text and not re.search(r"[/每]", body):
        body = f"{body}/{re.sub(r'^(?:积?分)?/', '', squeezed(unit_text))}".rstrip("/分积")
    worth = None
    if found := _RANGE.fullmatch(body):
        worth = _range(found, deducts=deducts)
    elif found := _SINGLE.fullmatch(body):
        worth = _single(found, deducts=deducts, note=note)
    return worth if worth is None or cap is None else replace(worth, cap=cap, cap_per=cap_per)


def _span_of(text: str) -> str:
    """Return what a cap is for: 每月 → month, 每次 → event, 每人 or nothing → ""."""
    bare = re.sub(r"^(?:每个?|单)|度$", "", text)
    return "event" if bare in {"次", "笔", "单"} else period_of_unit(bare) or ""


def _single(found: re.Match[str], *, deducts: bool, note: str) -> Worth | None:
    value = amount_of(found["number"])
    if not _fits(value):
        return None
    negative = _negative(found["word"], found["sign"]) or (deducts and not found["sign"])
    lead = found["lead"][1:] if found["lead"] else ""
    per = _per(found["per"] or lead)
    if per is None:
        return None
    unit, divisor, period = per
    value = -value if negative else value
    return Worth(
        low=value,
        high=value,
        signed=bool(found["word"] or found["sign"] or deducts),
        unit=unit,
        divisor=divisor,
        period=period,
        note=note,
    )


def _range(found: re.Match[str], *, deducts: bool) -> Worth | None:
    first, second = amount_of(found["low"]), amount_of(found["high"])
    if not (_fits(first) and _fits(second)):
        return None
    negative = _negative(found["word"], found["sign"]) or (deducts and not found["sign"])
    second_signed = found["sign2"] or found["word2"]
    second_negative = (
        _negative(found["word2"], found["sign2"])
        if second_signed
        else bool(found["word"]) and negative
    ) or (deducts and not second_signed)
    # "-50 至 1000" has a sign on one side only; "扣5-20" speaks for both.
    odd = negative and not second_negative and not second_signed
    if odd:
        second_negative = True
    first = -first if negative else first
    second = -second if second_negative else second
    per = _per(found["per"])
    if per is None:
        return None
    unit, divisor, period = per
    return Worth(
        low=min(first, second),
        high=max(first, second),
        is_range=True,
        signed=bool(found["word"] or found["sign"] or deducts),
        odd_signs=odd,
        unit=unit,
        divisor=divisor,
        period=period,
    )


def _fits(value: Decimal) -> bool:
    """Say whether points can be kept exactly: below a thousand million, four decimals at most."""
    return value < 1_000_000_000 and value == round(value, 4)


def _negative(word: str | None, sign: str | None) -> bool:
    return sign == "-" or bool(word and re.fullmatch(DEDUCT, word))


def _per(text: str | None) -> tuple[str | None, Decimal | None, str | None] | None:
    """Return (unit, divisor, period) of what stands behind the stroke; None when unreadable."""
    if not text:
        return None, None, None
    text = re.sub(r"^(?:每|一|1(?=[^\d百千万亿.]))|(?:计|算)$", "", text) or text
    if period := period_of_unit(text):
        return None, None, period
    if (money := money_divisor(text)) is not None:
        return "元", money, None
    found = re.fullmatch(r"(.+?)(?:销售额|业绩|回款|单量|销量|营业额|利润|金额)", text)
    if found and (money := money_divisor(found[1])) is not None:
        return "元", money, None
    counted = counter_of(text)
    if counted is None:
        return None
    return counted[1], counted[0], None
