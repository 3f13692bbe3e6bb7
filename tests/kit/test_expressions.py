"""Expressions that people write: what they mean, what is refused, and that nothing else runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meritbook.kit.expressions import (
    ExpressionWrong,
    Kind,
    Name,
    Row,
    Rows,
    compile_expression,
    rows_of,
    text_of,
)

POSTS = {"客服": 1, "销售": 2, "仓管": 3}


def _read(name: str) -> Any:
    return lambda subject: subject.get(name)


NAMES: Mapping[str, Name] = {
    "数量": Name(Kind.NUMBER, _read("数量")),
    "金额": Name(Kind.NUMBER, _read("金额")),
    "延迟天数": Name(Kind.NUMBER, _read("延迟天数")),
    "对象": Name(Kind.TEXT, _read("对象")),
    "交付日期": Name(Kind.DAY, _read("交付日期")),
    "加急": Name(Kind.YES_NO, _read("加急")),
    "岗位": Name(Kind.MEMBERSHIP, lambda subject: subject.get("岗位", frozenset()), POSTS),
    "金额(元)": Name(Kind.NUMBER, _read("金额")),
}
EVENT = {
    "数量": Decimal(5),
    "金额": Decimal(5600),
    "对象": "广州宏达贸易",
    "交付日期": date(2026, 11, 12),
    "加急": True,
    "岗位": frozenset({1, 3}),
}


def holds(text: str, **changes: Any) -> bool:
    return compile_expression(text, names=NAMES).holds({**EVENT, **changes})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("数量 > 3 且 岗位 = “客服”", True),
        ("数量 > 3 and 岗位 = '销售'", False),
        ("岗位 ≠ “销售”", True),
        ("岗位 在 [“销售”、“仓管”]", True),
        ("岗位 不在 (“销售”, “仓管”)", False),
        ("岗位 是 “客服”", True),
        ("数量 × 2 − 1 ＝ 9", True),
        ("金额 ≥ 0.5万 且 金额 < 1万", True),
        ("3 <= 数量 < 5", False),
        ("非 (数量 = 5 或 加急)", False),
        ("数量 = 4 或 数量 = 5 且 加急", True),
        ("对象 包含 “宏达” 且 对象 不包含 “深圳”", True),
        ("交付日期 >= 2026-11-01", True),
        ("相差天数(交付日期, 2026-11-10) = 2", True),
        ("月份(交付日期) = 11 且 星期几(交付日期) = 4", True),
        ("最大(数量, 金额 ÷ 1000, 3) = 5.6", True),
        ("四舍五入(金额 / 3, 2) = 1866.67", True),
        ("如果(加急, 数量, 0) = 5", True),
        ("{金额(元)} > 100", True),
        ("数量 > 3", True),
        ("开头是(对象, “广州”)", True),
        ("-数量 < 0", True),
        ("加急 = 否", False),
    ],
)
def test_means_what_it_says(text: str, expected: bool) -> None:
    assert holds(text) is expected


def test_decimals_are_exact() -> None:
    assert holds("金额 * 0.1 = 0.03", 金额=Decimal("0.3"))


@pytest.mark.parametrize(
    "text", ["延迟天数 > 3", "延迟天数 ≤ 3", "延迟天数 ≠ 3", "延迟天数 + 1 > 0"]
)
def test_what_is_not_known_holds_for_no_comparison(text: str) -> None:
    assert not holds(text)
    assert holds("未填(延迟天数)")


@pytest.mark.parametrize(
    ("text", "position", "reason", "remedy"),
    [
        ("延迟天书 > 3", 1, "没有“延迟天书”这个字段", "是不是“延迟天数”"),
        ("数量 > 3 且 岗位 = “客户”", 15, "没有叫“客户”的岗位", "是不是“客服”"),
        ("金额 / 0 > 3", 6, "除数是 0", "换"),
        ("金额 / (2 - 2) > 3", 7, "除数是 0", "换"),
        ("数量 > 9999999999999999999", 6, "太长", "多写了 0"),
        ("数量 > 999999999999999 * 999999999999999", 6, "数字过大", "多写了 0"),
        ("数量 > “3”", 1, "不能相比", "引号"),
        ("对象 > “甲”", 1, "不能这样比较", "大小只能比"),
        ("交付日期 > 2026-11-31", 8, "没有 2026-11-31 这一天", "11-30"),
        ("数量 > 3 加急", 8, "“加急”不能写在这里", "且"),
        ("数量 >", 5, "没有写完", "补上"),
        ("(数量 > 3", 8, "缺少“)”", "成对"),
        ("对象 = “宏达", 6, "引号没有成对", "引号"),
        ("数量", 1, "是数字，这里要的是是否", "比较"),
        ("1 < 2", 1, "没有用到任何字段", "字段"),
        ("", 1, "空的", "例如"),
        ("岗位在 [“客服”]", 5, "“[”不能写在这里", "留空格"),
        ("数量且加急", 1, "没有“数量且加急”这个字段", "留空格"),
        ("数量.__class__ = 3", 3, "看不懂“.”", "可以用"),
        ("eval(数量) > 3", 1, "没有“eval”这个函数", "？"),
        ("数量 ** 2 > 3", 5, "“*”不能写在这里", "且"),
        ("绝对值(数量, 3) > 1", 1, "要 1 个值，这里有 2 个", "逗号"),
        ("岗位 在 []", 6, "空的", "例如"),
        ("岗位 > “客服”", 1, "只能和名称相比", "例如"),
        ("加急 在 [数量]", 7, "这里要的是是否", ""),
    ],
)
def test_what_is_wrong_has_a_place_and_a_remedy(
    text: str, position: int, reason: str, remedy: str
) -> None:
    with pytest.raises(ExpressionWrong) as caught:
        compile_expression(text, names=NAMES)
    wrong = caught.value
    assert (wrong.position, reason in wrong.message, remedy in wrong.remedy) == (
        position,
        True,
        True,
    ), wrong.message
    assert f"第 {position} 个字" in wrong.message


def test_too_long_and_too_deep_are_refused() -> None:
    with pytest.raises(ExpressionWrong, match="超过 1000"):
        compile_expression("数量 > 1 且 " * 200 + "数量 > 1", names=NAMES)
    with pytest.raises(ExpressionWrong, match="30 层"):
        compile_expression("(" * 200 + "数量" + ")" * 200 + " > 1", names=NAMES)


def test_definitions_may_use_each_other_but_not_in_a_circle() -> None:
    definitions = {"每单": "总额 / 数量", "总额": "金额 * 2"}
    compiled = compile_expression("每单 > 2000", names=NAMES, definitions=definitions)
    assert compiled.holds(EVENT)
    for circle in ({"甲": "乙 + 1", "乙": "甲 + 1"}, {"甲": "甲 + 1"}):
        with pytest.raises(ExpressionWrong, match="互相引用"):
            compile_expression("甲 > 1", names=NAMES, definitions=circle)
    with pytest.raises(ExpressionWrong, match="“总额”第 4 个字"):
        compile_expression("总额 > 1", names=NAMES, definitions={"总额": "金额*单架"})
    with pytest.raises(ExpressionWrong, match="已经有别的意思"):
        compile_expression("数量 > 1", names=NAMES, definitions={"数量": "金额"})


def test_a_division_by_zero_in_an_event_does_not_hold_and_says_so() -> None:
    compiled = compile_expression("金额 / 数量 > 3 且 加急", names=NAMES)
    subject = {**EVENT, "数量": Decimal(0)}
    assert not compiled.holds(subject)
    (told,) = compiled.tell(subject)
    assert (told.text, told.failure) == ("金额 / 数量 > 3", "除数是 0，无法计算")
    assert told.given == (("金额", Decimal(5600)), ("数量", Decimal(0)))


def test_tells_the_comparisons_that_decided() -> None:
    compiled = compile_expression("数量 > 9 且 金额 > 1 且 (加急 或 延迟天数 > 3)", names=NAMES)
    assert [told.text for told in compiled.tell(EVENT)] == ["数量 > 9"]
    won = compiled.tell({**EVENT, "数量": Decimal(10)})
    assert [told.text for told in won] == ["数量 > 9", "金额 > 1", "加急"]


def test_remembers_which_choices_it_named() -> None:
    compiled = compile_expression("岗位 = “客服” 或 岗位 在 [“仓管”]", names=NAMES)
    assert compiled.chosen == {"岗位": {"客服": 1, "仓管": 3}}
    assert compiled.names == ("岗位",)
    indirect = compile_expression(
        "急 且 岗位 = “客服”", names=NAMES, definitions={"急": "加急 且 岗位 ≠ “销售”"}
    )
    assert indirect.chosen == {"岗位": {"客服": 1, "销售": 2}}
    assert indirect.names == ("急", "加急", "岗位")


ROWS = Rows(
    (
        Row("岗位", "在", "客服、仓管"),
        Row("数量", "≥", "3.5"),
        Row("对象", "包含", "宏达"),
        Row("交付日期", "<", "2026-12-01"),
        Row("延迟天数", "未填"),
        Row("金额(元)", "≠", "-5"),
        Row("加急", "=", "是"),
    )
)


def test_rows_and_text_are_the_same_thing() -> None:
    text = text_of(ROWS)
    assert rows_of(text) == ROWS
    assert compile_expression(text, names=NAMES).holds(EVENT)
    either = Rows(ROWS.rows[:2], any=True)
    assert rows_of(text_of(either)) == either
    assert rows_of("金额 / 数量 > 3") is None
    assert rows_of("数量 > 3 且 (加急 或 岗位 = “客服”)") is None
    assert rows_of("  ") == Rows(())


def test_a_text_that_looks_like_a_number_stays_a_text() -> None:
    text = text_of(Rows((Row("对象", "=", "1001"),)), quoted=frozenset({"对象"}))
    assert holds(text, 对象="1001")
    assert rows_of(text) is None  # bare, it would be a number


@pytest.mark.parametrize("row", [Row("数量", ">", ""), Row("", ">", "3"), Row("数量", "", "3")])
def test_a_row_half_written_is_refused(row: Row) -> None:
    with pytest.raises(ExpressionWrong):
        text_of(Rows((row,)))


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="数量金额对象岗位且或非在 “”()[]+-*/<>=≥3.0万,{}未填", max_size=40))
def test_any_text_either_compiles_or_is_refused_in_words(text: str) -> None:
    try:
        compiled = compile_expression(text, names=NAMES)
    except ExpressionWrong as wrong:
        position, remedy = wrong.position, wrong.remedy
    else:
        assert compiled.holds(EVENT) in (True, False)
        assert all(told.text in text for told in compiled.tell(EVENT))
        return
    assert 1 <= position <= len(text) + 1
    assert remedy


NUMBERS = st.decimals(min_value=-1000, max_value=1000, places=2)


@settings(deadline=None)
@given(NUMBERS, NUMBERS, NUMBERS)
def test_arithmetic_agrees_with_decimals(one: Decimal, two: Decimal, three: Decimal) -> None:
    subject = {"数量": one, "金额": two, "延迟天数": three}
    text = "数量 + 金额 * 延迟天数 > 延迟天数 - (数量 - 金额)"
    assert compile_expression(text, names=NAMES).holds(subject) is (
        one + two * three > three - (one - two)
    )


@settings(deadline=None)
@given(st.lists(st.booleans(), min_size=3, max_size=3))
def test_logic_agrees_with_python(values: list[bool]) -> None:
    names = {name: Name(Kind.YES_NO, _read(name)) for name in "甲乙丙"}
    subject = dict(zip("甲乙丙", values, strict=True))
    one, two, three = values
    compiled = compile_expression("甲 且 非 乙 或 丙 且 (甲 或 乙)", names=names)
    assert compiled.holds(subject) is ((one and not two) or (three and (one or two)))
    told = compiled.tell(subject)
    assert told


@settings(deadline=None)
@given(
    st.lists(
        st.builds(
            Row,
            st.sampled_from(["数量", "金额", "延迟天数"]),
            st.sampled_from(["=", "≠", ">", "≥", "<", "≤"]),
            NUMBERS.map(lambda number: f"{number.normalize():f}"),
        ),
        min_size=1,
        max_size=6,
        unique=True,
    ),
    st.booleans(),
)
def test_rows_survive_the_way_through_text(rows: list[Row], either: bool) -> None:
    given_rows = Rows(tuple(rows), any=either and len(rows) > 1)
    assert rows_of(text_of(given_rows)) == given_rows


def test_enormous_values_of_an_event_are_no_result() -> None:
    assert not holds("金额 * 金额 > 0", 金额=Decimal("1e17"))
