"""Tiers, caps and multipliers as companies write them: what is read, and what is only asked."""

from __future__ import annotations

import pytest

from meritbook.kit.sheets import Sheet
from meritbook.rules.tables import Draft, Reading, read_tables, read_text

HEADINGS = ["关键指标", "关键过程", "关键结果", "权重", "衡量标准", "积分"]


def said(text: str) -> Draft:
    (draft,) = read_text(text).drafts
    return draft


def cell(standard: str, points: str) -> Reading:
    return read_tables([Sheet("表", [HEADINGS, ["指标", "", "", "100%", standard, points]], None)])


def ladder(draft: Draft) -> list[tuple[str, str]]:
    rows = draft.as_dict()["tiers"]
    assert isinstance(rows, list)
    return [(row["from"], row["points"]) for row in rows]


MONEY = [("100000", "100"), ("200000", "300"), ("380000", "800")]


@pytest.mark.parametrize(
    ("text", "unit", "steps"),
    [
        ("月业绩 ≥10万 得 100, ≥20万 得 300, ≥38万 得 800", "元", MONEY),
        ("月业绩10万100分，20万300分，38万800分", "元", MONEY),
        ("月度业绩38万以上得800分；20万以上得300分；10万以上得100分", "元", MONEY),
        ("月业绩10-20万得100分,20-38万得300分,38万以上得800分", "元", MONEY),
        ("月业绩10万以下不得分，10万以上得100分，20万以上得300分", "元", MONEY[:2]),
        ("月回款率达到80%得50分,100%得100分", "%", [("80", "50"), ("100", "100")]),
        (
            "每月签约1-10单得5分,11-20单得10分,21单以上得20分",
            "单",
            [("1", "5"), ("11", "10"), ("21", "20")],
        ),
        ("每月投诉1次扣50分，3次扣200分", "次", [("1", "-50"), ("3", "-200")]),
    ],
)
def test_tiers_of_one_line(text: str, unit: str, steps: list[tuple[str, str]]) -> None:
    draft = said(text)
    assert (draft.shape, draft.unit, draft.period, draft.strict) == ("S5", unit, "month", False)
    assert ladder(draft) == steps
    assert draft.standard == text
    assert not draft.questions


def test_marks_are_not_added_up() -> None:
    draft = said("每月满意度90分以上得10分,95分以上得20分")
    assert (draft.unit, draft.percent_target) == ("分", True)
    assert ladder(draft) == [("90", "10"), ("95", "20")]


def test_a_bound_that_must_be_passed_is_strict() -> None:
    assert said("月回款率超过80%得50分，超过100%得100分").strict


@pytest.mark.parametrize(
    ("standard", "points"),
    [
        ("月度业绩", "10万100分;20万300分;38万800分"),
        ("月度业绩10万/20万/38万", "100/300/800"),
        ("月业绩10万得100分,20万得300分,38万得800分", "100-800分"),
        ("月业绩10万得100分,20万得300分,38万得800分", "800"),
    ],
)
def test_tiers_of_a_row(standard: str, points: str) -> None:
    reading = cell(standard, points)
    (draft,) = reading.drafts
    assert ladder(draft) == MONEY
    assert (draft.standard, draft.points_text) == (standard, points)
    assert "contradiction" not in {finding.kind for finding in reading.findings}


def test_a_points_cell_beside_other_tiers_is_a_finding() -> None:
    reading = cell("月业绩10万得100分,20万得300分", "500")
    assert "contradiction" in {finding.kind for finding in reading.findings}


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("每月完成10万得100分,20万得300分", "unit"),
        ("业绩10万得100分,20万得300分", "period"),
        ("月业绩10-20万得100分,20-38万得300分", "tiers"),
    ],
)
def test_what_tiers_leave_open_is_asked(text: str, field: str) -> None:
    draft = said(text)
    assert [question.field for question in draft.questions] == [field]
    assert len(draft.tiers) == 2


