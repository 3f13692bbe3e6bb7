"""Pictures of every page of the demo company, as each persona who has it.

    python -m tests.shots [--out DIR] [name …]

For each page and persona three pictures: desktop 1366, phone 390, dark. A name is a page's name in
the addresses (``rules``, ``event-new``) or the beginning of a picture's name.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
OWNER, OFFICER, HEAD, EMPLOYEE = "1001", "1101", "2001", "2102"
PERSONAS = {OWNER: "owner", OFFICER: "officer", HEAD: "head", EMPLOYEE: "employee", "": "nobody"}
VARIANTS = (
    ("desktop", 1366, 860, "light"),
    ("phone", 390, 844, "light"),
    ("dark", 1366, 860, "dark"),
)


@dataclass(frozen=True, slots=True)
class Shot:
    """One page in one state. ``address`` may be a function of the prepared data."""

    page: str
    """The page's name in the addresses."""
    address: str | Callable[["Prepared"], str]
    personas: Sequence[str] = (OFFICER,)
    state: str = ""
    """What is special, as a part of the picture's name."""
    act: Callable[[Any], None] | None = None
    """What to do on the page before the picture is taken."""
    empty: bool = False
    """Taken in a company without rules and events."""

    @property
    def name(self) -> str:
        return f"{self.page}-{self.state}" if self.state else self.page


@dataclass
class Prepared:
    """What the addresses need to know about the demo's data."""

    rule: str
    events: Mapping[str, int]
    windowed: int
    tx_id: int
    reversal: int
    """A transaction that takes another one back."""
    month: str
    """The month before, over and not closed."""
    rule_run: int
    rule_run_done: int
    rule_run_doubts: int
    event_run: int
    event_run_done: int
    people_run: int
    opening_run: int
    case: int
    case_done: int
    department: int
    activation: str
    setup: str = ""
    logins: dict[tuple[str, bool], Any] = field(default_factory=dict)
    companies: dict[bool, int] = field(default_factory=dict)


def open_dialog(name: str) -> Callable[[Any], None]:
    """Press the button that opens a dialog."""
    return lambda page: page.locator(f'[data-open-dialog="{name}"]').first.click()


def click(selector: str) -> Callable[[Any], None]:
    """Press something."""
    return lambda page: page.locator(selector).first.click()


def fill_rule(page: Any) -> None:
    """Type a rule, so that its sentence shows."""
    page.locator("#id_standard").fill("提交日报")
    page.locator("#id_points").fill("5")
    page.locator("#id_deadline_kind").select_option("time_of_day")
    page.locator("#id_deadline_time").fill("22:00")
    page.locator("#sentence", has_text="22").wait_for()


def fill_event(page: Any) -> None:
    """Type an event, so that its preview shows."""
    page.locator("#id_field_0").fill("13")
    page.wait_for_timeout(800)  # typing is answered after a pause


def check_receipt(page: Any) -> None:
    """Check a receipt in the browser."""
    page.locator("[data-step] + [data-step]").first.wait_for()
    page.get_by_role("button", name="在我的浏览器里核对").click()
    page.locator('[data-verdict="good"]').wait_for(state="visible")


def submit(selector: str = "main form button.btn-primary") -> Callable[[Any], None]:
    """Send an empty form, so that its errors show."""
    return lambda page: page.locator(selector).first.click()


