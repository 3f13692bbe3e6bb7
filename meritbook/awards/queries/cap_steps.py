"""What caps did to an entry, as a step and as words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from meritbook.kit.points import points_text
from meritbook.kit.templatetags.kit import period_name
from meritbook.ledger.caps import span_of
from meritbook.ledger.names import Named
from meritbook.rules.reasons import posting_text
from meritbook.rules.scoring import CompiledRule
from meritbook.rules.spec import CAP, POSTING, Score, Step


def cap_step(facts: Mapping[str, Any], points: int) -> Step | None:
    """The step that tells what caps left of an entry; None when they left it whole.

    ``facts`` are the entry's, ``points`` what it gained in the end.
    """
    cap = facts.get("cap")
    if cap is None:
        return None
    if "rest_of" in cap:
        return Step(CAP, True, _("超出上限的部分已审批同意"))
    texts = [_cut_text(cut) for cut in cap["cuts"]]
    if cap["queued"]:
        rest = points_text(cap["asked"] - points)
        texts.append(_("其余 %(points)s 分转审批") % {"points": rest})
    return Step(CAP, points != 0, "；".join(texts))


def _cut_text(cut: Mapping[str, Any]) -> str:
    scale = cut["scale"]
    text = _("%(period)s上限 %(amount)s，已用 %(used)s，实得 %(allowed)s（%(name)s）")
    if cut["scope"] != "person":
        # What is used of a department's or the company's cap is what others got.
        text = _("%(period)s共用上限 %(amount)s，剩余不足，实得 %(allowed)s（%(name)s）")
    return text % {
        "period": period_name(span_of(cut["period"], date.fromisoformat(cut["start"]))),
        "amount": points_text(cut["amount"], scale),
        "used": points_text(cut["amount"] - cut["room"], scale),
        "allowed": points_text(cut["allowed"], scale),
        "name": cut["name"],
    }


def with_cap(
    *,
    rule: CompiledRule,
    facts: Mapping[str, Any],
    points: int,
    effective_on: date,
    sentence: str,
    steps: Sequence[Step],
    assets: Mapping[str, Named],
) -> tuple[str, Sequence[Step]]:
    """Sentence and steps of an entry that caps touched: the cap before the posting, and in the
    posting what was really given. ``assets``: their words."""
    step = cap_step(facts, points)
    if step is None:
        return sentence, steps
    before = [one for one in steps if one.step != POSTING]
    if step.ok:
        given = posting_text(rule.spec, Score(points, effective_on), _, assets)
        before += [step, Step(POSTING, True, given)]
    else:
        before.append(step)
    shown = {"sentence": sentence, "points": points_text(points)}
    if "rest_of" in facts["cap"]:
        return _("%(sentence)s；审批同意后补记 %(points)s 分") % shown, before
    return _("%(sentence)s；受上限所限，实得 %(points)s 分") % shown, before
