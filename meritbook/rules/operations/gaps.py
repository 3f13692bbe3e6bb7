"""What a draft lacks, in words for the person who wants to publish it."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from meritbook.rules.spec import SpecIncomplete

GAPS: dict[str, str | Promise] = {
    "shape": gettext_lazy("没有这种计分方式"),
    "points": gettext_lazy("没有写分值"),
    "points_min": gettext_lazy("没有写最低分"),
    "points_max": gettext_lazy("没有写最高分"),
    "divisor": gettext_lazy("“每满多少计一次”要大于 0"),
    "target": gettext_lazy("没有写大于 0 的目标"),
    "limit_minutes": gettext_lazy("没有写时限"),
    "project_total": gettext_lazy("没有写项目总分"),
    "weight_percent": gettext_lazy("没有写权重"),
    "deadline": gettext_lazy("截止时间不完整"),
    "checklist": gettext_lazy("要求清单里有看不懂的比较符号"),
    "tiers": gettext_lazy("各档的起点要从 0 起依次升高，不能重复，也不能同时按比例计"),
    "multiplier": gettext_lazy("倍数要大于 1"),
}


def gap_text(missing: SpecIncomplete) -> str:
    """Why a version cannot run yet, as a sentence without its full stop."""
    return str(GAPS.get(missing.field, "")) or _("缺少“%(field)s”") % {"field": missing.field}
