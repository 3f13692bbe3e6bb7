"""What a standard says beside its price: once for each customer, shared by heads, for whom, when again.

No shape of a rule can carry these words yet. They are cut out before the shape is told, so that
they are not read as units or targets, and each becomes a question that names the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from meritbook.rules.tables.amounts import AMOUNT
from meritbook.rules.tables.units import COUNTERS

_SPAN = r"(?:个?工作日|个?小时|分钟|[天日周年]|个?星期|个?月|个?季度?)"
_ROLE = (
    r"(?:组长|队长|班长|主管|负责人|项目经理|主办|主导|主讲|主笔|牵头人|第1(?:作者|负责人)|成员|组员|队员|协办"
    r"|协助(?:人|者)?|参与(?:人|者)?|其他人|其余|店长|双方)"
)
_COUNTS = r"(?:计|计算|算|记|加|加分|计分|奖励?|得|得分|享受|统计|累计|积分|扣分?)"
_PRICED = re.compile(
    rf"{AMOUNT}(?:个?积分|分(?!钟)|个?points?)|[加扣奖得]\d+(?!\d*[个%])|\d倍|双倍|翻倍|加倍"
)
_COOLDOWN = re.compile(
    rf"\d+{_SPAN}(?:之内|以内|内)[^,;。\d]{{0,6}}?(?:不再?|只|仅)(?:可|能|得)?(?:重复)?{_COUNTS}[^,;。()]{{0,4}}"
    rf"|(?:间隔|相隔|至少隔|每隔|隔)(?:至少|不少于|满|超过|不低于)?\d+{_SPAN}[^,;。()]{{0,10}}"
)
_ONCE = re.compile(
    rf"(?:[每同](?!人|[天日周月季年次])1?(?:个|位|名|家|件|单|款|台|项|条|种|类|份)?[^,;。\d()]{{1,8}}?)(?:每个?[天日周月季年]度?|1个?[天日周月年]|当[天日周月年]|[天周月年])?(?:之?内|中)?"
    rf"(?:只|仅|最多|至多|限)(?:能|可|限|给|予)?{_COUNTS}?1次(?:分|积分)?"
    rf"|(?<![天日周月季年度])(?:(?:只|仅限?)(?:能|可|给)?{_COUNTS}1次(?:分|积分)?|(?:仅限|只限|限)1次)"
    rf"|(?:同1?[^,;。\d()]{{1,8}}?)?(?:不|不得|不再|勿)(?:可|能|予)?(?:重复|累计|叠加|累加){_COUNTS}?"
    rf"|重复的?[^,;。\d()]{{0,4}}(?:不计分?|不算|无效)|首次(?:有效|为准|计分)"
)
_HIGHEST = re.compile(
    r"就高不就低|(?:只?取|以|按|仅?计)(?:其中)?(?:的)?最高(?:1?[项档级分次个])?(?:为准|计分?|算|得分)?"
)
_SHARING = re.compile(
    r"按(?:照)?(?:参与)?(?:人头|人数)(?:平均|均摊|均分|分配|平分|分摊|计算|计|分)*|(?:全体|所有|每个)?(?:参与|小组|团队|项目)?(?:人员?|成员)?(?:共同)?(?:平均分配|平均分给|平均到人|平均到每人|平分|均分|均摊|分摊)"
    r"|由[^,;。\d()]{1,10}?(?:自行|内部|自主|统一|协商|按贡献(?:大小)?)?分配|(?:按贡献(?:大小)?|自行|内部)分配|人均分|[五三四二](?:5|7|6|8|五|七|六|八)分成?(?=[,;。]|$)|各(?:得|占|分)?(?:1?半|50%)"
    rf"|{_ROLE}[^,;。\d()]{{0,3}}(?:占|得|分|拿|享)?\d+(?:\.\d+)?%"
)
_STREAK = re.compile(rf"连续(?:满|达到?)?(?:\d+|多|两|数)(?:{_SPAN}|次|届|期)")
_TALLY = re.compile(
    r"首次(?=[^,;。\d]{0,4}(?:迟到|早退|旷工|违反|违规|违纪))|累计(?:达到?|满|超过|有|出现|发生)?[^,;。\d()]{0,6}\d+次(?:及?以上|以内)?|第[\d一二三四五六七八九十]+次(?:及?以上|以上|起|开始|及以后)?|屡教不改|(?<!不)再犯|屡犯|累犯"
)
_RANK = re.compile(r"前\d+名|[前后]\d+%(?:名|的人)?|末位|最后\d*名|排名(?:第\d+|靠前|提升|上升)")
_FORMULA = re.compile(
    r"(?:[,;]?[^,;。()]{0,6})?[x×*](?:权重|系数|比例|比率|完成率|达成率|人数|天数|\d+%)|[^,;。]{0,12}(?<!率)[x×*](?=\d+分|[;,]|$)|按[^,;。\d()]{0,8}的?\d+(?:\.\d+)?%(?:计|加|奖|扣|折|提)[^,;。()]{0,4}"
)
_FLOOR = re.compile(
    rf"[^,;。\d()]{{0,8}}(?:低于|不足|不满|未达到?|未完成|小于|<|少于){AMOUNT}(?:%|元|{COUNTERS})?(?:的|时|以下)?[,:]?(?:不得分|不计分|不加分|不计|无积分|得0分|(?<!\d)0分|为0|不奖励?)"
)
_KINDS = (
    ("cooldown", _COOLDOWN),
    ("once", _ONCE),
    ("highest", _HIGHEST),
    ("sharing", _SHARING),
    ("floor", _FLOOR),
    ("formula", _FORMULA),
)
_FREE = re.compile(r"上不封顶|不封顶|不设上限|无上限|上不限")
_EACH = re.compile(
    r"(?<![的名位个])每1?人(?!次)(?=(?:每个?[天日周月季年次]|各?(?:加|得|奖|扣|获|计|给|记|减)|[+-]?\d|[,;]|$))"
)
_OTHERS = re.compile(
    r"(?:培训|指导|带|推荐|介绍|招聘|招|辅导|邀请|引进|陪同|帮助|接待|服务|面试|教|转化|拉|发展|培养)[^,;。()]{0,8}$"
)


@dataclass(frozen=True, slots=True)
class Proviso:
    """Words beside the price: their kind, and the text that says it."""

    kind: str
    text: str


def provisos_in(text: str) -> list[Proviso]:
    """Return what a squeezed text says beside its price, in a fixed order of kinds."""
    return _taken(text)[0]


def without_provisos(text: str) -> str:
    """Return a squeezed text without such words: empty where it holds nothing else."""
    return _taken(text)[1]


def is_proviso(text: str) -> bool:
    """Say whether a squeezed text is nothing but such words: it belongs to another line."""
    found, rest = _taken(text)
    return bool(found) and len(re.sub(r"[,;。、()\s]", "", rest)) <= 4


def is_uncapped(text: str) -> bool:
    """Say whether a squeezed text says itself that there is no cap."""
    return bool(_FREE.search(text))


def _taken(text: str) -> tuple[list[Proviso], str]:
    found: list[Proviso] = []
    rest = _FREE.sub("", text)
    for kind, pattern in _KINDS:
        while match := pattern.search(rest):
            if not match[0]:
                break
            start, end = _whole(rest, match)
            found.append(Proviso(kind, rest[start:end].strip(",;。()")))
            rest = f"{rest[:start]}{rest[end:]}"
    rest = _per_person(rest)
    rest = re.sub(r"\(\)", "", rest)
    rest = re.sub(r"[,;。]{2,}", ",", rest).strip(",;。")
    return found, rest


def _whole(text: str, match: re.Match[str]) -> tuple[int, int]:
    """Return the span of the clause around a match where that clause names no price of its own."""
    start = max(text.rfind(sign, 0, match.start()) for sign in ",;。(:") + 1
    ends = [at for sign in ",;。)" if (at := text.find(sign, match.end())) >= 0]
    end = min(ends, default=len(text))
    clause = text[start:end]
    outside = text[start : match.start()] + text[match.end() : end]
    if start == 0 or _PRICED.search(clause) or re.search(r"\d", outside):
        return match.span()
    return start, end


def _per_person(text: str) -> str:
    """Cut 每人 where it only says that each earns for himself, not what is counted."""

    def kept(found: re.Match[str]) -> str:
        return found[0] if _OTHERS.search(text[: found.start()]) else ""

    cut = _EACH.sub(kept, text)
    return cut if cut.strip(",;。") else text


def rank_in(text: str) -> str:
    """Return the words of a place among others (前10名), else nothing."""
    found = _RANK.search(text)
    return found[0] if found else ""


def streak_in(text: str) -> str:
    """Return the words of a streak or of a count that adds up (连续3个月, 累计3次), else nothing."""
    found = _STREAK.search(text) or _TALLY.search(text)
    return found[0] if found else ""
