"""For each constraint of the ledger a row that it alone keeps out: a copy of a true row with one
thing wrong. (Which columns differ, as SQL; which row is copied, when not any.)
"""

from __future__ import annotations

Wrong = tuple[dict[str, str], str]

LONG = "repeat('长', 401)"
FAR = "10::bigint ^ 15 + 1"

CHECKS: dict[str, Wrong] = {
    "ledger_account_kind_known": ({"kind": "'purse'"}, "party_id IS NOT NULL"),
    "ledger_account_party_by_kind": ({"party_id": "NULL"}, "kind = 'wallet'"),
    "ledger_account_change_reason": ({"reason": "''"}, ""),
    "ledger_anchor_place_known": ({"place": "'wall'"}, ""),
    "ledger_asset_carry_range": ({"carry_percent": "101"}, ""),
    "ledger_asset_clawback_kind": ({"clawback": "'forget'"}, ""),
    "ledger_asset_code_form": ({"code": "'Gold 1'"}, ""),
    "ledger_asset_debt_needs_no_floor": ({"clawback": "'debt'"}, "code = 'coin'"),
    "ledger_asset_decimals_range": ({"decimals": "scale + 1"}, ""),
    "ledger_asset_expiry_count_range": ({"expiry_count": "121"}, ""),
    "ledger_asset_expiry_date": ({"expiry_month": "2", "expiry_day": "30"}, ""),
    "ledger_asset_expiry_known": ({"expiry": "'soon'"}, "keeps_lots"),
    "ledger_asset_expiry_needs_lots": (
        {"expiry": "'months'", "expiry_count": "1"},
        "NOT keeps_lots",
    ),
    "ledger_asset_expiry_period_known": ({"expiry_period": "'week'"}, ""),
    "ledger_asset_grace_range": ({"grace_days": "367"}, ""),
    "ledger_asset_honour_stays": ({"is_transferable": "true"}, "code = 'honour'"),
    "ledger_asset_name_length": ({"name": "''"}, ""),
    "ledger_asset_rate_basis_known": ({"rate_basis": "'mood'"}, ""),
    "ledger_asset_scale_range": ({"scale": "5", "decimals": "0"}, ""),
    "ledger_asset_unit_length": ({"unit": "repeat('颗', 11)"}, ""),
    "ledger_asset_visible_to_known": ({"visible_to": "'friends'"}, ""),
    "ledger_balance_archived_empty": ({"state": "'archived'"}, "held > 0"),
    "ledger_balance_floor": ({"posted": "floor - 1", "held": "0"}, "floor = 0"),
    "ledger_balance_held_range": ({"held": "-1"}, "floor IS NULL"),
    "ledger_balance_state_known": ({"state": "'asleep'"}, ""),
    "ledger_cap_amount_range": ({"amount": "0"}, ""),
    "ledger_cap_buckets_by_scope": ({"buckets": "2"}, "scope = 'person'"),
    "ledger_cap_days": ({"valid_from": "'1969-12-31'"}, "valid_to IS NULL"),
    "ledger_cap_department_by_scope": ({"department_id": "1"}, "scope = 'company'"),
    "ledger_cap_ended_whole": ({"ended_at": "now()"}, "valid_to IS NULL"),
    "ledger_cap_name_length": ({"name": "' '"}, ""),
    "ledger_cap_named_person_has_reason": ({"reason": "' '"}, "party_id IS NOT NULL"),
    "ledger_cap_party_by_scope": ({"party_id": "1", "reason": "'因为'"}, "scope = 'company'"),
    "ledger_cap_period_known": ({"period": "'shift'"}, ""),
    "ledger_cap_policy_known": ({"policy": "'ignore'"}, ""),
    "ledger_cap_reason_length": ({"reason": LONG}, ""),
    "ledger_cap_replaces_another": ({"replaces_cap_id": "cap_id"}, ""),
    "ledger_cap_scope_known": ({"scope": "'planet'"}, "scope = 'company'"),
    "ledger_cap_subject_length": ({"subject": "''"}, ""),
    "ledger_cap_bucket_number": ({"bucket": "64"}, ""),
    "ledger_cap_bucket_within": ({"used": "allotted + 1"}, ""),
    "ledger_cap_cut_amounts": ({"room": "asked"}, ""),
    "ledger_cap_use_amount_range": ({"amount": "0"}, ""),
    "ledger_day_total_count": ({"n": "0"}, ""),
    "ledger_hold_amount_range": ({"amount": FAR}, ""),
    "ledger_hold_idem_key_length": ({"idem_key": "''"}, ""),
    "ledger_hold_note_length": ({"note": LONG}, ""),
    "ledger_hold_source_length": ({"source_kind": "''"}, ""),
    "ledger_hold_end_outcome": ({"outcome": "'forgotten'"}, "outcome = 'lapsed'"),
    "ledger_hold_end_posting": ({"tx_id": "NULL"}, "outcome = 'captured'"),
    "ledger_hold_end_within": ({"posted_amount": "held_amount + 1"}, "outcome = 'captured'"),
    "ledger_hold_lot_amount_range": ({"amount": "0"}, ""),
    "ledger_lot_conserved": ({"used": "granted + 1"}, ""),
    "ledger_lot_parts": ({"expired": "-1"}, ""),
    "ledger_lot_use_amount_range": ({"amount": "0"}, ""),
    "ledger_lot_use_part_known": ({"part": "'lost'"}, ""),
    "ledger_period_closed_by_person": ({"closed_by": "NULL"}, "state = 'closed'"),
    "ledger_period_first_day": ({"month": "month + 1"}, ""),
    "ledger_period_reason_length": ({"reason": "''"}, "reason IS NOT NULL"),
    "ledger_period_reopened_by_person": ({"reopened_by": "NULL"}, "reason IS NOT NULL"),
    "ledger_period_state_known": ({"state": "'ajar'"}, "state = 'open'"),
    "ledger_rate_note_length": ({"note": LONG}, ""),
    "ledger_rate_range": ({"numerator": "0"}, ""),
    "ledger_rate_two_assets": ({"to_asset_id": "from_asset_id"}, ""),
    "ledger_rate_two_people": ({"approver_id": "actor_id"}, ""),
    "ledger_reversed_total_within": ({"reversed": "amount + 1"}, ""),
    "ledger_route_two_accounts": ({"credit_id": "debit_id"}, ""),
    "ledger_seal_counts": ({"seq": "0"}, ""),
    "ledger_seal_hash_lengths": ({"hash": "'x'"}, ""),
    "ledger_seal_tx_leaf_length": ({"leaf_hash": "'x'"}, ""),
    "ledger_seal_tx_position_range": ({"position": "-1"}, ""),
    "ledger_shortfall_amount_range": ({"amount": "0"}, ""),
    "ledger_transfer_amount_range": ({"amount": FAR}, ""),
    "ledger_transfer_two_accounts": ({"credit_id": "debit_id"}, ""),
    "ledger_tx_days": ({"fact_on": "'3000-01-01'"}, ""),
    "ledger_tx_idem_hash_length": ({"idem_hash": "'x'"}, ""),
    "ledger_tx_idem_key_length": ({"idem_key": "repeat('k', 201)"}, ""),
    "ledger_tx_kind_known": ({"kind": "'theft'"}, "reverses_tx_id IS NULL"),
    "ledger_tx_note_length": ({"note": LONG}, ""),
    "ledger_tx_reversal_is_another": ({"tx_id": "reverses_tx_id"}, "kind = 'reverse'"),
    "ledger_tx_reversal_names_original": ({"kind": "'award'"}, "kind = 'reverse'"),
    "ledger_tx_source_length": ({"source_kind": "''"}, ""),
    "ledger_unsealed_count": ({"n": "0"}, ""),
    "ledger_unsealed_first": ({"first_tx_id": "first_tx_id - 1"}, ""),
    "ledger_verification_progress": ({"done": "total + 1"}, ""),
    "ledger_verification_result": ({"is_ok": "NULL"}, "finished_at IS NOT NULL"),
    "ledger_witness_end": ({"dismissed_at": "now()"}, ""),
    "ledger_worth_days": ({"valid_from": "'1969-12-31'"}, ""),
    "ledger_worth_note_length": ({"note": LONG}, ""),
    "ledger_worth_range": ({"points": "0"}, ""),
    "ledger_worth_two_people": ({"approver_id": "actor_id"}, ""),
}

