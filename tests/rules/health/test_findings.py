"""Each finding of the health check: when it is told, when it is not, and that its mend ends it."""

from decimal import Decimal

import pytest

from meritbook.rules.health import HIGH, Scheme, check_scheme
from meritbook.rules.health.usage import AFLOAT
from tests.rules.health.schemes import KEEPER, SELLER, mended, rule, scheme_of, use


def _drowned() -> Scheme:
    degree = rule("S2", "本科学历", points="80", period="month", category="固定")
    visits = rule("S4", "每月拜访 4 次", points="40", period="month", target="4", unit="次")
    return scheme_of(degree, visits)


def _routine() -> Scheme:
    report = rule("S2", "每天交日报", points="5", period="day")
    deal = rule("S1", "签合同", points="50")
    return scheme_of(
        report,
        deal,
        months=3,
        uses={
            report.rule_id: use(
                gained=90_000, entries=180, events=190, full=180, possible=190, price=Decimal(5)
            ),
            deal.rule_id: use(gained=100_000, entries=20, events=20, price=Decimal(50)),
        },
    )


def _unused() -> Scheme:
    idle = rule("S1", "提出专利", points="200")
    deal = rule("S1", "签合同", points="50")
    return scheme_of(
        idle,
        deal,
        months=3,
        uses={
            idle.rule_id: use(days_in_force=90),
            deal.rule_id: use(gained=5_000, entries=1, events=1, days_in_force=90),
        },
    )


SICK = [
    pytest.param(
        "unlawful_wording", scheme_of(rule("S1", "迟到罚款50元", points="5")), id="罚款"
    ),
    pytest.param(
        "unlawful_wording",
        scheme_of(rule("S1", "旷工一天扣当月工资", points="-50")),
        id="扣工资",
    ),
    pytest.param(
        "subjective_wording", scheme_of(rule("S1", "工作态度良好", points="20")), id="态度良好"
    ),
    pytest.param(
        "subjective_wording",
        scheme_of(rule("S2", "本月表现突出，领导满意", points="20", period="month")),
        id="表现突出",
    ),
    pytest.param("missing_sign", scheme_of(rule("S1", "迟到", points="5")), id="迟到5分"),
    pytest.param(
        "missing_sign",
        scheme_of(rule("S9", "客户投诉", points_min="-50", points_max="1000")),
        id="投诉-50至1000",
    ),
    pytest.param(
        "no_cap",
        scheme_of(rule("S3", "增加单量", points="50", divisor="1000", unit="元")),
        id="50分/千没有封顶",
    ),
    pytest.param("no_floor", scheme_of(rule("S7", "货期每延误1天", points="-50")), id="每天扣50"),
    pytest.param(
        "target_without_period",
        scheme_of(rule("S4", "回访客户", points="100", target="20", unit="个")),
        id="回访20个",
    ),
    pytest.param(
        "priced_differently",
        scheme_of(
            rule("S3", "增加单量", points="500", divisor="10000", unit="元", posts=[SELLER], cap="900", cap_per="month"),
            rule("S3", "销售额", points="1000", divisor="10000", unit="元", posts=[KEEPER], cap="900", cap_per="month"),
        ),
        id="500分/万与1000分/万",
    ),
    pytest.param(
        "weight_apart",
        scheme_of(
            rule("S2", "每周交周报", points="5", period="week", weight_percent="80", indicator="汇报"),
            rule("S2", "每天交日报", points="5", period="day", weight_percent="20", indicator="汇报"),
        ),
        id="权重80%只占17%",
    ),
    pytest.param(
        "contradiction",
        scheme_of(rule("S1", "周末加班", points="5"), rule("S1", "周末加班", points="-5")),
        id="加班又加又扣",
    ),
    pytest.param(
        "overlap",
        scheme_of(rule("S1", "签合同，10分/次", points="10"), rule("S1", "签合同", points="20")),
        id="签合同两条",
    ),
    pytest.param(
        "overlap",
        scheme_of(
            rule("S5", "月业绩达到10万", points="100", target="100000", unit="元", period="month"),
            rule("S5", "月业绩达到20万", points="300", target="200000", unit="元", period="month"),
        ),
        id="两档各一条",
    ),
    pytest.param("fixed_drowns", _drowned(), id="学历分占三分之二"),
    pytest.param("routine_paid", _routine(), id="人人都交日报"),
    pytest.param("never_used", _unused(), id="没人用"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "scheme"), SICK)