ALL = (OWNER, OFFICER, HEAD, EMPLOYEE)
SHOTS: tuple[Shot, ...] = (
    Shot("login", "/login/", ("",)),
    Shot("login", "/login/", ("",), "refused", submit("form button[type=submit]")),
    Shot("setup", lambda data: f"/setup/{data.setup}/", ("",)),
    Shot("activation", lambda data: f"/activate/{data.activation}/", ("",)),
    Shot("activation", "/activate/spent/", ("",), "spent"),
    Shot("home", "/", ALL),
    Shot("home", "/", (OWNER,), "empty", empty=True),
    Shot("boards", "/boards/", ALL),
    Shot("boards", "/boards/?period=all", (OFFICER,), "all"),
    Shot("boards", "/boards/", (OWNER,), "empty", empty=True),
    Shot("wallet", "/wallet/", (EMPLOYEE, HEAD)),
    Shot("wallet", "/wallet/", (EMPLOYEE,), "why", click(".why-link")),
    Shot("wallet", "/wallet/", (OWNER,), "empty", empty=True),
    Shot("wallet_of", f"/people/{EMPLOYEE}/wallet/", (OFFICER, HEAD)),
    Shot("why", lambda data: f"/entries/{data.tx_id}/why/", (OFFICER, EMPLOYEE)),
    Shot("wallet", "/wallet/", (EMPLOYEE,), "export", click(".menu-root button.btn")),
    Shot("ledger", "/ledger/"),
    Shot("ledger", "/ledger/?q=li&kind=deduct", (OFFICER,), "filtered"),
    Shot("ledger", "/ledger/?q=zzzz", (OFFICER,), "nothing"),
    Shot("ledger", "/ledger/", (OWNER,), "empty", empty=True),
    Shot("ledger-transaction", lambda data: f"/ledger/{data.tx_id}/"),
    Shot("ledger-transaction", lambda data: f"/ledger/{data.reversal}/", state="reversal"),
    Shot("ledger-reverse", lambda data: f"/ledger/{data.tx_id}/reverse/"),
    Shot(
        "ledger-reverse",
        lambda data: f"/ledger/{data.tx_id}/reverse/",
        (OFFICER,),
        "errors",
        submit('main form[method="post"] button'),
    ),
    Shot("ledger-balances", f"/ledger/balances/?q={EMPLOYEE}"),
    Shot("ledger-balances", "/ledger/balances/", (OWNER,), "empty", empty=True),
    Shot("ledger-expiry", "/ledger/expiry/"),
    Shot("proof", "/ledger/proof/", (OWNER, OFFICER)),
    Shot("proof", "/ledger/proof/", (OWNER,), "empty", empty=True),
    Shot("receipt", lambda data: f"/receipts/{data.tx_id}/", (EMPLOYEE,)),
    Shot(
        "receipt",
        lambda data: f"/receipts/{data.tx_id}/",
        (EMPLOYEE,),
        "checked",
        check_receipt,
    ),
    Shot("ledger-liability", "/ledger/liability/"),
    Shot("ledger-liability", "/ledger/liability/", (OWNER,), "empty", empty=True),
    Shot("ledger-periods", "/ledger/periods/"),
    Shot("ledger-period", lambda data: f"/ledger/periods/{data.month}/"),
    Shot("ledger-assets", "/ledger/assets/"),
    Shot("ledger-asset", "/ledger/assets/spendable/"),
    Shot("ledger-asset", "/ledger/assets/spendable/?preset=year_end", (OFFICER,), "preset"),
    Shot("ledger-asset", "/ledger/assets/honour/", (OFFICER,), "rank"),
    Shot("ledger-asset-new", "/ledger/assets/new/"),
    Shot("ledger-asset-new", "/ledger/assets/new/", (OFFICER,), "errors", submit()),
    Shot("ledger-rates", "/ledger/rates/"),
    Shot("ledger-rates", "/ledger/rates/", (OWNER,), "empty", empty=True),
    Shot("ledger-rate-new", "/ledger/rates/new/"),
    Shot("rule-postings", lambda data: f"/rules/{data.rule}/postings/"),
    Shot("wallet-convert", "/wallet/convert/", (EMPLOYEE,)),
    Shot("wallet-convert", "/wallet/convert/", (OWNER,), "empty", empty=True),
    Shot("wallet-transfer", "/wallet/transfer/", (EMPLOYEE,)),
    Shot("wallet-transfer", "/wallet/transfer/", (OWNER,), "empty", empty=True),
    Shot("search", "/search/?q=li", (OFFICER, EMPLOYEE)),
    Shot("search", "/search/?q=zzzz", (OFFICER,), "nothing"),
    Shot("me", "/me/", (EMPLOYEE,)),
    Shot("companies", "/companies/", (OWNER,)),
    Shot("approvals", "/approvals/", (OWNER, OFFICER, HEAD)),
    Shot("approvals", "/approvals/", (OWNER,), "ticked", click("[data-tick]")),
    Shot("approvals", "/approvals/?tab=done", (OWNER,), "done"),
    Shot("approvals", "/approvals/", (OWNER,), "empty", empty=True),
    Shot("approval", lambda data: f"/approvals/{data.case}/", (OWNER, OFFICER)),
    Shot("approval", lambda data: f"/approvals/{data.case_done}/", (OFFICER,), "refused"),
    Shot("budget", "/ledger/budget/", (OWNER, OFFICER, HEAD)),
    Shot("budget", "/ledger/budget/", (OWNER,), "empty", empty=True),
    Shot("budget-new", "/ledger/budget/new/", (OWNER,)),
    Shot("worth-ask", "/ledger/budget/worth/", (OFFICER,)),
    Shot("caps", "/ledger/caps/", (OWNER, OFFICER)),
    Shot("caps", "/ledger/caps/", (OWNER,), "empty", empty=True),
    Shot("cap-new", "/ledger/caps/new/", (OFFICER,)),
    Shot("backups", "/settings/backups/", (OWNER,)),
    Shot("quotas", "/ledger/quotas/"),
    Shot("quotas", "/ledger/quotas/", (OWNER,), "empty", empty=True),
    Shot("accounts", f"/people/{EMPLOYEE}/accounts/"),
    Shot("settle", f"/people/{EMPLOYEE}/settle/"),
    Shot("opening", "/ledger/opening/"),
    Shot("opening", "/ledger/opening/", (OWNER,), "empty", empty=True),
    Shot("opening-run", lambda data: f"/ledger/opening/{data.opening_run}/"),
    Shot("password", "/password/", (EMPLOYEE,)),
    Shot("rules", "/rules/", (OFFICER, EMPLOYEE)),
    Shot("rules", "/rules/?q=zzzz", (OFFICER,), "nothing"),
    Shot("rules", "/rules/", (OWNER,), "empty", empty=True),
    Shot("rule", lambda data: f"/rules/{data.rule}/", (OFFICER, EMPLOYEE)),
    Shot("rule", lambda data: f"/rules/{data.rule}/", (OFFICER,), "retire", open_dialog("retire")),
    Shot("rule-new", "/rules/new/"),
    Shot("rule-new", "/rules/new/?shape=S2", (OFFICER,), "duty", fill_rule),
    Shot("rule-new", "/rules/new/?shape=S3", (OFFICER,), "amount"),
    Shot("rule-new", "/rules/new/?say=周五22点前交周总结加5分,每周一次", (OFFICER,), "said"),
    Shot("rule-new", "/rules/new/?say=后勤人员加班每次2分,每人每天只算一次", (OFFICER,), "doubts"),
    Shot("rule-new", "/rules/new/?say=迟到扣5分,早退扣20分", (OFFICER,), "several"),
    Shot("rule-new", "/rules/new/?shape=S5", (OFFICER,), "errors", submit()),
    Shot("rule-edit", lambda data: f"/rules/{data.rule}/edit/"),
    Shot("rule-library", "/rules/library/"),
    Shot("rule-library-template", "/rules/library/sales/"),
    Shot("rule-import", "/rules/import/"),
    Shot("rule-import-run", lambda data: f"/rules/import/{data.rule_run}/"),
    Shot("rule-import-run", lambda data: f"/rules/import/{data.rule_run_done}/", state="done"),
    Shot("rule-import-run", lambda data: f"/rules/import/{data.rule_run_doubts}/", state="doubts"),
    Shot("events", "/events/", (OFFICER, HEAD, EMPLOYEE)),
    Shot("events", "/events/?q=zzzz", (OFFICER,), "nothing"),
    Shot("events", "/events/", (OWNER,), "empty", empty=True),
    Shot("event", lambda data: f"/events/{data.events['posted']}/", (OFFICER,)),
    Shot("event", lambda data: f"/events/{data.windowed}/", (OFFICER,), "window"),
    Shot("event", lambda data: f"/events/{data.events['in_window']}/", (OFFICER,), "waiting"),
    Shot("event", lambda data: f"/events/{data.events['nothing']}/", (OFFICER,), "nothing"),
    Shot("event", lambda data: f"/events/{data.events['withdrawn']}/", (OFFICER,), "withdrawn"),
    Shot(
        "event",
        lambda data: f"/events/{data.events['posted']}/",
        (OFFICER,),
        "withdraw",
        open_dialog("withdraw"),
    ),
    Shot("event-new", "/events/new/", (OFFICER, HEAD)),
    Shot("event-new", f"/events/new/?employee={EMPLOYEE}", (HEAD,), "rule"),
    Shot(
        "event-new",
        lambda data: f"/events/new/?employee={EMPLOYEE}&rule={data.rule}",
        (HEAD,),
        "facts",
        fill_event,
    ),
    Shot("event-correct", lambda data: f"/events/{data.events['posted']}/correct/"),
    Shot("event-import", "/events/import/"),
    Shot("event-import-run", lambda data: f"/events/import/{data.event_run}/"),
    Shot("event-import-run", lambda data: f"/events/import/{data.event_run_done}/", state="done"),
    Shot("people", "/people/", (OFFICER, HEAD)),
    Shot("people", "/people/?q=zzzz", (OFFICER,), "nothing"),
    Shot("person", f"/people/{EMPLOYEE}/", (OFFICER, EMPLOYEE)),
    Shot("person-new", "/people/new/"),
    Shot("person-new", "/people/new/", (OFFICER,), "errors", submit()),
    Shot("person-edit", f"/people/{EMPLOYEE}/edit/"),
    Shot("people-import", "/people/import/"),
    Shot("people-import-run", lambda data: f"/people/import/{data.people_run}/"),
    Shot("departments", "/departments/"),
    Shot("department-new", "/departments/new/"),
    Shot("department", lambda data: f"/departments/{data.department}/"),
    Shot("imports", "/imports/"),
    Shot("api-keys", "/settings/api-keys/", (OWNER,)),
    Shot("not-found", "/no-such-page/", (EMPLOYEE,)),
    Shot("forbidden", "/people/", (EMPLOYEE,), "403"),
)

