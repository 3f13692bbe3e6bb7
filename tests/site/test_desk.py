"""The words of the home desk."""

from datetime import time

import pytest

from meritbook.site.queries.desk import greeting


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("00:00", "夜深了，李雷"),
        ("04:59", "夜深了，李雷"),
        ("05:00", "早上好，李雷"),
        ("08:59", "早上好，李雷"),
        ("09:00", "上午好，李雷"),
        ("11:29", "上午好，李雷"),
        ("11:30", "中午好，李雷"),
        ("11:54", "中午好，李雷"),
        ("13:30", "下午好，李雷"),
        ("17:59", "下午好，李雷"),
        ("18:00", "晚上好，李雷"),
        ("23:59", "晚上好，李雷"),
    ],
)
def test_a_greeting_fits_the_time_of_the_day(at: str, words: str) -> None:
    assert greeting(name="李雷", at=time.fromisoformat(at)) == words