def test_the_mend_ends_the_finding(code: str, scheme: Scheme) -> None:
    found = [finding for finding in check_scheme(scheme) if finding.code == code]
    assert len(found) == 1
    (finding,) = found
    assert finding.what
    assert finding.why
    assert finding.mend.label
    assert finding.mend.changes or finding.mend.retires
    again = check_scheme(mended(scheme, finding.mend))
    assert finding.key not in {each.key for each in again}
    assert code not in {each.code for each in again}


@pytest.mark.parametrize(("code", "scheme"), SICK)
def test_the_mend_makes_nothing_worse(code: str, scheme: Scheme) -> None:
    """No mend brings a finding that was not there before."""
    before = {finding.key for finding in check_scheme(scheme)}
    for finding in check_scheme(scheme):
        after = {each.key for each in check_scheme(mended(scheme, finding.mend))}
        assert after <= before


SOUND = [
    pytest.param(rule("S1", "本月零投诉", points="20"), id="零投诉"),
    pytest.param(rule("S1", "举报违规操作", points="20"), id="举报违规"),
    pytest.param(rule("S1", "迟到", points="-5"), id="迟到-5"),
    pytest.param(
        rule("S3", "增加单量，上不封顶", points="50", divisor="1000", unit="元"), id="上不封顶"
    ),
    pytest.param(
        rule("S3", "回访", points="4", divisor="1", unit="个", cap="80", cap_per="week"), id="封顶"
    ),
    pytest.param(
        rule("S4", "回访", points="100", target="20", unit="个", period="week"), id="有周期"
    ),
    pytest.param(rule("S9", "客户表扬", points_min="10", points_max="50"), id="表扬10至50"),
]


@pytest.mark.parametrize("sound", SOUND)
def test_nothing_is_told_of_a_sound_rule(sound: object) -> None:
    assert check_scheme(scheme_of(sound)) == []  # type: ignore[arg-type]


def test_rules_of_different_people_do_not_meet() -> None:
    scheme = scheme_of(
        rule("S1", "整理货架", points="5", posts=[SELLER]),
        rule("S1", "整理货架", points="5", posts=[KEEPER]),
    )
    assert check_scheme(scheme) == []


def test_the_price_of_most_people_is_proposed() -> None:
    few = rule("S3", "回访", points="8", divisor="1", unit="个", posts=[KEEPER], cap="80", cap_per="week")  # fmt: skip
    many = rule("S3", "回访", points="4", divisor="1", unit="个", posts=[SELLER], cap="80", cap_per="week")  # fmt: skip
    (finding,) = check_scheme(scheme_of(few, many))
    assert finding.mend.changes == ((few.rule_id, {"points": "4"}),)


def test_weights_are_met_and_the_total_stays() -> None:
    weekly = rule("S2", "每月汇报", points="30", period="month", weight_percent="60")
    daily = rule("S2", "每月总结", points="270", period="month", weight_percent="40")
    (finding,) = check_scheme(scheme_of(weekly, daily))
    assert finding.mend.changes == (
        (weekly.rule_id, {"points": "180"}),
        (daily.rule_id, {"points": "120"}),
    )


def test_the_gravest_comes_first() -> None:
    scheme = scheme_of(rule("S1", "工作认真", points="5"), rule("S1", "迟到", points="5"))
    assert next(finding.severity for finding in check_scheme(scheme)) == HIGH


def test_fixed_points_are_brought_below_a_third() -> None:
    scheme = _drowned()
    (finding,) = check_scheme(scheme)
    (change,) = finding.mend.changes
    # 40 of behaviour stay: a quarter of the whole is a third of them.
    assert Decimal(str(change.values["points"])) == Decimal(13)
    assert Decimal("0.25") == AFLOAT


def test_a_routine_that_costs_little_is_no_finding() -> None:
    scheme = _routine()
    report = scheme.rules[0]
    uses = dict(scheme.uses) | {
        report.rule_id: use(
            gained=2_000, entries=180, events=190, full=180, possible=190, price=Decimal(5)
        )
    }
    assert check_scheme(scheme_of(*scheme.rules, months=3, uses=uses)) == []
