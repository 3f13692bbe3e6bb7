"""Loading the demo company through the same doors that a user's files take. Again: nothing doubled."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path

from meritbook.awards.content import NewEvent
from meritbook.awards.operations import close_windows, record, withdraw
from meritbook.files.operations.people import import_people
from meritbook.kit.tenancy import company_scope
from meritbook.org.models import Company, Department, Employee, Membership, RoleGrant
from meritbook.org.operations.audit import Actor
from meritbook.org.operations.departments import set_manager
from meritbook.org.operations.logins import open_login
from meritbook.org.queries.calendar import calendar
from meritbook.rules import operations as rules
from meritbook.rules.library import Source, drafts_from, template
from meritbook.rules.models import Rule
from meritbook.rules.queries import latest_versions
from meritbook.site.companies import find_company, found_company
from meritbook.site.demo.happenings import Happening
from meritbook.site.demo.insight import try_rules
from meritbook.site.demo.money import load_money
from meritbook.site.demo.schemes import load_revisions, load_schemes
from meritbook.site.demo.story import Actor as Person
from meritbook.site.demo.story import project_stages, story, working_days
from meritbook.site.demo.wallets import set_limits, use_points

CODE, NAME = "demo", "华晟贸易有限公司"
PASSWORD = "jifenbu-2026"  # noqa: S105 -- printed for everyone who tries the demo
DAYS = 61
SYSTEM = Actor(membership_id=None, name="演示数据")

SOURCES = {"通用标准": "standard", "销售业绩": "crm", "销售": "crm", "客服": "service"}
PARTS = {
    "销售部": "sales",
    "渠道销售部": "channel",
    "客服部": "service",
    "采购组": "buyer",
    "仓库组": "storekeeper",
    "供应商组": "sourcer",
    "综合管理部": "office",
}
HEADS = {
    "销售部": "2001",
    "销售部/华南组": "2101",
    "销售部/华东组": "2201",
    "渠道销售部": "2301",
    "采购仓储部": "3001",
    "采购仓储部/采购组": "3101",
    "采购仓储部/仓库组": "3201",
    "客服部": "4001",
    "综合管理部": "1101",
}


@dataclass(frozen=True, slots=True)
class Persona:
    """A log-in of the demo and whom it stands for."""

    title: str
    employee_no: str
    roles: tuple[str, ...] = (RoleGrant.Role.EMPLOYEE,)

    @property
    def account(self) -> str:
        """The phone number to sign in with."""
        return f"1990000{self.employee_no}"


PERSONAS = (
    Persona("老板", "1001", (RoleGrant.Role.OWNER, RoleGrant.Role.EMPLOYEE)),
    Persona("积分专员", "1101", (RoleGrant.Role.OFFICER, RoleGrant.Role.EMPLOYEE)),
    Persona("部门主管", "2001", (RoleGrant.Role.HEAD, RoleGrant.Role.EMPLOYEE)),
    Persona("客服主管", "4001", (RoleGrant.Role.HEAD, RoleGrant.Role.EMPLOYEE)),
    Persona("销售", "2102"),
    Persona("仓库员工", "3203"),
    Persona("财务", "1102"),
    # API keys are an owner's business.
    Persona("IT 集成", "1103", (RoleGrant.Role.OWNER, RoleGrant.Role.EMPLOYEE)),
)


def load_demo(*, now: datetime) -> Company:
    """Make or complete the demo company up to the day before ``now``."""
    company = find_company(code=CODE) or found_company(code=CODE, name=NAME, now=now)
    today = now.astimezone(company.zone).date()
    start = _first_day(company, today)
    with company_scope(company.pk):
        _people(company, today=today, now=now)
        _log_ins(company, now=now)
        lines = _rules(company, active_from=start.replace(day=1), now=now)
        set_limits(company, since=start.replace(day=1), actor=SYSTEM, now=now)
        told = _story(company, start=start, today=today)
    # Week by week, as a company lives it: statements then read in the order of the story.
    for monday, week in groupby(told, key=lambda each: _monday(each.at.date())):
        for source, events in _by_source(list(week), lines):
            record(company_id=company.pk, events=events, source=source, now=now)
        until = min(monday + timedelta(days=7), today)
        close_windows(company_id=company.pk, until=until, now=now)
    withdrawn = _mistakes(told)
    withdraw(company_id=company.pk, source="standard", event_nos=withdrawn, now=now)
    close_windows(company_id=company.pk, until=today, now=now)
    with company_scope(company.pk):
        load_schemes(company, today=today, now=now)
        load_revisions(company, today=today, now=now)
        load_money(company, today=today, now=now)
        use_points(company, start=start, today=today, now=now)
    try_rules(company, today=today, actor=SYSTEM, now=now)
    return company


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _first_day(company: Company, today: date) -> date:
    """The day on which the story began: kept when the demo is loaded again later."""
    with company_scope(company.pk):
        first = (
            latest_versions(company_id=company.pk)
            .exclude(active_from=None)
            .values_list("published_at", flat=True)
            .first()
        )
    began = first.astimezone(company.zone).date() if first else today
    return began - timedelta(days=DAYS)


def _people(company: Company, *, today: date, now: datetime) -> None:
    path = Path(__file__).parent / "people.csv"
    import_people(
        company_id=company.pk,
        content=path.read_bytes(),
        file_name=path.name,
        all_or_nothing=True,
        today=today,
        now=now,
        actor=SYSTEM,
    )
    for department_path, employee_no in HEADS.items():
        set_manager(
            company_id=company.pk,
            department_id=_department(company, department_path).pk,
            employee_id=Employee.objects.get(company_id=company.pk, employee_no=employee_no).pk,
            now=now,
            actor=SYSTEM,
        )


def _department(company: Company, department_path: str) -> Department:
    """The department at the end of a path of names."""
    found: Department | None = None
    for name in department_path.split("/"):
        found = Department.objects.get(company_id=company.pk, parent=found, name=name)
    assert found is not None  # noqa: S101 -- a path has at least one name
    return found


def _log_ins(company: Company, *, now: datetime) -> None:
    for persona in PERSONAS:
        employee = Employee.objects.get(company_id=company.pk, employee_no=persona.employee_no)
        if Membership.objects.filter(company_id=company.pk, employee=employee).exists():
            continue
        heads = [
            _department(company, path).pk
            for path, employee_no in HEADS.items()
            if employee_no == persona.employee_no
        ]
        open_login(
            company_id=company.pk,
            name=employee.name,
            password=PASSWORD,
            now=now,
            actor=SYSTEM,
            employee=employee,
            phone=persona.account,
            roles=persona.roles,
            head_of=heads,
        )


def _rules(company: Company, *, active_from: date, now: datetime) -> Mapping[tuple[str, int], str]:
    """Load and publish the source's tables, once; (sheet, row) → rule code.

    Later the rules are the company's own: it has changed some, and some may change by revisions only.
    """
    known = Rule.objects.filter(company_id=company.pk)
    if known.exists():
        return {(rule.sheet, rule.row or 0): rule.code for rule in known}
    whole = {source.file: source for source in template("sales").sources}
    tables: list[tuple[str | None, Source]] = [
        (None, whole["standards-000.txt"]),
        ("渠道销售部", whole["sales-002.txt"]),
        ("销售部", whole["rule-tables-003.xlsx"]),
        ("采购仓储部", template("supply").sources[0]),
        ("客服部", template("service").sources[0]),
        ("综合管理部", template("project").sources[0]),
    ]
    codes = {}
    for department, source in tables:
        loaded = rules.load_drafts(
            company_id=company.pk,
            drafts=drafts_from(source),
            population=rules.department_population(company_id=company.pk, department=department),
            actor_id=None,
            now=now,
        )
        rules.publish(
            company_id=company.pk,
            version_ids=[version.pk for version in loaded.versions],
            active_from=active_from,
            actor_id=None,
            now=now,
            accept_proposals=True,
        )
        for line in loaded.lines:
            codes[line.version.rule.sheet, line.row] = line.version.rule.code
    return codes


def _story(company: Company, *, start: date, today: date) -> list[Happening]:
    known = calendar(company_id=company.pk)
    days = working_days(start, today - timedelta(days=1), is_workday=known.is_workday)
    actors = [
        Person(
            employee_no=employee.employee_no,
            part=_part(company, employee),
            hired_on=employee.hired_on or start,
        )
        for employee in Employee.objects.filter(company_id=company.pk).order_by("employee_no")
    ]
    told = story(actors=actors, days=days)
    told.extend(project_stages(employee_no="1101", days=days))
    return sorted(told, key=lambda each: (each.at, each.employee_no, each.line))


def _part(company: Company, employee: Employee) -> str:
    """The part that somebody plays: by the department, the lowest that has one."""
    assignment = employee.assignments.filter(company_id=company.pk, is_main=True).latest(
        "valid_from"
    )
    names = dict(
        Department.objects.filter(
            company_id=company.pk, pk__in=assignment.department.path_ids
        ).values_list("id", "name")
    )
    for pk in reversed(assignment.department.path_ids):
        if (part := PARTS.get(names[pk])) is not None:
            return part
    return ""


def event_no(happening: Happening) -> str:
    """A number that stays the same whenever the story is told again."""
    sheet, row = happening.line
    return f"{happening.at:%Y%m%d%H%M}-{happening.employee_no}-{SHEET_MARKS[sheet]}{row:02d}"


SHEET_MARKS = {
    "通用标准": "T",
    "销售业绩": "Q",
    "销售": "X",
    "客服": "K",
    "采购仓库供应商": "C",
    "积分负责人规则设置": "P",
}


def _by_source(
    told: Sequence[Happening], codes: Mapping[tuple[str, int], str]
) -> Iterator[tuple[str, list[NewEvent]]]:
    sources: dict[str, list[NewEvent]] = {}
    for happening in told:
        source = SOURCES.get(happening.line[0], "erp")
        sources.setdefault(source, []).append(
            NewEvent(
                event_no=event_no(happening),
                type=codes[happening.line],
                employee_no=happening.employee_no,
                happened_at=happening.at,
                quantity=happening.quantity,
                amount=happening.amount,
                object=happening.object,
                note=happening.note,
                attributes=happening.attributes,
            )
        )
    yield from sources.items()


def _mistakes(told: Sequence[Happening]) -> list[str]:
    """Two lateness records that were wrong (on a business trip) and are withdrawn."""
    late = [each for each in told if each.line == ("通用标准", 2)]
    return [event_no(each) for each in late[3:40:20]]
