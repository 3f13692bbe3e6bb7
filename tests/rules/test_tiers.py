"""Tiers, caps and multipliers from a table or by hand into versions that score."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from meritbook.rules import operations
from meritbook.rules.operations.by_hand import TiersDecide
from meritbook.rules.operations.publishing import VersionIncomplete
from meritbook.rules.queries import population_names, rule_row, rulebook, version_content
from meritbook.rules.spec import EventFacts, PersonFacts, Tier
from meritbook.rules.tables import Draft
from meritbook.rules.tables.drafts import Question

NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
NOVEMBER = date(2026, 11, 1)
LADDER = [{"from": "380000", "points": "800"}, {"from": 100000, "points": "100"}]
SALES = {
    "shape": "S5",
    "standard": "月度业绩",
    "unit": "元",
    "period": "month",
    "tiers": LADDER,
}


def save(company, values, rule=None):
    return operations.save_rule(
        company_id=company.pk,
        values=values,
        population={},
        postings={},
        reason="",
        actor_id=None,
        now=NOW,
        rule=rule,
    )


def publish(company, *versions):
    operations.publish(
        company_id=company.pk,
        version_ids=[version.pk for version in versions],
        active_from=NOVEMBER,
        actor_id=None,
        now=NOW,
        accept_proposals=True,
    )
    return rulebook(company_id=company.pk)


def load(company, *drafts):
    return operations.load_drafts(
        company_id=company.pk, drafts=drafts, population={}, actor_id=None, now=NOW
    )


def test_tiers_by_hand_are_stored_in_order_and_decide_points_and_target(company):
    version = save(company, SALES)
    assert version.extra["tiers"] == [
        {"from": "100000", "points": "100"},
        {"from": "380000", "points": "800"},
    ]
    assert (version.points, version.target) == (800, 380_000)
    spec = publish(company, version).rules[version.rule_id].latest.spec
    assert spec.tiers == (
        Tier(Decimal(100_000), Decimal(100)),
        Tier(Decimal(380_000), Decimal(800)),
    )
    assert spec.money


def test_points_beside_unchanged_tiers_are_refused_not_lost(company):
    version = save(company, SALES)
    content = version_content(version)
    same = {**content, **content["extra"]}
    save(company, same, rule=version.rule)
    with pytest.raises(TiersDecide):
        save(company, same | {"points": Decimal(900)}, rule=version.rule)
    higher = [*LADDER, {"from": "500000", "points": "1500"}]
    assert save(company, same | {"tiers": higher}, rule=version.rule).points == 1500
    plain = save(company, same | {"tiers": [], "points": "900"}, rule=version.rule)
    assert (plain.points, "tiers" in plain.extra) == (900, False)


def test_what_is_no_number_is_refused(company):
    for wrong in ("许多", "NaN", "1E+12"):
        with pytest.raises(VersionIncomplete):
            save(company, SALES | {"tiers": [{"from": wrong, "points": "1"}]})


def test_tiers_with_the_same_bound_cannot_be_published(company):
    twice = [{"from": "5", "points": "1"}, {"from": "5.0", "points": "2"}]
    version = save(company, SALES | {"tiers": twice})
    with pytest.raises(VersionIncomplete, match="依次升高"):
        publish(company, version)


def test_a_table_with_tiers_again_is_unchanged_and_a_higher_bound_is_a_change(company):
    def draft(top: str) -> Draft:
        return Draft(
            sheet="销售",
            row=2,
            standard="月度业绩分档",
            shape="S5",
            unit="元",
            period="month",
            tiers=((Decimal("1E+5"), Decimal(100)), (Decimal(top), Decimal("800.0"))),
        )

    publish(company, *load(company, draft("380000")).versions)
    assert load(company, draft("380000.00")).unchanged == 1
    (line,) = load(company, draft("400000")).lines
    assert (line.change, line.version.number, line.version.target) == ("changed", 2, 400_000)


def test_a_cap_is_kept_listed_and_holds_one_event(company):
    draft = Draft(
        sheet="客服",
        row=2,
        standard="处理订单",
        shape="S3",
        points=Decimal(10),
        unit="单",
        cap=Decimal(50),
        cap_per="event",
    )
    (version,) = load(company, draft).versions
    row = rule_row(version, names=population_names(company_id=company.pk))
    assert (row["cap"], row["cap_per"], row["tiers"], row["multiplier"]) == (
        "50",
        "event",
        [],
        None,
    )
    compiled = publish(company, version).rules[version.rule_id].latest
    event = EventFacts(datetime(2026, 11, 3, 9, 0), quantity=Decimal(9))
    assert compiled.score(event, PersonFacts()).points == 50_00


def test_the_answer_to_a_multiplier_is_what_counts(company):
    draft = Draft(
        sheet="",
        row=1,
        standard="周末加班",
        points_text="双倍积分",
        shape="S10",
        multiplier=Decimal(2),
        questions=(Question("multiplier", "“双倍积分”乘在哪条标准上？", "原分值 × 2"),),
    )
    (version,) = load(company, draft).versions
    answer = {"company_id": company.pk, "version_id": version.pk, "index": 0}
    with pytest.raises(VersionIncomplete):
        operations.answer_question(**answer, answer="很多倍")
    operations.answer_question(**answer, answer="3")
    assert load(company, draft).unchanged == 1
    compiled = publish(company, version).rules[version.rule_id].latest
    event = EventFacts(datetime(2026, 11, 3, 9, 0), attributes={"分值": "20"})
    assert compiled.score(event, PersonFacts()).points == 40_00


def test_a_multiplier_that_adds_nothing_cannot_be_published(company):
    version = save(company, {"shape": "S10", "standard": "周末加班", "multiplier": "1"})
    with pytest.raises(VersionIncomplete, match="倍数要大于 1"):
        publish(company, version)
