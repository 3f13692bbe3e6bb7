"""Numbers, days, units and windows as people read them, for traces and sentences.

Every template is marked with ``gettext_noop``, so that extraction finds it; a translator given by
the caller turns it into the reader's language. Without one the Chinese source text stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Protocol

from meritbook.kit.periods import Period
from meritbook.kit.points import points_text
from meritbook.rules.attributes import clean
from meritbook.rules.checks import deadline_gates
from meritbook.rules.spec import SCALE, RuleSpec, Window
from meritbook.rules.timewords import without_times

Translator = Callable[[str], str]


class AssetWords(Protocol):
    """What the company calls an asset, and how many decimals its minor units have."""

    @property
    def name(self) -> str: ...
    @property
    def scale(self) -> int: ...


def gettext_noop(message: str) -> str:
    """Marks a template for extraction and leaves it as it is."""
    return message


_ = gettext_noop

MONTHS = (
    _("1月"),
    _("2月"),
    _("3月"),
    _("4月"),
    _("5月"),
    _("6月"),
    _("7月"),
    _("8月"),
    _("9月"),
    _("10月"),
    _("11月"),
    _("12月"),
)
DAY = _("%(month)s%(day)d日")
DAY_OF_YEAR = _("%(year)d年%(month)s%(day)d日")
SPAN = _("%(first)s至%(last)s")
DAY_NUMBER = _("%(day)d日")
QUARTER = _("%(year)d年第%(number)d季度")
HALF_YEAR_1 = _("%(year)d年上半年")
HALF_YEAR_2 = _("%(year)d年下半年")
YEAR = _("%(year)d年")
ALL_TIME = _("全部时间")
MOMENT = _("%(day)s %(time)s")
POINTS = _("%(points)s 分")
YUAN = _("元")
LIST_SIGN = _("、")
TIMES = _("次")
EACH_TIME = _("每次")
SUBJECT_OF_TIERS = {"元": _("业绩"), "%": _("完成率"), "": _("完成数量")}
DONE_AS_ASKED = _("按要求完成%(subject)s")

EVERY = {
    "day": _("每天"),
    "week": _("每周"),
    "month": _("每月"),
    "quarter": _("每季度"),
    "half_year": _("每半年"),
    "year": _("每年"),
    "all": _("始终"),
}
PER = {
    "day": _("天"),
    "week": _("周"),
    "month": _("月"),
    "quarter": _("季度"),
    "half_year": _("半年"),
    "year": _("年"),
}
WEEKDAYS = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))

MARK = "分"
"""The unit of a rule over the marks of a test or a survey."""

_PERIOD_UNITS = frozenset(("天", "日", "周", "星期", "月", "季", "季度", "半年", "年"))
_NO_DAY = r"(?![一二三四五六日天末](?![次篇份条家名趟遍起定直]|个(?!别)))"
_PERIOD = re.compile(
    rf"^(每[天日]|每个?工作日|每个?(?:周|星期|礼拜){_NO_DAY}"
    r"|每个?月(?![底末初中])|每个?季度?(?![底末初])|每半年(?![底末])|每年|月度"
    r"|(?:月度?|季度?)(?=结束|终了))"
)
_TIMED = re.compile(r"^每个?[天日月年]\s*\d+\s*[点:时日号月]")
_FRAME = re.compile(
    r"^(?:每(?!旬|个?[天日月年]\s*\d|[两双半\d]+\s*个?(?:周|月|天|年|季|星期)))?(按要求|按标准)?(完成)?"
)
_TRAILING = re.compile(
    r"[,、;:\s]*((?:每人)?(?:每[天日周月季年次]度?|单次)?(?:累计)?(?:最多|最高|至多|上限|封顶|不超过)(?:为|加|扣|得)?\s*\d+\s*[分次]"
    r"|(?<=[,、;])每个?[天日周月季年]度?[一1]次|每个按比例|按轻重程度|每次(?:扣|加)?(?:\s*\d+\s*分)?|每(?:条|个|张订单|张)"
    r"|(?:加|得|扣|获得|可加|满分)\s*-?\d+\s*(?:积?分)|额外奖励|每延[迟误]\s*1?\s*天|[+-]?\d+\s*分)[,。;\s]*$"
)
_LIMIT = re.compile(r"^超过\s*\d+\s*分钟")
_LADDER = re.compile(
    r"[,、;:\s(]*(?:分别|每?超过|超额|完成|达到|达成|实现|突破|大于|高于|不低于|不少于|满|达|≥|>=?|\s)*\d.*$"
)
_SAYS_HOW = re.compile(
    r"^(按|及时|负责|完成|提交|准时|交(?!通|流|易|期)|上交|上报|报送|汇报|发(?!票|货单)|写|填|到岗|打卡|打扫|清理|清扫|整理|检查|巡|参加"
    r"|召开|开(?!票)|录入|更新|核对|备份|制定|编制|公布|发布|组织|跟进|回访|拜访|盘点|值班|做|保持)|,|达标$|提交|完成|召开"
)
_WEEK_SPAN = re.compile(
    r"^每?((?:周|星期|礼拜)[一二三四五六日](?:至|到|-|~)(?:周|星期|礼拜)?[一二三四五六日天])的?(?:每天)?"
)
_EVERY_INSIDE = {
    "day": re.compile(r"(?<=.)每[天日](?!\s*\d)"),
    "week": re.compile(r"(?<=.)每(?:周|星期)(?![一二三四五六日天末\d]|\s*\d)"),
    "month": re.compile(r"(?<=.)每个?月(?!\s*\d|[底末初中])"),
    "quarter": re.compile(r"(?<=.)每个?季度(?!\s*\d|[底末初])"),
}
_NOTHING = re.compile(r"(?!)")
_VERB_LAST = re.compile(
    r"^((?!按|及时|准时|认真|如期)[^,、;]{2,8}?)(?:必?须|应当?|需要?|要|于|在)*(提交|完成|上报)$"
)
_REACHED = re.compile(r"(?<=.)(?:达到?|满|超过|突破|不低于|不少于)$")
_COUNTED = re.compile(
    r"\(1 ?[个张条家单次]\)|每?\s*\d+\s*(?:[个张条家单次千万]|%)+(?!工作日|自然日|月|星期|季度|小时)\s*"
)
_COUNTING = frozenset({"S1", "S3", "S4", "S5", "S9", "S10"})
_NOUN_LENGTH = 8
_COMMA = re.compile(r"(?<=[^\d\s]),\s*(?=\D)")


def number_text(number: Decimal) -> str:
    """A number with thousands marked and without idle zeros: 5600.00 → 5,600."""
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def plain_points(minor: int) -> str:
    """Points with thousands marked: 80000 → 800, 200000 → 2,000."""
    text = points_text(minor, SCALE)
    whole, point, part = text.partition(".")
    return f"{int(whole):,d}{point}{part}" if whole != "-0" else text


def points(minor: int, tr: Translator) -> str:
    """``250 分``."""
    return tr(POINTS) % {"points": plain_points(minor)}


def unit_of(spec: RuleSpec, tr: Translator) -> str:
    """What a rule's measure is counted in: 元 for money, % for a percentage, else its own unit."""
    if spec.money:
        return tr(YUAN)
    unit = clean(spec.unit).rpartition("/")[2].strip()
    if spec.percent_target:
        return unit if unit == MARK else "%"
    if unit in _PERIOD_UNITS or unit in ("", "分", "积分"):
        return tr(TIMES) if spec.shape in ("S1", "S10") else ""
    return unit


