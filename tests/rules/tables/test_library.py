"""The library: ready tables that read without a problem."""

from __future__ import annotations

import pytest

from meritbook.rules.library import UnknownTemplate, drafts_of, reading_of, template, templates


def test_the_library_holds_every_source_line_once() -> None:
    counts = {one.code: len(drafts_of(one)) for one in templates()}
    assert counts == {"sales": 14 + 14 + 2, "supply": 13, "service": 11, "project": 3}
    assert sum(counts.values()) == 41 + 14 + 2


@pytest.mark.parametrize("code", ["sales", "supply", "service", "project"])
def test_a_template_reads_without_a_problem(code: str) -> None:
    one = template(code)
    assert one.name
    assert one.description
    assert reading_of(one).problems == ()
    assert {draft.sheet for draft in drafts_of(one)} == set(one.sheet_names)


def test_an_unknown_template_is_refused() -> None:
    with pytest.raises(UnknownTemplate, match="标准库里没有“hotel”"):
        template("hotel")
