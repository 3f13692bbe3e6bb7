"""Events over HTTP: one or many, their explanation, withdrawal."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Body, Path, Query, Router, Schema
from pydantic import ConfigDict, Field, model_validator

from meritbook.awards.callers import IdempotencyKey, answer_once
from meritbook.awards.content import NewEvent
from meritbook.awards.lines import COLUMNS
from meritbook.awards.operations import RowResult, record, withdraw
from meritbook.awards.operations.replies import Answer
from meritbook.awards.queries.explanation import explain
from meritbook.awards.queries.stored import UnknownEvent, statuses_of
from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.kit.problems import Problem
from meritbook.kit.sheets import BadValue, code_of, moment_of, number_of
from meritbook.org.api import ERRORS, bearer, caller_of, needs, refuse_unstorable

router = Router(auth=bearer, tags=["events"])

BATCH_MAX = 1_000
DEFAULT_SOURCE = "default"
_OTHER_NAMES = {column.title: column.key for column in COLUMNS} | {"time": "happened_at"}

Number = Annotated[str, Field(max_length=40)] | Decimal | None
AttributeName = Annotated[str, Field(max_length=200)]
AttributeText = Annotated[str, Field(max_length=1000)]
Source = Annotated[str, Field(min_length=1, max_length=60)]


class EventIn(Schema):
    """One event. ``type`` is an event type's code or name, or a rule's code; ``happened_at`` is local time of the company
    (``YYYY-MM-DD HH:MM``) or ISO 8601 with a zone; the Chinese headings of an events file work too.
    ``revise``: other content under a known number corrects it."""

    model_config = ConfigDict(extra="forbid")

    event_no: Annotated[str, Field(min_length=1, max_length=120)]
    type: Annotated[str, Field(min_length=1, max_length=200)]
    employee_no: Annotated[str, Field(min_length=1, max_length=40)]
    happened_at: Annotated[str, Field(min_length=8, max_length=40)]
    quantity: Number = None
    amount: Number = None
    object: Annotated[str, Field(max_length=200)] = ""
    note: Annotated[str, Field(max_length=1000)] = ""
    attributes: Annotated[dict[AttributeName, AttributeText], Field(max_length=60)] = {}
    source: Source | None = None
    revise: bool | None = None

    @model_validator(mode="before")
    @classmethod
    def _known_names(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        for text in _texts(values):
            refuse_unstorable(text)
        return {_OTHER_NAMES.get(name, name): value for name, value in values.items()}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from (name, *_texts(inner))


class EventsIn(Schema):
    """Up to 1,000 events; ``source`` and ``revise`` hold for those that do not say it."""

    model_config = ConfigDict(extra="forbid")

    events: Annotated[list[EventIn], Field(min_length=1, max_length=BATCH_MAX)]
    source: Source | None = None
    revise: bool = False


class ProblemOut(Schema):
    """What is wrong with one field. ``row`` is the place in the batch, from 1."""

    row: int
    column: str
    reason: str
    remedy: str


class ResultOut(Schema):
    """What became of one event."""

    event_no: str
    source: str
    result: Literal["new", "duplicate", "revised", "conflict", "refused"]
    status: str | None
    """The event's status: posted, in_window, pending, nothing, withdrawn; null when refused."""
    problems: list[ProblemOut]


class ResultsOut(Schema):
    """A result for each event, in order."""

    results: list[ResultOut]


class StepOut(Schema):
    step: str
    ok: bool
    text: str


class EntryOut(Schema):
    rule_code: str
    version: int
    asset: str
    points: str
    effective_on: date
    sentence: str
    steps: list[StepOut]


class NearOut(Schema):
    rule_code: str
    failed_step: str
    text: str


class ExplanationOut(Schema):
    """An event with what it earned and what it missed."""

    event_no: str
    source: str
    status: str
    employee_no: str
    type: str
    happened_at: str
    revision: int
    entries: list[EntryOut]
    near: list[NearOut]


class WithdrawnOut(Schema):
    event_no: str
    source: str
    result: Literal["withdrawn", "duplicate"]
    status: Literal["withdrawn"]


class EventConflict(Refusal):
    """The number belongs to an event with other content."""

    code = "event_conflict"
    status = 409


class EventRefused(Refusal):
    """The event cannot be taken."""

    code = "event_refused"


EventNo = Annotated[str, Path(max_length=120)]


@router.post(
    "",
    response={200: ResultOut | ResultsOut, 201: ResultOut, **ERRORS},
    summary="Record one event, or up to 1,000",
)
@needs("events:write")
def post_events(
    request: HttpRequest,
    body: Annotated[EventIn | EventsIn, Body()],
    idempotency_key: IdempotencyKey = None,
) -> HttpResponse:
    """The same number with the same content is a duplicate and does nothing. One event that
    conflicts or is refused is an error; in a batch each event has its own result."""

    def work() -> Answer:
        if isinstance(body, EventsIn):
            return 200, {"results": _record(request, body.events, body.source, body.revise)}
        return _single(_record(request, [body], None, False)[0])

    return answer_once(request, idempotency_key, work)


