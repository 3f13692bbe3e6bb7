"""States that the demo company has not by itself: cases, blocked accounts, caps, proof."""

from typing import Any

from tests.shots.runs import hand_in
from tests.shots.shot import EMPLOYEE, HEAD, OFFICER, OWNER


def prepare_approvals(*, company_id: int, now: Any) -> tuple[int, int]:
    """The demo's change of worth that waits for the owner, and another that was refused."""
    from datetime import timedelta

    from meritbook.approvals.models import Case
    from meritbook.approvals.operations import decide
    from meritbook.ledger.operations.worths import change_worth
    from meritbook.org.models import Membership
    from meritbook.org.operations.audit import actor_of
    from meritbook.org.queries.members import member

    waiting = Case.objects.get(company_id=company_id, state="open", kind="ledger.worth")
    people = {
        each.employee.employee_no: member(company_id=company_id, membership_id=each.pk)
        for each in Membership.objects.select_related("employee").filter(
            company_id=company_id, employee__employee_no__in=[OWNER, OFFICER]
        )
    }
    refused = change_worth(
        company_id=company_id,
        asset_code="spendable",
        scale=2,
        points=10_000,
        cents=200,
        valid_from=now.date() + timedelta(days=30),
        today=now.date(),
        now=now,
        actor=actor_of(people[OFFICER]),
        reason="商城换了供应商，成本提高",
    )
    decide(
        case_id=refused.pk,
        decider=people[OWNER],
        approves=False,
        comment="先看一个季度的预算再说",
        now=now,
    )
    return waiting.pk, refused.pk


def prepare_revisions(*, company_id: int) -> dict[str, Any]:
    """The demo's revision, the rule that it changes, and the text of its scheme."""
    from meritbook.rules.models import Change, Edition

    change = Change.objects.select_related("rule", "revision").get(company_id=company_id)
    edition = Edition.objects.get(company_id=company_id, scheme_id=change.rule.scheme_id)
    return {
        "revision": change.revision_id,
        "changed_rule": change.rule.code,
        "edition": edition.pk,
    }


def prepare_accounts(officer: Any) -> int:
    """A manager's quota, a blocked wallet, and a file of opening balances that waits: its run."""
    officer.post(f"/ledger/quotas/{HEAD}/", {"monthly": "500", "act_max": "50"})
    officer.post("/people/2103/accounts/", {"state": "blocked", "reason": "核查 11 月的单据"})
    balances = (
        f"工号,荣誉分,可用分,到期日\n{EMPLOYEE},1200,300.5,2026-12-31\n{HEAD},800,,\n9999,5,,\n"
    )
    return hand_in(officer, "/ledger/opening/", "期初余额.csv", balances.encode(), on="2020-12-31")


def prepare_caps(*, company_id: int, now: Any) -> None:
    """Caps of each scope, one of them used up by what is recorded under it."""
    from meritbook.awards.content import NewEvent
    from meritbook.awards.operations import record
    from meritbook.awards.operations.caps import set_cap
    from meritbook.org.models import Department, Employee
    from meritbook.org.operations.audit import SYSTEM
    from meritbook.rules.queries import rulebook

    sales = Department.objects.get(company_id=company_id, name="销售部").pk
    today = now.date()
    visit = next(
        one for one in rulebook(company_id=company_id).rules.values()
        if one.latest.spec.shape == "S1" and (one.latest.spec.points or 0) > 0
    )  # fmt: skip
    for name, scope, department_id, rule_code, period, points, policy in (
        ("全公司每天", "company", None, "", "day", 20_000, "queue"),
        ("销售部每月", "department", sales, "", "month", 50_000, "queue"),
        ("每人每周", "person", None, "", "week", 300, "clip"),
        ("单项每人每天", "person", None, visit.code, "day", 20, "refuse"),
    ):
        set_cap(
            company_id=company_id, name=name, asset_code="honour", amount=points * 100,
            scope=scope, department_id=department_id, rule_code=rule_code, period=period,
            policy=policy, valid_from=today, today=today, actor=SYSTEM, now=now,
        )  # fmt: skip
    people = list(
        Employee.objects.filter(company_id=company_id, left_on=None)
        .order_by("employee_no").values_list("employee_no", flat=True)[:7]
    )  # fmt: skip
    record(
        company_id=company_id,
        events=[
            NewEvent(
                event_no=f"cap-{n}", type=visit.code, employee_no=people[n % len(people)],
                happened_at=now.replace(tzinfo=None),
            )
            for n in range(16)
        ],
        source="shots",
        now=now,
    )  # fmt: skip


def prepare_proof(*, company_id: int, now: Any) -> None:
    """Blocks, two people who are told, and a verification."""
    from meritbook.kit.tenancy import company_scope
    from meritbook.ledger.anchors import anchor_file
    from meritbook.ledger.operations.sealing import name_witnesses, seal
    from meritbook.ledger.operations.verifying import begin_verification, run_verification
    from meritbook.org.models import Membership

    # Left over from the pictures before, of a database that is gone.
    anchor_file(company_id=company_id).unlink(missing_ok=True)
    with company_scope(company_id):
        told = Membership.objects.filter(
            company_id=company_id, employee__employee_no__in=(OWNER, HEAD)
        )
        name_witnesses(
            company_id=company_id,
            membership_ids=[one.pk for one in told],
            actor_id=told[0].pk,
            at=now,
        )
    seal(company_id=company_id, now=now, limit=400)
    with company_scope(company_id):
        run = begin_verification(company_id=company_id, actor_id=None, at=now)
    assert run is not None
    run_verification(company_id=company_id, verification_id=run)