NO_PICTURE: Mapping[str, str] = {
    "boards_export": "a file",
    "rule-import-template": "a file",
    "event-import-template": "a file",
    "event-import-errors": "a file",
    "people-import-template": "a file",
    "import-errors": "a file",
    "statement-file": "a file",
    "statement-file-of": "a file",
    "ledger-expiry-export": "a file",
    "ledger-liability-export": "a file",
    "ledger-beancount": "a file",
    "ledger-hledger": "a file",
    "proof-anchors": "a file",
    "receipt-file": "a file",
    "receipt-verifier": "a file",
    "proof-progress": "a part of proof",
    "proof-verify": "an act",
    "proof-witnesses": "an act",
    "ledger-totals": "a part of ledger",
    "ledger-period-close": "an act",
    "ledger-period-reopen": "an act",
    "rule-preview": "a part of rule-new",
    "ledger-asset-code": "a part of ledger-asset-new",
    "ledger-asset-preview": "a part of ledger-asset",
    "ledger-rate-preview": "a part of ledger-rate-new",
    "wallet-convert-preview": "a part of wallet-convert",
    "rule-import-answer": "a part of rule-import-run",
    "rule-entries": "a part of rule",
    "event-people": "a part of event-new",
    "event-rules": "a part of event-new",
    "event-preview": "a part of event-new",
    "event-import-progress": "a part of event-import-run",
    "people-import-progress": "a part of people-import-run",
    "rule-import-drop": "an act",
    "rule-publish": "an act",
    "rule-discard": "an act",
    "rule-retire": "an act",
    "event-import-check": "an act",
    "event-import-start": "an act",
    "event-import-drop": "an act",
    "event-withdraw": "an act",
    "people-slips": "an act whose page shows fresh secrets",
    "person-activation": "an act whose page shows a fresh secret",
    "person-leave": "an act",
    "person-return": "an act",
    "person-roles": "an act",
    "department-active": "an act",
    "import-undo": "an act",
    "budget-end": "an act",
    "cap-end": "an act",
    "approval-decide": "an act",
    "approvals-decide": "an act",
    "approval-withdraw": "an act",
    "logout": "an act",
    "set_language": "an act",
    "api-key-revoke": "an act",
    "backup-file": "a file",
    "quota-set": "an act",
    "opening-template": "a file",
    "opening-start": "an act",
    "opening-drop": "an act",
    "opening-undo": "an act",
    "health": "no page",
    "style": "in development only",
}