def measured(number: Decimal, spec: RuleSpec, tr: Translator) -> str:
    """A measure with its unit: ``5,600 元``, ``13 个``, ``98%``."""
    unit = unit_of(spec, tr)
    return f"{number_text(number)}{'' if unit in ('', '%') else ' '}{unit}"


def day_text(day: date, tr: Translator) -> str:
    """``11月12日``."""
    return tr(DAY) % {"month": tr(MONTHS[day.month - 1]), "day": day.day}


def moment_text(moment: datetime, tr: Translator, *, beside: date | None = None) -> str:
    """A day with its time; the time alone beside another moment of the same day; the day alone for
    the end of a day."""
    if moment.time() == time.max:
        return day_text(moment.date(), tr)
    clock = moment.strftime("%H:%M:%S" if moment.second else "%H:%M")
    if beside == moment.date():
        return clock
    return tr(MOMENT) % {"day": day_text(moment.date(), tr), "time": clock}


def window_text(window: Window, tr: Translator) -> str:
    """A window by the name people give it: a day, 11月9日至15日, 11月, 2026年第4季度."""
    start, end = window.starts_on, window.ends_on
    if start == end:
        return day_text(start, tr)
    named = _named_window(start, end, tr)
    if named is not None:
        return named
    if start.year != end.year:
        first, last = (
            tr(DAY_OF_YEAR) % {"year": day.year, "month": tr(MONTHS[day.month - 1]), "day": day.day}
            for day in (start, end)
        )
    elif start.month != end.month:
        first, last = day_text(start, tr), day_text(end, tr)
    else:
        first, last = day_text(start, tr), tr(DAY_NUMBER) % {"day": end.day}
    return tr(SPAN) % {"first": first, "last": last}


