"""The handbook says what the rules say; the evidence pack prints what was kept, hashes and all."""

import hashlib
from typing import Any

import pypdfium2
import pytest

from meritbook.kit.pdf import PdfColumn, PdfReport, PdfSection, write_report
from meritbook.kit.tenancy import company_scope
from meritbook.org.operations.audit import actor_of
from meritbook.org.queries.members import member
from meritbook.rules.models import Edition, Opinion, Revision, Scheme
from meritbook.rules.operations.editions import sign
from meritbook.rules.operations.loading import load_drafts
from meritbook.rules.operations.publishing import publish
from meritbook.rules.operations.revisions import Proposal, answer, propose, say, submit
from meritbook.rules.operations.schemes import SchemeData, default_scheme, save_scheme
from meritbook.rules.tables import read_text
from meritbook.site.evidence import scheme_evidence
from tests.people import CANARY, NOW, TODAY, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_noon(time_machine: Any) -> None:
    time_machine.move_to(NOW)


def text_of(pdf: bytes) -> str:
    """All that is printed, without the breaks of lines."""
    document = pypdfium2.PdfDocument(pdf)
    pages = [page.get_textpage().get_text_range() for page in document]
    return "".join("".join(pages).split())


def furnish(cast: Cast) -> Scheme:
    """Two rules in force, a change that was talked about and announced, one signature."""
    company_id = cast.company.pk
    boss, officer, lilei = (
        member(company_id=company_id, membership_id=cast.members[role].pk)
        for role in ("owner", "officer", "employee")
    )
    drafts = read_text("主动上报隐患，5分/次\n迟到，-5分/次", name="标准").drafts
    loaded = load_drafts(
        company_id=company_id, drafts=drafts, population={}, actor_id=None, now=NOW
    )
    publish(
        company_id=company_id, version_ids=[each.pk for each in loaded.versions],
        active_from=TODAY, actor_id=None, now=NOW, accept_proposals=True,
    )  # fmt: skip
    scheme = save_scheme(
        company_id=company_id, scheme=default_scheme(company_id=company_id, now=NOW),
        data=SchemeData(name="全员方案", goal="安全第一", consultation_days=1, must_sign=True),
        actor=actor_of(boss), now=NOW,
    )  # fmt: skip
    more = load_drafts(
        company_id=company_id, drafts=read_text("整理仓库，3分/次", name="标准").drafts,
        population={}, actor_id=None, now=NOW,
    )  # fmt: skip
    revision = propose(
        scheme=scheme, actor=actor_of(officer), today=TODAY, now=NOW,
        proposal=Proposal(
            title="仓库修订", reason="仓库太乱", effective_on=TODAY,
            version_ids=[each.pk for each in more.versions],
        ),
    )  # fmt: skip
    said = say(revision_id=revision.pk, member=lilei, text="3 分太少吗？", today=TODAY, now=NOW)
    answer(
        revision_id=revision.pk, opinion_id=said.pk, text="先试一季", actor=actor_of(officer),
        company_id=company_id, now=NOW,
    )  # fmt: skip
    Revision.objects.filter(pk=revision.pk).update(consult_until=None)
    submit(
        company_id=company_id, revision_id=revision.pk, actor=actor_of(officer), today=TODAY,
        now=NOW,
    )  # fmt: skip
    edition = Edition.objects.get(company_id=company_id)
    sign(edition=edition, member=lilei, sha256=edition.sha256, now=NOW)
    return scheme


def test_a_report_breaks_long_texts_over_pages() -> None:
    long = "\n".join(f"第{number}行" for number in range(200))
    report = PdfReport(
        title="报告",
        facts=(("公司", "宏远"),),
        sections=(
            PdfSection("一", (long,)),
            PdfSection("二", columns=(PdfColumn("列", 1),), rows=[("格",)]),
        ),
    )
    pdf = write_report(report)
    assert len(pypdfium2.PdfDocument(pdf)) > 2
    printed = text_of(pdf)
    assert all(each in printed for each in ("第0行", "第199行", "格", "宏远"))


