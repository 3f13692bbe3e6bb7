"""What caps leave of an award that is not recorded yet."""

from __future__ import annotations

from django.utils.translation import gettext as _

from meritbook.awards.caps import CapBook
from meritbook.awards.content import Place
from meritbook.awards.evaluation import Award
from meritbook.kit.points import points_text
from meritbook.kit.templatetags.kit import period_name
from meritbook.ledger.caps import Cap, caps_taken


def tight_caps(
    *, company_id: int, book: CapBook, award: Award, party_id: int, place: Place
) -> list[str]:
    """A sentence for each cap that has too little room for all that an award asks."""
    spec, day = award.rule.spec, award.score.effective_on
    ids = book.of(
        rule_code=spec.code,
        version_id=spec.version_id,
        party_id=party_id,
        department_id=place.department_id,
        day=day,
        amounts=award.amounts,
    )
    wanted = {abs(one) for one in ids}
    caps = [cap for cap in book.caps if cap.cap_id in wanted]
    if not caps:
        return []
    taken = caps_taken(company_id=company_id, caps=caps, day=day)
    asked = dict(award.amounts)
    found = []
    for cap in caps:
        scope_id = _scope_of(cap, party_id=party_id, department_id=place.department_id)
        own = next((one for one in taken.get(cap.cap_id, ()) if one.scope_id == scope_id), None)
        left = cap.amount if own is None else own.left
        if left < asked[cap.asset_code]:
            found.append(
                _("%(period)s上限 %(amount)s，还剩 %(left)s（%(name)s）")
                % {
                    "period": period_name(cap.span(day)),
                    "amount": points_text(cap.amount, cap.scale),
                    "left": points_text(left, cap.scale),
                    "name": cap.name,
                }
            )
    return found


def _scope_of(cap: Cap, *, party_id: int, department_id: int | None) -> int:
    match cap.scope:
        case "person":
            return party_id
        case "department":
            return cap.department_id or department_id or 0
        case _:
            return 0
