"""Verifying on demand and by night: a run is kept with how far it is and what it found."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict
from datetime import datetime

from django.db import DatabaseError

from meritbook.kit import clock
from meritbook.kit.tenancy import company_scope
from meritbook.ledger.operations.calls import call
from meritbook.ledger.proofs import witnesses
from meritbook.ledger.verification import (
    STEPS,
    Check,
    Verification,
    run_step,
    transactions,
)
from meritbook.notices.operations import tell

TOPIC = "ledger.broken"
UNREADABLE = "the rows cannot be read"

log = logging.getLogger(__name__)


def begin_verification(*, company_id: int, actor_id: int | None, at: datetime) -> int | None:
    """A run that waits for its job; None while another runs."""
    found = call(
        "SELECT ledger_begin_verification(%s, %s, %s, %s)", company_id, len(STEPS), actor_id, at
    )[0]
    return None if found is None else int(found)


def run_verification(*, company_id: int, verification_id: int) -> Verification:
    """Verify step by step, each in a scope of its own, so that others see how far it is.

    What is found broken is told to the witnesses.
    """
    checks: list[Check] = []
    for step, (names, _run) in enumerate(STEPS):
        try:
            with company_scope(company_id):
                checks += run_step(company_id=company_id, step=step)
        except (DatabaseError, ValueError):
            # Rows that make a check fail are no less broken.
            log.exception("verification %s of company %s", verification_id, company_id)
            checks += [Check(name, False, UNREADABLE) for name in names]
        with company_scope(company_id):
            _note(company_id=company_id, verification_id=verification_id, done=step + 1)
    with company_scope(company_id):
        count = transactions(company_id=company_id)
        found = Verification(all(check.ok for check in checks), count, tuple(checks))
        _note(
            company_id=company_id,
            verification_id=verification_id,
            done=len(STEPS),
            found=found,
        )
        if not found.ok:
            _tell(company_id=company_id, verification_id=verification_id, found=found)
    return found


def _note(
    *, company_id: int, verification_id: int, done: int, found: Verification | None = None
) -> None:
    call(
        "SELECT ledger_note_verification(%s, %s, %s, %s, %s::jsonb, %s)",
        company_id,
        verification_id,
        done,
        found.transactions if found else None,
        json.dumps([asdict(check) for check in found.checks]) if found else None,
        clock.now(),
    )


def _tell(*, company_id: int, verification_id: int, found: Verification) -> None:
    tell(
        company_id=company_id,
        topic=TOPIC,
        payload={
            "verification": verification_id,
            "checks": [check.name for check in found.checks if not check.ok],
            "memberships": [one.membership_id for one in witnesses(company_id=company_id)],
        },
        happened_at=clock.now(),
    )