def page_names() -> set[str]:
    """The names of all addresses but those of the API."""
    from django.urls import URLPattern, URLResolver, get_resolver

    def walk(patterns: Iterable[Any], prefix: str) -> Iterator[str]:
        for each in patterns:
            address = f"{prefix}{each.pattern}"
            if isinstance(each, URLResolver):
                yield from walk(each.url_patterns, address)
            elif isinstance(each, URLPattern) and not address.lstrip("^").startswith("api/"):
                yield each.name or address

    return set(walk(get_resolver().url_patterns, ""))


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


def _rule_document() -> bytes:
    """A Word document with lines, a table and all kinds of doubts."""
    import io

    import docx

    document = docx.Document()
    document.add_heading("考勤管理制度", level=0)
    document.add_paragraph("为了规范考勤,特制定本制度。")
    document.add_heading("考勤", level=1)
    document.add_paragraph("1、连续三个月全勤加100分")
    rows = (
        ("标准", "分值"),
        ("客服部员工每接待一位客户得2分,每天最多30分", "2分/位"),
        ("回访客户,每位客户每周只算一次", "5分/次"),
        ("协作项目完成,积分按人头平均", "30分"),
        ("满意度每提高1个百分点加2分", "2分"),
        ("着装整洁", "面议"),
    )
    table = document.add_table(rows=len(rows), cols=2)
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            table.cell(number, column).text = text
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def prepare() -> Prepared:
    """The demo company, an empty one, and imports in every state."""
    from django.test import Client

    from meritbook.awards.imports import run_import
    from meritbook.awards.models import Entry, Event
    from meritbook.files.models import ImportRun
    from meritbook.kit import clock
    from meritbook.kit.periods import MONTH, Period
    from meritbook.kit.tenancy import company_scope
    from meritbook.org.models import Department, Employee, Membership
    from meritbook.org.operations.audit import SYSTEM
    from meritbook.org.operations.department_paths import ensure_departments
    from meritbook.org.operations.logins import issue_activations, open_login
    from meritbook.org.operations.people import PersonData, add_person
    from meritbook.rules.models import RuleVersion
    from meritbook.site.companies import found_company
    from meritbook.site.demo.load import PASSWORD, load_demo

    now = clock.now()
    company = load_demo(now=now)
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
    logins: dict[tuple[str, bool], Any] = {(OWNER, True): owner.login}
    with company_scope(company.pk):
        for number in (OWNER, OFFICER, HEAD, EMPLOYEE):
            member = Membership.objects.select_related("login").get(
                company_id=company.pk, employee__employee_no=number
            )
            logins[number, False] = member.login
        rule = RuleVersion.objects.select_related("rule").get(
            company_id=company.pk, standard__startswith="每周回访老客户"
        )
        late = RuleVersion.objects.select_related("rule").get(
            company_id=company.pk, standard="迟到"
        )
        shown = Event.objects.filter(company_id=company.pk, is_current=True).order_by("-id")
        events = {
            status: shown.filter(status=status).values_list("id", flat=True)[0]
            for status in ("in_window", "nothing", "withdrawn")
        }
        events["posted"] = shown.filter(status="posted", rule=late.rule).values_list(
            "id", flat=True
        )[0]
        windowed = shown.filter(status="posted", rule=rule.rule).values_list("id", flat=True)[0]
        newcomer = Employee.objects.filter(company_id=company.pk).exclude(
            pk__in=Membership.objects.filter(company_id=company.pk).values("employee_id")
        )[0]
        (activation,) = issue_activations(
            company_id=company.pk, employees=[newcomer], now=now, actor=SYSTEM
        )
        department = Department.objects.filter(company_id=company.pk)[0]
        case, case_done = prepare_approvals(company_id=company.pk, now=now)
        prepare_caps(company_id=company.pk, now=now)

    officer = Client()
    officer.force_login(logins[OFFICER, False], backend="meritbook.org.signin.MeritbookBackend")
    table = (ROOT / "tests/data/rule-tables-003.xlsx").read_bytes()
    standards = (ROOT / "tests/data/standards-000.txt").read_bytes()
    yesterday = clock.yesterday(time_zone=company.time_zone)
    rows = "".join(
        f"E{n},{code},{number},{at},{amount}\n"
        for n, code, number, at, amount in (
            (1, late.rule.code, EMPLOYEE, f"{yesterday} 09:12", ""),
            (2, late.rule.code, "0000", f"{yesterday} 09:20", ""),
            (3, "不认识的类型", EMPLOYEE, f"{yesterday} 10:00", "1,000元"),
            (4, late.rule.code, EMPLOYEE, "昨天下午", ""),
        )
    )
    events_file = f"事件编号,类型,工号,时间,金额\n{rows}".encode()
    people_file = (
        "工号,姓名,部门,岗位,入职日期\n9001,欧阳静怡,客服部,客服专员,2026-11-02\n,没有工号,客服部,,\n"
    ).encode()

    def hand_in(address: str, name: str, content: bytes, **more: str) -> int:
        from django.core.files.uploadedfile import SimpleUploadedFile

        answer = officer.post(address, {"file": SimpleUploadedFile(name, content), **more})
        return int(answer["Location"].rstrip("/").rpartition("/")[2])

    changed = table  # the same table again: nothing changes, and the page says so
    rule_run_done = hand_in("/rules/import/", "积分标准.xlsx", changed, text="")
    officer.post(
        f"/rules/import/{rule_run_done}/", {"department": "", "active_from": str(yesterday)}
    )
    rule_run = hand_in("/rules/import/", "新标准.txt", standards, text="")
    rule_run_doubts = hand_in("/rules/import/", "考勤制度.docx", _rule_document(), text="")
    event_run_done = hand_in("/events/import/", "十一月考勤.csv", events_file, source="考勤机")
    officer.post(f"/events/import/{event_run_done}/start/")
    run_import(company_id=company.pk, run_id=event_run_done, now=now)
    event_run = hand_in("/events/import/", "十一月考勤（补）.csv", events_file, source="考勤机")
    people_run = hand_in("/people/import/", "新员工.csv", people_file)
    opening_run = prepare_accounts(officer)
    with company_scope(company.pk):
        assert ImportRun.objects.filter(company_id=company.pk).count() >= 5
        tx_id = (
            Entry.objects.filter(company_id=company.pk, employee__employee_no=EMPLOYEE)
            .order_by("-id")[0]
            .tx_id
        )
        reversal = (
            Entry.objects.filter(company_id=company.pk, reverses__isnull=False)
            .order_by("-id")[0]
            .tx_id
        )
    prepare_proof(company_id=company.pk, now=now)
    return Prepared(
        rule=rule.rule.code,
        events=events,
        windowed=windowed,
        tx_id=tx_id,
        reversal=reversal,
        month=Period.containing(MONTH, yesterday).previous().text,
        rule_run=rule_run,
        rule_run_done=rule_run_done,
        rule_run_doubts=rule_run_doubts,
        event_run=event_run,
        event_run_done=event_run_done,
        people_run=people_run,
        opening_run=opening_run,
        case=case,
        case_done=case_done,
        department=department.pk,
        activation=activation.token,
        logins=logins,
        companies={False: company.pk, True: blank.pk},
    )


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


