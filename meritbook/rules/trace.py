"""The steps of a score in order, each with what was compared: why, and why not.

A trace is recomputed from the values that scoring read; its first failed step is the one that
the score names. Texts go through a translator, so that a page can ask for another language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from meritbook.rules.checks import months_of
from meritbook.rules.condition_words import condition_held
from meritbook.rules.reasons import (
    NO_ASSETS,
    deadline_text,
    failed_text,
    measure_text,
    posting_text,
    threshold_text,
)
from meritbook.rules.scoring import CompiledRule
from meritbook.rules.spec import (
    DEADLINE,
    MEASURE,
    POPULATION,
    POSTING,
    THRESHOLD,
    TRIGGER,
    VALUE,
    Contribution,
    EventFacts,
    PersonFacts,
    RuleSpec,
    Step,
    Window,
)
from meritbook.rules.texts import AssetWords, Translator, gettext_noop, moment_text, window_text
from meritbook.rules.window_reasons import (
    window_failed_text,
    window_measure_text,
    window_threshold_text,
)
from meritbook.rules.workings import event_working, window_working

_ = gettext_noop

FOR_EVERYONE = _("适用于全公司")
INSIDE = _("发生时的部门、岗位在适用范围之内")
INSIDE_WITH_TENURE = _("发生时入职 %(months)d 个月，在适用范围之内")
NAMED = _("点名适用的人员，原因：%(reason)s")
HAPPENED = _("%(moment)s 发生")
WAITS = _("计入 %(window)s，结束后统一结算")


def trace_event(
    rule: CompiledRule,
    event: EventFacts,
    person: PersonFacts,
    *,
    tr: Translator = str,
    assets: Mapping[str, AssetWords] = NO_ASSETS,
) -> tuple[Step, ...]:
    """The steps of one event: of its points, or of its way into a window.

    ``assets`` has the company's words for what is posted, by code.
    It ends with the step that failed, or with the posting (per event) or the window it waits in.
    """
    spec = rule.spec
    if rule.windowed:
        admission = rule.admit(event, person)
        failed = admission.failed
    else:
        score = rule.score(event, person)
        failed = score.failed
    steps = _steps_before(spec, event, person, failed, tr)
    if failed is not None:
        return (*steps, Step(failed, False, failed_text(spec, event, person, failed, tr)))
    if rule.windowed:
        text = tr(WAITS) % {"window": window_text(admission.window, tr)}
        return (*steps, Step(MEASURE, True, measure_text(spec, event, tr)), Step(VALUE, True, text))
    return (
        *steps,
        *_measure_step(spec, event, tr),
        Step(VALUE, True, event_working(spec, event, person, score, tr)),
        Step(POSTING, True, posting_text(spec, score, tr, assets)),
    )


def trace_window(
    rule: CompiledRule,
    window: Window,
    events: Sequence[tuple[Contribution, EventFacts]],
    *,
    tr: Translator = str,
    assets: Mapping[str, AssetWords] = NO_ASSETS,
) -> tuple[Step, ...]:
    """The steps of one window's result from the events that were brought into it."""
    spec = rule.spec
    contributions = [contribution for contribution, _event in events]
    score = rule.score_window(window, contributions)
    if score.failed == MEASURE:
        return (Step(MEASURE, False, window_failed_text(spec, window, events, tr)),)
    steps = [Step(MEASURE, True, window_measure_text(spec, window, events, tr))]
    threshold = window_threshold_text(spec, contributions, tr)
    if threshold:
        steps.append(Step(THRESHOLD, score.failed is None, threshold))
    if score.failed is not None:
        return tuple(steps)
    steps.append(Step(VALUE, True, window_working(spec, contributions, score, tr)))
    steps.append(Step(POSTING, True, posting_text(spec, score, tr, assets)))
    return tuple(steps)


def _steps_before(
    spec: RuleSpec, event: EventFacts, person: PersonFacts, failed: str | None, tr: Translator
) -> tuple[Step, ...]:
    """The steps that held before the failed one (all of them when none failed)."""
    if failed == POPULATION:
        return ()
    steps = [Step(POPULATION, True, _inside(spec, event, person, tr))]
    if failed == TRIGGER:
        return tuple(steps)
    shown = moment_text(event.happened_at, tr) if event.has_time else None
    moment = shown or window_text(_day_window(event), tr)
    steps.append(Step(TRIGGER, True, tr(HAPPENED) % {"moment": moment}))
    held = condition_held(spec, event, person, tr)
    if held:
        steps.append(Step(TRIGGER, True, held))
    if failed == MEASURE and not spec.is_windowed and spec.shape not in ("S1", "S3", "S10"):
        return tuple(steps)
    if failed == DEADLINE:
        return tuple(steps)
    due = deadline_text(spec, event, tr)
    if due:
        steps.append(Step(DEADLINE, True, due))
    if failed == THRESHOLD:
        return tuple(steps)
    threshold = threshold_text(spec, event, tr)
    if threshold:
        steps.append(Step(THRESHOLD, True, threshold))
    return tuple(steps)


def _inside(spec: RuleSpec, event: EventFacts, person: PersonFacts, tr: Translator) -> str:
    """Why the rule concerns the person; with the reason where it names people."""
    people = spec.population
    if people.is_everyone:
        return tr(FOR_EVERYONE)
    if person.employee_id in people.employees:
        return tr(NAMED) % {"reason": people.reason}
    if people.has_tenure:
        months = months_of(event, person)
        return tr(INSIDE_WITH_TENURE) % {"months": months or 0}
    return tr(INSIDE)


def _measure_step(spec: RuleSpec, event: EventFacts, tr: Translator) -> tuple[Step, ...]:
    text = measure_text(spec, event, tr)
    return (Step(MEASURE, True, text),) if text else ()


def _day_window(event: EventFacts) -> Window:
    day = event.happened_at.date()
    return Window(day, day, event.happened_at)
