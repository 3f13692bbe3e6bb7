"""Template tags of the page parts: icons, points, avatars, dates, the state of the navigation.

A built-in library: templates use it without loading it. docs/pages.md shows each in use.
"""

import zlib
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import (
    BoundField,
    CheckboxInput,
    CheckboxSelectMultiple,
    FileInput,
    RadioSelect,
    Select,
    Textarea,
)
from django.template.base import NodeList, Parser, Token
from django.template.context import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, pgettext

from meritbook.kit import retelling
from meritbook.kit.periods import ALL, DAY, HALF_YEAR, MONTH, QUARTER, WEEK, YEAR, Period
from meritbook.kit.points import from_minor

register = template.Library()

DISCS = 8
"""How many avatar colours parts.css has."""


@register.simple_tag
@lru_cache(maxsize=1024)
def icon(name: str, css: str = "") -> SafeString:
    """A lucide icon of the sprite: ``{% icon "trophy" %}``, ``{% icon "trophy" "size-6" %}``."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true"><use href="{}#{}"></use></svg>',
        css,
        static("build/icons.svg"),
        name,
    )


def _decimal(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value))
    except (InvalidOperation, ValueError):
        return None


@register.filter
def points(value: Any) -> str:
    """Points for people: 1985 → "1,985", "0.20" → "0.2"; what is no number comes back as text."""
    number = _decimal(value)
    if number is None:
        return "" if value is None else str(value)
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@register.filter
def yuan(value: Any) -> str:
    """Money for people, always with its cents: 1984.5 → "1,984.50"."""
    number = _decimal(value)
    return points(value) if number is None else f"{number:,.2f}"


@register.filter
def signed(value: Any) -> str:
    """Points with their sign: "+240", "-35", "0"."""
    number = _decimal(value)
    return f"+{points(number)}" if number is not None and number > 0 else points(value)


@register.filter
def minor(value: int | None, scale: int = 2) -> Decimal | None:
    """Minor units as points: ``{{ row.points|minor|points }}``; None stays None."""
    return None if value is None else from_minor(value, scale)


@register.filter
def tone(value: Any) -> str:
    """The colour class of a change: "gain", "loss" or "muted"."""
    number = _decimal(value)
    if not number:
        return "muted"
    return "gain" if number > 0 else "loss"


@register.filter
def initial(name: str | None) -> str:
    """What an avatar shows: the first character, of a Latin name in upper case."""
    text = (name or "").strip()
    return text[0].upper() if text else "?"


@register.filter
def disc(name: str | None) -> str:
    """The avatar's colour class, always the same for one name."""
    return f"disc-{zlib.crc32((name or '').encode()) % DISCS}"


@register.filter
def moment(value: datetime | None) -> str:
    """An instant in the time zone at hand: 2026-11-21 14:05; None is empty."""
    if value is None:
        return ""
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return local.strftime("%Y-%m-%d %H:%M")


@register.filter
def time_of_day(value: datetime | None) -> str:
    """The hour and minute of an instant in the time zone at hand: 14:05."""
    return moment(value)[11:]


@register.filter
def day(value: date | datetime | None) -> str:
    """A day: 2026-11-21; None is empty."""
    if value is None:
        return ""
    return moment(value)[:10] if isinstance(value, datetime) else value.isoformat()


@register.filter
def weekday(value: date) -> str:
    """The day of the week: 周六."""
    names = (
        gettext("周一"),
        gettext("周二"),
        gettext("周三"),
        gettext("周四"),
        gettext("周五"),
        gettext("周六"),
        gettext("周日"),
    )
    return names[value.weekday()]


@register.filter
def month_name(value: date) -> str:
    """The month of a day: 11月."""
    names = (
        gettext("1月"),
        gettext("2月"),
        gettext("3月"),
        gettext("4月"),
        gettext("5月"),
        gettext("6月"),
        gettext("7月"),
        gettext("8月"),
        gettext("9月"),
        gettext("10月"),
        gettext("11月"),
        gettext("12月"),
    )
    return names[value.month - 1]


@register.filter
def retold(text: str) -> str:
    """A stored sentence in the reader's language: a question, a finding, a problem."""
    return retelling.retold(text)


