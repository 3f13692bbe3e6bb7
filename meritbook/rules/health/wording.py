"""Findings on what rules say: unlawful and subjective words, a sign that is missing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from meritbook.kit.words import say
from meritbook.rules.health.scheme import (
    HIGH,
    LOW,
    Change,
    Finding,
    Mend,
    Scheme,
    SchemeRule,
    plain,
)
from meritbook.rules.health.subjects import named
from meritbook.rules.tables.amounts import squeezed
from meritbook.rules.tables.doubts import SUBJECTIVE, UNLAWFUL

_MISDEED = re.compile(
    r"迟到|早退|旷工|缺勤|缺卡|漏打卡|投诉|差评|失误|出错|错误|违规|违反|违纪|返修|返工|退货|丢失|损坏|延误"
    r"|未按时|未提交|未完成|未交|不按规定|浪费|事故|脱岗|睡岗"
)
_TURNED = re.compile(
    r"(?:无|零|0|没有?|未发生|未出现|不|杜绝|避免|处理|解决|举报|上报|发现|挽回|降低|减少|防止|纠正|排除|制止)[^,;。]{0,4}$"
)
# What can be seen in place of what is felt. The person who publishes the draft has the last word.
_PLAIN_WORDS = (
    (re.compile(r"领导(?:满意|认为|认可)"), "验收通过"),
    (re.compile(r"态度(?:良好|端正|好|积极)?|积极主动|工作认真"), "当月没有被投诉"),
    (re.compile(r"表现(?:良好|突出|优秀|好)"), "完成当月目标"),
    (re.compile(r"比较好|较好|一般般"), "达到要求"),
    (re.compile(r"酌情|适当"), "按标准"),
    (re.compile(r"负面情绪"), "当众争吵"),
    (re.compile(r"正能量"), "帮助同事"),
)
_MONEY_AFTER = re.compile(r"扣荣誉分\s*\d+(?:\.\d+)?\s*(?:元|块)")
SIGNED = frozenset({"S1", "S3", "S8", "S10"})


def findings(scheme: Scheme) -> Iterator[Finding]:
    for rule in scheme.rules:
        yield from _unlawful(rule)
        yield from _subjective(rule)
        yield from _unsigned(rule)


def _unlawful(rule: SchemeRule) -> Iterator[Finding]:
    found = UNLAWFUL.search(squeezed(rule.text))
    if found is None:
        return
    text = rule.text
    while (match := UNLAWFUL.search(squeezed(text))) is not None:
        text = _replaced(text, UNLAWFUL, match[0], "扣荣誉分")
    text = _MONEY_AFTER.sub("扣荣誉分", text)
    values: dict[str, object] = {"standard": text}
    spec = rule.spec
    if spec.points is not None and spec.points > 0 and spec.shape in SIGNED:
        values["points"] = plain(-spec.points)
    yield Finding(
        "unlawful_wording",
        HIGH,
        (rule,),
        say("“%(rule)s”里写了“%(found)s”", rule=named(rule), found=found[0]),
        say("企业没有罚款权，积分也不能用来扣工资；这样写，员工可以不认，仲裁会败诉"),
        Mend(say("改成扣荣誉分：“%(text)s”", text=text), (Change(rule.rule_id, values),)),
    )


def _subjective(rule: SchemeRule) -> Iterator[Finding]:
    found = SUBJECTIVE.search(squeezed(rule.text))
    if found is None:
        return
    text = rule.text
    while (match := SUBJECTIVE.search(squeezed(text))) is not None:
        word = next((new for seen, new in _PLAIN_WORDS if seen.fullmatch(match[0])), "达到要求")
        text = _replaced(text, SUBJECTIVE, match[0], word)
    yield Finding(
        "subjective_wording",
        LOW,
        (rule,),
        say("“%(rule)s”里的“%(found)s”靠主观判断", rule=named(rule), found=found[0]),
        say("同一件事，换个人评就换个分，得分的和没得分的都不服"),
        Mend(
            say("改成看得见、数得清的说法：“%(text)s”", text=text),
            (Change(rule.rule_id, {"standard": text}),),
        ),
    )


def _replaced(text: str, pattern: re.Pattern[str], found: str, word: str) -> str:
    """``text`` with the place found in its squeezed form said otherwise; squeezed as a whole where
    blanks or full-width signs stand between."""
    if found in text:
        return text.replace(found, word)
    return pattern.sub(word, squeezed(text))


def _unsigned(rule: SchemeRule) -> Iterator[Finding]:
    spec, text = rule.spec, squeezed(rule.text)
    misdeed = _MISDEED.search(text)
    if misdeed is None or _TURNED.search(text[: misdeed.start()]):
        return
    values: dict[str, object]
    if spec.shape == "S9":
        bounds = (spec.points_min or Decimal(0), spec.points_max or Decimal(0))
        if max(bounds) <= 0:
            return
        sizes = sorted(abs(bound) for bound in bounds)
        values = {"points_min": plain(-sizes[1]), "points_max": plain(-sizes[0])}
        shown = f"{plain(-sizes[1])} ~ {plain(-sizes[0])}"
        given = f"{plain(min(bounds))} ~ {plain(max(bounds))}"
    elif spec.shape in SIGNED and spec.points is not None and spec.points > 0:
        # A response within its limit earns: those rules speak of the limit, not of the misdeed.
        values = {"points": plain(-spec.points)}
        shown, given = plain(-spec.points), f"+{plain(spec.points)}"
    else:
        return
    yield Finding(
        "missing_sign",
        HIGH,
        (rule,),
        say(
            "“%(rule)s”说的是“%(misdeed)s”，却写成 %(given)s 分，像是漏了负号",
            rule=named(rule),
            misdeed=misdeed[0],
            given=given,
        ),
        say("照现在的写法，出了差错反而加分"),
        Mend(say("改成 %(points)s 分", points=shown), (Change(rule.rule_id, values),)),
    )