def prepare_accounts(officer: Any) -> int:
    """A manager's quota, a blocked wallet, and a file of opening balances that waits: its run."""
    from io import BytesIO

    officer.post(f"/ledger/quotas/{HEAD}/", {"monthly": "500", "act_max": "50"})
    officer.post("/people/2103/accounts/", {"state": "blocked", "reason": "核查 11 月的单据"})
    file = BytesIO(
        f"工号,荣誉分,可用分,到期日\n{EMPLOYEE},1200,300.5,2026-12-31\n{HEAD},800,,\n9999,5,,\n".encode()
    )
    file.name = "期初余额.csv"
    answer = officer.post("/ledger/opening/", {"file": file, "on": "2020-12-31"})
    return int(answer["Location"].rstrip("/").rpartition("/")[2])


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


def take(shots: Sequence[Shot], *, prepared: Prepared, out: Path, site: str, browser: Any) -> int:
    """Take the pictures; how many pages were wider than their window or broke."""
    from tests.browser.live import session_cookie

    faults = 0
    for shot in shots:
        for persona in shot.personas:
            address = shot.address if isinstance(shot.address, str) else shot.address(prepared)
            name = f"{shot.name}-{PERSONAS[persona]}"
            context = browser.new_context(
                locale="zh-CN",
                timezone_id="Asia/Shanghai",
                base_url=site,
                reduced_motion="reduce",
            )
            if persona:
                login = prepared.logins[persona, shot.empty]
                company_id = prepared.companies[shot.empty]
                context.add_cookies(
                    [session_cookie(login=login, company_id=company_id, address=site)]
                )
            for complaint in _pictures(context, shot, address=address, out=out, name=name):
                faults += 1
                print(f"{name}: {complaint}", file=sys.stderr)
            context.close()
    return faults