@register.filter
def period_name(period: Period) -> str:
    """A period as people say it: 2026年11月, 第47周（11-16 至 11-22）, 2026年第4季度."""
    start = period.start
    values = {
        "year": start.year,
        "month": start.month,
        "day": start.day,
        "quarter": (start.month + 2) // 3,
        "half": (start.month + 5) // 6,
        "date": start.isoformat(),
    }
    if period.kind == WEEK:
        iso = start.isocalendar()
        values |= {
            "year": iso.year,
            "week": iso.week,
            "from": start.strftime("%m-%d"),
            "to": period.end.strftime("%m-%d"),
        }
    if get_language() == "en" and period.kind == MONTH:
        return start.strftime("%B %Y")
    forms = {
        DAY: "%(date)s",
        WEEK: gettext("第%(week)s周（%(from)s 至 %(to)s）"),
        MONTH: gettext("%(year)s年%(month)s月"),
        QUARTER: gettext("%(year)s年第%(quarter)s季度"),
        HALF_YEAR: gettext("%(year)s年第%(half)s半年"),
        YEAR: pgettext("period", "%(year)s年"),
        ALL: gettext("全部时间"),
    }
    return forms[period.kind] % values


@register.filter
def percent_of(value: Any, whole: Any) -> int:
    """``value`` as whole percent of ``whole``, between 0 and 100."""
    number, total = _decimal(value), _decimal(whole)
    if not number or not total or total <= 0:
        return 0
    return max(0, min(100, int(number * 100 / total)))


@register.filter
def styled(field: BoundField) -> SafeString:
    """A form field's control with the page parts' class and its error's id for screen readers."""
    widget = field.field.widget
    css = "input"
    if isinstance(widget, CheckboxInput):
        css = "checkbox checkbox-sm"
    elif isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return field.as_widget()
    elif isinstance(widget, Select):
        css = "select"
    elif isinstance(widget, Textarea):
        css = "textarea"
    elif isinstance(widget, FileInput):
        css = "file-input"
    own = widget.attrs.get("class", "")
    attributes: dict[str, str | bool] = {"class": f"{css} {own}".strip()}
    if field.errors:
        attributes["aria-errormessage"] = f"{field.auto_id}_error"
    return field.as_widget(attrs=attributes)


@register.simple_tag
def page_numbers(page: Page) -> list[int | str]:
    """The numbers to show in a pager, with "…" for what is left out."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))


@register.filter
def undo_address(message_tags: str) -> str:
    """The address behind ``undo:…`` in a message's extra tags, or nothing."""
    for tag in (message_tags or "").split():
        if tag.startswith("undo:"):
            return tag.removeprefix("undo:")
    return ""


@register.simple_tag(takes_context=True)
def current(context: Context, address: str) -> SafeString | str:
    """``aria-current="page"`` when the request lies at or below ``address``."""
    request = context.get("request")
    path = request.path if request else ""
    here = path == address or (address != "/" and path.startswith(address))
    return SafeString('aria-current="page"') if here else ""


@register.simple_tag(takes_context=True)
def theme_attribute(context: Context) -> SafeString | str:
    """``data-theme`` from the cookie, so that the first paint is right; nothing = the system's."""
    request = context.get("request")
    chosen = request.COOKIES.get("theme") if request else None
    return format_html('data-theme="{}"', chosen) if chosen in ("light", "dark") else ""


class KeepNode(template.Node):
    """What lies inside, rendered once and put away under a name."""

    def __init__(self, *, name: str, nodelist: NodeList) -> None:
        self.name = name
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        context[self.name] = SafeString(self.nodelist.render(context).strip())
        return SafeString("")


@register.tag
def keep(parser: Parser, token: Token) -> KeepNode:
    """``{% keep name %}…{% endkeep %}``: a block's content that the page shows in two places."""
    words = token.split_contents()
    if len(words) != 2:
        message = "keep takes one name"
        raise template.TemplateSyntaxError(message)
    nodelist = parser.parse(("endkeep",))
    parser.delete_first_token()
    return KeepNode(name=words[1], nodelist=nodelist)
