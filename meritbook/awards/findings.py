"""What the page of an events import shows: what the rows would come to, and what is to be known
about single rows, by kind."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from meritbook.awards.imports import UNSCORED
from meritbook.awards.operations.checking import MOVED
from meritbook.awards.operations.results import DUPLICATE, REVISED
from meritbook.files.models import ImportRun
from meritbook.files.queries.runs import problem_count

BAD = "bad"
SHOWN = 200


def look_of(run: ImportRun) -> dict[str, Any]:
    """What a waiting run would do, by kind of row, and what there is to choose."""
    would = run.options.get("would", {})
    good = would.get("new", 0) + would.get("revised", 0)
    bad = would.get("conflict", 0) + would.get("refused", 0)
    return {
        **would,
        "good": good,
        "bad": bad,
        "unscored": run.options.get("unscored", 0),
        "moved": run.options.get("noted", {}).get(MOVED, 0),
        "may_start": good > 0,
        "nothing_new": not good and not bad and would.get("duplicate", 0) > 0,
        "is_empty": not run.total,
    }


def findings_of(run: ImportRun, *, wanted: str) -> dict[str, Any]:
    """The rows worth a look: tabs by kind, and the first 200 of the kind that is asked for."""
    counted = {BAD: problem_count(run)}
    if run.state == ImportRun.State.DRAFT:
        counted |= run.options.get("noted", {})
    names = {
        BAD: _("要改的地方"),
        UNSCORED: _("不会得分"),
        MOVED: _("计入以后的日子"),
        REVISED: _("更正"),
        DUPLICATE: _("重复"),
    }
    kinds = [kind for kind in names if counted.get(kind)]
    current = wanted if wanted in kinds else next(iter(kinds), "")
    rows = run.problems if current == BAD else run.options.get("notes", {}).get(current, [])
    return {
        "tabs": [
            {
                "label": names[kind],
                "address": f"?show={kind}",
                "current": kind == current,
                "count": counted[kind],
            }
            for kind in kinds
        ],
        "name": names.get(current, ""),
        "is_bad": current == BAD,
        "rows": rows[:SHOWN],
        "shown": min(len(rows), SHOWN),
        "total": counted.get(current, 0),
        "reasons": run.options.get("reasons", [])
        if current == BAD and run.state == ImportRun.State.DRAFT and counted[BAD] > SHOWN
        else [],
    }