def _named_window(start: date, end: date, tr: Translator) -> str | None:
    for kind, template in (
        ("month", MONTHS[start.month - 1]),
        ("quarter", QUARTER),
        ("half_year", HALF_YEAR_1 if start.month == 1 else HALF_YEAR_2),
        ("year", YEAR),
        ("all", ALL_TIME),
    ):
        period = Period.containing(kind, start)
        if (period.start, period.end) == (start, end):
            return tr(template) % {
                "year": start.year,
                "number": (start.month + 2) // 3,
            }
    return None


def subject(spec: RuleSpec, tr: Translator = str) -> str:
    """What is done, from the rule's name or else its standard, without the words that the
    sentence around it says itself (每天, 22 点前, 按要求完成, 每 1 千, 加 2 分)."""
    for text in (spec.name, spec.standard):
        text = _timeless(text, spec)
        text = _LADDER.sub("", clean(text)) if spec.tiers else text
        kept = _FRAME.sub("", _without_frame(text, counted=spec.shape in _COUNTING))
        kept = _LIMIT.sub("", kept) if spec.shape == "S8" else kept
        kept = _REACHED.sub("", kept) if spec.shape in ("S4", "S5") else kept
        if kept:
            return _COMMA.sub("，", kept)
    if spec.tiers:
        unit = unit_of(spec, str)
        return tr(SUBJECT_OF_TIERS.get(unit, SUBJECT_OF_TIERS[""]))
    return tr(LIST_SIGN).join(item.item for item in spec.checklist) or spec.name


def duty(spec: RuleSpec, tr: Translator) -> str:
    """What a rule per period asks, as a clause: 按要求完成工作汇报, 及时提交盘点报表."""
    for text in (spec.name, spec.standard):
        kept = _without_frame(_timeless(text, spec), counted=False)
        if kept:
            kept = _every_inside(spec).sub("", kept)
            kept = _VERB_LAST.sub(r"\2\1", kept)
            says_how = _SAYS_HOW.search(_WEEK_SPAN.sub("", kept)) or len(kept) > _NOUN_LENGTH
            kept = _COMMA.sub("，", kept)
            if days := _WEEK_SPAN.match(kept):
                kept = f"{kept[days.end() :]}（{days[1]}）"
            return kept if says_how else tr(DONE_AS_ASKED) % {"subject": kept}
    return tr(DONE_AS_ASKED) % {"subject": ""}


def _every_inside(spec: RuleSpec) -> re.Pattern[str]:
    """The words for the rule's own period behind the subject: 仓库每月盘点."""
    return _EVERY_INSIDE.get(spec.period or "", _NOTHING)


def _timeless(text: str, spec: RuleSpec) -> str:
    """The text without its deadline where the sentence says the deadline itself."""
    text = clean(text)
    return without_times(text) if deadline_gates(spec) else text


def _without_frame(text: str, *, counted: bool) -> str:
    text = clean(text)
    if not (counted and _TIMED.match(text)):
        text = _PERIOD.sub("", text)
    while (shorter := _TRAILING.sub("", text)) != text:
        text = shorter
    if counted:
        text = _COUNTED.sub("", text)
    return text.strip(",。;: ")