@router.post(
    "/{path:event_no}/withdraw",
    response={200: WithdrawnOut, **ERRORS},
    summary="Withdraw an event that did not happen",
)
@needs("events:write")
def post_withdrawal(
    request: HttpRequest,
    event_no: EventNo,
    source: Annotated[str, Query(min_length=1, max_length=60)] = DEFAULT_SOURCE,
    idempotency_key: IdempotencyKey = None,
) -> HttpResponse:
    """What it earned is reversed. Again: nothing new."""

    def work() -> Answer:
        done = withdraw(
            company_id=_company(request),
            source=source,
            event_nos=[event_no],
            now=clock.now(),
        )
        if done.unknown:
            raise UnknownEvent(event_no)
        return 200, {
            "event_no": event_no,
            "source": source,
            "result": "withdrawn" if done.withdrawn else "duplicate",
            "status": "withdrawn",
        }

    return answer_once(request, idempotency_key, work)


@router.get(
    "/{path:event_no}", response={200: ExplanationOut, **ERRORS}, summary="One event, explained"
)
@needs("events:read")
def get_event(
    request: HttpRequest,
    event_no: EventNo,
    source: Annotated[str, Query(min_length=1, max_length=60)] = DEFAULT_SOURCE,
) -> dict[str, object]:
    """What it earned, step by step, and the rules that it missed."""
    return explain(company_id=_company(request), event_no=event_no, source=source).as_dict()


def _company(request: HttpRequest) -> int:
    return caller_of(request).company_id


def _single(result: dict[str, Any]) -> Answer:
    """The answer for one event; a conflict or a refusal is an error."""
    if result["result"] in ("conflict", "refused"):
        message = "；".join(
            f"{one['column']}：{one['reason']}" if one["column"] else str(one["reason"])
            for one in result["problems"]
        )
        raise (EventConflict if result["result"] == "conflict" else EventRefused)(message)
    return (201 if result["result"] == "new" else 200), result


def _record(
    request: HttpRequest, bodies: list[EventIn], source: str | None, revise: bool
) -> list[dict[str, Any]]:
    """Record events by source and by whether they may correct; results in the order given."""
    company_id = _company(request)
    results: list[tuple[str, RowResult]] = [("", RowResult("refused"))] * len(bodies)
    groups: dict[tuple[str, bool], list[tuple[int, NewEvent]]] = {}
    for index, body in enumerate(bodies):
        from_source = body.source or source or DEFAULT_SOURCE
        found = _event(body, index + 1)
        if isinstance(found, NewEvent):
            may_revise = revise if body.revise is None else body.revise
            groups.setdefault((from_source, may_revise), []).append((index, found))
        else:
            results[index] = (from_source, RowResult("refused", None, tuple(found)))
    for (from_source, may_revise), rows in groups.items():
        recorded = record(
            company_id=company_id,
            events=[event for _index, event in rows],
            source=from_source,
            now=clock.now(),
            revise=may_revise,
        )
        for (index, _sent), result in zip(rows, recorded.results, strict=True):
            results[index] = (from_source, result)
    statuses = statuses_of(
        company_id=company_id,
        event_ids=[result.event_id for _source, result in results if result.event_id],
    )
    return [
        _result(body.event_no, from_source, result, statuses)
        for body, (from_source, result) in zip(bodies, results, strict=True)
    ]


def _result(
    event_no: str, source: str, result: RowResult, statuses: dict[int, str]
) -> dict[str, Any]:
    return {
        "event_no": event_no,
        "source": source,
        "result": result.status,
        "status": statuses.get(result.event_id) if result.event_id else None,
        "problems": [
            {"row": one.row, "column": one.column, "reason": one.reason, "remedy": one.remedy}
            for one in result.problems
        ],
    }


def _event(body: EventIn, row: int) -> NewEvent | list[Problem]:
    problems: list[Problem] = []

    def number(column: str, value: str | Decimal | None) -> Decimal | None:
        if value is None or value == "":
            return None
        try:
            return value if isinstance(value, Decimal) else number_of(value)
        except BadValue as bad:
            problems.append(Problem("", row, column, bad.reason, bad.remedy))
            return None

    quantity, amount = number(_("数量"), body.quantity), number(_("金额"), body.amount)
    try:
        moment = moment_of(body.happened_at)
    except BadValue as bad:
        problems.append(Problem("", row, _("时间"), bad.reason, bad.remedy))
        return problems
    if problems:
        return problems
    return NewEvent(
        body.event_no.strip(),
        body.type.strip(),
        code_of(body.employee_no),
        moment.at,
        moment.has_time,
        quantity,
        amount,
        body.object.strip(),
        body.note.strip(),
        {name.strip(): value.strip() for name, value in body.attributes.items() if value.strip()},
        "",
        row,
    )
