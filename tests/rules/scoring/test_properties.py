"""What holds for any events: order does not matter, more is never less, full is the most."""

from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from meritbook.rules.scoring import compile_rule
from meritbook.rules.spec import Contribution, EventFacts, PersonFacts, Population, RuleSpec
from meritbook.rules.trace import trace_event, trace_window
from tests.rules.scoring.rulebook import RULES, row, rule

START = datetime(2026, 10, 1)
moments = st.integers(0, 120 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
numbers = st.decimals(0, 500_000, places=2)
small = st.sampled_from(["", "0", "1", "20", "45", "50", "-300", "-20", "达标", "未达标"])
days = st.dates(START.date(), (START + timedelta(days=120)).date()).map(str)
KEYS = ("分钟", "分值", "电话量", "拜访", "群发", "微信增加朋友", "朋友圈", "质量", "费用", "交期")
events = st.builds(
    EventFacts,
    happened_at=moments,
    has_time=st.just(True),
    quantity=st.none() | numbers,
    amount=st.none() | numbers,
    object=st.sampled_from(["", "广州宏达", "标签类 A"]),
    attributes=st.builds(
        lambda items, due, done: {**items, "应交日期": due, "交付日期": done},
        st.dictionaries(st.sampled_from(KEYS), small, max_size=4),
        days,
        days,
    ),
)
windowed = st.sampled_from([spec for spec in RULES if spec.is_windowed])
contributions = st.lists(
    st.builds(
        Contribution,
        event_key=st.text("abc", min_size=1, max_size=3),
        happened_at=moments,
        measure=st.none() | numbers,
        counted=st.booleans(),
    ),
    max_size=12,
    unique_by=lambda one: one.event_key,
)


def window_of(spec: RuleSpec):
    return compile_rule(spec).admit(EventFacts(START), PersonFacts()).window


@given(windowed, contributions, st.randoms(use_true_random=False))
def test_the_order_of_events_never_matters(spec, some, random) -> None:
    compiled, window = compile_rule(spec), window_of(spec)
    before = compiled.score_window(window, some)
    random.shuffle(some)
    assert compiled.score_window(window, some) == before


@given(contributions, contributions)
def test_more_visits_are_never_fewer_points_and_never_more_than_full(some, more) -> None:
    compiled, window = compile_rule(row(17)), window_of(row(17))
    fewer = compiled.score_window(window, some).points
    assert 0 <= fewer <= compiled.score_window(window, some + more).points <= 10_000


@given(numbers, numbers)
def test_whole_units_never_pay_for_a_part(first, second) -> None:
    """Two events apart never earn more than both as one."""
    compiled = compile_rule(rule("S3", points=Decimal("0.35"), divisor=Decimal("7.5")))

    def points(quantity: Decimal) -> int:
        return compiled.score(EventFacts(START, quantity=quantity), PersonFacts()).points

    assert points(first) + points(second) <= points(first + second)


@given(st.sampled_from(RULES), events, st.booleans())
def test_the_trace_fails_where_the_score_failed(spec, event, inside) -> None:
    person = PersonFacts(frozenset({7}), frozenset({1 if inside else 2}))
    restricted = rule(
        spec.shape,
        spec.name,
        **{
            name: getattr(spec, name)
            for name in spec.__slots__
            if name
            not in ("version_id", "rule_id", "code", "name", "number", "shape", "population")
        },
        population=Population(frozenset({7}), frozenset({1})),
    )
    compiled = compile_rule(restricted)
    asked = compiled.admit if compiled.windowed else compiled.score
    result = asked(event, person)
    steps = trace_event(compiled, event, person)
    assert [step.step for step in steps if not step.ok] == (
        [result.failed] if result.failed else []
    )
    assert all(step.text and "%" not in step.text.replace("%", "", 2) for step in steps)
    if result.failed is None and not compiled.windowed:
        assert steps[-1].step == "posting"


@given(windowed, st.lists(events, max_size=6))
def test_the_trace_of_a_window_agrees_with_its_score(spec, some) -> None:
    compiled, window = compile_rule(spec), window_of(spec)
    brought = []
    for at, event in enumerate(some):
        admission = compiled.admit(event, PersonFacts())
        brought.append(
            (Contribution(str(at), event.happened_at, admission.measure, admission.counted), event)
        )
    score = compiled.score_window(window, [contribution for contribution, _event in brought])
    steps = trace_window(compiled, window, brought)
    assert [step.step for step in steps if not step.ok] == ([score.failed] if score.failed else [])