NEW = "10::bigint ^ 12"
"""The id of nothing."""

KEYS: dict[str, Wrong] = {
    "ledger_account_owner_key": ({"account_id": NEW}, ""),
    "ledger_asset_code_key": ({"asset_id": NEW}, ""),
    "ledger_cap_rule_version_key": ({"cap_id": NEW}, "rule_version_id IS NOT NULL"),
    "ledger_hold_idem_key": ({"hold_id": NEW}, ""),
    "ledger_seal_hash_key": ({"seq": "seq + 9", "prev_hash": "sha256('x')"}, ""),
    "ledger_seal_prev_key": ({"seq": "seq + 9", "hash": "sha256('x')"}, ""),
    "ledger_seal_tx_position_key": ({"tx_id": NEW}, ""),
    "ledger_tx_idem_key": ({"tx_id": NEW}, ""),
    "ledger_tx_released_once": ({"tx_id": NEW, "idem_key": "'again'"}, "kind = 'release'"),
    "ledger_verification_running": ({"verification_id": NEW}, "finished_at IS NULL"),
    "ledger_witness_once": ({"named_at": "named_at - interval '1 day'"}, ""),
    "ledger_worth_day_key": ({"worth_id": NEW}, ""),
}
"""Unique keys beside the primary ones, which keep out the very same row once more."""

