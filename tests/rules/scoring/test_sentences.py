"""Rules, results and reasons as sentences that anyone can check by hand."""

import re
import unicodedata
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import pytest

from meritbook.rules import fields, reasons, sentences, texts, trace, window_reasons, workings
from meritbook.rules.scoring import compile_rule
from meritbook.rules.sentences import event_sentence, rule_sentence, window_sentence
from meritbook.rules.spec import Contribution, EventFacts, PersonFacts, Population
from meritbook.rules.trace import trace_event, trace_window
from tests.rules.scoring.rulebook import RULES, row, rule

LI_LEI = PersonFacts()


def event(at: str = "2026-11-12 10:00", **parts: object) -> EventFacts:
    return EventFacts(datetime.fromisoformat(at), **parts)  # type: ignore[arg-type]


def plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (1, "方案制定,完成:验收通过后得 800 分(项目总分 2,000 的 40%)"),
        (4, "每天(16:30 前下单的当天完成、之后下单的第二天 12 点前完成)按时采购所需产品,得 30 分"),
        (5, "出现漏单未及时采购(标签类除外):每次扣 50 分"),
        (13, "每月(次月 1 日前)及时提交盘点报表,得 50 分"),
        (16, "找到优质供应商(目标每月 2 个):每 1 个得 200 分"),
        (17, "回访老客户:每周目标 20 个,达到得 100 分,未达到的按比例计"),
        (18, "增加单量(超过 1,000 元起算):每 1,000 元得 50 分"),
        (23, "每天按要求完成(电话量 ≥ 50、拜访 ≥ 1),得 10 分"),
        (25, "业绩目标:每月达到 380,000 元,得 800 分"),
        (28, "每周五 22 点前按要求完成周总结,得 5 分"),
        (29, "每月最后 1 天前按要求完成月总结,得 10 分"),
        (30, "每天 22 点前按要求完成工作汇报,得 5 分"),
        (32, "回复:超过 30 分钟,每次扣 10 分"),
        (36, "货期延误:每延迟 1 天扣 50 分"),
        (38, "出单业绩(目标每月 1):每 10,000 元得 1,000 分"),
        (41, "遭到客户投诉:按程度每次扣 50 至 1,000 分,由审核人评定"),
    ],
)
def test_a_rule_as_one_sentence(number: int, sentence: str) -> None:
    assert plain(rule_sentence(row(number))) == sentence


def test_every_rule_of_the_tables_has_its_sentence() -> None:
    said = [rule_sentence(spec) for spec in RULES]
    assert len(set(said)) >= 40
    assert all(re.search(r"\d", sentence) and "%(" not in sentence for sentence in said)


@pytest.mark.parametrize(
    ("number", "given", "sentence"),
    [
        (
            18,
            event(amount=Decimal(5600)),
            "11月12日 增加单量 5,600 元:5,600 ÷ 1,000 取整为 5,5 × 50 = 250 分",
        ),
        (
            38,
            event(amount=Decimal(26000)),
            "11月12日 出单业绩 26,000 元:26,000 ÷ 10,000 取整为 2,2 × 1,000 = 2,000 分",
        ),
        (11, event(quantity=Decimal(2)), "11月12日 未及时完成或出错 2 次:2 × -50 = -100 分"),
        (
            36,
            event(attributes={"应交日期": "2026-08-30", "交付日期": "2026-09-03"}),
            "9月3日 货期延误:-50 × 4 天 = -200 分",
        ),
        (
            32,
            event(attributes={"分钟": "20"}),
            "11月12日 回复:用时 20 分钟,在时限 30 分钟之内,不扣分",
        ),
    ],
)
def test_what_one_event_earned(number: int, given: EventFacts, sentence: str) -> None:
    assert plain(event_sentence(compile_rule(row(number)), given, LI_LEI)) == sentence


class Words(NamedTuple):
    """What the company calls an asset."""

    name: str
    scale: int = 2


NAMES = {"honour": Words("荣誉分"), "spendable": Words("可用分")}


def windowed(number: int, *events: EventFacts) -> tuple[str, list[tuple[str, bool, str]]]:
    compiled = compile_rule(row(number))
    admissions = [compiled.admit(one, LI_LEI) for one in events]
    brought = [
        (Contribution(str(at), one.happened_at, admission.measure, admission.counted), one)
        for at, (one, admission) in enumerate(zip(events, admissions, strict=True))
    ]
    window = admissions[0].window
    sentence = window_sentence(compiled, window, [contribution for contribution, _one in brought])
    steps = trace_window(compiled, window, brought, assets=NAMES)
    return plain(sentence), [(step.step, step.ok, plain(step.text)) for step in steps]


