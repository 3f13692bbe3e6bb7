"""The library: ready tables that read without a problem."""

from __future__ import annotations

import pytest

from meritbook.rules.library import UnknownTemplate, drafts_of, reading_of, template, templates


def test_the_library_holds_every_source_line_once() -> None:
    own = ("workshop", "restaurant", "office", "fixed")
    counts = {one.code: len(drafts_of(one)) for one in templates() if one.code not in own}
    assert counts == {"sales": 14 + 14 + 2, "supply": 13, "service": 11, "project": 3}
    assert sum(counts.values()) == 41 + 14 + 2


@pytest.mark.parametrize("code", [one.code for one in templates()])
def test_a_template_reads_without_a_problem(code: str) -> None:
    one = template(code)
    assert one.name
    assert one.description
    assert reading_of(one).problems == ()
    assert {draft.sheet for draft in drafts_of(one)} == set(one.sheet_names)


def test_an_unknown_template_is_refused() -> None:
    with pytest.raises(UnknownTemplate, match="标准库里没有“hotel”"):
        template("hotel")


@pytest.mark.parametrize("code", ["workshop", "restaurant", "office", "fixed"])
def test_our_own_templates_leave_nothing_open(code: str) -> None:
    asked = [
        (draft.standard, question.text)
        for draft in drafts_of(template(code))
        for question in draft.questions
    ]
    assert asked == []


def test_fixed_points_hold_for_those_registered_alone() -> None:
    rows = {draft.standard.split(":")[0]: draft.as_dict() for draft in drafts_of(template("fixed"))}

    assert rows["学历为本科"]["condition"] == {"text": "学历 = “本科”", "facts": ["学历"]}
    assert rows["职务为主管"]["shape"] == "S4"
    assert "condition" not in rows["入职起始积分,一次性加2000分"]
