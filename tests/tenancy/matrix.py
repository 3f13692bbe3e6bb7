"""Every address, who may use it, and whose thing it names. An address without a line is red.

``get`` and ``post`` are the roles that are let in; ``post`` None: the same as ``get``. ``own``
names which of a world's ids each parameter takes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

OWNER, OFFICER, HEAD, EMPLOYEE = "owner", "officer", "head", "employee"
EVERYBODY = frozenset({OWNER, OFFICER, HEAD, EMPLOYEE})
MANAGERS = frozenset({OWNER, OFFICER})
HEADS = frozenset({OWNER, OFFICER, HEAD})
OWNERS = frozenset({OWNER})
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Line:
    """One address. ``public``: strangers are let in; ``closed``: nobody is, in this world.

    ``shared``: what it names is the product's own, so there is no foreign one.
    """

    get: frozenset[str]
    post: frozenset[str] | None = None
    own: Mapping[str, str] = field(default_factory=dict)
    public: bool = False
    closed: bool = False
    shared: Mapping[str, str] = field(default_factory=dict)
    """Parameters whose value belongs to the product."""
    query: Mapping[str, str] = field(default_factory=dict)
    """Identifiers that the address takes in its query."""
    ends_session: bool = False


PERSON = {"employee_no": "employee_no"}
EVENT = {"event_id": "event_id"}
EVENT_RUN = {"run_id": "events_run"}
RULE = {"code": "code"}
SCHEME = {"code": "scheme"}
REVISION = {"revision_id": "revision_id"}
EDITION = {"edition_id": "edition_id"}
RULE_RUN = {"run_id": "rules_run"}
MONTH = {"month": "2026-10"}
PEOPLE_RUN = {"run_id": "people_run"}
CASE = {"case_id": "case_id"}
BACKTEST = {"backtest_id": "backtest_id"}
HOLD = {"employee_no": "employee_no", "hold_id": "hold_id"}

PAGES: dict[str, Line] = {
    # site
    "home": Line(EVERYBODY),
    "wallet": Line(EVERYBODY),
    "wallet_of": Line(EVERYBODY, own=PERSON),
    "why": Line(EVERYBODY, own={"tx_id": "tx_id"}),
    "approvals": Line(EVERYBODY, post=NOBODY),
    "approvals-decide": Line(NOBODY, post=EVERYBODY),
    "approval": Line(MANAGERS, post=NOBODY, own=CASE),
    "approval-decide": Line(NOBODY, post=OWNERS, own=CASE),
    "approval-withdraw": Line(NOBODY, post=MANAGERS, own=CASE),
    "approval-hand-on": Line(NOBODY, post=OWNERS, own=CASE),
    "delegates": Line(EVERYBODY),
    "delegate-revoke": Line(NOBODY, post=OWNERS, own={"delegation_id": "delegation_id"}),
    "committees": Line(OWNERS),
    "committee-close": Line(NOBODY, post=OWNERS, own={"committee_id": "committee_id"}),
    "statement-file": Line(EVERYBODY, shared={"form": "pdf"}),
    "statement-file-of": Line(EVERYBODY, own=PERSON, shared={"form": "xlsx"}),
    "ledger": Line(MANAGERS),
    "ledger-totals": Line(MANAGERS),
    "ledger-balances": Line(MANAGERS),
    "ledger-expiry": Line(MANAGERS),
    "ledger-expiry-export": Line(MANAGERS),
    "ledger-liability": Line(MANAGERS),
    "ledger-liability-export": Line(MANAGERS),
    "ledger-beancount": Line(MANAGERS),
    "ledger-hledger": Line(MANAGERS),
    "ledger-periods": Line(MANAGERS),
    "ledger-period": Line(MANAGERS, shared=MONTH),
    "ledger-period-close": Line(NOBODY, post=MANAGERS, shared=MONTH),
    "ledger-period-reopen": Line(NOBODY, post=MANAGERS, shared=MONTH),
    "proof": Line(MANAGERS),
    "proof-verify": Line(NOBODY, post=MANAGERS),
    "proof-progress": Line(MANAGERS),
    "proof-witnesses": Line(NOBODY, post=OWNERS),
    "proof-anchors": Line(MANAGERS),
    "receipt": Line(EVERYBODY, own={"tx_id": "tx_id"}),
    "receipt-file": Line(EVERYBODY, own={"tx_id": "tx_id"}),
    "receipt-verifier": Line(EVERYBODY),
    "accounts": Line(MANAGERS, own=PERSON),
    "settle": Line(MANAGERS, own=PERSON),
    "opening": Line(MANAGERS),
    "opening-template": Line(MANAGERS),
    "opening-run": Line(MANAGERS, own={"run_id": "opening_run"}),
    "opening-start": Line(NOBODY, post=MANAGERS, own={"run_id": "opening_run"}),
    "opening-drop": Line(NOBODY, post=MANAGERS, own={"run_id": "opening_run"}),
    "opening-undo": Line(NOBODY, post=MANAGERS, own={"run_id": "opening_run"}),
    "quotas": Line(MANAGERS, post=NOBODY),
    "quota-set": Line(MANAGERS, post=MANAGERS, own=PERSON),
    "ledger-transaction": Line(MANAGERS, own={"tx_id": "tx_id"}),
    "ledger-reverse": Line(MANAGERS, own={"tx_id": "tx_id"}),
    "backups": Line(OWNERS, post=NOBODY),
    # Two companies share this world: nobody may have a file with both.
    "backup-file": Line(NOBODY, shared={"name": "meritbook-20261122-020000.mbk"}),
    "ledger-assets": Line(MANAGERS),
    "ledger-asset-new": Line(MANAGERS),
    "ledger-asset-code": Line(MANAGERS),
    "ledger-asset": Line(MANAGERS, shared={"code": "spendable"}),
    "ledger-asset-preview": Line(NOBODY, post=MANAGERS, shared={"code": "spendable"}),
    "ledger-rates": Line(MANAGERS),
    "ledger-rate-new": Line(MANAGERS),
    "ledger-rate-preview": Line(NOBODY, post=MANAGERS),
    "rule-postings": Line(MANAGERS, own=RULE),
    "wallet-convert": Line(EVERYBODY),
    "wallet-convert-preview": Line(NOBODY, post=EVERYBODY),
    "wallet-transfer": Line(EVERYBODY),
    "setup": Line(NOBODY, closed=True, shared={"token": "guessed"}),
    "search": Line(EVERYBODY),
    "scheme-evidence": Line(MANAGERS, post=NOBODY, own=SCHEME),
    "employee-evidence": Line(frozenset({OWNER, OFFICER, EMPLOYEE}), post=NOBODY, own=PERSON),
    "handbook": Line(EVERYBODY, post=NOBODY),
    "handbook-file": Line(EVERYBODY, post=NOBODY),
    "me": Line(EVERYBODY),
    "companies": Line(EVERYBODY, post=NOBODY),
    "health": Line(EVERYBODY, public=True),
    # standings
    "boards": Line(EVERYBODY),
    "boards_export": Line(HEADS),
    # insight
    "insight": Line(MANAGERS, post=NOBODY),
    "insight-mend": Line(NOBODY, post=MANAGERS),
    "simulation": Line(MANAGERS),
    "reruns": Line(MANAGERS, post=NOBODY),
    "rerun-new": Line(MANAGERS, query={"rule": "code"}),
    "backtests": Line(HEADS, post=NOBODY),
    "backtest-new": Line(MANAGERS),
    "backtest": Line(HEADS, post=NOBODY, own=BACKTEST),
    "backtest-progress": Line(HEADS, post=NOBODY, own=BACKTEST),
    "backtest-export": Line(HEADS, post=NOBODY, own=BACKTEST),
    "backtest-cancel": Line(NOBODY, post=MANAGERS, own=BACKTEST),
    "backtest-share": Line(NOBODY, post=MANAGERS, own=BACKTEST),
    # rules
    "rules": Line(EVERYBODY),
    "rule": Line(EVERYBODY, own=RULE),
    "rule-scheme": Line(NOBODY, post=MANAGERS, own=RULE),
    "revision-new": Line(MANAGERS, own=SCHEME),
    "revision": Line(EVERYBODY, post=NOBODY, own=REVISION),
    "revision-say": Line(NOBODY, post=EVERYBODY, own=REVISION),
    "revision-act": Line(NOBODY, post=MANAGERS, own=REVISION),
    "revision-minutes": Line(NOBODY, post=MANAGERS, own=REVISION),
    "minutes-file": Line(
        EVERYBODY, post=NOBODY, own={"revision_id": "revision_id", "minutes_id": "minutes_id"}
    ),
    "rule-compare": Line(EVERYBODY, post=NOBODY, own=RULE),
    "edition": Line(EVERYBODY, post=NOBODY, own=EDITION),
    "edition-text": Line(EVERYBODY, post=NOBODY, own=EDITION),
    "edition-sign": Line(NOBODY, post=EVERYBODY, own=EDITION),
    "scheme-give-out": Line(NOBODY, post=MANAGERS, own=SCHEME),
    "schemes": Line(EVERYBODY, post=NOBODY),
    "scheme": Line(EVERYBODY, post=NOBODY, own=SCHEME),
    "scheme-new": Line(MANAGERS),
    "scheme-edit": Line(MANAGERS, own=SCHEME),
    "scheme-governance": Line(OWNERS, own=SCHEME),
    "scheme-review": Line(NOBODY, post=MANAGERS, own=SCHEME),
    "scheme-lock": Line(NOBODY, post=OWNERS, own=SCHEME),
    "rule-entries": Line(EVERYBODY, own=RULE),
    "rule-pending": Line(MANAGERS, post=NOBODY, own=RULE),
    "rule-new": Line(MANAGERS),
    "rule-preview": Line(NOBODY, post=MANAGERS),
    "rule-try": Line(NOBODY, post=MANAGERS),
    "event-types": Line(MANAGERS, post=NOBODY),
    "event-type-new": Line(MANAGERS),
    "event-type": Line(MANAGERS, shared={"code": "call.made"}),
    "event-type-proposals": Line(NOBODY, post=MANAGERS),
    "rule-library": Line(MANAGERS),
    "rule-library-template": Line(MANAGERS, shared={"code": "sales"}),
    "rule-import": Line(MANAGERS),
    "rule-import-template": Line(MANAGERS),
    "rule-import-run": Line(MANAGERS, own=RULE_RUN),
    "rule-import-answer": Line(
        NOBODY, post=MANAGERS, own={"run_id": "rules_run", "version_id": "version_id"}
    ),
    "rule-import-progress": Line(MANAGERS, post=NOBODY, own=RULE_RUN),
    "rule-import-drop": Line(NOBODY, post=MANAGERS, own=RULE_RUN),
    "rule-edit": Line(MANAGERS, own=RULE),
    "rule-publish": Line(NOBODY, post=MANAGERS, own=RULE),
    "rule-discard": Line(NOBODY, post=MANAGERS, own=RULE),
    "rule-retire": Line(NOBODY, post=MANAGERS, own=RULE),
    # awards
    "events": Line(EVERYBODY),
    "event": Line(EVERYBODY, own=EVENT),
    "event-new": Line(HEADS),
    "event-people": Line(HEADS),
    "event-rules": Line(HEADS),
    "event-preview": Line(NOBODY, post=HEADS, query={"employee": "employee_no", "rule": "code"}),
    "event-correct": Line(HEADS, own=EVENT),
    "event-withdraw": Line(NOBODY, post=HEADS, own=EVENT),
    "event-import": Line(MANAGERS),
    "event-import-template": Line(MANAGERS),
    "event-import-run": Line(MANAGERS, own=EVENT_RUN),
    "event-import-check": Line(NOBODY, post=MANAGERS, own=EVENT_RUN),
    "event-import-start": Line(NOBODY, post=MANAGERS, own=EVENT_RUN),
    "event-import-drop": Line(NOBODY, post=MANAGERS, own=EVENT_RUN),
    "event-import-progress": Line(MANAGERS, own=EVENT_RUN),
    "event-import-errors": Line(MANAGERS, own=EVENT_RUN),
    "why-not": Line(EVERYBODY, post=NOBODY, query={"employee": "employee_no"}),
    "why-not-people": Line(HEADS, post=NOBODY),
    "budget": Line(HEADS, post=NOBODY),
    "budget-new": Line(OWNERS),
    "worth-ask": Line(MANAGERS),
    "budget-end": Line(NOBODY, post=OWNERS, own={"budget_id": "budget_id"}),
    "caps": Line(MANAGERS, post=NOBODY),
    "cap-new": Line(MANAGERS),
    "cap-end": Line(NOBODY, post=MANAGERS, own={"cap_id": "cap_id"}),
    # files
    "people-import": Line(MANAGERS),
    "people-import-template": Line(MANAGERS),
    "people-import-run": Line(MANAGERS, own=PEOPLE_RUN),
    "people-import-progress": Line(MANAGERS, own=PEOPLE_RUN),
    "imports": Line(MANAGERS),
    "import-errors": Line(MANAGERS, own=PEOPLE_RUN),
    "import-undo": Line(NOBODY, post=MANAGERS, own=PEOPLE_RUN),
    # org
    "login": Line(EVERYBODY, public=True),
    "logout": Line(NOBODY, post=EVERYBODY, public=True, ends_session=True),
    "activation": Line(EVERYBODY, public=True, own={"token": "activation"}, ends_session=True),
    "password": Line(EVERYBODY),
    "set_language": Line(NOBODY, post=EVERYBODY, public=True),
    "people": Line(HEADS),
    "person-new": Line(MANAGERS),
    "people-slips": Line(MANAGERS),
    "person": Line(EVERYBODY, own=PERSON),
    "person-edit": Line(MANAGERS, own=PERSON),
    "person-leave": Line(NOBODY, post=MANAGERS, own=PERSON),
    "person-return": Line(NOBODY, post=MANAGERS, own=PERSON),
    "person-roles": Line(NOBODY, post=OWNERS, own=PERSON),
    "person-activation": Line(NOBODY, post=MANAGERS, own=PERSON),
    "departments": Line(MANAGERS),
    "department-new": Line(MANAGERS),
    "department": Line(MANAGERS, own={"department_id": "department_id"}),
    "department-active": Line(NOBODY, post=MANAGERS, own={"department_id": "department_id"}),
    "api-keys": Line(OWNERS),
    "api-key-revoke": Line(NOBODY, post=OWNERS, own={"key_id": "key_id"}),
}


@dataclass(frozen=True)
class ApiLine:
    """One operation of the API: its method, the scope that it asks for, what it names."""

    method: str
    scope: str
    own: Mapping[str, str] = field(default_factory=dict)
    shared: Mapping[str, str] = field(default_factory=dict)
    """Parameters whose value is the same in every company."""


API: dict[str, ApiLine] = {
    "post_events": ApiLine("POST", "events:write"),
    "post_withdrawal": ApiLine("POST", "events:write", own={"event_no": "event_no"}),
    "get_event": ApiLine("GET", "events:read", own={"event_no": "event_no"}),
    "get_wallet": ApiLine("GET", "wallets:read", own=PERSON),
    "get_why_not": ApiLine("GET", "events:read", own=PERSON),
    "get_statement": ApiLine("GET", "wallets:read", own=PERSON),
    "get_statement_file": ApiLine("GET", "wallets:read", own=PERSON),
    "get_transactions": ApiLine("GET", "ledger:read"),
    "get_transaction": ApiLine("GET", "ledger:read", own={"tx_id": "tx_id"}),
    "get_balances": ApiLine("GET", "ledger:read"),
    "get_expiry": ApiLine("GET", "ledger:read"),
    "get_liability": ApiLine("GET", "ledger:read"),
    "get_journal": ApiLine("GET", "ledger:read"),
    "get_assets": ApiLine("GET", "assets:read"),
    "post_asset": ApiLine("POST", "assets:write"),
    "patch_asset": ApiLine("PATCH", "assets:write", shared={"code": "spendable"}),
    "get_rates": ApiLine("GET", "assets:read"),
    "post_conversion": ApiLine("POST", "wallets:write", own=PERSON),
    "post_spend": ApiLine("POST", "wallets:write", own=PERSON),
    "post_transfer": ApiLine("POST", "wallets:write", own=PERSON),
    "get_holds": ApiLine("GET", "wallets:read", own=PERSON),
    "post_hold": ApiLine("POST", "wallets:write", own=PERSON),
    "post_capture": ApiLine("POST", "wallets:write", own=HOLD),
    "post_release": ApiLine("POST", "wallets:write", own=HOLD),
    "get_board": ApiLine("GET", "boards:read"),
    "get_rules_health": ApiLine("GET", "insight:read"),
    "post_mend": ApiLine("POST", "insight:write"),
    "get_simulation": ApiLine("GET", "insight:read"),
    "post_backtest": ApiLine("POST", "insight:write"),
    "get_backtest": ApiLine("GET", "insight:read", own=BACKTEST),
    "get_backtest_people": ApiLine("GET", "insight:read", own=BACKTEST),
    "get_rules": ApiLine("GET", "rules:read"),
    "get_schemes": ApiLine("GET", "rules:read"),
    "get_revisions": ApiLine("GET", "rules:read", own=SCHEME),
    "get_signatures": ApiLine("GET", "rules:read", own=SCHEME),
    "get_event_types": ApiLine("GET", "rules:read"),
    "post_rule_drafts": ApiLine("POST", "rules:read"),
    "get_quotas": ApiLine("GET", "budgets:read"),
    "get_budgets": ApiLine("GET", "budgets:read"),
    "post_budget": ApiLine("POST", "budgets:write"),
    "post_budget_end": ApiLine("POST", "budgets:write", own={"budget_id": "budget_id"}),
    "get_caps": ApiLine("GET", "caps:read"),
    "post_cap": ApiLine("POST", "caps:write"),
    "post_cap_end": ApiLine("POST", "caps:write", own={"cap_id": "cap_id"}),
    "get_approvals": ApiLine("GET", "approvals:read"),
    "get_approval": ApiLine("GET", "approvals:read", own=CASE),
    "post_decision": ApiLine("POST", "approvals:write", own=CASE),
}
# Told to anybody: that the service lives, and what it offers.
API_PUBLIC = {"openapi-json", "api-root", "get_health", "api-docs", "openapi-view"}
