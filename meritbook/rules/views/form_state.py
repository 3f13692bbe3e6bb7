"""What stands in the form of a rule: the form itself, and the sentence that it makes."""

from __future__ import annotations

from datetime import date
from typing import Any

from meritbook.org.doors import MemberRequest, today_of
from meritbook.rules import listings
from meritbook.rules.forms import RuleForm, first_error, initial_of
from meritbook.rules.listings import Names
from meritbook.rules.models import Rule, RuleVersion
from meritbook.rules.persons import reach_of
from meritbook.rules.queries import rule as rule_of
from meritbook.rules.queries import version_content
from meritbook.rules.queries import versions as versions_of
from meritbook.rules.said import SaidRule
from meritbook.rules.vocabulary import vocabulary


def latest_of(request: MemberRequest, code: str) -> tuple[Rule, RuleVersion]:
    """A rule and its newest version. Raises UnknownRule."""
    rule = rule_of(company_id=request.company.pk, code=code)
    return rule, versions_of(company_id=request.company.pk, rule_id=rule.pk)[0]


def form_of(
    request: MemberRequest,
    *,
    shape: str,
    before: RuleVersion | None,
    names: Names,
    said: SaidRule | None = None,
    like: RuleVersion | None = None,
) -> RuleForm:
    """The form of a shape, filled with what was sent, else with what there is: the version that
    is changed, what was said, or a rule ``like`` the new one."""
    initial: dict[str, Any] = {"active_from": today_of(request)}
    company_id = request.company.pk
    source = (before or like) if said is None else said.version
    if source is not None:
        initial |= initial_of(source, company_id=company_id)
    if like is not None:
        initial["succeeds"] = "\t".join(request.GET.getlist("after"))
    return RuleForm(
        request.POST if request.method == "POST" else None,
        shape=shape,
        company_id=company_id,
        departments=names.department_choices(),
        posts=names.post_choices(),
        grades=names.grade_choices(),
        words=vocabulary(company_id=company_id),
        is_change=before is not None,
        initial=initial,
    )


def base_of(before: RuleVersion | None, said: SaidRule | None = None) -> dict[str, Any] | None:
    """What the form does not show and a new version keeps."""
    source = before if said is None else said.version
    return version_content(source) if source is not None else None


def preview_of(
    form: RuleForm,
    *,
    before: RuleVersion | None,
    names: Names,
    today: date,
    said: SaidRule | None = None,
) -> dict[str, Any]:
    """The sentence of what stands in the form; None while something is missing."""
    if form.is_bound and form.is_valid():
        values = form.values(base=base_of(before, said))
        version = listings.imagined(values, population=form.population())
    elif not form.is_bound and before is not None:
        version = before
    elif not form.is_bound and said is not None and form.preset.shape == said.draft.shape:
        version = said.version
    else:
        return {"line": None, "missing": first_error(form) if form.is_bound else ""}
    return {
        "line": listings.rule_line(version, day=today, names=names),
        "reach": reach_of(company_id=names.company_id, population=version.population, day=today),
    }
