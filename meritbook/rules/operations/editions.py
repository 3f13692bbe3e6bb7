"""Editions: the text of a scheme given out, and signed by everybody who has read it."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Max
from django.utils.translation import gettext as _

from meritbook.kit.errors import Refusal
from meritbook.notices.operations import tell
from meritbook.org.operations.audit import Actor, actor_of, note
from meritbook.org.queries.members import Member
from meritbook.rules.models import Edition, Revision, Scheme, Signature
from meritbook.rules.queries.texts import digest, scheme_text


class BadSignature(Refusal):
    """Nobody signs so."""

    code = "bad_signature"
    status = 409


def give_out(
    *,
    scheme: Scheme,
    day: date,
    actor: Actor,
    now: datetime,
    revision: Revision | None = None,
) -> Edition:
    """Write down the scheme's text as it counts on ``day``; the same text again: the same edition."""
    company_id = scheme.company_id
    text = scheme_text(scheme=scheme, day=day)
    sha256 = digest(text)
    newest = (
        Edition.objects.filter(company_id=company_id, scheme=scheme).order_by("-number").first()
    )
    if newest is not None and newest.sha256 == sha256:
        return newest
    last = Edition.objects.filter(company_id=company_id, scheme=scheme).aggregate(n=Max("number"))
    made = Edition.objects.create(
        company_id=company_id,
        scheme=scheme,
        revision=revision,
        number=(last["n"] or 0) + 1,
        valid_on=day,
        text=text,
        sha256=sha256,
        created_name=actor.name[:80],
        created_at=now,
    )
    note(
        company_id=company_id,
        actor=actor,
        now=now,
        action="edition.give_out",
        object_kind="edition",
        object_id=made.pk,
        after={"scheme": scheme.name, "number": made.number, "sha256": sha256},
    )
    if scheme.must_sign:
        tell(
            company_id=company_id,
            topic="rules.to_sign",
            payload={"edition_id": made.pk, "scheme": scheme.code},
            happened_at=now,
        )
    return made


def sign(*, edition: Edition, member: Member, sha256: str, now: datetime) -> Signature:
    """The member has read the text with the hash; again: the same signature. Raises BadSignature."""
    if member.employee is None:
        raise BadSignature(_("这个账号没有对应的员工，不需要签收"))
    if sha256 != edition.sha256:
        raise BadSignature(_("签收的不是这一版的文字，请刷新后再读一遍"))
    made, is_new = Signature.objects.get_or_create(
        company_id=edition.company_id,
        edition=edition,
        employee=member.employee,
        defaults={
            "membership": member.membership,
            "name": member.name[:80],
            "sha256": sha256,
            "signed_at": now,
        },
    )
    if is_new:
        note(
            company_id=edition.company_id,
            actor=actor_of(member),
            now=now,
            action="edition.sign",
            object_kind="edition",
            object_id=edition.pk,
            after={"sha256": sha256},
        )
    return made
