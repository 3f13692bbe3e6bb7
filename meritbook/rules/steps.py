"""A trace as pages and people read it: each step with a heading."""

from collections.abc import Iterable
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from meritbook.rules.spec import (
    CAP,
    DEADLINE,
    MEASURE,
    POPULATION,
    POSTING,
    THRESHOLD,
    TRIGGER,
    VALUE,
    Step,
)

HEADINGS: dict[str, str | Promise] = {
    POPULATION: _("适用范围"),
    TRIGGER: _("发生"),
    DEADLINE: _("时限"),
    THRESHOLD: _("门槛"),
    MEASURE: _("计量"),
    VALUE: _("计算"),
    CAP: _("上限"),
    POSTING: _("入账"),
}


class StepLine(NamedTuple):
    """One step for the page part that lists traces."""

    label: str | Promise
    ok: bool
    text: str


def step_lines(steps: Iterable[Step]) -> list[StepLine]:
    """Steps with their headings, in order."""
    return [StepLine(HEADINGS.get(one.step, ""), one.ok, one.text) for one in steps]