def _pictures(context: Any, shot: Shot, *, address: str, out: Path, name: str) -> list[str]:
    """One page in every size and colour, loaded once; what was wrong with it."""
    from playwright.sync_api import Error

    complaints: list[str] = []
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        page.set_viewport_size({"width": VARIANTS[0][1], "height": VARIANTS[0][2]})
        answer = page.goto(address, wait_until="load")
        if answer is not None and answer.status >= 500:
            complaints.append(f"status {answer.status}")
        _settle(page)
        if shot.act is not None:
            shot.act(page)
            _settle(page)
        has_dialog = page.locator("dialog[open]").count() > 0
        for variant, width, height, theme in VARIANTS:
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
            page.wait_for_timeout(250)  # the new size and colours are painted in steps
            page.screenshot(path=out / f"{name}-{variant}.png", full_page=not has_dialog)
            beyond = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            if beyond > 0:
                complaints.append(f"{variant}: {beyond} px wider than the window")
    except Error as error:
        complaints.append(error.message.splitlines()[0])
    return complaints


def _settle(page: Any) -> None:
    """Wait until the page asks for nothing more and its fonts are there."""
    page.wait_for_load_state("load")
    for _try in range(100):
        page.wait_for_timeout(100)
        if page.evaluate(
            "!document.querySelector('.htmx-request, .loading-bar.busy')"
            " && document.fonts.status === 'loaded'"
        ):
            return


