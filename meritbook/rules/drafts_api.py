"""Drafts over HTTP: standards in words or in values, tried with an event; nothing is stored."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema

from meritbook.org.api import ERRORS, bearer, caller_of, needs
from meritbook.org.models import Company
from meritbook.rules.listings import sentence_of
from meritbook.rules.sketches import DraftWrong, sketched
from meritbook.rules.tables import read_text
from meritbook.rules.trying import event_of, try_rule
from meritbook.rules.vocabulary import vocabulary

LONGEST = 50_000
"""So many signs of text are read at once."""
MOST_TRIED = 50
"""So many drafts of one text are tried."""

router = Router(auth=bearer, tags=["rules"])

Number = Annotated[Decimal, Field(max_digits=17, decimal_places=4)]
Text = Annotated[str, Field(max_length=200)]


class TriedEventIn(Schema):
    """One event to try drafts with; a time without a zone is the company's."""

    employee_no: Annotated[str, Field(min_length=1, max_length=60)]
    happened_at: datetime
    has_time: bool = True
    quantity: Number | None = None
    amount: Number | None = None
    object: Text = ""
    attributes: dict[str, Text] = {}


class SaidIn(Schema):
    """Standards in words, one a line (“周五22点前交周总结加5分,每周一次”), or one in values.

    ``condition`` is an expression (岗位 = “客服” 且 延迟天数 > 3) over the attributes given in
    ``attributes`` with their kinds; ``population`` has names of departments, posts and grades,
    numbers of employees, months. Both hold for every draft.
    """

    text: Annotated[str, Field(max_length=LONGEST)] = ""
    draft: dict[str, Any] | None = None
    condition: Annotated[str, Field(max_length=2000)] = ""
    attributes: dict[str, Literal["number", "text", "date", "yes_no"]] = {}
    definitions: dict[str, str] = {}
    population: dict[str, Any] = {}
    event: TriedEventIn | None = None


class SaidOut(Schema):
    """Drafts as ``read_rules`` gives them, each with the sentence that people would read, and
    where an event was given, with what it would earn (``trial``)."""

    drafts: list[dict[str, Any]]
    problems: list[dict[str, Any]]
    findings: list[dict[str, Any]]


@router.post("/drafts", response={200: SaidOut, **ERRORS}, summary="Read and try standards")
@needs("rules:read")
def post_rule_drafts(request: HttpRequest, body: SaidIn) -> dict[str, Any]:
    """Reads only, stores nothing: each draft with its doubts and proposals."""
    company_id = caller_of(request).company_id
    text = body.text.replace("\x00", "")
    answer: dict[str, Any] = {"drafts": [], "problems": [], "findings": []}
    if body.draft is not None:
        answer["drafts"] = [body.draft]
    elif text.strip():
        answer = read_text(text).as_dict()
    else:
        raise DraftWrong(_("请写上标准的文字（text），或者各项的值（draft）"))
    words = vocabulary(company_id=company_id)
    for number, draft in enumerate(answer["drafts"]):
        version = sketched(
            company_id=company_id,
            values=draft,
            population=body.population,
            condition=body.condition,
            attributes=body.attributes,
            definitions=body.definitions,
            words=words,
        )
        draft["sentence"] = sentence_of(version)
        if body.event is not None and number < MOST_TRIED:
            values = body.event.dict()
            values["happened_at"] = local_time(values["happened_at"], company_id=company_id)
            draft["trial"] = try_rule(
                company_id=company_id,
                version=version,
                employee_no=values["employee_no"],
                event=event_of(values),
            ).as_dict()
    return answer


def local_time(moment: datetime, *, company_id: int) -> datetime:
    """A moment as naive local time of the company."""
    if moment.tzinfo is None:
        return moment
    zone = Company.objects.values_list("time_zone", flat=True).get(id=company_id)
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
