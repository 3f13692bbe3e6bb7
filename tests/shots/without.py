"""The addresses without a picture, each with its reason."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

NO_PICTURE: Mapping[str, str] = {
    "boards_export": "a file",
    "rule-import-template": "a file",
    "event-import-template": "a file",
    "event-import-errors": "a file",
    "people-import-template": "a file",
    "import-errors": "a file",
    "statement-file": "a file",
    "statement-file-of": "a file",
    "ledger-expiry-export": "a file",
    "ledger-liability-export": "a file",
    "ledger-beancount": "a file",
    "ledger-hledger": "a file",
    "proof-anchors": "a file",
    "receipt-file": "a file",
    "receipt-verifier": "a file",
    "proof-progress": "a part of proof",
    "proof-verify": "an act",
    "proof-witnesses": "an act",
    "ledger-totals": "a part of ledger",
    "ledger-period-close": "an act",
    "ledger-period-reopen": "an act",
    "rule-preview": "a part of rule-new",
    "rule-try": "a part of rule-new",
    "ledger-asset-code": "a part of ledger-asset-new",
    "ledger-asset-preview": "a part of ledger-asset",
    "ledger-rate-preview": "a part of ledger-rate-new",
    "wallet-convert-preview": "a part of wallet-convert",
    "rule-import-answer": "a part of rule-import-run",
    "rule-entries": "a part of rule",
    "rule-pending": "a part of rule",
    "why-not-people": "a part of why-not",
    "event-people": "a part of event-new",
    "event-rules": "a part of event-new",
    "event-preview": "a part of event-new",
    "event-import-progress": "a part of event-import-run",
    "people-import-progress": "a part of people-import-run",
    "insight-mend": "an act",
    "backtest-progress": "a part of backtest",
    "backtest-cancel": "an act",
    "backtest-share": "an act",
    "backtest-export": "a file",
    "event-type-proposals": "an act",
    "rule-import-progress": "a part of rule-import-run",
    "rule-import-drop": "an act",
    "rule-publish": "an act",
    "rule-discard": "an act",
    "rule-retire": "an act",
    "event-import-check": "an act",
    "event-import-start": "an act",
    "event-import-drop": "an act",
    "event-withdraw": "an act",
    "people-slips": "an act whose page shows fresh secrets",
    "person-activation": "an act whose page shows a fresh secret",
    "person-leave": "an act",
    "person-return": "an act",
    "person-roles": "an act",
    "department-active": "an act",
    "import-undo": "an act",
    "budget-end": "an act",
    "cap-end": "an act",
    "approval-decide": "an act",
    "approval-hand-on": "an act",
    "rule-scheme": "an act",
    "revision-say": "an act",
    "revision-act": "an act",
    "revision-minutes": "an act",
    "minutes-file": "a file",
    "handbook-file": "a file",
    "scheme-evidence": "a file",
    "employee-evidence": "a file",
    "edition-text": "a file",
    "edition-sign": "an act",
    "scheme-give-out": "an act",
    "scheme-review": "an act",
    "scheme-lock": "an act",
    "delegate-revoke": "an act",
    "committee-close": "an act",
    "approvals-decide": "an act",
    "approval-withdraw": "an act",
    "logout": "an act",
    "set_language": "an act",
    "api-key-revoke": "an act",
    "backup-file": "a file",
    "quota-set": "an act",
    "opening-template": "a file",
    "opening-start": "an act",
    "opening-drop": "an act",
    "opening-undo": "an act",
    "health": "no page",
    "style": "in development only",
}


def page_names() -> set[str]:
    """The names of all addresses but those of the API."""
    from django.urls import URLPattern, URLResolver, get_resolver

    def walk(patterns: Iterable[Any], prefix: str) -> Iterator[str]:
        for each in patterns:
            address = f"{prefix}{each.pattern}"
            if isinstance(each, URLResolver):
                yield from walk(each.url_patterns, address)
            elif isinstance(each, URLPattern) and not address.lstrip("^").startswith("api/"):
                yield each.name or address

    return set(walk(get_resolver().url_patterns, ""))
