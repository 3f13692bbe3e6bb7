"""Chinese names as pinyin and initials, for sorting and search."""

from functools import lru_cache
from typing import NamedTuple

# Surnames whose reading differs from the commonest reading of the character.
_SURNAMES = {
    "尉迟": "yuchi",
    "万俟": "moqi",
    "单于": "chanyu",
    "澹台": "tantai",
    "单": "shan",
    "曾": "zeng",
    "解": "xie",
    "仇": "qiu",
    "任": "ren",
    "查": "zha",
    "区": "ou",
    "朴": "piao",
    "翟": "zhai",
    "冼": "xian",
    "盖": "ge",
    "乐": "yue",
    "缪": "miao",
    "覃": "qin",
    "华": "hua",
    "宁": "ning",
    "召": "shao",
    "折": "she",
    "黑": "he",
    "员": "yun",
    "种": "chong",
    "重": "chong",
    "隗": "wei",
    "秘": "bi",
    "谌": "chen",
    "晁": "chao",
    "洗": "xian",
    "尹": "yin",
}


class Reading(NamedTuple):
    """``pinyin`` without tones or blanks ("lilei"), and its initials ("ll")."""

    pinyin: str
    initials: str


@lru_cache(maxsize=50_000)
def reading(name: str) -> Reading:
    """How a name is read; Latin letters stay as they are, in lower case."""
    from pypinyin import lazy_pinyin  # noqa: PLC0415 -- its tables take a third of a second

    syllables: list[str] = []
    rest = name.strip()
    for surname, sound in _SURNAMES.items():
        if rest.startswith(surname):
            syllables.append(sound)
            # A double surname has two initials; its second syllable begins after two letters.
            if len(surname) == 2:
                first, second = lazy_pinyin(surname)
                syllables[-1:] = [sound[: len(sound) - len(second)] or first, second]
            rest = rest[len(surname) :]
            break
    syllables += lazy_pinyin(rest) if rest else []
    words = [word for part in syllables for word in part.lower().split()]
    letters = ["".join(sign for sign in word if sign.isalnum()) for word in words]
    letters = [word for word in letters if word]
    return Reading(
        pinyin="".join(letters)[:240], initials="".join(word[0] for word in letters)[:60]
    )
