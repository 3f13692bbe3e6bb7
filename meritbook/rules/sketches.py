"""A rule from plain values with names in them, as programs and commands say it: nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from meritbook.kit.errors import Refusal
from meritbook.kit.expressions.errors import nearest
from meritbook.org.models import Employee
from meritbook.rules.conditions import DEPARTMENT, GRADE, POST
from meritbook.rules.listings import imagined
from meritbook.rules.models import Rule, RuleVersion
from meritbook.rules.presets import BY_SHAPE
from meritbook.rules.vocabulary import Vocabulary, stored_condition

_LISTED = {
    "departments": DEPARTMENT,
    "posts": POST,
    "grades": GRADE,
    "except_departments": DEPARTMENT,
    "except_posts": POST,
}
_NAMED = ("employees", "except_employees")
_MONTHS = ("tenure_from", "tenure_to")


class DraftWrong(Refusal):
    """The values are no rule."""

    code = "bad_draft"


class PopulationWrong(Refusal):
    """A population names what is not there, or nobody."""

    code = "bad_population"


class CodeTaken(Refusal):
    """Another rule has the code."""

    code = "code_taken"
    status = 409


def sketched(
    *,
    company_id: int,
    values: Mapping[str, Any],
    population: Mapping[str, Any],
    condition: str,
    attributes: Mapping[str, str],
    definitions: Mapping[str, str],
    words: Vocabulary,
) -> RuleVersion:
    """A version that nobody has saved. ``population`` has names, 工号 and months.

    Raises DraftWrong, CodeTaken, PopulationWrong, ExpressionWrong.
    """
    if values.get("shape") not in BY_SHAPE or not str(values.get("standard") or "").strip():
        raise DraftWrong(_("草稿要有衡量标准（standard）和计分方式（shape，S1 至 S10）"))
    _refuse_taken(company_id, str(values.get("code") or ""))
    stored = stored_condition(
        text=condition, asked=attributes, definitions=definitions, words=words
    )
    kept = {name: value for name, value in values.items() if name != "condition"}
    try:
        return imagined(
            kept | {"condition": stored},
            population=population_named(company_id=company_id, given=population, words=words),
        )
    except (ArithmeticError, TypeError, ValueError, AttributeError):
        raise DraftWrong(_("草稿里有看不懂的值，请检查分值、目标和各档是不是数字")) from None


def _refuse_taken(company_id: int, code: str) -> None:
    other = Rule.objects.filter(company_id=company_id, code=code).first() if code else None
    if other is not None:
        raise CodeTaken(
            _("编号“%(code)s”已经是“%(rule)s”的，请换一个编号，或者修改那一条")
            % {"code": code, "rule": other.name}
        )


def population_named(
    *, company_id: int, given: Mapping[str, Any], words: Vocabulary
) -> dict[str, Any]:
    """A population as a version stores it, from names. Raises PopulationWrong."""
    unknown = set(given) - {*_LISTED, *_NAMED, *_MONTHS, "reason"}
    if unknown:
        raise PopulationWrong(_("适用范围里没有“%(name)s”这一项") % {"name": min(unknown)})
    stored: dict[str, Any] = {}
    for part, kind in _LISTED.items():
        stored[part] = [_id_of(str(name), kind, words) for name in given.get(part) or ()]
    for part in _NAMED:
        stored[part] = _people(company_id, [str(each) for each in given.get(part) or ()])
    for part in _MONTHS:
        stored[part] = given.get(part)
    low, high = stored["tenure_from"], stored["tenure_to"]
    if low is not None and high is not None and low >= high:
        raise PopulationWrong(_("“不满几个月”要大于“满几个月”，否则没有人适用"))
    if stored["employees"]:
        stored["reason"] = str(given.get("reason") or "").strip()
        if not stored["reason"]:
            raise PopulationWrong(_("点名要写明原因，员工在积分说明里会看到"))
    return {name: value for name, value in stored.items() if value not in (None, [], "")}


def _id_of(name: str, kind: str, words: Vocabulary) -> int:
    known = words.ids.get(kind, {})
    found = known.get(name)
    if found is None:
        similar = nearest(name, known)
        text = _("没有叫“%(text)s”的%(kind)s") % {"text": name, "kind": kind}
        if similar:
            text = _("%(text)s。是不是“%(name)s”？") % {"text": text, "name": similar}
        raise PopulationWrong(text)
    return found


def _people(company_id: int, numbers: list[str]) -> list[int]:
    known = dict(
        Employee.objects.filter(company_id=company_id, employee_no__in=numbers).values_list(
            "employee_no", "id"
        )
    )
    for number in numbers:
        if number not in known:
            raise PopulationWrong(_("没有工号“%(number)s”，请检查后再填") % {"number": number})
    return [known[number] for number in numbers]
