"""Times of day in the wording of rules: 22 点, 晚上 10 点半, 17:30, 下班, 午饭, 上午."""

from __future__ import annotations

import re
from dataclasses import dataclass

from meritbook.kit.words import told
from meritbook.rules.tables.amounts import arabic
from meritbook.rules.tables.drafts import Question

END_OF_DAY = "24:00"

_MORNING = "凌晨|清晨|早上|早晨|早间|上午|早"
_NOON = "中午|午间|正午"
_AFTERNOON = "下午|午后|傍晚"
_NIGHT = "晚上|晚间|夜里|夜间|夜晚|深夜|半夜|午夜|晚|夜"
_MINUTES = (
    r"(?:(?P<half>半)|(?P<quarter>[一1三3])刻|(?P<minute2>[0-5]?\d)(?:分(?!钟)|(?![\d分]))|整|钟)?"
)
CLOCK = (
    rf"(?P<part>{_MORNING}|{_NOON}|{_AFTERNOON}|{_NIGHT})?的?(?<![\d.:])(?P<hour>\d{{1,2}})"
    rf"(?::(?P<minute>\d{{2}})(?!\d)|[点时](?!间|候|段|长|薪|效|期|建议|意见|要求|内容|心得|任务|改进|不足){_MINUTES})"
)
BEFORE = r"(?:之前|以前|前|截止|为止|止)"

_WORDS = {
    "上班": "09:00", "开工": "09:00", "早会": "09:00", "晨会": "09:00", "早班会": "09:00",
    "开门": "09:00", "开店": "09:00", "午饭": "12:00", "午餐": "12:00", "午休": "12:00",
    "下班": "18:00", "收工": "18:00", "放工": "18:00", "夕会": "18:00", "晚饭": "18:00",
    "晚餐": "18:00", "打烊": "22:00", "闭店": "22:00", "关店": "22:00", "关门": "22:00",
    "睡觉": END_OF_DAY, "入睡": END_OF_DAY, "睡": END_OF_DAY,
}  # fmt: skip
_PARTS = {
    "早上": "09:00", "早晨": "09:00", "清晨": "09:00", "上午": "12:00", "中午": "12:00",
    "下午": "18:00", "傍晚": "18:00", "晚上": END_OF_DAY, "晚间": END_OF_DAY, "夜里": END_OF_DAY,
    "当晚": END_OF_DAY, "每晚": END_OF_DAY,
}  # fmt: skip
_NOT_AFTER = r"(?!之?后|以后|起)"
WORD = rf"(?P<word>{'|'.join(_WORDS)}){_NOT_AFTER}"
PART = rf"(?P<span>{'|'.join(_PARTS)}){_NOT_AFTER}(?!茶)"
TIME = rf"(?:{CLOCK}{_NOT_AFTER}|(?:上午|下午|晚上)?{WORD}|{PART})"

_NUMERALS = "一二三四五六七八九十"
_SPELLED_MINUTES = re.compile(
    rf"(?<=\d[点时])([二三四五]?十[一二三四五六七八九]?)(?![{_NUMERALS}])"
)
_SPELLED_ORDINAL = re.compile(rf"(?<=第)([{_NUMERALS}]+)(?=个|周|天|日|季度|月|星期|工作日)")


@dataclass(frozen=True, slots=True)
class Moment:
    """A time of day "HH:MM"; with a remark or a question where the words leave it open."""

    at: str
    remark: str = ""
    questions: tuple[Question, ...] = ()


def with_digits(text: str) -> str:
    """Write minutes and ordinals of a squeezed text in digits: 8点四十 → 8点40, 第一周 → 第1周."""
    text = _SPELLED_MINUTES.sub(lambda found: str(arabic(found[1])), text)
    return _SPELLED_ORDINAL.sub(lambda found: str(arabic(found[1])), text)


def moment_of(found: re.Match[str], *, said: str = "") -> Moment:
    """Return the time of day that a match of TIME or CLOCK names; `said` is the whole wording."""
    groups = found.groupdict()
    if named := groups.get("word"):
        return _proposed(said or found[0], _WORDS[named])
    if named := groups.get("span"):
        return _proposed(said or found[0], _PARTS[named])
    hour = int(groups["hour"])
    minute = _minute(groups)
    part = groups["part"] or ""
    clock = f"{hour:02d}:{minute:02d}"
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        return _proposed(said or found[0], END_OF_DAY)
    if re.fullmatch(_NIGHT, part) and 1 <= hour <= 4:
        return _proposed(said or found[0], END_OF_DAY)
    if part == "凌晨" and 1 <= hour <= 6:
        return _proposed(said or found[0], END_OF_DAY)
    if hour == 0 or (hour == 12 and re.fullmatch(rf"凌晨|{_NIGHT}", part)):
        # Due at the very beginning of a day would be due before it: midnight is its end.
        if minute:
            return _proposed(said or found[0], END_OF_DAY)
        remark = told("“%(said)s”读作当天 24:00", said=f"{part}{groups['hour']}点")
        return Moment(END_OF_DAY, remark)
    late = re.fullmatch(rf"{_AFTERNOON}|{_NIGHT}", part) and hour < 12
    if late or (re.fullmatch(_NOON, part) and hour < 10):
        return Moment(f"{hour + 12:02d}:{minute:02d}")
    if not part and 1 <= hour <= 6 and not groups["minute"]:
        # Nobody takes orders at half past four in the night.
        clock = f"{hour + 12:02d}:{minute:02d}"
        heard = f"{groups['hour']}点" + ("半" if groups["half"] else "")
        return Moment(clock, told("“%(said)s”读作下午 %(clock)s", said=heard, clock=clock))
    return Moment(clock)


def _minute(groups: dict[str, str | None]) -> int:
    if groups["half"]:
        return 30
    if groups["quarter"]:
        return 45 if groups["quarter"] in "三3" else 15
    return int(groups["minute"] or groups["minute2"] or 0)


def _proposed(text: str, at: str) -> Moment:
    return Moment(at, questions=(no_time(text, told("当天 %(time)s 前算按时", time=at)),))


def no_time(text: str, proposal: str) -> Question:
    """Return the question about words that name no certain time of day."""
    return Question(
        field="deadline", text=told("“%(text)s”没有写几点", text=text), proposal=proposal
    )
