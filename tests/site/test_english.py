"""The interface in English: chosen by the browser or the switch; data stays as it was written."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext

from meritbook.rules.sentences import rule_sentence
from meritbook.site.build import PACKAGE, compile_translations
from tests.rules.scoring.rulebook import rule


@pytest.fixture(autouse=True)
def _compiled() -> None:
    compile_translations(PACKAGE)


@pytest.mark.django_db
def test_the_browser_chooses_the_language() -> None:
    chinese, english = (
        Client(headers={"accept-language": language}).get("/login/").content.decode()
        for language in ("zh-CN,zh;q=0.9", "en-US,en;q=0.9")
    )
    assert "登录" in chinese
    assert "Log in" in english
    assert 'lang="en' in english


@pytest.mark.django_db
def test_the_switch_beats_the_browser() -> None:
    client = Client(headers={"accept-language": "zh-CN"})
    client.post("/language/", {"language": "en", "next": "/login/"})
    assert "Log in" in client.get("/login/").content.decode()


@pytest.mark.parametrize(
    ("shape", "parts", "sentence"),
    [
        ("S1", {"points": Decimal(-5)}, "Report: lose 5 pts each time"),
        (
            "S2",
            {
                "points": Decimal(5),
                "period": "day",
                "deadline": {"kind": "time_of_day", "time": "22:00"},
            },
            "Every day by 22:00: Complete Report as asked, earn 5 pts",
        ),
        (
            "S3",
            {"points": Decimal(50), "divisor": Decimal(1000), "money": True},
            "Report: earn 50 pts for every 1,000 yuan",
        ),
        (
            "S4",
            {"points": Decimal(100), "period": "week", "target": Decimal(20), "unit": "calls"},
            "Report: target 20 calls every week, earn 100 pts when reached, pro rata below",
        ),
        (
            "S9",
            {"points_min": Decimal(-1000), "points_max": Decimal(-50)},
            "Report: lose 50 to 1,000 pts each time by degree, set by the reviewer",
        ),
    ],
)
def test_a_rule_reads_as_english(shape: str, parts: dict[str, Any], sentence: str) -> None:
    with translation.override("en"):
        assert rule_sentence(rule(shape, "Report", **parts), tr=gettext) == sentence
