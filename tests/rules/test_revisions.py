"""修订: 韩梅梅 proposes, 李雷 says what he thinks, 张总 or the committee decides, everybody signs."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client

from meritbook.approvals.models import Case
from meritbook.kit.tenancy import company_scope
from meritbook.notices.models import OutboxMessage
from meritbook.org.operations.audit import SYSTEM, actor_of
from meritbook.org.operations.keys import create_key
from meritbook.org.operations.people import PersonData, add_person
from meritbook.org.queries.members import Member, member
from meritbook.rules.models import Edition, Opinion, Revision, RuleVersion, Scheme, Signature
from meritbook.rules.operations.by_hand import save_rule
from meritbook.rules.operations.discarding import InRevision, discard_draft
from meritbook.rules.operations.editions import BadSignature, give_out, sign
from meritbook.rules.operations.loading import load_drafts
from meritbook.rules.operations.publishing import publish, retire
from meritbook.rules.operations.revisions import (
    BadRevision,
    Proposal,
    answer,
    propose,
    say,
    submit,
    withdraw_revision,
)
from meritbook.rules.operations.schemes import (
    Governed,
    SchemeData,
    default_scheme,
    lock,
    move_rule,
    save_scheme,
)
from meritbook.rules.queries.revisions import signed, to_sign
from meritbook.rules.queries.texts import digest, scheme_text
from meritbook.rules.tables import read_text
from tests.people import NOW, TODAY, Cast

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _at_noon(time_machine: Any, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    time_machine.move_to(NOW)


@pytest.fixture
def inside(home: Cast) -> Iterator[Cast]:
    with company_scope(home.company.pk):
        yield home


def who(cast: Cast, role: str) -> Member:
    return member(company_id=cast.company.pk, membership_id=cast.members[role].pk)


def draft_of(cast: Cast, text: str) -> RuleVersion:
    loaded = load_drafts(
        company_id=cast.company.pk, drafts=read_text(text, name="标准").drafts, population={},
        actor_id=None, now=NOW,
    )  # fmt: skip
    return loaded.versions[0]


def published(cast: Cast, text: str) -> RuleVersion:
    return publish(
        company_id=cast.company.pk, version_ids=[draft_of(cast, text).pk], active_from=TODAY,
        actor_id=None, now=NOW, accept_proposals=True,
    )[0]  # fmt: skip


def governed(cast: Cast, **how: Any) -> Scheme:
    """The scheme of all rules, changed only as ``how`` says."""
    return save_scheme(
        company_id=cast.company.pk,
        scheme=default_scheme(company_id=cast.company.pk, now=NOW),
        data=SchemeData(**{"name": "积分制度", "goal": "多做一步"} | how),
        actor=actor_of(who(cast, "owner")),
        now=NOW,
    )


def proposed(cast: Cast, scheme: Scheme, *drafts: RuleVersion, **more: Any) -> Revision:
    wanted: dict[str, Any] = {
        "title": "11 月修订", "reason": "隐患上报太少", "effective_on": TODAY,
        "version_ids": [each.pk for each in drafts],
    }  # fmt: skip
    return propose(
        scheme=scheme, proposal=Proposal(**wanted | more), actor=actor_of(who(cast, "officer")),
        today=TODAY, now=NOW,
    )  # fmt: skip


def submitted(cast: Cast, revision: Revision, *, days: int = 0) -> Revision:
    return submit(
        company_id=cast.company.pk, revision_id=revision.pk, today=TODAY + days * DAY,
        actor=actor_of(who(cast, "officer")), now=NOW + days * DAY,
    )  # fmt: skip


def test_a_company_may_go_without(inside: Cast) -> None:
    version = published(inside, "主动上报隐患，5分/次")
    assert version.status == "published"
    scheme = default_scheme(company_id=inside.company.pk, now=NOW)
    revision = submitted(inside, proposed(inside, scheme, draft_of(inside, "整理仓库，3分/次")))
    assert revision.state == "announced"


@pytest.mark.parametrize(
    "how",
    [
        pytest.param({"approval": "owner"}, id="负责人审批"),
        pytest.param({"consultation_days": 7}, id="征求意见"),
        pytest.param({"notice_days": 3}, id="提前公布"),
    ],
)
def test_who_has_rules_for_changes_keeps_them(inside: Cast, how: dict[str, Any]) -> None:
    rule = published(inside, "主动上报隐患，5分/次").rule
    scheme = governed(inside, **how)
    other = save_scheme(
        company_id=inside.company.pk, data=SchemeData(name="别的方案"),
        actor=actor_of(who(inside, "officer")), now=NOW,
    )  # fmt: skip
    with pytest.raises(Governed):
        published(inside, "整理仓库，3分/次")
    with pytest.raises(Governed):
        retire(company_id=inside.company.pk, rule_id=rule.pk, from_day=TODAY)
    with pytest.raises(Governed, match="只有负责人"):
        move_rule(rule=rule, scheme=other, actor=actor_of(who(inside, "officer")), now=NOW)
    assert scheme.is_default


def test_from_the_draft_to_the_announcement(inside: Cast) -> None:
    company_id = inside.company.pk
    published(inside, "主动上报隐患，5分/次")
    scheme = governed(inside, approval="owner", consultation_days=7, notice_days=3, must_sign=True)
    draft = draft_of(inside, "整理仓库，3分/次")
    revision = proposed(inside, scheme, draft)
    assert revision.consult_until == TODAY + 7 * DAY
    with pytest.raises(BadRevision, match="征求意见到"):
        submitted(inside, revision)
    said = say(
        revision_id=revision.pk, member=who(inside, "employee"), text="3 分太少", today=TODAY,
        now=NOW,
    )  # fmt: skip
    with pytest.raises(BadRevision, match="1 条意见没有答复"):
        submitted(inside, revision, days=8)
    reply = {
        "revision_id": revision.pk, "opinion_id": said.pk, "company_id": company_id,
        "actor": actor_of(who(inside, "officer")), "now": NOW,
    }  # fmt: skip
    answer(text="先试一个季度", **reply)
    with pytest.raises(BadRevision):
        answer(text="再答一次", **reply)
    with pytest.raises(DatabaseError), transaction.atomic():
        Opinion.objects.filter(pk=said.pk).update(answer="改口")
    with pytest.raises(BadRevision, match="已经结束"):
        say(
            revision_id=revision.pk, member=who(inside, "employee"), text="晚了",
            today=TODAY + 8 * DAY, now=NOW,
        )  # fmt: skip
    revision = submitted(inside, revision, days=8)
    assert revision.state == "approving"
    assert "新增：整理仓库" in revision.text
    assert revision.sha256 == digest(revision.text)
    with pytest.raises(DatabaseError, match="cannot change so"), transaction.atomic():
        Revision.objects.filter(pk=revision.pk).update(text="别的")
    assert revision.case is not None
    assert list(revision.case.steps.values_list("approvers__role", flat=True)) == ["owner"]


def approve(cast: Cast, revision: Revision, role: str = "owner") -> str:
    """The answer of the page after somebody agrees."""
    posted = cast.client(role).post(
        f"/approvals/{revision.case_id}/decide/", {"answer": "approve"}, follow=True
    )
    return posted.content.decode()


def test_an_approved_revision_leaves_its_notice(home: Cast) -> None:
    with company_scope(home.company.pk):
        old = published(home, "主动上报隐患，5分/次")
        scheme = governed(home, approval="owner", notice_days=3)
        draft = draft_of(home, "整理仓库，3分/次")
        revision = submitted(home, proposed(home, scheme, draft, retired_rule_ids=[old.rule_id]))
        assert revision.state == "approving"
    assert "已同意" in approve(home, revision)
    with company_scope(home.company.pk):
        revision.refresh_from_db()
        draft.refresh_from_db()
        old.refresh_from_db()
        assert (revision.state, revision.effective_on) == ("announced", TODAY + 3 * DAY)
        assert (draft.status, draft.active_from) == ("published", TODAY + 3 * DAY)
        assert (old.status, old.active_to) == ("retired", TODAY + 3 * DAY)
        edition = Edition.objects.get(company_id=home.company.pk)
        assert edition.text == scheme_text(scheme=scheme, day=TODAY + 3 * DAY)
        assert "整理仓库" in edition.text
        assert "上报隐患" not in edition.text
        told = OutboxMessage.objects.filter(company_id=home.company.pk, topic="rules.announced")
        assert told.count() == 1


def test_what_was_changed_after_submission_is_not_approved(home: Cast) -> None:
    with company_scope(home.company.pk):
        scheme = governed(home, approval="owner")
        draft = draft_of(home, "整理仓库，3分/次")
        revision = submitted(home, proposed(home, scheme, draft))
        RuleVersion.objects.filter(pk=draft.pk).update(points=300)
    assert "又被改过" in approve(home, revision)
    with company_scope(home.company.pk):
        assert Case.objects.get(pk=revision.case_id).state == "open"
        assert RuleVersion.objects.get(pk=draft.pk).status == "draft"


def test_a_locked_scheme_is_not_changed_by_approval_either(home: Cast) -> None:
    with company_scope(home.company.pk):
        scheme = governed(home, approval="owner")
        revision = submitted(home, proposed(home, scheme, draft_of(home, "整理仓库，3分/次")))
        lock(
            scheme=scheme, starts_on=TODAY, ends_on=TODAY + DAY, reason="", now=NOW,
            actor=actor_of(who(home, "owner")),
        )  # fmt: skip
    assert "锁定" in approve(home, revision)


def test_a_refused_revision_leaves_its_drafts(home: Cast) -> None:
    with company_scope(home.company.pk):
        scheme = governed(home, approval="two_level", responsible_id=home.members["head"].pk)
        draft = draft_of(home, "整理仓库，3分/次")
        revision = submitted(home, proposed(home, scheme, draft))
    assert "等待下一步审批" in approve(home, revision, "head")
    home.client("owner").post(
        f"/approvals/{revision.case_id}/decide/", {"answer": "refuse", "comment": "再想想"}
    )
    with company_scope(home.company.pk):
        revision.refresh_from_db()
        draft.refresh_from_db()
        assert (revision.state, draft.status) == ("refused", "draft")
        again = proposed(home, scheme, draft, title="再来一次")
        assert again.number == 2
        with pytest.raises(InRevision):
            discard_draft(company_id=home.company.pk, rule_id=draft.rule_id)


def test_some_revisions_cannot_be(inside: Cast) -> None:
    scheme = governed(inside, consultation_days=7)
    draft = draft_of(inside, "整理仓库，3分/次")
    with pytest.raises(BadRevision, match="请选择"):
        proposed(inside, scheme)
    with pytest.raises(BadRevision, match="标题"):
        proposed(inside, scheme, draft, title=" ")
    first = proposed(inside, scheme, draft)
    with pytest.raises(BadRevision, match="已经在修订"):
        proposed(inside, scheme, draft)
    gone = withdraw_revision(
        company_id=inside.company.pk, revision_id=first.pk, now=NOW,
        actor=actor_of(who(inside, "officer")),
    )  # fmt: skip
    assert gone.state == "withdrawn"
    with pytest.raises(BadRevision):
        submitted(inside, first, days=9)


def test_only_the_departments_named_are_asked(inside: Cast) -> None:
    from meritbook.org.models import Department

    depot = Department.objects.get(company_id=inside.company.pk, name="仓库")
    scheme = governed(inside, consultation_days=7)
    revision = proposed(
        inside, scheme, draft_of(inside, "整理仓库，3分/次"), department_ids=[depot.pk]
    )
    words = {"revision_id": revision.pk, "text": "好", "today": TODAY, "now": NOW}
    with pytest.raises(BadRevision, match="没有向你的部门"):
        say(member=who(inside, "employee"), **words)
    assert say(member=who(inside, "officer"), **words).author_name == "韩梅梅"


def test_everybody_signs_and_so_does_who_comes_later(inside: Cast) -> None:
    published(inside, "主动上报隐患，5分/次")
    scheme = governed(inside, must_sign=True)
    edition = give_out(scheme=scheme, day=TODAY, actor=actor_of(who(inside, "owner")), now=NOW)
    again = give_out(scheme=scheme, day=TODAY, actor=actor_of(who(inside, "owner")), now=NOW)
    assert again == edition, "the same text is the same edition"
    lilei = who(inside, "employee")
    assert lilei.employee is not None
    assert to_sign(company_id=inside.company.pk, employee=lilei.employee) == [edition]
    with pytest.raises(BadSignature, match="不是这一版"):
        sign(edition=edition, member=lilei, sha256="0" * 64, now=NOW)
    made = sign(edition=edition, member=lilei, sha256=edition.sha256, now=NOW)
    assert sign(edition=edition, member=lilei, sha256=edition.sha256, now=NOW + DAY) == made
    assert to_sign(company_id=inside.company.pk, employee=lilei.employee) == []
    newcomer = add_person(
        company_id=inside.company.pk, employee_no="0100", today=TODAY, now=NOW,
        person=PersonData(
            name="新来的",
            department_id=inside.people["0001"].assignments.get().department_id,
            hired_on=TODAY,
        ),
        actor=actor_of(who(inside, "owner")),
    )  # fmt: skip
    assert to_sign(company_id=inside.company.pk, employee=newcomer) == [edition]
    people = signed(edition)
    assert [each.name for each in people.signatures] == ["李雷"]
    assert newcomer in people.missing
    for change in ({"sha256": "1" * 64}, {"name": "别人"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Signature.objects.filter(pk=made.pk).update(**change)
    with pytest.raises(DatabaseError, match="cannot sign"), transaction.atomic():
        Signature.objects.create(
            company_id=inside.company.pk, edition=edition, employee=newcomer, name="新来的",
            membership=inside.members["employee"], sha256=edition.sha256, signed_at=NOW,
        )  # fmt: skip


def test_the_whole_way_on_the_pages(home: Cast) -> None:
    with company_scope(home.company.pk):
        published(home, "主动上报隐患，5分/次")
        scheme = governed(home, approval="owner", consultation_days=7, must_sign=True)
        draft = draft_of(home, "整理仓库，3分/次")
    officer, employee, owner = (home.client(each) for each in ("officer", "employee", "owner"))
    address = f"/schemes/{scheme.code}/revisions/new/"
    assert officer.post(address, {"title": "改"}).status_code == 422
    form = {
        "title": "11 月修订", "reason": "隐患太多", "version_ids": [draft.pk],
        "effective_on": TODAY,
    }  # fmt: skip
    assert "修订已发起" in officer.post(address, form, follow=True).content.decode()
    with company_scope(home.company.pk):
        revision = Revision.objects.get(company_id=home.company.pk)
    page = f"/revisions/{revision.pk}/"
    assert "“11 月修订”正在征求意见" in employee.get("/").content.decode()
    employee.post(f"{page}opinions/", {"text": "3 分太少"})
    shown = officer.get(page).content.decode()
    assert "3 分太少" in shown
    assert "act=" not in shown
    assert (
        "征求意见到" in officer.post(f"{page}act/", {"act": "submit"}, follow=True).content.decode()
    )
    with company_scope(home.company.pk):
        opinion = Opinion.objects.get(company_id=home.company.pk)
    officer.post(f"{page}act/", {"opinion": opinion.pk, "text": "下季度再看"})
    assert "下季度再看" in employee.get(page).content.decode()
    paper = SimpleUploadedFile("会议纪要.txt", "同意".encode())
    officer.post(f"{page}minutes/", {"title": "11 月例会", "file": paper})
    assert "11 月例会" in employee.get(page).content.decode()
    with company_scope(home.company.pk):
        minutes = revision.minutes.get()
    file = employee.get(f"{page}minutes/{minutes.pk}/")
    assert file.content.decode() == "同意"
    assert "attachment" in file["Content-Disposition"]
    with company_scope(home.company.pk):
        Revision.objects.filter(pk=revision.pk).update(consult_until=TODAY - DAY)
    assert (
        "已提交审批" in officer.post(f"{page}act/", {"act": "submit"}, follow=True).content.decode()
    )
    with company_scope(home.company.pk):
        revision.refresh_from_db()
    assert "新增" not in owner.get(f"/approvals/{revision.case_id}/").content.decode()
    assert "整理仓库" in owner.get(f"/approvals/{revision.case_id}/").content.decode()
    assert "已同意" in approve(home, revision)
    assert "请阅读并签收“积分制度”" in employee.get("/").content.decode()
    with company_scope(home.company.pk):
        edition = Edition.objects.get(company_id=home.company.pk)
    text = employee.get(f"/editions/{edition.pk}/").content.decode()
    assert "整理仓库" in text
    assert edition.sha256 in text
    employee.post(f"/editions/{edition.pk}/sign/", {"sha256": edition.sha256})
    assert "请阅读并签收" not in employee.get("/").content.decode()
    assert "李雷" in officer.get(f"/editions/{edition.pk}/?tab=signed").content.decode()
    assert "赵敏" in officer.get(f"/editions/{edition.pk}/").content.decode()
    assert "赵敏" not in employee.get(f"/editions/{edition.pk}/").content.decode()


def test_two_versions_side_by_side(home: Cast) -> None:
    with company_scope(home.company.pk):
        version = published(home, "主动上报隐患，5分/次")
        save_rule(
            company_id=home.company.pk, rule=version.rule, population={}, postings={},
            values={"shape": "S1", "standard": "主动上报隐患", "points": "8"}, reason="太少",
            actor_id=None, now=NOW,
        )  # fmt: skip
    address = f"/rules/{version.rule.code}/compare/"
    shown = home.client("officer").get(address).content.decode()
    assert "有改动" in shown
    assert "<ins" in shown
    assert "只有一个版本" in home.client("employee").get(address).content.decode()


def test_programs_read_revisions_and_signatures(home: Cast) -> None:
    with company_scope(home.company.pk):
        published(home, "主动上报隐患，5分/次")
        scheme = governed(home, must_sign=True)
        proposed(home, scheme, draft_of(home, "整理仓库，3分/次"))
        key = create_key(
            company_id=home.company.pk,
            name="人事系统",
            scopes=["rules:read"],
            now=NOW,
            actor=SYSTEM,
        ).token
    headers = {"Authorization": f"Bearer {key}"}
    address = f"/api/v1/schemes/{scheme.code}"
    before = Client().get(f"{address}/signatures", headers=headers).json()
    assert (before["edition"], before["missing"]) == (None, [])
    with company_scope(home.company.pk):
        edition = give_out(scheme=scheme, day=TODAY, actor=SYSTEM, now=NOW)
        sign(edition=edition, member=who(home, "employee"), sha256=edition.sha256, now=NOW)
    after = Client().get(f"{address}/signatures", headers=headers).json()
    assert after["sha256"] == edition.sha256
    assert [each["employee_no"] for each in after["signed"]] == ["0001"]
    assert after["missing"] == ["0002", "0003", "0004", "0009"]
    (found,) = Client().get(f"{address}/revisions", headers=headers).json()["items"]
    assert (found["title"], found["state"]) == ("11 月修订", "consulting")
    (one,) = Client().get("/api/v1/schemes", headers=headers).json()["items"]
    assert (one["goal"], one["must_sign"]) == ("多做一步", True)
    assert Client().get("/api/v1/schemes/none/revisions", headers=headers).status_code == 404
