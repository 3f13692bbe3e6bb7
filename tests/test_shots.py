"""Every page has a picture, or a reason why not."""

from tests.shots.pages import SHOTS
from tests.shots.without import NO_PICTURE, page_names

WITHOUT_AN_ADDRESS = {"not-found", "forbidden"}


def test_every_page_has_an_entry() -> None:
    shown = {shot.page for shot in SHOTS} - WITHOUT_AN_ADDRESS
    assert page_names() - shown - set(NO_PICTURE) == set(), (
        "add them to tests/shots/pages.py or without.py"
    )


def test_no_entry_is_left_of_a_page_that_went() -> None:
    shown = {shot.page for shot in SHOTS} - WITHOUT_AN_ADDRESS
    assert shown - page_names() == set()
    assert set(NO_PICTURE) - page_names() <= {"style"}


def test_pictures_have_different_names() -> None:
    names = [(shot.name, persona) for shot in SHOTS for persona in shot.personas]
    assert len(names) == len(set(names))
