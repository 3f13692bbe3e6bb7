"""When something has to be done: what a company writes, the deadline it means, what it leaves open."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from meritbook.kit.sheets import Sheet
from meritbook.rules.deadlines import due_finder
from meritbook.rules.tables import read_tables, read_text
from tests.rules.tables.test_wordings import HEADINGS, cell, said

Meaning = Mapping[str, object] | None
"""A deadline as JSON; None where no kind of deadline can express the words."""


def at(time: str) -> Meaning:
    return {"kind": "time_of_day", "time": time}


def weekday(number: int, time: str = "24:00") -> Meaning:
    return {"kind": "weekday", "weekday": number, "time": time}


def day(number: int, time: str = "") -> Meaning:
    return {"kind": "day_of_month", "day": number} | ({"time": time} if time else {})


def last(time: str = "") -> Meaning:
    return {"kind": "last_day"} | ({"time": time} if time else {})


def date(month: int, number: int) -> Meaning:
    return {"kind": "date", "month": month, "day": number}


NEXT_FIRST: Meaning = {"kind": "first_day_of_next"}

CLEAR = [
    # a time of day
    ("每天22点前提交日报5分", "day", at("22:00")),
    ("每天２２点前提交日报５分", "day", at("22:00")),
    ("每天二十二点前提交日报5分", "day", at("22:00")),
    ("每天晚上10点前提交日报5分", "day", at("22:00")),
    ("每天晚10点前提交日报5分", "day", at("22:00")),
    ("每天22时前交日报5分", "day", at("22:00")),
    ("每天22：30前交日报5分", "day", at("22:30")),
    ("每天22点30分前交日报5分", "day", at("22:30")),
    ("每天22点半前交日报5分", "day", at("22:30")),
    ("每天八点一刻前到岗2分", "day", at("08:15")),
    ("每天8点四十前到岗2分", "day", at("08:40")),
    ("每天8:30到岗2分", "day", at("08:30")),
    ("每天22点交日报5分", "day", at("22:00")),
    ("每天不晚于22点交日报5分", "day", at("22:00")),
    ("每天截止22点交日报5分", "day", at("22:00")),
    ("每天最晚20点提交日报5分", "day", at("20:00")),
    ("每天下午6点前提交日报5分", "day", at("18:00")),
    ("每天中午12点半前交午报5分", "day", at("12:30")),
    ("每天晚上12点前提交日报5分", "day", at("24:00")),
    ("每天零点前提交日报5分", "day", at("24:00")),
    ("日报须在22点前提交5分", "day", at("22:00")),
    ("日报(每天22点前)5分", "day", at("22:00")),
    ("当日提交日报5分", "day", at("24:00")),
    # a day of the week
    ("每周五22点前交周报5分", "week", weekday(5, "22:00")),
    ("每周一早上9点前提交周计划5分", "week", weekday(1, "09:00")),
    ("每星期一上午九点前提交周计划5分", "week", weekday(1, "09:00")),
    ("每周5 18点前交周报5分", "week", weekday(5, "18:00")),
    ("每周五晚8点前提交周报5分", "week", weekday(5, "20:00")),
    ("本周五18:00前提交周报10分", "week", weekday(5, "18:00")),
    ("周报,每周五22点前提交5分", "week", weekday(5, "22:00")),
    # a day of the month
    ("每月5日前提交报表 10分", "month", day(5)),
    ("每月十五日提交报表10分", "month", day(15)),
    ("每月15号之前提交报表10分", "month", day(15)),
    ("每月25日18点前提交报表10分", "month", day(25, "18:00")),
    ("每月1日至5日提交报表10分", "month", day(5)),
    ("每月1-5日提交报表10分", "month", day(5)),
    ("每月前5天提交报表10分", "month", day(5)),
    ("每月上旬提交计划10分", "month", day(10)),
    ("每月31号提交报表10分", "month", day(31)),
    ("次月1日前提交对账单50分", "month", NEXT_FIRST),
    ("次月第一天提交月报10分", "month", NEXT_FIRST),
    # the end of a period
    ("每月最后一天交月报10分", "month", last()),
    ("每月最后一天18点前交月报10分", "month", last("18:00")),
    ("月底前完成盘点100分", "month", last()),
    ("每月月底前完成盘点100分", "month", last()),
    ("每月下旬提交计划10分", "month", last()),
    ("每季度末提交总结20分", "quarter", last()),
    ("季度末前提交季报20分", "quarter", last()),
    ("每半年末提交总结50分", "half_year", last()),
    ("年底前完成年度总结100分", "year", last()),
    # a date
    ("12月31日前完成年度总结100分", "year", date(12, 31)),
    ("十二月三十一日前完成年度总结100分", "year", date(12, 31)),
    ("12/31前完成年度总结100分", "year", date(12, 31)),
    ("3月底前提交年度计划50分", "year", date(3, 31)),
    # no duty of a period: what is done again and again, or reached
    ("早上8点前到岗2分", None, at("08:00")),
    ("每月5日前提交报表10分/次", None, day(5)),
    ("每月25日前完成20个回访得100分 ", "month", day(25)),
]  # fmt: skip
OPEN = [
    # a day without a time, or a time without a clock
    ("每周五提交周报 5分", "week", weekday(5), "每周五"),
    ("每周五交周总结加5分", "week", weekday(5), "每周五"),
    ("每周五前提交周报5分", "week", weekday(5), "每周五前"),
    ("截至每周五提交周报5分", "week", weekday(5), "截至每周五"),
    ("每周五下班前提交周报5分", "week", weekday(5, "18:00"), "下班前"),
    ("每周五晚上提交周报5分", "week", weekday(5), "晚上"),
    ("周末前提交周报5分", "week", weekday(7), "周末前"),
    ("每周末提交周报5分", "week", weekday(7), "每周末"),
    ("每天下班前提交日报5分", "day", at("18:00"), "每天下班前"),
    ("每天上午提交日报5分", "day", at("12:00"), "每天上午"),
    ("每天午餐前交计划5分", "day", at("12:00"), "午餐前"),
    ("每天凌晨2点前提交日报5分", "day", at("24:00"), "凌晨2点前"),
    ("每天25点前交日报5分", "day", at("24:00"), "25点前"),
    ("每月25日下班前提交报表10分", "month", day(25, "18:00"), "下班前"),
    # words for some day
    ("每月月初提交计划10分", "month", day(5), "每月月初"),
    ("月中提交进度10分", "month", day(15), "月中"),
    ("周初提交周计划5分", "week", weekday(1), "周初"),
    ("年初提交年度计划50分", "year", date(1, 31), "年初"),
    ("每月最后一个工作日交月报10分", "month", last(), "最后1个工作日"),
    ("每月最后3天内交月报10分", "month", last(), "最后3天内"),
    ("每周最后一个工作日提交周报5分", "week", weekday(5), "最后1个工作日"),
    # several days
    ("每周三、周五提交简报5分", "week", weekday(5), "每周三、周五"),
    ("每周三、五例会前交计划5分", "week", weekday(5), "每周三、5"),
    ("每周五提交周报5分/次", None, weekday(5), "每周五"),
    ("每月5日和20日提交报表10分", "month", day(20), "每月5日和20日"),
    ("每月5日前、20日前各提交一次报表10分", "month", day(5), "20日前"),
    ("每月25日至28日提交考勤表10分", "month", day(28), "25日至28日"),
    # in the next period, or in one alone
    ("次日上午10点前提交日报5分", "day", at("10:00"), "次日上午10点前"),
    ("下周一前提交上周总结10分", "week", weekday(1), "下周一前"),
    ("次月3日前交对账单10分", "month", day(3), "次月3日前"),
    ("次年1月31日前提交年度总结100分", "year", date(1, 31), "次年1月31日前"),
    ("2026年12月31日前完成年度总结100分", "year", date(12, 31), "2026年12月31日前"),
    ("6月30日前提交半年总结50分", "half_year", last(), "6月30日前"),
    ("3月31日前完成系统上线200分", None, date(3, 31), "3月31日前"),
    ("3月前提交年度计划50分", "year", date(2, 29), "3月前"),
    ("每季度最后一天前交季报20分", "quarter", last(), "每季度最后1天前"),
    # what no kind of deadline can express
    ("次日完成客户回访5分", "day", None, "次日"),
    ("每月前5个工作日内提交报表10分", "month", None, "每月前5个工作日内"),
    ("每月第一个工作日提交计划10分", "month", None, "每月第1个工作日"),
    ("每月第一周提交计划10分", "month", None, "每月第1周"),
    ("每月最后一个周五提交月报10分", "month", None, "每月最后1个周五"),
    ("每季度第一个月10日前交季报20分", "quarter", None, "每季度第1个月10日前"),
    ("每季度10日前交季报20分", "quarter", None, "每季度10日前"),
    ("季度结束后15个工作日内提交季报20分", "quarter", None, "季度结束后15个工作日内"),
    ("每月32号提交报表10分", "month", None, "每月32号"),
    ("春节前完成年度盘点50分", "year", None, "春节前"),
    ("每天9点至18点值班10分", "day", None, "9点至18点"),
    ("每天18点后巡店5分", "day", None, "18点后"),
    ("每周五之后补交周报5分", "week", None, "每周五之后"),
    ("每月10日后补交报表5分", "month", None, "每月10日后"),
    ("每月最后一周提交总结10分", "month", None, "每月最后1周"),
    ("3个工作日内完成整改10分", None, None, "3个工作日内"),
    ("两天内回复客户5分", None, None, "2天内"),
    ("会议结束后当天提交会议纪要5分", None, None, "当天"),
    ("次日中午12点前发货5分", None, None, "次日中午12点前"),
    ("每月10日前提交方案,视质量5-10分", None, None, "每月10日前"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "period", "deadline"), [pytest.param(*case, id=case[0]) for case in CLEAR]
)
def test_a_clear_deadline_is_read_without_a_question(
    text: str, period: str | None, deadline: Meaning
) -> None:
    draft = said(text)
    assert (draft.period, draft.as_dict()["deadline"]) == (period, deadline)
    assert [each.text for each in draft.questions if each.field == "deadline"] == []


@pytest.mark.parametrize(
    ("text", "period", "deadline", "words"), [pytest.param(*case, id=case[0]) for case in OPEN]
)
def test_what_is_left_open_is_a_question_that_names_the_words(
    text: str, period: str | None, deadline: Meaning, words: str
) -> None:
    draft = said(text)
    assert (draft.period, draft.as_dict()["deadline"]) == (period, deadline)
    asked = [each for each in draft.questions if each.field == "deadline"]
    assert any(f"{words}”" in each.text for each in asked), asked
    assert all(each.proposal for each in asked)


@pytest.mark.parametrize("case", [*CLEAR, *OPEN], ids=lambda case: str(case[0]))
def test_a_deadline_that_was_read_can_be_reckoned_with(case: tuple[object, ...]) -> None:
    due_finder(case[2])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "proposal"),
    [
        ("每周五提交周报5分", "周五 24:00 前算按时"),
        ("每天下班前提交日报5分", "当天 18:00 前算按时"),
        ("次月3日前交对账单10分", "每月 3 日前，算提交的当月"),
        ("每月最后一个工作日下班前完成对账20分", "到最后一天 18:00 都算按时"),
        ("月初提交计划10分", "每月 5 日 24:00 前算按时"),
        ("周初提交周计划5分", "周一 24:00 前算按时"),
        ("每周六前(含周六)提交周报5分", "周六 24:00 前算按时"),
        ("每周三、周五提交简报5分", "每周计一次，周五 24:00 前算按时"),
        ("每月第一周提交计划10分", "不核对时间，每月做到就计分"),
        ("两天内回复客户5分", "不核对时间，登记了就计分"),
        ("3月31日前完成系统上线200分", "计，日期只作计划"),
    ],
)
def test_the_proposal_says_what_the_draft_carries(text: str, proposal: str) -> None:
    assert [each.proposal for each in said(text).questions] == [proposal]


@pytest.mark.parametrize(
    "text",
    [
        "每周三次拜访客户30分",
        "每周一次例会5分",
        "每周五篇文章得20分",
        "每周一起开会5分",
        "每周二十个客户回访10分",
        "年终总结100分",
        "季度总结35分",
        "每天提3点建议5分",
        "每天下班关灯2分",
        "月内无投诉50分",
        "每天下午茶后清洗杯具1分",
    ],
)
def test_numbers_and_things_are_no_deadlines(text: str) -> None:
    draft = said(text)
    assert draft.deadline is None
    assert [each.text for each in draft.questions if each.field == "deadline"] == []


@pytest.mark.parametrize(
    ("text", "period", "words"),
    [
        ("每周一至周五打卡2分", "day", "每周一至周五"),
        ("每两周提交一次总结10分", None, "每2周"),
        ("每双周提交总结10分", None, "每双周"),
        ("每两个月盘点一次50分", None, "每2个月"),
        ("隔周提交总结10分", None, "隔周"),
        ("每旬提交简报10分", None, "每旬"),
    ],
)
def test_a_period_that_there_is_not_is_asked(text: str, period: str | None, words: str) -> None:
    draft = said(text)
    assert draft.period == period
    asked = [each.text for each in draft.questions if each.field == "period"]
    assert [re.findall("“(.*?)”", each) for each in asked] == [[words]]


def test_a_limit_of_time_is_no_number_of_things() -> None:
    for text in ("每月最后一个工作日交月报10分", "每月前5个工作日内提交报表10分"):
        assert said(text).checklist == ()
    assert said("3个工作日内完成整改10分").shape == "S1"


def test_a_deduction_has_no_deadline_of_its_own() -> None:
    draft = said("每月5号前未交报表扣20分")
    assert (draft.shape, draft.deadline, draft.questions) == ("S1", None, ())


def test_minutes_are_no_points() -> None:
    reading = read_text("每天22点30分前交日报5分")
    assert [finding.kind for finding in reading.findings] == []


def test_a_deadline_that_other_lines_share_is_asked_once_in_the_line_itself() -> None:
    draft = cell("按要求完成周总结", "5 分/周", process="每周五汇报,3天内整改")
    assert draft.as_dict()["deadline"] == weekday(5)
    assert [each.text for each in draft.questions] == ["“每周五”没有写几点"]


def test_a_standard_that_nobody_can_check_takes_no_deadline_from_its_neighbours() -> None:
    draft = cell("季度首月5日前交计划", "20 分/季度", process="每月3日前汇报")
    assert draft.deadline is None
    assert [each.text for each in draft.questions] == ["“季度首月5日前”这样的时限还不能自动核对"]


def test_each_draft_of_a_row_keeps_its_own_findings() -> None:
    row = ["货期", "", "", "", "订单交付", "按期交货+500分,每延迟1天-50分"]
    reading = read_tables([Sheet("表", [HEADINGS, row], None)])
    assert [draft.part for draft in reading.drafts] == [0, 1]
    assert [(each.kind, each.part) for each in reading.findings] == [("no_floor", 1)]
    assert all("part" not in each.as_dict() for each in reading.findings)


def test_the_same_remark_on_one_row_is_made_once() -> None:
    row = ["行为", "", "", "", "工作态度良好", "按时+5分,超时-5分"]
    reading = read_tables([Sheet("表", [HEADINGS, row], None)])
    assert len(reading.drafts) == 2
    kinds = [each.kind for each in reading.findings]
    assert kinds.count("subjective_wording") == 1
