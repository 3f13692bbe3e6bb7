"""Rule tables become versions: new, unchanged, changed; published with or without questions."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import Error, transaction

from meritbook.org.models import Company, Department
from meritbook.rules import operations
from meritbook.rules.models import Rule, RuleVersion
from meritbook.rules.operations import OpenQuestions
from meritbook.rules.queries import latest_versions, rulebook
from meritbook.rules.sheets import read_rule_path

DATA = Path(__file__).parent.parent / "data"
NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
NOVEMBER = date(2026, 11, 1)


def load(company: Company, drafts, population=None):
    return operations.load_drafts(
        company_id=company.pk,
        drafts=drafts,
        population=population or {},
        actor_id=None,
        now=NOW,
    )


def publish(company: Company, loaded, active_from=NOVEMBER, *, accept_proposals=True, now=NOW):
    return operations.publish(
        company_id=company.pk,
        version_ids=[version.pk for version in loaded.versions],
        active_from=active_from,
        actor_id=None,
        now=now,
        accept_proposals=accept_proposals,
    )


def department(company: Company, name: str) -> Department:
    made = Department.objects.create(company_id=company.pk, name=name)
    made.path_ids = [made.pk]
    made.save(update_fields=["path_ids"])
    return made


@pytest.fixture
def tables():
    return read_rule_path(DATA / "rule-tables-003.xlsx").drafts


def test_all_lines_become_drafts_with_codes_of_their_own(company, tables):
    loaded = load(company, tables)
    assert len(loaded.lines) == 41
    assert {line.change for line in loaded.lines} == {"new"}
    assert {version.status for version in loaded.versions} == {"draft"}
    assert len({version.rule.code for version in loaded.versions}) == 41
    assert rulebook(company_id=company.pk).rules == {}


def test_codes_are_the_same_in_every_company(companies, tables):
    from meritbook.kit.tenancy import company_scope

    codes = []
    for each in (companies.ours, companies.theirs):
        with company_scope(each.pk):
            codes.append([version.rule.code for version in load(each, tables).versions])
    assert codes[0] == codes[1]


def test_the_same_table_again_changes_nothing(company, tables):
    publish(company, load(company, tables))
    again = load(company, tables)
    assert again.unchanged == 41
    assert RuleVersion.objects.filter(company_id=company.pk).count() == 41


def test_a_changed_line_becomes_the_next_version_and_keeps_its_code(company, tables):
    first = publish(company, load(company, tables))
    changed = [
        replace(draft, points=Decimal(60)) if draft.standard == "增加单量每 1 千" else draft
        for draft in tables
    ]
    again = load(company, changed)
    assert [line.change for line in again.lines].count("changed") == 1
    (line,) = [line for line in again.lines if line.change == "changed"]
    assert (line.version.number, line.version.points, line.version.status) == (2, 60, "draft")

    publish(company, again, date(2026, 12, 1))
    book = rulebook(company_id=company.pk)
    rule_id = line.version.rule_id
    assert book.version_on(rule_id, date(2026, 11, 30)).spec.points == 50
    assert book.version_on(rule_id, date(2026, 12, 1)).spec.points == 60
    assert book.version_on(rule_id, date(2026, 10, 31)) is None
    assert len(first) == 41


def test_a_number_inside_the_standard_does_not_change_the_code(company, tables):
    publish(company, load(company, tables))
    changed = [
        replace(draft, standard="每周回访老客户 25 个,每个按比例", target=Decimal(25))
        if draft.standard.startswith("每周回访老客户")
        else draft
        for draft in tables
    ]
    assert [line.change for line in load(company, changed).lines].count("changed") == 1
    assert Rule.objects.filter(company_id=company.pk).count() == 41


def test_open_questions_stop_publishing_until_they_are_answered(company, tables):
    loaded = load(company, tables)
    with pytest.raises(OpenQuestions):
        publish(company, loaded, accept_proposals=False)
    assert not latest_versions(company_id=company.pk, status="published").exists()
    for version in loaded.versions:
        for index in range(len(version.questions)):
            operations.answer_question(
                company_id=company.pk, version_id=version.pk, index=index, answer=None
            )
    assert len(publish(company, loaded, accept_proposals=False)) == 41


def test_an_answer_of_ones_own_changes_the_field_and_not_the_line(company, tables):
    loaded = load(company, tables)
    version = next(v for v in loaded.versions if v.standard == "转介绍 1 个")
    (question,) = version.questions
    operations.answer_question(
        company_id=company.pk,
        version_id=version.pk,
        index=0,
        answer="2" if question["field"] == "threshold" else "true",
    )
    publish(company, loaded)
    assert load(company, tables).unchanged == 41


def test_a_sheet_named_like_a_department_asks_whom_it_is_for(company, tables):
    service = department(company, "客服部")
    loaded = load(company, tables)
    asked = [v for v in loaded.versions if any(q["field"] == "population" for q in v.questions)]
    assert [version.rule.sheet for version in asked] == ["客服"]
    index = [q["field"] for q in asked[0].questions].index("population")
    operations.answer_question(
        company_id=company.pk, version_id=asked[0].pk, index=index, answer="only"
    )
    restricted = [
        version.rule.sheet
        for version in latest_versions(company_id=company.pk)
        if version.population == {"departments": [service.pk]}
    ]
    assert restricted == ["客服"] * 11


def test_the_named_department_is_the_population(company, tables):
    sales = department(company, "销售部")
    population = operations.department_population(company_id=company.pk, department="销售部")
    publish(company, load(company, tables, population))
    specs = [line.latest.spec for line in rulebook(company_id=company.pk).rules.values()]
    assert {spec.population.departments for spec in specs} == {frozenset({sales.pk})}
    with pytest.raises(operations.DepartmentUnknown):
        operations.department_population(company_id=company.pk, department="没有的部门")


def test_a_published_version_never_changes(company, tables):
    version = publish(company, load(company, tables))[0]
    for change in ({"points": 1}, {"standard": "x"}, {"status": "draft"}):
        with pytest.raises(Error), transaction.atomic():
            RuleVersion.objects.filter(pk=version.pk).update(**change)
    with pytest.raises(Error), transaction.atomic():
        RuleVersion.objects.filter(pk=version.pk).delete()


def test_a_retired_rule_counts_until_its_last_day(company, tables):
    version = publish(company, load(company, tables))[0]
    operations.retire(company_id=company.pk, rule_id=version.rule_id, from_day=date(2026, 11, 10))
    book = rulebook(company_id=company.pk)
    assert book.version_on(version.rule_id, date(2026, 11, 9)) is not None
    assert book.version_on(version.rule_id, date(2026, 11, 10)) is None


def test_a_version_from_the_past_replaces_one_that_began_later(company, tables):
    publish(company, load(company, tables), date(2026, 11, 15))
    changed = [replace(draft, points=Decimal(7)) if draft.row == 15 else draft for draft in tables]
    late = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
    publish(company, load(company, changed), NOVEMBER, now=late)
    rule_id = next(v.rule_id for v in latest_versions(company_id=company.pk) if v.points == 7)
    book = rulebook(company_id=company.pk)
    assert [book.version_on(rule_id, date(2026, 11, day)).spec.points for day in (1, 15, 30)] == [
        7,
        7,
        7,
    ]


def test_a_rule_by_hand_gets_a_code_and_versions(company):
    values = {"shape": "S1", "standard": "好人好事", "points": "20"}
    common = {"population": {}, "postings": {}, "actor_id": None, "now": NOW}
    first = operations.save_rule(company_id=company.pk, values=values, reason="", **common)
    operations.publish(
        company_id=company.pk, version_ids=[first.pk], active_from=NOVEMBER, actor_id=None, now=NOW
    )
    second = operations.save_rule(
        company_id=company.pk,
        values=values | {"points": "30"},
        reason="鼓励更多",
        rule=first.rule,
        **common,
    )
    assert (second.number, second.rule_id, second.reason) == (2, first.rule_id, "鼓励更多")
    other = operations.save_rule(company_id=company.pk, values=values, reason="", **common)
    assert other.rule.code != first.rule.code