@pytest.mark.parametrize(
    "text",
    [
        "月业绩10万得100分,20万得300分,超出部分每1万得20分",
        "月差评率达到5%得50分,10%得20分",
        "月回款率80%得50分,10单得100分",
        "迟到10分钟以内扣5分，10到30分钟扣10分，30分钟以上扣20分",
        "全勤1个月得30分,3个月得100分",
        "月业绩10-20万得100分,30-38万得300分",
    ],
)
def test_what_is_no_clean_ladder_is_named_not_guessed(text: str) -> None:
    reading = read_text(text)
    assert not any(draft.tiers for draft in reading.drafts)
    assert len(reading.drafts) > 1
    assert "tiers_unclear" in {finding.kind for finding in reading.findings}


@pytest.mark.parametrize(
    "text",
    [
        "高中20分;大专30分;本科40分",
        "学历：高中20分、大专30分、本科40分",
        "优秀20分;良好10分;合格5分",
        "获得一等奖100分，二等奖50分，三等奖20分",
    ],
)
def test_a_list_to_choose_from_stays_apart_and_is_named(text: str) -> None:
    reading = read_text(text)
    assert [draft.shape for draft in reading.drafts] == ["S1", "S1", "S1"]
    assert "choice_list" in {finding.kind for finding in reading.findings}


def test_deeds_of_one_line_are_no_list_to_choose_from() -> None:
    kinds = {finding.kind for finding in read_text("迟到-5分;早退-5分").findings}
    assert not kinds & {"choice_list", "tiers_unclear"}


@pytest.mark.parametrize(
    ("text", "shape", "unit", "cap", "per"),
    [
        ("每延迟1天扣50分，每月最多扣500分", "S7", "天", "500", "month"),
        ("每单10分，每天最多100分", "S3", "单", "100", "day"),
        ("每单10分，每次最多50分", "S3", "单", "50", "event"),
        ("每回访1个4分,每人每月最高100分", "S3", "个", "100", "month"),
        ("每延迟1天扣50分，单次最多扣500分", "S7", "天", "500", "event"),
        ("点赞每次1分，封顶10分", "S1", "次", "10", ""),
    ],
)
def test_a_cap_is_kept_and_is_no_period_of_the_rule(
    text: str, shape: str, unit: str, cap: str, per: str
) -> None:
    reading = read_text(text)
    (draft,) = reading.drafts
    assert (draft.shape, draft.unit) == (shape, unit)
    assert (str(draft.cap), draft.cap_per) == (cap, per)
    kinds = {finding.kind for finding in reading.findings}
    # Gains of a period are limited by the ledger, single events while they are scored.
    assert ("cap_not_applied" in kinds) is (draft.points < 0 and per != "event")
    assert ("cap_without_period" in kinds) is (per == "")


def test_a_cap_in_the_standard_of_a_row_is_kept() -> None:
    (draft,) = cell("每回访 1 个客户,每月最多 100 分", "5 分").drafts
    assert (draft.shape, draft.points, draft.cap, draft.cap_per) == ("S3", 5, 100, "month")


def test_a_mark_that_is_compared_is_no_cap() -> None:
    (draft,) = cell("考试得分不超过60分", "-10 分").drafts
    assert draft.cap is None


@pytest.mark.parametrize("text", ["点赞每次5分，每天最多3次", "点赞每次5分，每天不超过3次"])
def test_a_limit_of_times_at_fixed_points_is_a_cap_of_points(text: str) -> None:
    reading = read_text(text)
    (draft,) = reading.drafts
    assert (draft.shape, draft.cap, draft.cap_per) == ("S1", 15, "day")
    (finding,) = (each for each in reading.findings if each.kind == "times_as_cap")
    assert "3次" in finding.text


@pytest.mark.parametrize("text", ["点赞每次5分，最多3次", "迟到每次扣5分，每月最多扣3次"])
def test_a_limit_of_times_that_is_no_cap_is_named(text: str) -> None:
    reading = read_text(text)
    (draft,) = reading.drafts
    assert (draft.shape, draft.cap) == ("S1", None)
    (finding,) = (each for each in reading.findings if each.kind == "times_not_applied")
    assert "3次" in finding.text


def test_a_multiplier_asks_what_it_is_applied_to() -> None:
    draft = said("双休日加班双倍积分")
    assert (draft.shape, str(draft.multiplier)) == ("S10", "2")
    (question,) = draft.questions
    assert question.field == "multiplier"
    assert "分值 × (2 − 1)" in question.proposal