TARGETS = {"ledger_account_asset_key": "ledger_route_debit_fk"}
"""Unique only to be referred to: it cannot be dropped without the reference."""

REFERENCES: dict[str, Wrong] = {
    "ledger_account_asset_fk": ({"account_id": NEW, "asset_id": NEW}, ""),
    "ledger_account_party_fk": ({"account_id": NEW, "party_id": NEW}, "party_id IS NOT NULL"),
    "ledger_account_change_account_fk": ({"account_id": NEW}, ""),
    "ledger_anchor_seal_fk": ({"seq": NEW}, ""),
    "ledger_asset_programme_fk": (
        {"asset_id": NEW, "code": "'gold'", "programme_id": NEW},
        "code = 'coin'",
    ),
    "ledger_balance_account_fk": ({"account_id": NEW}, ""),
    "ledger_cap_asset_fk": ({"cap_id": NEW, "asset_id": NEW}, ""),
    "ledger_cap_replaces_fk": ({"cap_id": NEW, "replaces_cap_id": "2::bigint ^ 40"}, ""),
    "ledger_cap_department_fk": (
        {"cap_id": NEW, "department_id": NEW},
        "scope = 'department'",
    ),
    "ledger_cap_party_fk": ({"cap_id": NEW, "party_id": NEW}, "party_id IS NOT NULL"),
    "ledger_cap_bucket_cap_fk": ({"cap_id": NEW}, ""),
    "ledger_cap_cut_cap_fk": ({"cap_id": NEW}, ""),
    "ledger_cap_cut_tx_fk": ({"tx_id": NEW}, ""),
    "ledger_checkpoint_account_fk": ({"account_id": NEW}, ""),
    "ledger_day_total_account_fk": ({"account_id": NEW}, ""),
    "ledger_day_total_department_fk": ({"department_id": NEW}, ""),
    "ledger_hold_account_fk": (
        {"hold_id": NEW, "idem_key": "'again'", "account_id": NEW},
        "",
    ),
    "ledger_hold_end_hold_fk": ({"hold_id": NEW}, ""),
    "ledger_hold_end_tx_fk": (
        {"tx_id": NEW, "hold_id": "(SELECT max(hold_id) FROM ledger_hold)"},
        "outcome = 'captured'",
    ),
    "ledger_hold_lot_hold_fk": ({"hold_id": NEW}, ""),
    "ledger_hold_lot_lot_fk": ({"expires_on": "'2100-01-01'"}, ""),
    "ledger_lot_account_fk": ({"account_id": NEW}, ""),
    "ledger_lot_use_lot_fk": ({"expires_on": "'2100-01-01'"}, ""),
    "ledger_lot_use_tx_fk": ({"tx_id": NEW}, ""),
    "ledger_period_change_month_fk": ({"month": "'2020-01-01'"}, ""),
    "ledger_policy_change_asset_fk": ({"asset_id": NEW}, ""),
    "ledger_rate_from_fk": ({"from_asset_id": NEW}, ""),
    "ledger_rate_to_fk": ({"to_asset_id": NEW}, ""),
    "ledger_reversed_total_transfer_fk": ({"seq": "99"}, ""),
    "ledger_route_credit_fk": ({"credit_id": NEW}, ""),
    "ledger_route_debit_fk": ({"debit_id": NEW}, ""),
    "ledger_shortfall_account_fk": ({"account_id": NEW, "tx_id": "original_tx_id"}, ""),
    "ledger_shortfall_original_fk": ({"seq": "99"}, ""),
    "ledger_shortfall_tx_fk": ({"tx_id": NEW}, ""),
    "ledger_worth_asset_fk": ({"worth_id": NEW, "asset_id": NEW}, ""),
}