def test_thirteen_of_twenty_visits() -> None:
    sentence, steps = windowed(
        17,
        event("2026-11-10 09:00", quantity=Decimal(8)),
        event("2026-11-12 09:00", quantity=Decimal(5)),
    )
    assert sentence == "11月9日至15日 回访老客户 13 个(目标 20 个/周):100 × 13/20 = 65 分"
    assert steps == [
        ("measure", True, "11月9日至15日 计入 2 条记录,合计 13 个"),
        ("value", True, "100 × 13/20 = 65 分"),
        ("posting", True, "记入荣誉分 +65、可用分 +65,11月15日生效"),
    ]


def test_a_target_that_was_missed_says_by_how_much() -> None:
    sentence, steps = windowed(25, event(amount=Decimal(300_000)))
    assert sentence.endswith("300,000 元未达到目标 380,000 元,还差 80,000 元,0 分")
    assert steps[-1][:2] == ("threshold", False)


def test_a_late_report_says_when_and_until_when() -> None:
    sentence, steps = windowed(30, event("2026-11-12 22:01"))
    assert sentence == "11月12日 工作汇报:没有计入的记录,0 分"
    assert steps == [
        (
            "measure",
            False,
            "11月12日 共 1 条记录,都未计入:22:01 提交,晚于截止 22:00,不计分;下次请在截止之前提交",
        )
    ]


def test_a_late_report_beside_one_in_time_is_named() -> None:
    _sentence, steps = windowed(30, event("2026-11-12 21:00"), event("2026-11-12 22:30"))
    assert "另有 1 条未计入:22:30 提交,晚于截止 22:00" in steps[0][2]
    assert steps[-1][:2] == ("posting", True)


@pytest.mark.parametrize(
    ("number", "given", "step", "says"),
    [
        (30, event("2026-11-12 22:01"), "deadline", "22:01 提交,晚于截止 22:00"),
        (28, event("2026-11-14 08:00"), "deadline", "11月14日 08:00 提交,晚于截止 11月13日 22:00"),
        (
            4,
            event(attributes={"下单时间": "2026-11-11 16:00"}),
            "deadline",
            "11月11日 16:00 下单,11月12日 10:00 完成,晚于截止 11月11日",
        ),
        (18, event(amount=Decimal(1000)), "threshold", "没有超过门槛 1,000 元"),
        (23, event(attributes={"电话量": "49", "拜访": "1"}), "threshold", "电话量 49(要求 ≥ 50)"),
        (5, event(object="标签类 印刷单"), "trigger", "属于“标签类”"),
        (38, event(amount=Decimal(9999)), "measure", "9,999 元不足 10,000 元"),
        (
            35,
            event(attributes={"应交日期": "2026-08-30", "交付日期": "2026-09-03"}),
            "deadline",
            "延误 4 天,不得按期奖励",
        ),
    ],
)
def test_why_not(number: int, given: EventFacts, step: str, says: str) -> None:
    failed = trace_event(compile_rule(row(number)), given, LI_LEI)[-1]
    assert (failed.step, failed.ok) == (step, False)
    assert says in plain(failed.text)


def test_somebody_outside_the_population_earns_nothing() -> None:
    spec = rule("S1", "迟到", points=Decimal(-5), population=Population(posts=frozenset({3})))
    steps = trace_event(compile_rule(spec), event(), PersonFacts(posts=frozenset({4})))
    assert [(step.step, step.ok) for step in steps] == [("population", False)]


def templates() -> list[str]:
    found: set[str] = set()
    for module in (fields, reasons, sentences, texts, trace, window_reasons, workings):
        for name, value in vars(module).items():
            if name.isupper():
                found.update(_strings(value))
    return sorted(text for text in found if re.search(r"%\(|[\u4e00-\u9fff]", text))


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return _strings(tuple(value.values()))
    if isinstance(value, tuple | list):
        return [text for one in value for text in _strings(one)]
    return []


def test_every_text_goes_through_the_translator() -> None:
    """With a translator that loses every Chinese word, none is left but the rule's own."""

    def silent(template: str) -> str:
        return " ".join(re.findall(r"%\(\w+\)[sd]", template)) or "-"

    assert len(templates()) > 100
    for spec in RULES:
        nameless = rule(
            spec.shape,
            "x",
            **{
                name: getattr(spec, name)
                for name in spec.__slots__
                if name not in ("version_id", "rule_id", "code", "name", "number", "shape")
                and name not in ("unit", "checklist", "exclude")
            },
        )
        compiled = compile_rule(nameless)
        given = event(quantity=Decimal(3), amount=Decimal(5600))
        said = [rule_sentence(nameless, tr=silent)]
        said += [step.text for step in trace_event(compiled, given, LI_LEI, tr=silent)]
        for text in said:
            left = re.findall(r"[\u4e00-\u9fff]+", text)
            assert set(left) <= {"应交日期", "交付日期", "分钟", "分值"}
