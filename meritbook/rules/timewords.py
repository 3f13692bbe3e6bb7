"""Words about time in a standard, so that a sentence that says the deadline says it once."""

from __future__ import annotations

import re

_N = r"[\d零一二两三四五六七八九十]{1,3}"
_WEEK = r"(?:周|星期|礼拜)"
_SIGN = r"[一二三四五六日天末底初中1-7]"
_PART = r"(?:凌晨|清晨|早上|早晨|早间|上午|中午|下午(?!茶)|午后|傍晚|晚上|晚间|夜里|夜间|晚(?=\s*\d)|早(?=\s*\d))"
_BEFORE = r"(?:之前|以前|前|截止(?![\d零一二两三四五六七八九十时日到至为是在:])|为止)"
_CLOCK = rf"{_PART}?的?\s*{_N}\s*(?::\d\d|\s*[点时](?:半|[一1三3]刻|\s*{_N}\s*分?|整|钟)?)(?!小时|建议|意见)"
_WORD = r"(?:上午|下午|晚上)?(?:上班|下班|开工|收工|放工|早会|晨会|夕会|午饭|午餐|午休|晚饭|晚餐|打烊|闭店|关店|关门|睡觉?|入睡)"
_END = r"(?:最后\s*[一1]\s*[天日]|[底末初]|终|中(?!旬)|[上中下]旬)"
_THING = r"(?!总结|奖|考核|考评|评|盘|大会|述职|报告|结|决|绩效|例会)"
_TOKENS = (
    rf"(?:每个?|本|当|次|下个?)?{_WEEK}{_SIGN}(?:(?:[、,/~-]|和|及|与|至|到)?每?{_WEEK}?[一二三四五六日天])*(?!起|定|直)",
    rf"(?:每个?|本|当|次|下个?|今)?(?:月度?|季度?|[上下]?半年度?|年度?)的?(?:月|季度?|年)?{_END}{_THING}",
    rf"(?:每个?|次|下个?|当|本)月度?的?\s*(?:前\s*)?{_N}\s*(?:[日号天]?\s*(?:至|到|~|-|、|,|和|及)\s*{_N}\s*)?[日号天](?:之?内|以内)?",
    rf"{_N}\s*[日号](?={_BEFORE}|\s*{_CLOCK}\s*{_BEFORE})",
    rf"(?:次年|明年|\d{{4}}年)?{_N}\s*月份?(?:\s*{_N}\s*[日号]|底|末)",
    rf"{_N}/{_N}(?={_BEFORE})|{_N}\s*月份?(?={_BEFORE})",
    r"每个?(?:工作日|天|日|晚|早|周|星期|礼拜|月度?|季度?|半年度?|年度?)",
    r"次日|第二天|当[天日]|同日|今[天日]",
    rf"(?:最后|倒数第?)\s*{_N}\s*[天日](?:之?内|以内)?|第[一1][天日]|首日",
    rf"最后\s*{_N}?\s*个?工作日(?:之?内|以内)?",
    r"次月|下个?月|当月|本月|每?双周|每?隔周",
    _CLOCK,
    rf"{_WORD}(?={_BEFORE})",
    _PART,
)
_LEAD = r"(?:不晚于|不迟于|最晚|最迟|截止(?:时间|日期)?[到至为是在:]*|截至|赶在|须?在|须?于)"
_PHRASE = (
    rf"(?P<lead>{_LEAD}\s*)?(?:(?:{'|'.join(_TOKENS)})(?:\s|的|{_LEAD})*)++(?P<before>{_BEFORE})?"
)
_FIRST = re.compile(rf"^\s*{_PHRASE}[\s,、:的]*")
_BRACKETED = re.compile(rf"\s*\({_PHRASE}\s*\)")
_INSIDE = re.compile(rf"[\s,]*{_PHRASE}")
_INCLUDED = re.compile(r"\(含[^()]{0,4}\)")
_LEFT_OVER = re.compile(r"^[\s,、;:的]+|[\s,、;:]+$")


def without_times(text: str) -> str:
    """Return a standard without the words that say when: 每周五22点前交周报 → 交周报.

    The text comes with half-width signs. It stays as it is where nothing else would be left.
    """
    kept = _FIRST.sub("", _BRACKETED.sub("", _INCLUDED.sub("", text)))
    kept = _INSIDE.sub(lambda found: "" if found["lead"] or found["before"] else found[0], kept)
    kept = _LEFT_OVER.sub("", kept)
    return kept if len(kept) > 1 else text
