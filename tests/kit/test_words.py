"""Sentences of modules without a framework, and stored sentences told again."""

import pytest
from django.utils import translation

from meritbook.kit.retelling import retold
from meritbook.kit.words import say, told
from meritbook.rules.tables import read_text
from meritbook.site.build import PACKAGE, compile_translations


@pytest.fixture(autouse=True)
def _compiled() -> None:
    compile_translations(PACKAGE)


def test_a_sentence_is_said_in_the_language_of_the_reader() -> None:
    assert say("“%(text)s”不是数字", text="五") == "“五”不是数字"
    with translation.override("en"):
        assert say("“%(text)s”不是数字", text="五") == "“五” is not a number"


def test_without_values_a_percent_sign_stands_for_itself() -> None:
    assert say("按完成率，100% 得满分") == told("按完成率，100% 得满分") == "按完成率，100% 得满分"


def test_a_stored_sentence_is_told_again_with_its_values() -> None:
    stored = told("“%(indicator)s”的权重合计 %(total)s%%", indicator="客户", total=90)
    assert stored == "“客户”的权重合计 90%"
    assert retold(stored) == stored
    with translation.override("en"):
        assert retold(stored) == "The weights of “客户” add up to 90%"
        assert retold("每月完成得一次") == "Once per month when done"


def test_the_sentence_that_says_most_is_chosen() -> None:
    stored = "“回访”按量计分，没有封顶；目标 20 只用作进度"
    with translation.override("en"):
        assert retold(stored) == (
            "“回访” counts by quantity without a cap; the target 20 only shows progress"
        )


def test_what_a_person_wrote_stays() -> None:
    with translation.override("en"):
        assert retold("按我说的算") == "按我说的算"
        assert retold("") == ""


def test_questions_and_findings_are_the_same_in_every_language() -> None:
    text = "每周回访老客户,每个按比例 100分\n积极主动 5分/次\n超过 30 分钟回复 10 分/次\n"
    chinese = read_text(text)
    with translation.override("en"):
        assert read_text(text) == chinese
        for finding in chinese.findings:
            assert retold(finding.text) != finding.text
