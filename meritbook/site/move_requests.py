"""A program's request to move somebody's points: whose, on which day, under which key; done once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Path, Schema
from pydantic import ConfigDict, Field, field_validator

from meritbook.awards.callers import answer_once, caller_sight
from meritbook.awards.operations.replies import KEY_MAX, Answer
from meritbook.awards.queries.wallets import employee_of
from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.ledger.names import Named
from meritbook.ledger.operations import Source
from meritbook.ledger.statements import UnknownAsset
from meritbook.org.api import caller_of, refuse_unstorable
from meritbook.org.models import Company, Employee

EmployeeNo = Annotated[str, Path(max_length=40)]
Amount = Annotated[str, Field(min_length=1, max_length=40)] | Decimal
Code = Annotated[str, Field(min_length=1, max_length=40)]
Note = Annotated[str, Field(max_length=200)]
ORDER = "order"


class KeyMissing(Refusal):
    """What moves points must not happen twice: the request needs a key."""

    code = "idempotency_key_missing"
    status = 400

    def __init__(self) -> None:
        super().__init__(_("请求头里要有 Idempotency-Key，重发时不会重复记账"))


class NotedIn(Schema):
    """What any of them may say: ``note``."""

    model_config = ConfigDict(extra="forbid")

    note: Note = ""

    @field_validator("note")
    @classmethod
    def _storable(cls, value: str) -> str:
        refuse_unstorable(value)
        return value


class SpendIn(NotedIn):
    """``amount`` of an asset, in points. ``note`` says what for."""

    asset: Code
    amount: Amount


@dataclass(frozen=True, slots=True)
class MoveRequest:
    """Whose points, the day where the company is, and the ledger's key."""

    request: HttpRequest
    employee: Employee
    today: date
    key: str
    """Of the ledger: it stays for ever, longer than the answer does."""

    def asset(self, code: str) -> Named:
        """An asset that the key may see. Raises UnknownAsset."""
        found = caller_sight(self.request).get(code)
        if found is None:
            raise UnknownAsset(code)
        return found

    def order(self, note: str) -> Source:
        """What it is for, as the ledger keeps it."""
        return Source(ORDER, self.employee.pk, note=note)


def move_once(
    request: HttpRequest,
    employee_no: str,
    key: str | None,
    work: Callable[[MoveRequest], Answer],
) -> HttpResponse:
    """Do ``work`` once per key. Raises KeyMissing, UnknownEmployee and as ``work`` does."""
    if key is None:
        raise KeyMissing
    ledger_key = _ledger_key(request, key)

    def ask() -> Answer:
        employee, today = whose(request, employee_no)
        return work(MoveRequest(request, employee, today, ledger_key))

    return answer_once(request, key, ask)


def whose(request: HttpRequest, employee_no: str) -> tuple[Employee, date]:
    """The employee and the day where the company is. Raises UnknownEmployee."""
    company_id = caller_of(request).company_id
    employee = employee_of(company_id=company_id, employee_no=employee_no)
    zone = Company.objects.values_list("time_zone", flat=True).get(pk=company_id)
    return employee, clock.today(time_zone=zone)


def _ledger_key(request: HttpRequest, key: str) -> str:
    key_id = caller_of(request).key_id
    whole = f"api/{key_id}/{key}"
    if len(whole) <= KEY_MAX:
        return whole
    # The longest that a program may send, with ours in front, is more than the ledger keeps.
    return f"api/{key_id}/sha256/{sha256(whole.encode()).hexdigest()}"
