"""Names as pinyin, and assignments through time: functions of values."""

from datetime import date

import pytest

from meritbook.org.names import reading
from meritbook.org.operations.placing import BEGINNING, Change, Span, spans_after

SALES, STORE = 1, 2
MARCH, JUNE, SEPTEMBER = date(2026, 3, 1), date(2026, 6, 1), date(2026, 9, 1)


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        pytest.param("李雷", "lilei", "ll", id="李雷"),
        pytest.param("单田芳", "shantianfang", "stf", id="单 as a surname"),
        pytest.param("曾国藩", "zengguofan", "zgf", id="曾 as a surname"),
        pytest.param("仇和", "qiuhe", "qh", id="仇 as a surname"),
        pytest.param("尉迟恭", "yuchigong", "ycg", id="two-syllable surname"),
        pytest.param("欧阳娜娜", "ouyangnana", "oynn", id="欧阳"),
        pytest.param("Anna Li", "annali", "al", id="Latin"),
        pytest.param("", "", "", id="nothing"),
    ],
)
def test_reading(name: str, pinyin: str, initials: str) -> None:
    assert reading(name) == (pinyin, initials)


def change(department: int, day: date, **more: date | None) -> Change:
    return Change(
        department_id=department,
        post_id=None,
        grade_id=None,
        hired_on=more.get("hired_on"),
        left_on=more.get("left_on"),
        effective_on=day,
    )


def span(start: date, end: date | None, department: int, id_: int | None = None) -> Span:
    return Span(id_, start, end, department, None, None)


AT_SALES = span(MARCH, None, SALES, 7)


@pytest.mark.parametrize(
    ("before", "wanted", "after"),
    [
        pytest.param([], change(SALES, JUNE), [span(BEGINNING, None, SALES)], id="hired some day"),
        pytest.param(
            [], change(SALES, JUNE, hired_on=MARCH), [span(MARCH, None, SALES)], id="hired in March"
        ),
        pytest.param([AT_SALES], change(SALES, JUNE), [AT_SALES], id="nothing new"),
        pytest.param(
            [AT_SALES],
            change(STORE, JUNE),
            [span(MARCH, JUNE, SALES, 7), span(JUNE, None, STORE)],
            id="moved in June",
        ),
        pytest.param(
            [AT_SALES], change(STORE, MARCH), [span(MARCH, None, STORE, 7)], id="corrected"
        ),
        pytest.param(
            [AT_SALES],
            change(SALES, JUNE, hired_on=date(2026, 1, 5)),
            [span(date(2026, 1, 5), None, SALES, 7)],
            id="hired earlier than thought",
        ),
        pytest.param(
            [AT_SALES],
            change(SALES, JUNE, left_on=date(2026, 5, 31)),
            [span(MARCH, JUNE, SALES, 7)],
            id="left at the end of May",
        ),
        pytest.param(
            [AT_SALES],
            change(SALES, JUNE, left_on=MARCH),
            [span(MARCH, date(2026, 3, 2), SALES, 7)],
            id="left on the first day",
        ),
        pytest.param(
            [span(MARCH, JUNE, SALES, 7)],
            change(STORE, SEPTEMBER),
            [span(MARCH, JUNE, SALES, 7), span(SEPTEMBER, None, STORE)],
            id="came back",
        ),
    ],
)
def test_spans(before: list[Span], wanted: Change, after: list[Span]) -> None:
    assert spans_after(before, wanted) == after
    # The same once more changes nothing further, except that new spans have no id yet.
    assert spans_after(after, wanted) == after
