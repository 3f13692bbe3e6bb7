"""A rule with a deadline as one sentence: the day and the time are said once, in either language."""

from __future__ import annotations

import unicodedata

import pytest
from django.utils.translation import gettext, override

from meritbook.rules.content import content_of
from meritbook.rules.models import Rule, RuleVersion
from meritbook.rules.queries import version_spec
from meritbook.rules.sentences import rule_sentence
from meritbook.rules.spec import RuleSpec
from meritbook.rules.tables import read_text


def spec(text: str) -> RuleSpec:
    """One line of a text as a rule."""
    (draft,) = read_text(text).drafts
    rule = Rule(pk=1, code="X", name=draft.standard)
    return version_spec(
        RuleVersion(
            pk=1, number=1, rule=rule, population={}, postings={}, **content_of(draft.as_dict())
        )
    )


def plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("每周五提交周报 5分", "每周五 24 点前提交周报,得 5 分"),
        ("每周五22点前交周总结加5分", "每周五 22 点前交周总结,得 5 分"),
        ("周报,每周五22点前提交5分", "每周五 22 点前提交周报,得 5 分"),
        ("日报须在22点前提交5分", "每天 22 点前提交日报,得 5 分"),
        ("日报(每天22点前)5分", "每天 22 点前按要求完成日报,得 5 分"),
        ("每天晚上10点前提交日报5分", "每天 22 点前提交日报,得 5 分"),
        ("每天截止22点交日报5分", "每天 22 点前交日报,得 5 分"),
        ("每天8:30到岗2分", "每天 08:30 前到岗,得 2 分"),
        ("每天下班前提交日报5分", "每天 18 点前提交日报,得 5 分"),
        ("每月5日前提交报表 10分", "每月 5 日前提交报表,得 10 分"),
        ("每月25日18点前提交报表10分", "每月 25 日 18 点前提交报表,得 10 分"),
        ("每月1日至5日提交报表10分", "每月 5 日前提交报表,得 10 分"),
        ("每月月初提交计划10分", "每月 5 日前提交计划,得 10 分"),
        ("次月3日前交对账单10分", "每月 3 日前交对账单,得 10 分"),
        ("次月第一天提交月报10分", "每月(次月 1 日前)提交月报,得 10 分"),
        ("每月最后一天交月报10分", "每月最后 1 天前交月报,得 10 分"),
        ("每月月底前完成盘点100分", "每月最后 1 天前完成盘点,得 100 分"),
        ("每季度末提交总结20分", "每季度最后 1 天前提交总结,得 20 分"),
        ("12月31日前完成年度总结100分", "每年 12 月 31 日前完成年度总结,得 100 分"),
        ("每周三、周五提交简报5分", "每周五 24 点前提交简报,得 5 分"),
        ("每周一至周五打卡2分", "每天打卡(周一至周五),得 2 分"),
        ("每周一至周五每天8:30前到岗2分", "每天 08:30 前到岗,得 2 分"),
        ("每周五之后补交周报5分", "每周五之后补交周报,得 5 分"),
        ("每月25日(含)前提交报销单10分", "每月 25 日前提交报销单,得 10 分"),
        ("一号仓库每月盘点50分", "每月按要求完成一号仓库盘点,得 50 分"),
        ("每周三次拜访客户30分", "每周按要求完成三次拜访客户(拜访客户 ≥ 3),得 30 分"),
        ("每月第一周提交计划10分", "每月第一周提交计划,得 10 分"),
        ("每月5日前提交报表10分/次", "提交报表(每月 5 日前):每次得 10 分"),
        ("早上8点前到岗2分", "到岗(每天 8 点前):每次得 2 分"),
        ("每月20日前回款达到10万得100分", "回款:每月 20 日前达到 100,000 元,得 100 分"),
        ("3个工作日内完成整改10分", "3个工作日内完成整改:每次得 10 分"),
        ("每两周提交一次总结10分", "每两周提交一次总结:每次得 10 分"),
        ("每天22点前交日报,否则扣5分", "每天22点前交日报,否则:每次扣 5 分"),
    ],
)
def test_the_deadline_is_said_once(text: str, sentence: str) -> None:
    assert plain(rule_sentence(spec(text))) == sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("每周五22点前交周报5分", "Every Fri by 22:00"),
        ("每月5日前提交报表10分", "Every month, day 5"),
        ("每季度末提交总结20分", "Every quarter, last day"),
    ],
)
def test_the_deadline_is_said_once_in_english(text: str, sentence: str) -> None:
    with override("en"):
        said = plain(rule_sentence(spec(text), tr=gettext))
    assert said.startswith(sentence)
    assert "每" not in said
    assert "日前" not in said


def test_a_day_in_a_quarter_names_its_month() -> None:
    rule = spec("每月10日前交季报20分/季度")
    assert plain(rule_sentence(rule)) == "每季度最后一个月的 10 日前交季报,得 20 分"
