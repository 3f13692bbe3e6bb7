"""Changing the policy of an asset, and adding one, as a person does it: with its line in the log."""

from __future__ import annotations

from datetime import datetime

from meritbook.ledger.assets import AssetPolicy, asset_policy, policy_changes
from meritbook.ledger.operations.policies import Policy, add_asset, set_policy
from meritbook.org.models import Programme
from meritbook.org.operations.audit import Actor, note


def change_policy(
    *, company_id: int, code: str, policy: Policy, actor: Actor, now: datetime, reason: str = ""
) -> bool:
    """Change an asset's policy from now on; False when nothing differs.

    What was given out keeps its last day. Raises UnknownAsset, and as ``set_policy`` does.
    """
    asset_policy(company_id=company_id, code=code)
    changed = set_policy(
        company_id=company_id,
        code=code,
        policy=policy,
        changed_at=now,
        actor_id=actor.membership_id,
    )
    if changed:
        latest = policy_changes(company_id=company_id, code=code)[0]
        note(
            company_id=company_id,
            actor=actor,
            now=now,
            action="asset.policy",
            object_kind="asset",
            object_id=code,
            before=latest.before,
            after=latest.after,
            reason=reason,
        )
    return changed


def make_asset(
    *,
    company_id: int,
    code: str,
    name: str,
    unit: str = "",
    scale: int = 2,
    keeps_lots: bool = True,
    policy: Policy | None = None,
    actor: Actor,
    now: datetime,
) -> AssetPolicy:
    """Add a kind of points of the company's own, with a policy where one is given.

    Raises as ``add_asset`` and ``set_policy`` do.
    """
    programme = Programme.objects.get(company_id=company_id, code="employees")
    add_asset(
        company_id=company_id,
        programme_id=programme.pk,
        code=code,
        name=name,
        unit=unit,
        scale=scale,
        keeps_lots=keeps_lots,
        added_at=now,
        actor_id=actor.membership_id,
    )
    note(
        company_id=company_id,
        actor=actor,
        now=now,
        action="asset.add",
        object_kind="asset",
        object_id=code,
        after={"name": name, "unit": unit, "scale": scale, "keeps_lots": keeps_lots},
    )
    if policy:
        set_policy(
            company_id=company_id,
            code=code,
            policy=policy,
            changed_at=now,
            actor_id=actor.membership_id,
        )
    return asset_policy(company_id=company_id, code=code)
