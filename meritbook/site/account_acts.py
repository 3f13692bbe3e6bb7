"""Blocking, opening and settling somebody's accounts, each with a line in the log of deeds."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from meritbook.ledger.operations import Treatment, set_state, settle
from meritbook.org.models import Employee
from meritbook.org.operations.audit import Actor, note


def change_state(
    *,
    employee: Employee,
    state: Literal["open", "blocked", "archived"],
    code: str | None,
    reason: str,
    now: datetime,
    actor: Actor,
) -> int:
    """Open, block or archive the wallets of somebody, or the one of an asset; how many changed.

    Raises as ``set_state`` does.
    """
    changed = set_state(
        company_id=employee.company_id,
        party_id=employee.party_id,
        state=state,
        code=code,
        reason=reason,
        changed_at=now,
        actor_id=actor.membership_id,
    )
    if changed:
        note(
            company_id=employee.company_id,
            actor=actor,
            now=now,
            action=f"accounts.{state}",
            object_kind="employee",
            object_id=employee.employee_no,
            after={"asset": code or "*"},
            reason=reason,
        )
    return changed


def settle_leaver(
    *,
    employee: Employee,
    treatments: dict[str, Treatment],
    reason: str,
    today: date,
    now: datetime,
    actor: Actor,
) -> None:
    """Pay or forfeit what somebody leaves with, asset by asset, and archive the wallets.

    Once a day. Raises as ``settle`` does.
    """
    settled = settle(
        company_id=employee.company_id,
        party_id=employee.party_id,
        key=f"settle/{employee.party_id}/{today.isoformat()}",
        treatments=treatments,
        today=today,
        settled_at=now,
        actor_id=actor.membership_id,
        reason=reason,
    )
    note(
        company_id=employee.company_id,
        actor=actor,
        now=now,
        action="accounts.settle",
        object_kind="employee",
        object_id=employee.employee_no,
        after={one.code: [one.treatment, one.amount] for one in settled},
        reason=reason,
    )
