"""Schemes: a goal in words and numbers, whose it is, looking back, standing still for a while."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from meritbook.kit.tenancy import company_scope
from meritbook.notices.models import OutboxMessage
from meritbook.org.operations.audit import SYSTEM
from meritbook.rules.models import Lock, Review, Rule, Scheme
from meritbook.rules.operations.loading import load_drafts
from meritbook.rules.operations.publishing import publish, retire
from meritbook.rules.operations.schemes import (
    BadScheme,
    Locked,
    SchemeData,
    default_scheme,
    lock,
    review,
    save_scheme,
    tell_reviews_due,
)
from meritbook.rules.tables import read_text
from tests.people import NOW, TODAY, Cast

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _at_noon(time_machine: Any) -> None:
    time_machine.move_to(NOW)


@pytest.fixture
def inside(home: Cast) -> Iterator[Cast]:
    with company_scope(home.company.pk):
        yield home


def drafts(cast: Cast, text: str = "主动上报隐患，5分/次") -> list[int]:
    loaded = load_drafts(
        company_id=cast.company.pk, drafts=read_text(text, name="标准").drafts, population={},
        actor_id=None, now=NOW,
    )  # fmt: skip
    return [each.pk for each in loaded.versions]


def published(cast: Cast, day: date = TODAY) -> Rule:
    found = publish(
        company_id=cast.company.pk, version_ids=drafts(cast), active_from=day, actor_id=None,
        now=NOW, accept_proposals=True,
    )  # fmt: skip
    return found[0].rule


def test_each_rule_belongs_to_a_scheme(inside: Cast) -> None:
    rule = published(inside)
    assert rule.scheme == default_scheme(company_id=inside.company.pk, now=NOW)
    assert Scheme.objects.filter(company_id=inside.company.pk).count() == 1


@pytest.mark.parametrize(
    ("said", "why"),
    [
        pytest.param({"name": " "}, "名称", id="没有名称"),
        pytest.param({"measure_to": Decimal(3)}, "期限", id="有数值没有指标和期限"),
        pytest.param({"approval": "committee"}, "委员会", id="没说哪个委员会"),
        pytest.param({"approval": "two_level"}, "负责人", id="两级会签没有负责人"),
        pytest.param({"responsible_id": 10**9}, "同事", id="负责人不是本公司的人"),
    ],
)
def test_some_schemes_cannot_be(inside: Cast, said: dict[str, Any], why: str) -> None:
    with pytest.raises(BadScheme, match=why):
        save_scheme(
            company_id=inside.company.pk, data=SchemeData(**{"name": "销售方案"} | said),
            actor=SYSTEM, now=NOW,
        )  # fmt: skip
    assert not Scheme.objects.filter(company_id=inside.company.pk).exists()


def test_a_name_is_used_once(inside: Cast) -> None:
    company_id = inside.company.pk
    made = save_scheme(
        company_id=company_id, data=SchemeData(name="销售方案"), actor=SYSTEM, now=NOW
    )
    assert made.is_default
    with pytest.raises(BadScheme, match="已经有"):
        save_scheme(company_id=company_id, data=SchemeData(name="销售方案"), actor=SYSTEM, now=NOW)
    again = SchemeData(name="销售方案", goal="多拜访")
    save_scheme(company_id=company_id, data=again, actor=SYSTEM, now=NOW, scheme=made)


def test_a_review_is_told_once_and_kept(inside: Cast) -> None:
    company_id = inside.company.pk
    scheme = save_scheme(
        company_id=company_id, data=SchemeData(name="方案", review_on=TODAY + 8 * DAY),
        actor=SYSTEM, now=NOW,
    )  # fmt: skip
    assert tell_reviews_due(company_id=company_id, today=TODAY, now=NOW) == []
    assert tell_reviews_due(company_id=company_id, today=TODAY + DAY, now=NOW) == [scheme]
    assert tell_reviews_due(company_id=company_id, today=TODAY + 2 * DAY, now=NOW) == []
    told = OutboxMessage.objects.filter(company_id=company_id, topic="rules.review_due")
    assert [each.payload["scheme"] for each in told] == [scheme.code]
    with pytest.raises(BadScheme):
        review(
            scheme=scheme, findings="好", measured=None, next_on=TODAY, today=TODAY,
            actor=SYSTEM, now=NOW,
        )  # fmt: skip
    review(
        scheme=scheme, findings="有效", measured=Decimal(9), next_on=TODAY + 90 * DAY, today=TODAY,
        actor=SYSTEM, now=NOW,
    )  # fmt: skip
    assert Scheme.objects.get(pk=scheme.pk).review_on == TODAY + 90 * DAY
    with pytest.raises(DatabaseError), transaction.atomic():
        Review.objects.filter(scheme=scheme).update(findings="无效")


def test_nothing_changes_while_a_scheme_is_locked(inside: Cast) -> None:
    rule = published(inside)
    scheme = default_scheme(company_id=inside.company.pk, now=NOW)
    made = lock(
        scheme=scheme, starts_on=TODAY + DAY, ends_on=TODAY + 5 * DAY, reason="年底冲刺",
        actor=SYSTEM, now=NOW,
    )  # fmt: skip
    more = drafts(inside, "整理仓库，3分/次")
    for day, is_locked in ((0, False), (1, True), (5, True), (6, False)):
        change = {
            "company_id": inside.company.pk, "version_ids": more, "active_from": TODAY + day * DAY,
            "actor_id": None, "now": NOW, "accept_proposals": True,
        }  # fmt: skip
        if is_locked:
            with pytest.raises(Locked, match="锁定"):
                publish(**change)
            with pytest.raises(Locked):
                retire(company_id=inside.company.pk, rule_id=rule.pk, from_day=TODAY + day * DAY)
    with pytest.raises(BadScheme):
        lock(scheme=scheme, starts_on=TODAY, ends_on=TODAY - DAY, reason="", actor=SYSTEM, now=NOW)
    with pytest.raises(DatabaseError), transaction.atomic():
        Lock.objects.filter(pk=made.pk).update(ends_on=TODAY + DAY)


def test_a_scheme_on_its_pages(home: Cast) -> None:
    with company_scope(home.company.pk):
        rule = published(home)
    officer, owner, employee = (home.client(each) for each in ("officer", "owner", "employee"))
    form = {
        "name": "销售积分方案", "goal": "多拜访", "measure": "月回款", "measure_from": "180",
        "measure_to": "250", "measure_by": "2027-03-31", "measure_unit": "万元",
        "review_on": TODAY + 2 * DAY,
    }  # fmt: skip
    assert officer.post("/schemes/new/", form | {"measure_by": ""}).status_code == 422
    assert "方案已保存" in officer.post("/schemes/new/", form, follow=True).content.decode()
    assert "销售积分方案”该复盘了" in officer.get("/").content.decode()
    assert "该复盘了" not in employee.get("/").content.decode()
    officer.post(f"/rules/{rule.code}/scheme/", {"scheme": "s2"})
    shown = employee.get("/schemes/s2/").content.decode()
    assert "主动上报隐患" in shown
    assert "现在 180" in shown
    assert "scheme-review" not in shown
    officer.post("/schemes/s2/review/", {"measured": "215", "findings": "有效", "next_on": ""})
    shown = employee.get("/schemes/s2/").content.decode()
    assert "完成 50%" in shown
    assert "该复盘了" not in officer.get("/").content.decode()
    assert officer.get("/schemes/s2/governance/").status_code == 403
    rules = {"consultation_days": 7, "approval": "owner", "limit_hours": 72, "notice_days": 3}
    assert owner.post("/schemes/s2/governance/", rules).status_code == 302
    shown = employee.get("/schemes/s2/").content.decode()
    assert "先征求意见 7 天" in shown
    assert "批准后公布 3 天才生效" in shown
    owner.post("/schemes/s2/lock/", {"starts_on": TODAY, "ends_on": TODAY + DAY, "reason": "盘点"})
    refused = officer.post(
        f"/rules/{rule.code}/retire/", {"active_to": TODAY, "reason": "不用了"}, follow=True
    )
    assert "锁定，不能有改动" in refused.content.decode()
    with company_scope(home.company.pk):
        found = Lock.objects.get(company_id=home.company.pk)
    owner.post("/schemes/s2/lock/", {"lift": found.pk})
    assert "没有锁定期" in employee.get("/schemes/s2/").content.decode()
    assert employee.get("/schemes/none/").status_code == 404
