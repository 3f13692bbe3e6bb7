"""一条标准怎么改: the committee of 宏远 changes what a report of a hazard is worth.

November. 张总 makes a committee and says that changes of the scheme are consulted on for a week, voted
on, and announced three days ahead; everybody signs. 韩梅梅 drafts 8 points in place of 5 and asks. 李雷
finds it too little, 韩梅梅 answers. She submits after a week; 张总 is travelling and has 王强 stand in for
him. 王强 has his own voice too: the committee has three members, and two votes carry it. Three days
later the new version counts, and until then the old one does. 李雷 signs; the newcomer has to as well.
"""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from meritbook.approvals.models import Committee
from meritbook.kit.tenancy import company_scope
from meritbook.org.operations.audit import SYSTEM
from meritbook.org.operations.people import PersonData, add_person
from meritbook.rules.models import Edition, Opinion, Revision, RuleVersion
from meritbook.rules.operations.by_hand import save_rule
from meritbook.rules.operations.loading import load_drafts
from meritbook.rules.operations.publishing import publish
from meritbook.rules.queries import rulebook, version_content
from meritbook.rules.queries.revisions import to_sign
from meritbook.rules.tables import read_text
from tests.people import NOW, TODAY, Cast

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def said(client: Client, address: str, **form: Any) -> str:
    """The page that a form leads to."""
    answer = client.post(address, form, follow=True)
    assert answer.status_code == 200, address
    return answer.content.decode()


def worth_on(cast: Cast, rule_id: int, day: date) -> object:
    """What the rule gives on a day."""
    with company_scope(cast.company.pk):
        found = rulebook(company_id=cast.company.pk).version_on(rule_id, day)
    return found.spec.points if found is not None else None


def test_a_rule_changes(home: Cast, time_machine: Any) -> None:
    def at(days: int) -> datetime:
        moment = NOW + days * DAY
        time_machine.move_to(moment)
        return moment

    company_id = home.company.pk
    at(0)
    owner, officer, head, employee = (
        home.client(role) for role in ("owner", "officer", "head", "employee")
    )
    with company_scope(company_id):
        loaded = load_drafts(
            company_id=company_id, drafts=read_text("主动上报隐患，5分/次", name="标准").drafts,
            population={}, actor_id=None, now=NOW,
        )  # fmt: skip
        old = publish(
            company_id=company_id, version_ids=[each.pk for each in loaded.versions],
            active_from=TODAY, actor_id=None, now=NOW, accept_proposals=True,
        )[0]  # fmt: skip
        code, rule_id = old.rule.code, old.rule_id
        scheme = old.rule.scheme.code
    people = [home.members[role].pk for role in ("owner", "officer", "head")]
    said(owner, "/approvals/committees/", name="积分委员会", members=people, quorum_percent=50)
    with company_scope(company_id):
        committee = Committee.objects.get(company_id=company_id).pk
    said(
        owner, f"/schemes/{scheme}/governance/", approval="committee", committee_id=committee,
        consultation_days=7, notice_days=3, limit_hours=72, must_sign="on",
    )  # fmt: skip
    with company_scope(company_id):
        draft = save_rule(
            company_id=company_id, rule=old.rule, population={}, postings={}, actor_id=None, now=NOW,
            values=version_content(old) | {"points": "8"}, reason="上报太少",
        )  # fmt: skip
    refused = said(officer, f"/rules/{code}/publish/", active_to=TODAY)
    assert "要先走修订" in refused

    said(
        officer, f"/schemes/{scheme}/revisions/new/", title="隐患加分", reason="上报太少",
        version_ids=[draft.pk], effective_on=TODAY,
    )  # fmt: skip
    with company_scope(company_id):
        revision = Revision.objects.get(company_id=company_id)
    page = f"/revisions/{revision.pk}/"
    said(employee, f"{page}opinions/", text="8 分还是少")
    with company_scope(company_id):
        opinion = Opinion.objects.get(company_id=company_id)
    said(officer, f"{page}act/", opinion=opinion.pk, text="先用一个季度")

    at(8)
    assert "已提交审批" in said(officer, f"{page}act/", act="submit")
    with company_scope(company_id):
        revision.refresh_from_db()
        case_id = revision.case_id
    # 韩梅梅 asked, so she has no vote: 张总 and 王强 are left, and both are needed.
    assert "2 位委员表决" in owner.get(f"/approvals/{case_id}/").content.decode()
    said(
        owner, "/approvals/delegates/", delegator=home.members["owner"].pk,
        delegate=home.members["head"].pk, starts_on=TODAY + 8 * DAY, ends_on=TODAY + 9 * DAY,
        reason="出差",
    )  # fmt: skip
    assert "等待下一步" in said(head, f"/approvals/{case_id}/decide/", answer="approve")
    # One person, one answer: 张总 votes himself from the road.
    assert "已经审批过" in said(head, f"/approvals/{case_id}/decide/", answer="approve")
    assert "已同意" in said(owner, f"/approvals/{case_id}/decide/", answer="approve")

    with company_scope(company_id):
        revision.refresh_from_db()
        assert RuleVersion.objects.get(pk=draft.pk).status == "published"
    starts = TODAY + 11 * DAY
    assert (revision.state, revision.effective_on) == ("announced", starts)
    assert worth_on(home, rule_id, starts - DAY) == 5
    assert worth_on(home, rule_id, starts) == 8

    assert "请阅读并签收" in employee.get("/").content.decode()
    with company_scope(company_id):
        edition = Edition.objects.get(company_id=company_id)
    said(employee, f"/editions/{edition.pk}/sign/", sha256=edition.sha256)
    now = at(30)
    with company_scope(company_id):
        newcomer = add_person(
            company_id=company_id, employee_no="0100", today=TODAY + 30 * DAY, now=now,
            person=PersonData(
                name="新来的",
                department_id=home.people["0001"].assignments.get().department_id,
                hired_on=TODAY + 30 * DAY,
            ),
            actor=SYSTEM,
        )  # fmt: skip
        assert to_sign(company_id=company_id, employee=newcomer) == [edition]
        assert to_sign(company_id=company_id, employee=home.people["0001"]) == []
    # Whoever comes back a month later signs in again.
    assert "8 分还是少" in home.client("employee").get("/handbook/").content.decode()
