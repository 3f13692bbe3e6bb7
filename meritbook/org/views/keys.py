"""API keys: the list, a new one (its text is shown once), revoked ones."""

from datetime import datetime, time

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.org.doors import MemberRequest, for_members
from meritbook.org.forms import KeyForm
from meritbook.org.operations.audit import actor_of
from meritbook.org.operations.keys import NewKey, create_key, revoke_key
from meritbook.org.permissions import may_manage_keys
from meritbook.org.queries.keys import api_keys as known_keys


@never_cache
@require_http_methods(["GET", "POST"])
@for_members(may_manage_keys)
def api_keys(request: MemberRequest) -> HttpResponse:
    """The keys, and a form for another."""
    form = KeyForm(request.POST or None)
    made: NewKey | None = None
    if request.method == "POST" and form.is_valid():
        day = form.cleaned_data["expires_on"]
        try:
            made = create_key(
                company_id=request.company.pk,
                name=form.cleaned_data["name"],
                scopes=form.cleaned_data["scopes"],
                expires_at=(
                    datetime.combine(day, time(23, 59, 59), tzinfo=request.company.zone)
                    if day
                    else None
                ),
                now=clock.now(),
                actor=actor_of(request.member),
            )
            form = KeyForm()
        except Refusal as refusal:
            form.add_error(None, refusal.message)
    context = {
        "form": form,
        "made": made,
        "keys": known_keys(company_id=request.company.pk, now=clock.now()),
    }
    return render(request, "org/api_keys.html", context, status=422 if form.errors else 200)


@require_POST
@for_members(may_manage_keys)
def revoke(request: MemberRequest, key_id: int) -> HttpResponse:
    """End a key at once."""
    key = revoke_key(
        company_id=request.company.pk,
        key_id=key_id,
        now=clock.now(),
        actor=actor_of(request.member),
    )
    messages.success(request, _("密钥“%(name)s”已停用") % {"name": key.name})
    return redirect("api-keys")