def chosen(names: Sequence[str]) -> list[Shot]:
    """The shots of pages named; all without names."""
    return [
        shot
        for shot in SHOTS
        if not names or any(shot.page == each or shot.name.startswith(each) for each in names)
    ]


def main(arguments: Sequence[str]) -> int:
    """0 when every picture was taken and no page was at fault; 1 otherwise; 2 usage."""
    parser = argparse.ArgumentParser(prog="run.py shots", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "data" / "shots", metavar="DIR")
    parser.add_argument("names", nargs="*", metavar="name")
    options = parser.parse_args(arguments)
    shots = chosen(options.names)
    if not shots:
        print(f"no page is called so: {' '.join(options.names)}", file=sys.stderr)
        return 2
    from tests import databases

    os.environ.update(
        DJANGO_SETTINGS_MODULE="meritbook.site.settings",
        MERITBOOK_DB_POOL="0",
        MERITBOOK_SECRET_KEY="shots",
        MERITBOOK_STATIC_PLAIN="1",
        MERITBOOK_LOG="ERROR",
        MERITBOOK_DATA=str(options.out.resolve() / ".data"),
    )
    os.environ.pop("MERITBOOK_DEBUG", None)
    began = time.monotonic()
    options.out.mkdir(parents=True, exist_ok=True)
    with databases.copy("shots") as name, databases.copy("nocompany") as bare:
        os.environ["MERITBOOK_DB_APP"] = databases.url(databases.APP, name)
        import django

        django.setup()
        faults = _photograph(shots, out=options.out, name=name, bare=bare)
    count = sum(len(shot.personas) for shot in shots) * len(VARIANTS)
    print(f"{count} pictures in {options.out}, {time.monotonic() - began:.0f} s")
    return 1 if faults else 0


def _photograph(shots: Sequence[Shot], *, out: Path, name: str, bare: str) -> int:
    """All pictures; the set-up page on the database without a company."""
    from django.db import connections

    from meritbook.kit import clock
    from meritbook.site.founding import open_setup
    from tests.browser.live import ChromiumMissing, chromium, serving
    from tests.conftest import point_to as point

    try:
        with chromium() as browser, serving() as site:
            demo = prepare()
            faults = take(
                [shot for shot in shots if shot.page != "setup"],
                prepared=demo,
                out=out,
                site=site,
                browser=browser,
            )
            point(connections["default"], bare)
            demo.setup = open_setup(now=clock.now()) or ""
            faults += take(
                [shot for shot in shots if shot.page == "setup"],
                prepared=demo,
                out=out,
                site=site,
                browser=browser,
            )
            connections.close_all()
            return faults
    except ChromiumMissing as missing:
        print(missing, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