def test_the_handbook_says_what_counts(home: Cast) -> None:
    with company_scope(home.company.pk):
        furnish(home)
    employee = home.client("employee")
    shown = employee.get("/handbook/").content.decode()
    for words in (
        "主动上报隐患",
        "整理仓库",
        "迟到",
        "安全第一",
        "荣誉分",
        "3 分太少吗？",
        "先试一季",
    ):
        assert words in shown
    found = employee.get("/handbook/?q=仓库").content.decode()
    assert "整理仓库" in found
    assert "上报隐患" not in found
    assert "手册里没有找到" in employee.get("/handbook/?q=zzzz").content.decode()
    file = employee.get("/handbook.pdf")
    assert file["Content-Type"] == "application/pdf"
    printed = text_of(file.content)
    for words in ("整理仓库", "怎么扣分", "可用分", "韩梅梅", "先试一季"):
        assert words in printed


def test_the_handbook_can_be_ones_own(home: Cast) -> None:
    from meritbook.org.models import Department

    with company_scope(home.company.pk):
        depot = Department.objects.get(company_id=home.company.pk, name="仓库")
        loaded = load_drafts(
            company_id=home.company.pk, drafts=read_text("整理货架，3分/次", name="标准").drafts,
            population={"departments": [depot.pk]}, actor_id=None, now=NOW,
        )  # fmt: skip
        publish(
            company_id=home.company.pk, version_ids=[each.pk for each in loaded.versions],
            active_from=TODAY, actor_id=None, now=NOW, accept_proposals=True,
        )  # fmt: skip
    employee = home.client("employee")
    assert "整理货架" in employee.get("/handbook/").content.decode()
    assert "整理货架" not in employee.get("/handbook/?mine=1").content.decode()


def test_the_evidence_of_a_scheme(home: Cast, away: Cast) -> None:
    with company_scope(home.company.pk):
        scheme = furnish(home)
        edition = Edition.objects.get(company_id=home.company.pk)
    officer, employee = home.client("officer"), home.client("employee")
    printed = text_of(officer.get(f"/schemes/{scheme.code}/evidence.pdf").content)
    for words in (
        "仓库修订",
        "3分太少吗？",
        "先试一季",
        "整理仓库",
        "李雷",
        edition.sha256,
        "重新计算：一致",
    ):
        assert words in printed
    assert "不一致" not in printed
    assert employee.get(f"/schemes/{scheme.code}/evidence.pdf").status_code == 403
    text = employee.get(f"/editions/{edition.pk}/text.txt").content
    assert hashlib.sha256(text).hexdigest() == edition.sha256
    assert CANARY not in printed


def test_the_evidence_of_one_employee(home: Cast) -> None:
    with company_scope(home.company.pk):
        furnish(home)
        edition = Edition.objects.get(company_id=home.company.pk)
        assert Opinion.objects.filter(company_id=home.company.pk).count() == 1
    own = text_of(home.client("employee").get("/people/0001/evidence.pdf").content)
    for words in ("李雷", edition.sha256, "整理仓库", "3分太少吗？"):
        assert words in own
    assert home.client("employee").get("/people/0004/evidence.pdf").status_code == 403
    assert home.client("head").get("/people/0001/evidence.pdf").status_code == 403
    other = text_of(home.client("officer").get("/people/0004/evidence.pdf").content)
    assert "还没有签收过制度文本" in other


def test_a_text_that_its_hash_does_not_fit_is_told(home: Cast) -> None:
    """What the database refuses the application, its administrator could still do."""
    company_id = home.company.pk
    with company_scope(company_id):
        scheme = furnish(home)
        Edition.objects.create(
            company_id=company_id, scheme=scheme, number=9, valid_on=TODAY, text="改过的制度",
            sha256="0" * 64, created_name="谁", created_at=NOW,
        )  # fmt: skip
        printed = text_of(scheme_evidence(company=home.company, scheme=scheme, now=NOW))
    assert "重新计算：不一致！" in printed
