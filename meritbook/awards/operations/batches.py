"""The rows of one chunk on their way into the store: claimed, told apart, earned for."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db import connection, transaction
from django.utils.translation import gettext as _

from meritbook.awards.evaluation import Award
from meritbook.awards.operations import storing, window_rows, windows
from meritbook.awards.operations.copytext import json_text
from meritbook.awards.operations.faults import conflict_of
from meritbook.awards.operations.intake import Candidate, Intake
from meritbook.awards.operations.movement import Posting
from meritbook.awards.operations.posting import (
    Outstanding,
    PostingsRefused,
    kind_of,
    outstanding_of_events,
    place_facts,
    post_all,
    taking_back,
)
from meritbook.awards.operations.queued import call_off_moot
from meritbook.awards.operations.results import (
    CONFLICT,
    DUPLICATE,
    NEW,
    REFUSED,
    REVISED,
    RowResult,
    taken_number,
)
from meritbook.awards.operations.storing import Current
from meritbook.awards.paying import OverActLimit, Payer
from meritbook.kit.problems import Problem
from meritbook.ledger.operations import Issue


class _Stored(NamedTuple):
    """A candidate with its own event id, and the revision that it replaces."""

    event_id: int
    revision: int
    candidate: Candidate
    replaces: Current | None


@dataclass(slots=True)
class Batch:
    """The rows of one chunk on their way into the store."""

    intake: Intake
    source: str
    revise: bool
    import_run_id: int | None
    results: list[RowResult | None] = field(repr=False)
    claimed: Callable[[], object] = field(default=lambda: None, repr=False)
    """Called when the rows have their numbers and windows, before what takes long: the posting."""

    payer: Payer | None = None
    """The manager out of whose quota awards are given."""

    def record_rounds(self, candidates: list[Candidate]) -> None:
        """A number that occurs again in the batch waits for the next round, and meets the first
        one there like any other that was stored before."""
        while candidates:
            first: dict[str, Candidate] = {}
            candidates = [
                one for one in candidates if first.setdefault(one.event.event_no, one) is not one
            ]
            self._record_round(list(first.values()))

    def _record_round(self, candidates: list[Candidate]) -> None:
        """Rows with different numbers. Those that the ledger refuses are left out and reported."""
        while candidates:
            try:
                with transaction.atomic():
                    self._write(candidates)
            except PostingsRefused as refusal:
                reasons = dict(refusal.refused)
                if not reasons or -1 in reasons:
                    raise
                for index, reason in reasons.items():
                    self.results[index] = RowResult(
                        REFUSED, None, (self._problem(candidates, index, reason),)
                    )
                candidates = [one for one in candidates if one.position not in reasons]
            else:
                return

    @staticmethod
    def _problem(candidates: list[Candidate], index: int, reason: str) -> Problem:
        event = next(one.event for one in candidates if one.position == index)
        return Problem(
            event.sheet, event.row, "", _("记账被拒绝：%(reason)s") % {"reason": reason}, ""
        )

    def _write(self, candidates: list[Candidate]) -> None:
        ids = storing.allocate_event_ids(len(candidates))
        rows = [(id_, 1, one) for id_, one in zip(ids, candidates, strict=True)]
        won = self._insert(rows)
        stored: list[_Stored] = []
        taken: list[tuple[int, Candidate]] = []
        for id_, _revision, one in rows:
            if id_ in won:
                stored.append(_Stored(id_, 1, one, None))
                self.results[one.position] = RowResult(NEW, id_)
            else:
                taken.append((id_, one))
        if taken:
            stored += self._meet(taken)
        self._earn(stored)

    def _insert(self, rows: list[tuple[int, int, Candidate]]) -> Container[int]:
        return storing.insert_events(
            company_id=self.intake.company_id,
            source=self.source,
            zone=self.intake.zone.key,
            rows=rows,
            now=self.intake.now,
            import_run_id=self.import_run_id,
        )

    def _meet(self, taken: list[tuple[int, Candidate]]) -> list[_Stored]:
        """Rows whose number is taken: the same again, a correction, or a conflict."""
        company_id = self.intake.company_id
        current = storing.find_current(
            company_id=company_id,
            source=self.source,
            event_nos=sorted(one.event.event_no for _id, one in taken),
            lock=self.revise,
        )
        corrections: list[_Stored] = []
        for id_, one in taken:
            there = current[one.event.event_no]
            became = taken_number(
                is_same=self.intake.is_same(one, hash=there.hash, type_code=there.type_code),
                withdrawn=there.status == "withdrawn",
                revise=self.revise,
            )
            if became == DUPLICATE:
                self.results[one.position] = RowResult(DUPLICATE, there.id)
            elif became == REVISED:
                self.results[one.position] = RowResult(REVISED, id_)
                corrections.append(_Stored(id_, there.revision + 1, one, there))
            else:
                self.results[one.position] = RowResult(
                    CONFLICT, there.id, (conflict_of(one.event),)
                )
        if corrections:
            storing.retire_revisions(
                company_id=company_id,
                event_ids=[one.replaces.id for one in corrections if one.replaces],
            )
            self._insert([(one.event_id, one.revision, one.candidate) for one in corrections])
        return corrections

    def _earn(self, stored: list[_Stored]) -> None:
        """Windows, then one posting for everything."""
        intake = self.intake
        postings = self._awards(stored)
        touched = window_rows.bring(
            company_id=intake.company_id,
            zone=intake.zone.key,
            brought=[
                (one.event_id, one.candidate.person.id, brought)
                for one in stored
                for brought in one.candidate.outcome.brought
            ],
            forgotten_event_ids=[one.replaces.id for one in stored if one.replaces],
        )
        closed = [window for window in touched if window.state == "closed"]
        postings += windows.settle(intake=intake, windows=closed)
        self.claimed()
        post_all(company_id=intake.company_id, postings=postings, now=intake.now)
        window_rows.refresh_statuses(company_id=intake.company_id, windows=closed)
        call_off_moot(
            company_id=intake.company_id,
            event_ids=[one.replaces.id for one in stored if one.replaces],
            now=intake.now,
        )

    def _awards(self, stored: list[_Stored]) -> list[Posting]:
        """What events earn by themselves; for corrections also what their forerunners lose."""
        corrected = {one.replaces.id: one for one in stored if one.replaces}
        postings, kept = self._losses(corrected)
        if kept:
            _hand_over(self.intake.company_id, kept)
        return postings + self._gains(stored, kept=kept)

    def _losses(
        self, corrected: Mapping[int, _Stored]
    ) -> tuple[list[Posting], dict[tuple[int, int], list[int]]]:
        """What takes back the entries of what is corrected; and the entries that stay, by the new
        revision's event and the rule.

        A correction that changes nothing about an entry keeps it: to take points back and give
        them again could clip what was spent in the meantime.
        """
        kept: dict[tuple[int, int], list[int]] = {}
        postings: list[Posting] = []
        for entry in outstanding_of_events(company_id=self.intake.company_id, event_ids=corrected):
            one = corrected[entry.event_id]
            if _earns_again(one.candidate, entry):
                kept.setdefault((one.event_id, entry.rule_id), []).append(entry.entry_id)
            elif entry.points:  # else caps had left nothing of it
                rule = self.intake.book.version(entry.rule_version_id)
                postings.append(
                    taking_back(
                        entry,
                        position=one.candidate.position,
                        cause=f"event:{one.event_id}:undo",
                        amounts=rule.legs(entry.points) if entry.asked is None else (),
                        fact_on=one.candidate.local.date(),
                    )
                )
        return postings, kept

    def _gains(self, stored: list[_Stored], *, kept: Container[tuple[int, int]]) -> list[Posting]:
        """What events earn, but for the entries that are kept."""
        texts: dict[object, str] = {}
        postings: list[Posting] = []
        for one in stored:
            candidate = one.candidate
            if not candidate.outcome.awards:
                continue
            facts = texts.get(candidate.place)
            if facts is None:
                facts = texts[candidate.place] = json_text(place_facts(candidate.place))
            paid = facts
            if self.payer is not None:
                # Withdrawn later, the quota comes back to whoever gave.
                paid = json_text({**place_facts(candidate.place), "quota": self.payer.party_id})
            postings += (
                self._posting(one, award, facts=paid if award.score.points > 0 else facts)
                for award in candidate.outcome.awards
                if (one.event_id, award.rule.spec.rule_id) not in kept
            )
        return postings

    def _posting(self, one: _Stored, award: Award, *, facts: str) -> Posting:
        candidate, spec, score = one.candidate, award.rule.spec, award.score
        return Posting(
            candidate.position,
            Issue(
                f"event:{one.event_id}:{spec.rule_id}",
                kind_of(score.points),
                candidate.person.party_id,
                award.amounts,
                score.effective_on,
                candidate.local.date(),
                "event",
                one.event_id,
                spec.version_id,
                candidate.place.department_id,
                caps=self.intake.caps.of(
                    rule_code=spec.code,
                    version_id=spec.version_id,
                    party_id=candidate.person.party_id,
                    department_id=candidate.place.department_id,
                    day=score.effective_on,
                    amounts=award.amounts,
                ),
                quota=self._quota(candidate.position, score.points),
            ),
            one.event_id,
            None,
            candidate.person.id,
            score.points,
            None,
            facts,
        )

    def _quota(self, position: int, points: int) -> tuple[int, int] | None:
        """What an award costs the manager who gives it; a deduction costs nothing."""
        if self.payer is None or points <= 0:
            return None
        if self.payer.act_max is not None and points > self.payer.act_max:
            raise PostingsRefused([(position, OverActLimit(self.payer.act_max).message)])
        return self.payer.party_id, points


def _earns_again(candidate: Candidate, entry: Outstanding) -> bool:
    """Whether a correction earns just what the entry was for."""
    return (
        candidate.person.id == entry.employee_id
        and candidate.place.department_id == entry.department_id
        and any(
            award.rule.spec.version_id == entry.rule_version_id
            and award.score.points == (entry.points if entry.asked is None else entry.asked)
            and award.score.effective_on == entry.effective_on
            for award in candidate.outcome.awards
        )
    )


def _hand_over(company_id: int, kept: dict[tuple[int, int], list[int]]) -> None:
    """Let entries that a correction does not change belong to the new revision."""
    pairs = [(entry_id, event_id) for (event_id, _rule), ids in kept.items() for entry_id in ids]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE awards_entry n SET event_id = t.event_id"
            " FROM unnest(%s::bigint[], %s::bigint[]) AS t(id, event_id)"
            " WHERE n.company_id = %s AND n.id = t.id",
            [*storing.columns(pairs, 2), company_id],
        )
