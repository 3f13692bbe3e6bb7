"""Two furnished companies: rules, an event with its entry, imports, keys, in both."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import connection

from meritbook.approvals.operations import OWNERS, open_case
from meritbook.approvals.operations.committees import save_committee
from meritbook.approvals.operations.standing_in import delegate
from meritbook.awards.content import NewEvent
from meritbook.awards.imports import open_import
from meritbook.awards.models import Entry, Event
from meritbook.awards.operations import record
from meritbook.awards.operations.budgets import set_budget
from meritbook.awards.operations.caps import set_cap
from meritbook.files.models import ImportRun
from meritbook.files.operations.runs import start_run, store_file
from meritbook.insight.operations.backtests import ask, run, share
from meritbook.insight.queries.health import span_before
from meritbook.kit.sheets import OutSheet, write_workbook
from meritbook.kit.tenancy import company_scope
from meritbook.ledger.operations import Source, hold, worths
from meritbook.org.keys import SCOPES
from meritbook.org.models import Department
from meritbook.org.operations.audit import SYSTEM, actor_of
from meritbook.org.operations.keys import create_key
from meritbook.org.operations.logins import issue_activations
from meritbook.org.queries.members import member
from meritbook.rules.models import RuleVersion
from meritbook.rules.operations.editions import give_out
from meritbook.rules.operations.importing import open_run
from meritbook.rules.operations.loading import load_drafts
from meritbook.rules.operations.publishing import publish
from meritbook.rules.operations.revisions import Proposal, add_minutes, propose
from meritbook.rules.operations.schemes import SchemeData, default_scheme, save_scheme
from meritbook.rules.tables import read_text
from tests.people import CANARY, NOW, TODAY, Cast, hongyuan, tashan


@dataclass
class World:
    """A company with one of everything that an address can name."""

    cast: Cast
    ids: dict[str, object] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    event_no: str = ""


def furnish(cast: Cast, *, employee_no: str, note: str) -> World:
    """Fill ``cast``'s company; ``employee_no`` earns one entry."""
    company_id = cast.company.pk
    world = World(cast)
    with company_scope(company_id):
        drafts = read_text(f"{note}主动上报隐患，5分/次", name=f"{note}标准").drafts
        loaded = load_drafts(
            company_id=company_id, drafts=drafts, population={}, actor_id=None, now=NOW
        )
        publish(
            company_id=company_id,
            version_ids=[each.pk for each in loaded.versions],
            active_from=date(2026, 1, 1),
            actor_id=None,
            now=NOW,
            accept_proposals=True,
        )
        version = loaded.versions[0]
        world.event_no = f"EV-{employee_no}"
        record(
            company_id=company_id,
            events=[
                NewEvent(
                    event_no=world.event_no,
                    type=version.rule.code,
                    employee_no=employee_no,
                    happened_at=datetime(2026, 11, 20, 9, 30),
                    quantity=Decimal(1),
                    note=note,
                    object=note,
                )
            ],
            source="default",
            now=NOW,
        )
        entry = Entry.objects.get(company_id=company_id)
        department = Department.objects.filter(company_id=company_id).order_by("id").last()
        assert department is not None
        owner = member(company_id=company_id, membership_id=cast.members["owner"].pk)
        key = create_key(
            company_id=company_id, name=f"{note}CRM", scopes=SCOPES, now=NOW, actor=actor_of(owner)
        )
        (activation,) = issue_activations(
            company_id=company_id, employees=[cast.people[employee_no]], now=NOW, actor=SYSTEM
        )
        people = _sheet(("工号", "姓名", "部门"), ("7001", f"{note}新人", f"{note}部"))
        people_run = start_run(
            company_id=company_id,
            kind=ImportRun.Kind.PEOPLE,
            file_name=f"{note}花名册.xlsx",
            file=store_file(
                company_id=company_id, name="a.xlsx", content=people, created_by=None, now=NOW
            ),
            now=NOW,
            state=ImportRun.State.DRAFT,
        )
        rules_run = open_run(
            company_id=company_id,
            name=f"{note}标准.txt",
            content=f"{note}整理仓库，3分/次".encode(),
            reading=read_text(f"{note}整理仓库，3分/次", name=f"{note}标准"),
            population={},
            actor_id=None,
            now=NOW,
        )
        opening_run = start_run(
            company_id=company_id,
            kind=ImportRun.Kind.OPENING,
            file_name=f"{note}opening.csv",
            now=NOW,
            options={"on": "2026-10-31"},
            state=ImportRun.State.DONE,
        )
        events_run = open_import(
            company_id=company_id,
            name=f"{note}事件.xlsx",
            content=_sheet(
                ("事件编号", "类型", "工号", "时间", "备注"),
                ("F1", version.rule.code, employee_no, "2026-11-19 10:00", note),
            ),
            source="default",
            revise=False,
            all_or_nothing=False,
            actor_id=None,
            now=NOW,
        )
        case = open_case(
            company_id=company_id,
            key="worth:1",
            kind=worths.CHANGE,
            title=f"{note}积分价值调整",
            ask=[OWNERS],
            payload={
                "asset_code": "spendable",
                "scale": 2,
                "points": 10_000,
                "cents": 200,
                "valid_from": "2027-01-01",
                "note": note,
            },
            subject_kind="worth",
            beneficiary_ids=[cast.people[employee_no].pk],
            now=NOW,
        ).case
        scheme = save_scheme(
            company_id=company_id,
            scheme=default_scheme(company_id=company_id, now=NOW),
            data=SchemeData(name=f"{note}方案", goal=note, review_on=TODAY),
            actor=SYSTEM,
            now=NOW,
        )
        edition = give_out(scheme=scheme, day=TODAY, actor=SYSTEM, now=NOW)
        revision = propose(
            scheme=scheme,
            proposal=Proposal(
                title=f"{note}修订",
                reason=note,
                version_ids=(),
                retired_rule_ids=[version.rule_id],
                effective_on=TODAY,
            ),
            actor=SYSTEM,
            today=TODAY,
            now=NOW,
        )
        minutes = add_minutes(
            revision=revision,
            file=store_file(
                company_id=company_id,
                name=f"{note}.txt",
                content=note.encode(),
                created_by=None,
                now=NOW,
            ),
            title=note,
            actor=SYSTEM,
            now=NOW,
        )
        away = delegate(
            by=member(company_id=company_id, membership_id=cast.members["owner"].pk),
            delegator_id=cast.members["owner"].pk,
            delegate_id=cast.members["employee"].pk,
            starts_on=TODAY + timedelta(days=100),
            ends_on=TODAY + timedelta(days=101),
            reason=note,
            today=TODAY,
            now=NOW,
        )
        committee = save_committee(
            company_id=company_id,
            name=f"{note}委员会",
            quorum_percent=50,
            member_ids=[cast.members["owner"].pk, cast.members["employee"].pk],
            actor=SYSTEM,
            now=NOW,
        )
        budget = set_budget(
            company_id=company_id,
            department_id=department.pk,
            asset_code="spendable",
            span="month",
            unit="points",
            amount=100_000,
            policy="warn",
            starts_on=TODAY,
            today=TODAY,
            actor=SYSTEM,
            now=NOW,
        )
        cap_id = set_cap(
            company_id=company_id,
            name=f"{note}上限",
            asset_code="honour",
            amount=100_000_00,
            scope="company",
            period="month",
            policy="clip",
            valid_from=TODAY,
            today=TODAY,
            actor=SYSTEM,
            now=NOW,
        )
        held = hold(
            company_id=company_id,
            key="hold/1",
            party_id=cast.people[employee_no].party_id,
            code="spendable",
            amount=100,
            today=TODAY,
            lapses_at=None,
            source=Source("order", 1, note=note),
        )
        backtest = ask(
            company_id=company_id,
            name=f"{note}试算",
            span=span_before(TODAY, months=1),
            version_ids=[],
            actor=SYSTEM,
            now=NOW,
        )
        run(company_id=company_id, backtest_id=backtest.pk, now=NOW)
        share(company_id=company_id, backtest_id=backtest.pk, is_shared=True)
        world.ids = {
            "backtest_id": backtest.pk,
            "hold_id": held.hold_id,
            "cap_id": cap_id,
            "budget_id": budget.pk,
            "case_id": case.pk,
            "delegation_id": away.pk,
            "committee_id": committee.pk,
            "employee_no": employee_no,
            "tx_id": entry.tx_id,
            "event_id": Event.objects.get(company_id=company_id).pk,
            "code": version.rule.code,
            "scheme": scheme.code,
            "edition_id": edition.pk,
            "revision_id": revision.pk,
            "minutes_id": minutes.pk,
            "version_id": RuleVersion.objects.filter(company_id=company_id).latest("id").pk,
            "department_id": department.pk,
            "key_id": key.key.pk,
            "people_run": people_run.pk,
            "opening_run": opening_run.pk,
            "rules_run": rules_run.pk,
            "events_run": events_run.pk,
        }
        world.tokens = {"key": key.token, "activation": activation.token}
    return world


def _sheet(*rows: tuple[str, ...]) -> bytes:
    return write_workbook([OutSheet(name="表", headings=rows[0], rows=rows[1:])])


def two_worlds() -> tuple[World, World]:
    """At home 李雷 earns; abroad every text carries the canary."""
    ours = furnish(hongyuan(), employee_no="0001", note="本地")
    theirs = furnish(tashan(), employee_no="9001", note=CANARY)
    return ours, theirs


def row_counts(company_id: int, tables: list[str]) -> dict[str, tuple[int, str]]:
    """How many rows a company has in each table, and a digest of them."""
    found = {}
    with company_scope(company_id), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(
                f"SELECT count(*), coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '')"
                f" FROM {table} t"
            )
            found[table] = cursor.fetchone()
    return found