TRIGGERS: dict[str, tuple[str, str]] = {
    "ledger_asset_keeps_itself": ("UPDATE ledger_asset SET scale = 0, decimals = 0", "ML001"),
    "ledger_cap_only_ends": ("UPDATE ledger_cap SET amount = amount + 1", "ML001"),
    "ledger_period_stays_closed": (
        "UPDATE ledger_period SET state = 'open', closed_at = NULL, closed_by = NULL",
        "ML002",
    ),
}
"""Triggers that refuse more than changing and deleting; the statement, and its error."""

PARENTS: list[tuple[str, str, str, Wrong]] = [
    (
        "ledger_transfer_checked",
        "ledger_transfer_checked",
        "ledger_transfer",
        ({"tx_id": NEW, "seq": "99"}, ""),
    ),
    (
        "ledger_transfer_checked",
        "ledger_transfer_checked",
        "ledger_transfer",
        ({"effective_on": "effective_on + 1", "seq": "99"}, ""),
    ),
    (
        "ledger_transfer_checked",
        "ledger_transfer_checked",
        "ledger_transfer",
        ({"posted_at": "posted_at - interval '1 s'", "seq": "99"}, ""),
    ),
    (
        "ledger_transfer_checked",
        "ledger_transfer_route",
        "ledger_transfer",
        ({"debit_id": NEW, "seq": "99"}, ""),
    ),
    (
        "ledger_tx_unsealed",
        "ledger_tx_named",
        "ledger_tx",
        ({"tx_id": NEW, "idem_key": "'again'", "about_tx_id": "2::bigint ^ 40"}, "kind = 'spend'"),
    ),
    (
        "ledger_tx_unsealed",
        "ledger_tx_named",
        "ledger_tx",
        (
            {"tx_id": NEW, "idem_key": "'again'", "reverses_tx_id": "2::bigint ^ 40"},
            "kind = 'reverse'",
        ),
    ),
    (
        "ledger_cap_use_checked",
        "ledger_cap_use_checked",
        "ledger_cap_use",
        ({"tx_id": NEW}, ""),
    ),
    (
        "ledger_cap_use_checked",
        "ledger_cap_use_checked",
        "ledger_cap_use",
        ({"bucket": "63"}, ""),
    ),
]
"""Triggers that look at a statement's rows as references would: the trigger, the name that its error
carries, the table, the row."""
