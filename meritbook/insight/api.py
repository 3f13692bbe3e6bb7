"""Insight over HTTP."""

from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Path, Query, Router, Schema

from meritbook.insight.answers import (
    backtest_answer,
    health_answer,
    person_answer,
    simulation_answer,
)
from meritbook.insight.forms import MONTHS_MAX
from meritbook.insight.operations.backtests import ask_and_enqueue
from meritbook.insight.operations.mending import apply_mend
from meritbook.insight.queries.backtests import backtest_of, lines_of
from meritbook.insight.queries.books import draft_ids
from meritbook.insight.queries.health import MONTHS, health, span_before
from meritbook.insight.queries.simulation import Imagined, posts_of, simulated
from meritbook.insight.simulating import Assumptions
from meritbook.kit import clock
from meritbook.org.api import (
    ERRORS,
    bearer,
    caller_of,
    needs,
    offset_of,
    page_of,
    refuse_unstorable,
)
from meritbook.org.models import Company
from meritbook.org.operations.audit import Actor

StoredId = Annotated[int, Path(ge=1, le=2**63 - 1)]
router = Router(auth=bearer, tags=["insight"])


class FindingOut(Schema):
    """``key`` names the finding as long as it stands; ``mend`` is what POST …/mends does."""

    key: str
    code: str
    severity: str
    title: str
    rules: list[str]
    what: str
    why: str
    mend: str


class ReachOut(Schema):
    """Points that one person of a post can reach in a month; ``uncapped_rules`` come on top."""

    post: str
    people: int
    points: str
    uncapped_rules: int


class RulesHealthOut(Schema):
    rules: int
    months: int
    findings: list[FindingOut]
    reach: list[ReachOut]


class MendIn(Schema):
    key: str


class MendedOut(Schema):
    """Codes of the rules that have a draft now, and of those that ended today."""

    drafts: list[str]
    retired: list[str]


def today_for(company_id: int) -> Any:
    """The company's calendar day."""
    zone = Company.objects.values_list("time_zone", flat=True).get(pk=company_id)
    return clock.today(time_zone=zone)


@router.get(
    "/health", response={200: RulesHealthOut, **ERRORS}, summary="Health check of the rules"
)
@needs("insight:read")
def get_rules_health(
    request: HttpRequest,
    drafts: bool = True,
    months: Annotated[int, Query(ge=1, le=24)] = MONTHS,
) -> dict[str, Any]:
    """``drafts`` false: the published rules alone. ``months`` of history are looked at."""
    company_id = caller_of(request).company_id
    return health_answer(
        health(
            company_id=company_id,
            today=today_for(company_id),
            with_drafts=drafts,
            months=months,
        )
    )


@router.post("/mends", response={200: MendedOut, **ERRORS}, summary="Apply a finding's mend")
@needs("insight:write")
def post_mend(request: HttpRequest, body: MendIn) -> dict[str, Any]:
    """Writes drafts or ends rules; publishes nothing. 409 when the finding does not stand."""
    refuse_unstorable(body.key)
    caller = caller_of(request)
    done = apply_mend(
        company_id=caller.company_id,
        key=body.key,
        today=today_for(caller.company_id),
        actor=Actor(None, f"api key {caller.key_id}"),
        now=clock.now(),
    )
    return {"drafts": [each.rule.code for each in done.drafts], "retired": list(done.retired)}


class BacktestIn(Schema):
    """``rules``: codes whose drafts are tried; left out: all open drafts; empty: none."""

    name: Annotated[str, Field(min_length=1, max_length=120)] = "API"
    months: Annotated[int, Field(ge=1, le=MONTHS_MAX)] = 3
    rules: list[str] | None = None


class SumsOut(Schema):
    points: str
    money: str
    entries: int


class BacktestRuleOut(Schema):
    """Entries ``gained``, ``lost`` and ``changed`` are counted for rules with a draft."""

    code: str
    is_changed: bool
    before: SumsOut
    after: SumsOut
    gained: int
    lost: int
    changed: int


