"""The demo company's schemes: what its rules are for, who answers for them, how they may change."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from meritbook.approvals.models import Committee
from meritbook.approvals.operations.committees import save_committee
from meritbook.org.models import Company, Membership
from meritbook.org.operations.audit import SYSTEM, actor_of
from meritbook.org.queries.members import Member, member
from meritbook.rules.models import Review, Revision, Rule, RuleVersion, Scheme
from meritbook.rules.operations.editions import give_out, sign
from meritbook.rules.operations.revisions import Proposal, answer, propose, say
from meritbook.rules.operations.schemes import (
    SchemeData,
    default_scheme,
    move_rule,
    review,
    save_scheme,
)
from meritbook.rules.operations.versions import Proposal as Proposed
from meritbook.rules.operations.versions import write_draft
from meritbook.rules.queries import version_content

OWNER, OFFICER, SALES_HEAD, SERVICE_HEAD = "1001", "1101", "2001", "4001"
SELLER = "2102"
SIGNED = (OWNER, OFFICER, SERVICE_HEAD, "3203")
COMMITTEE = "积分管理委员会"
SALES_SHEETS = ("销售", "销售业绩")


def load_schemes(company: Company, *, today: date, now: datetime) -> None:
    """A committee, the scheme for all, and one for sales that the committee votes on. In the scope."""
    if Committee.objects.filter(company_id=company.pk).exists():
        return
    people = {
        number: demo_member(company, number)
        for number in (OWNER, OFFICER, SALES_HEAD, SERVICE_HEAD)
    }
    officer = actor_of(people[OFFICER])
    committee = save_committee(
        company_id=company.pk,
        name=COMMITTEE,
        quorum_percent=50,
        member_ids=[each.membership.pk for each in people.values()],
        actor=actor_of(people[OWNER]),
        now=now,
    )
    save_scheme(
        company_id=company.pk,
        scheme=default_scheme(company_id=company.pk, now=now),
        data=SchemeData(
            name="全员积分制度",
            goal="准时、按约定完成每天该做的事；有人多做一步，大家看得见。",
            company_goal="两年内做到华南渠道第一",
            measure="全员月均迟到",
            measure_unit="人次",
            measure_from=Decimal(46),
            measure_to=Decimal(20),
            measure_by=today + timedelta(days=160),
            responsible_id=people[OFFICER].membership.pk,
            review_on=today + timedelta(days=5),
        ),
        actor=officer,
        now=now,
    )
    sales = save_scheme(
        company_id=company.pk,
        data=SchemeData(
            name="销售积分方案",
            goal="多拜访、勤回款。老客户的回访和新客户的开发一样重要。",
            company_goal="全年回款 3,000 万元",
            measure="月回款",
            measure_unit="万元",
            measure_from=Decimal(180),
            measure_to=Decimal(250),
            measure_by=today + timedelta(days=130),
            responsible_id=people[SALES_HEAD].membership.pk,
            review_on=today + timedelta(days=38),
            approval=Scheme.Approval.COMMITTEE,
            committee_id=committee.pk,
            consultation_days=7,
            notice_days=7,
            must_sign=True,
        ),
        actor=actor_of(people[OWNER]),
        now=now,
    )
    for rule in Rule.objects.filter(company_id=company.pk, sheet__in=SALES_SHEETS):
        move_rule(rule=rule, scheme=sales, actor=SYSTEM, now=now, may_govern=True)
    if not Review.objects.filter(company_id=company.pk).exists():
        review(
            scheme=sales,
            findings="回访积分上线后，老客户复购明显回升；拜访记录里有三成没写客户名称，下一版要补上。",
            measured=Decimal(205),
            next_on=today + timedelta(days=38),
            today=today,
            actor=actor_of(people[SALES_HEAD]),
            now=now,
        )


def demo_member(company: Company, employee_no: str) -> Member:
    """One of the people who can sign in, by number."""
    found = Membership.objects.get(company_id=company.pk, employee__employee_no=employee_no)
    return member(company_id=company.pk, membership_id=found.pk)


def load_revisions(company: Company, *, today: date, now: datetime) -> None:
    """A text that most have signed, and a revision that opinions are asked about. In the scope."""
    if Revision.objects.filter(company_id=company.pk).exists():
        return
    officer = demo_member(company, OFFICER)
    for scheme in Scheme.objects.filter(company_id=company.pk):
        edition = give_out(scheme=scheme, day=today, actor=actor_of(officer), now=now)
        for number in SIGNED:
            sign(
                edition=edition, member=demo_member(company, number), sha256=edition.sha256, now=now
            )
    sales = Scheme.objects.get(company_id=company.pk, is_default=False)
    before = (
        RuleVersion.objects.filter(
            company_id=company.pk,
            rule__scheme=sales,
            status=RuleVersion.Status.PUBLISHED,
            shape="S4",
        )
        .select_related("rule")
        .order_by("rule__sheet", "rule__row")
        .first()
    )
    if before is None or before.target is None:
        return
    draft = write_draft(
        company_id=company.pk,
        rule=before.rule,
        latest=before,
        proposal=Proposed(
            content=version_content(before) | {"target": before.target + 5},
            population=before.population,
            postings=before.postings,
            questions=[],
            findings=[],
            reason="上季度人人超额，目标提高一点",
        ),
        actor_id=officer.membership.pk,
        now=now,
    )
    revision = propose(
        scheme=sales,
        proposal=Proposal(
            title="第四季度回访目标调整",
            reason="上季度回访目标人人都完成了，积分拉不开差距。目标提高一点，完成的人更值得看见。",
            version_ids=[draft.pk],
            effective_on=today + timedelta(days=21),
        ),
        actor=actor_of(officer),
        today=today,
        now=now,
    )
    said = say(
        revision_id=revision.pk,
        member=demo_member(company, SELLER),
        text="老客户多的片区好完成，新片区的同事怎么办？",
        today=today,
        now=now,
    )
    answer(
        revision_id=revision.pk,
        opinion_id=said.pk,
        text="采纳：新片区的同事头三个月按原来的目标算。",
        actor=actor_of(officer),
        company_id=company.pk,
        now=now,
    )
    say(
        revision_id=revision.pk,
        member=demo_member(company, SALES_HEAD),
        text="支持，但请提前两周告诉大家。",
        today=today,
        now=now,
    )
