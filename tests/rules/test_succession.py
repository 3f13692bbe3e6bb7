"""Rules split and merged: successors name those they follow, and history joins."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from meritbook.kit.tenancy import company_scope
from meritbook.rules import operations
from meritbook.rules.models import RuleVersion
from meritbook.rules.operations.publishing import VersionsOverlap
from meritbook.rules.operations.succession import PredecessorUnknown, ancestors
from tests.people import NOW, Cast

FORM = {
    "direction": "award",
    "points": "5",
    "unit": "次",
    "cap_per": "event",
    "active_from": "2026-11-15",
    "action": "publish",
}


@pytest.fixture
def officer(home: Cast) -> Client:
    return home.client("officer")


def published(home: Cast, standard: str, day: date = date(2026, 11, 1), **more: Any) -> RuleVersion:
    with company_scope(home.company.pk):
        version = operations.save_rule(
            company_id=home.company.pk,
            values={"shape": "S1", "standard": standard, "points": "10", **more},
            population={},
            postings={},
            reason="",
            actor_id=None,
            now=NOW,
        )
        operations.publish(
            company_id=home.company.pk,
            version_ids=[version.pk],
            active_from=day,
            actor_id=None,
            now=NOW,
        )
    return version


def stored(home: Cast, code: str) -> RuleVersion:
    with company_scope(home.company.pk):
        return RuleVersion.objects.select_related("rule").get(
            company_id=home.company.pk, rule__code=code
        )


def test_two_rules_become_one(officer: Client, home: Cast) -> None:
    old = [published(home, name).rule.code for name in ("电话回访", "上门回访")]
    address = f"/rules/new/?after={old[0]}&after={old[1]}"
    page = officer.get(address).content.decode()
    assert "接替：" in page
    assert 'value="10"' in page
    response = officer.post(
        address, {**FORM, "standard": "客户回访", "succeeds": "\t".join(old)}, follow=True
    )
    assert response.status_code == 200
    shown = response.content.decode()
    assert "电话回访" in shown
    assert "上门回访" in shown
    for code in old:
        before = stored(home, code)
        assert (before.status, before.active_to) == ("retired", date(2026, 11, 15))
    assert "已由它接替" in officer.get(f"/rules/{old[0]}/").content.decode()


def test_history_joins(officer: Client, home: Cast) -> None:
    from meritbook.awards.content import NewEvent
    from meritbook.awards.operations import record

    old = published(home, "电话回访").rule.code
    with company_scope(home.company.pk):
        event = NewEvent("E1", old, "0001", NOW.replace(day=10, tzinfo=None))
        record(company_id=home.company.pk, events=[event], source="crm", now=NOW)
    middle = published(home, "回访", date(2026, 11, 12), succeeds=[old]).rule.code
    last = published(home, "客户回访", date(2026, 11, 14), succeeds=[middle]).rule.code
    with company_scope(home.company.pk):
        assert ancestors(home.company.pk, [last]) == [middle, old]
    entries = officer.get(f"/rules/{last}/entries/").content.decode()
    assert "电话回访" in entries
    assert "李雷" in entries


def test_nobody_follows_itself_or_what_follows_it(home: Cast) -> None:
    old = published(home, "电话回访")
    new = published(home, "回访", succeeds=[old.rule.code])
    with company_scope(home.company.pk):
        for rule, code in ((old.rule, new.rule.code), (new.rule, new.rule.code)):
            with pytest.raises(PredecessorUnknown, match="不能再反过来接替"):
                operations.save_rule(
                    company_id=home.company.pk,
                    values={"shape": "S1", "standard": "x", "points": "1", "succeeds": [code]},
                    population={},
                    postings={},
                    reason="",
                    actor_id=None,
                    now=NOW,
                    rule=rule,
                )


def test_unknown_predecessors_are_refused(officer: Client, home: Cast) -> None:
    response = officer.post("/rules/new/?shape=S1", {**FORM, "standard": "x", "succeeds": "没有"})
    assert response.status_code == 422
    assert "没有编号为“没有”的积分标准" in response.content.decode()
    assert officer.get("/rules/new/?after=nothing").status_code == 404


def test_versions_that_overlap_are_refused_with_the_way_out(home: Cast) -> None:
    later = published(home, "回访", date(2026, 12, 1))
    with company_scope(home.company.pk):
        draft = operations.save_rule(
            company_id=home.company.pk,
            values={"shape": "S1", "standard": "回访", "points": "20"},
            population={},
            postings={},
            reason="",
            actor_id=None,
            now=NOW,
            rule=later.rule,
        )
        with pytest.raises(VersionsOverlap, match="改到 2026-12-01 或以后"):
            operations.publish(
                company_id=home.company.pk,
                version_ids=[draft.pk],
                active_from=date(2026, 11, 20),
                actor_id=None,
                now=NOW,
            )
