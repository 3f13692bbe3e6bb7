"""The companies that are shown: the demo company, and one without rules and events."""

from datetime import datetime
from typing import Any

from tests.shots.shot import EMPLOYEE, HEAD, OFFICER, OWNER, Prepared


def prepare() -> Prepared:
    """Both companies, with imports and other work in every state."""
    from meritbook.insight.models import Backtest
    from meritbook.kit import clock
    from meritbook.kit.periods import MONTH, Period
    from meritbook.kit.tenancy import company_scope
    from meritbook.org.models import Department
    from meritbook.site.demo.load import load_demo
    from tests.shots.runs import hand_in_files
    from tests.shots.states import (
        prepare_accounts,
        prepare_approvals,
        prepare_caps,
        prepare_proof,
        prepare_revisions,
    )

    now = clock.now()
    company = load_demo(now=now)
    blank_id, founder = _blank_company(now=now)
    logins = {(OWNER, True): founder}
    with company_scope(company.pk):
        logins |= {(number, False): one for number, one in _logins(company_id=company.pk).items()}
        rule = _rule_code(company_id=company.pk, standard__startswith="每周回访老客户")
        late = _rule_code(company_id=company.pk, standard="迟到")
        windowed, events = _events(company_id=company.pk, windowed=rule, occurrence=late)
        activation = _activation(company_id=company.pk, now=now)
        department = Department.objects.filter(company_id=company.pk)[0]
        backtest = Backtest.objects.filter(company_id=company.pk)[0]
        case, case_done = prepare_approvals(company_id=company.pk, now=now)
        revised = prepare_revisions(company_id=company.pk)
        prepare_caps(company_id=company.pk, now=now)
    officer = _client(logins[OFFICER, False])
    yesterday = clock.yesterday(time_zone=company.time_zone)
    runs = hand_in_files(
        officer, company_id=company.pk, rule_code=late, yesterday=yesterday, now=now
    )
    opening_run = prepare_accounts(officer)
    with company_scope(company.pk):
        tx_id, reversal = _transactions(company_id=company.pk)
    prepare_proof(company_id=company.pk, now=now)
    return Prepared(
        rule=rule,
        events=events,
        windowed=windowed,
        tx_id=tx_id,
        reversal=reversal,
        month=Period.containing(MONTH, yesterday).previous().text,
        opening_run=opening_run,
        case=case,
        case_done=case_done,
        **revised,
        department=department.pk,
        backtest=backtest.pk,
        activation=activation,
        logins=logins,
        companies={False: company.pk, True: blank_id},
        **runs,
    )


def _blank_company(*, now: datetime) -> tuple[int, Any]:
    """A company with nobody but its founder; its id and the founder's log-in."""
    from meritbook.kit.tenancy import company_scope
    from meritbook.org.operations.audit import SYSTEM
    from meritbook.org.operations.department_paths import ensure_departments
    from meritbook.org.operations.logins import open_login
    from meritbook.org.operations.people import PersonData, add_person
    from meritbook.site.companies import found_company
    from meritbook.site.demo.load import PASSWORD

    blank = found_company(code="blank", name="新公司", now=now)
    with company_scope(blank.pk):
        ids = ensure_departments(company_id=blank.pk, paths=[("总经办",)]).ids
        founder = add_person(
            company_id=blank.pk,
            employee_no="0001",
            person=PersonData(name="周总", department_id=ids["总经办",]),
            today=now.date(),
            now=now,
            actor=SYSTEM,
        )
        owner = open_login(
            company_id=blank.pk,
            employee=founder,
            name="周总",
            password=PASSWORD,
            now=now,
            actor=SYSTEM,
            roles=["owner"],
        )
    return blank.pk, owner.login


def _logins(*, company_id: int) -> dict[str, Any]:
    """The personas' log-ins by their 工号."""
    from meritbook.org.models import Membership

    numbers = [OWNER, OFFICER, HEAD, EMPLOYEE]
    members = Membership.objects.select_related("login", "employee").filter(
        company_id=company_id, employee__employee_no__in=numbers
    )
    return {each.employee.employee_no: each.login for each in members}


def _client(login: Any) -> Any:
    from django.test import Client

    client = Client()
    client.force_login(login, backend="meritbook.org.signin.MeritbookBackend")
    return client


def _rule_code(*, company_id: int, **standard: str) -> str:
    from meritbook.rules.models import RuleVersion

    version = RuleVersion.objects.select_related("rule").get(
        company_id=company_id, status="published", **standard
    )
    return version.rule.code


def _events(*, company_id: int, windowed: str, occurrence: str) -> tuple[int, dict[str, int]]:
    """An event of a closed window, and one event of each status."""
    from meritbook.awards.models import Event

    shown = Event.objects.filter(company_id=company_id, is_current=True).order_by("-id")
    posted = shown.filter(status="posted")
    events = {
        status: shown.filter(status=status)[0].pk
        for status in ("in_window", "nothing", "withdrawn")
    }
    events["posted"] = posted.filter(rule__code=occurrence)[0].pk
    return posted.filter(rule__code=windowed)[0].pk, events


def _activation(*, company_id: int, now: datetime) -> str:
    """The token of somebody who has not logged in yet."""
    from meritbook.org.models import Employee, Membership
    from meritbook.org.operations.audit import SYSTEM
    from meritbook.org.operations.logins import issue_activations

    newcomer = Employee.objects.filter(company_id=company_id).exclude(
        pk__in=Membership.objects.filter(company_id=company_id).values("employee_id")
    )[0]
    (activation,) = issue_activations(
        company_id=company_id, employees=[newcomer], now=now, actor=SYSTEM
    )
    return activation.token


def _transactions(*, company_id: int) -> tuple[int, int]:
    """The newest transaction of the employee, and the newest that takes another one back."""
    from meritbook.awards.models import Entry

    entries = Entry.objects.filter(company_id=company_id).order_by("-id")
    return (
        entries.filter(employee__employee_no=EMPLOYEE)[0].tx_id,
        entries.filter(reverses__isnull=False)[0].tx_id,
    )