class BacktestOut(Schema):
    """``state``: waiting, running, done, failed, cancelled. ``posted``: what the ledger has.
    Sums are null until it is done. Money in 元."""

    id: int
    name: str
    state: str
    starts_on: str
    ends_on: str
    done: int
    total: int
    error: str
    before: SumsOut | None
    after: SumsOut | None
    posted: str | None
    winners: int
    losers: int
    moved: int
    budgets_exceeded: int
    rules: list[BacktestRuleOut]


class BacktestPersonOut(Schema):
    employee_no: str
    name: str
    department: str
    before: str
    after: str
    before_rank: int
    after_rank: int
    before_money: str
    after_money: str


class BacktestPeopleOut(Schema):
    """The largest differences first."""

    items: list[BacktestPersonOut]
    next_cursor: str | None


@router.post("/backtests", response={200: BacktestOut, **ERRORS}, summary="Try drafts out")
@needs("insight:write")
def post_backtest(request: HttpRequest, body: BacktestIn) -> dict[str, Any]:
    """A job computes it; ask for it again until ``state`` is done."""
    refuse_unstorable(body.name)
    caller = caller_of(request)
    made = ask_and_enqueue(
        company_id=caller.company_id,
        name=body.name,
        span=span_before(today_for(caller.company_id), months=body.months),
        version_ids=draft_ids(company_id=caller.company_id, codes=body.rules),
        actor=Actor(None, f"api key {caller.key_id}"),
        now=clock.now(),
    )
    return backtest_answer(made)


@router.get("/backtests/{backtest_id}", response={200: BacktestOut, **ERRORS}, summary="A backtest")
@needs("insight:read")
def get_backtest(request: HttpRequest, backtest_id: StoredId) -> dict[str, Any]:
    """Its state and sums, rules with a draft first."""
    company_id = caller_of(request).company_id
    return backtest_answer(backtest_of(company_id=company_id, backtest_id=backtest_id, scope=None))


@router.get(
    "/backtests/{backtest_id}/people",
    response={200: BacktestPeopleOut, **ERRORS},
    summary="A backtest, person by person",
)
@needs("insight:read")
def get_backtest_people(
    request: HttpRequest,
    backtest_id: StoredId,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    """Points and ranks before and after."""
    offset = offset_of(cursor)
    company_id = caller_of(request).company_id
    found = backtest_of(company_id=company_id, backtest_id=backtest_id, scope=None)
    lines = lines_of(found, scope=None)[offset : offset + limit + 1]
    return page_of([person_answer(each) for each in lines], offset=offset, limit=limit)


class SimulatedPostOut(Schema):
    post: str
    people: int
    points_a_month: str
    weakest: str
    strongest: str
    money_a_month: str
    year_money: str


class SimulatedRowOut(Schema):
    rank: int
    post: str
    number: int
    points: str


class SimulationOut(Schema):
    """A year. ``board``: the first hundred; ``skipped_rules`` lack something."""

    people: int
    year_points: str
    year_money: str
    posts: list[SimulatedPostOut]
    board: list[SimulatedRowOut]
    skipped_rules: list[str]


@router.get("/simulation", response={200: SimulationOut, **ERRORS}, summary="A simulated year")
@needs("insight:read")
def get_simulation(
    request: HttpRequest,
    attainment: Annotated[int, Query(ge=0, le=200)] = 80,
    spread: Annotated[int, Query(ge=0, le=50)] = 15,
    people: Annotated[int | None, Query(ge=0, le=1000)] = None,
) -> dict[str, Any]:
    """``attainment``: percent of targets that the middle reaches; ``spread``: how far people are
    apart; ``people`` in each post, left out: as many as there are."""
    company_id = caller_of(request).company_id
    today = today_for(company_id)
    rows, workdays = posts_of(company_id=company_id, today=today)
    return simulation_answer(
        simulated(
            company_id=company_id,
            rows=rows,
            imagined=[Imagined(people, None)] * len(rows),
            assumptions=Assumptions(
                attainment=Decimal(attainment) / 100,
                spread=Decimal(spread) / 100,
                workdays=workdays,
            ),
            today=today,
        )
    )
