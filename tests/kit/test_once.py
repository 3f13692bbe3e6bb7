"""While a page is read the same question is asked once; otherwise each time."""

from collections.abc import Callable

from django.utils import translation

from meritbook.kit.once import once, reading


def counted() -> tuple[list[int], Callable[..., dict[int, str]]]:
    asked: list[int] = []

    @once
    def names(*, company_id: int) -> dict[int, str]:
        asked.append(company_id)
        return {company_id: str(len(asked))}

    return asked, names


def test_a_page_asks_once_for_each_company() -> None:
    asked, names = counted()
    with reading():
        assert [names(company_id=n)[n] for n in (1, 2, 1, 1)] == ["1", "2", "1", "1"]
    assert asked == [1, 2]


def test_the_next_page_asks_anew() -> None:
    asked, names = counted()
    for _page in range(2):
        with reading():
            names(company_id=1)
    assert asked == [1, 1]


def test_without_a_page_nothing_is_remembered() -> None:
    asked, names = counted()
    names(company_id=1)
    names(company_id=1)
    with reading():
        pass
    names(company_id=1)
    assert asked == [1, 1, 1]


def test_two_questions_are_not_mixed_up() -> None:
    _first, names = counted()
    asked, others = counted()
    with reading():
        names(company_id=1)
        others(company_id=1)
    assert asked == [1]


def test_another_language_is_another_question() -> None:
    asked, names = counted()
    with reading():
        names(company_id=1)
        with translation.override("en"):
            names(company_id=1)
    assert asked == [1, 1]
