"""Who pays for an award given by hand."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.translation import gettext as _

from meritbook.kit.errors import Refusal
from meritbook.kit.points import points_text

QUOTA_SCALE = 2


class Payer(NamedTuple):
    """A manager with a quota: the party that holds it, and the most that one award may cost."""

    party_id: int
    act_max: int | None


class OverActLimit(Refusal):
    """One award costs more than the manager may give at once."""

    code = "over_act_limit"

    def __init__(self, act_max: int) -> None:
        super().__init__(
            _("超过你单次可奖励的上限 %(points)s 分")
            % {"points": points_text(act_max, QUOTA_SCALE)}
        )
