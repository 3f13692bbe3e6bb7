"""Addresses of the ledger's pages."""

from django.urls import path

from meritbook.site.views import ledger, ledger_reports, periods, proof, receipts, reversal

urlpatterns = [
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/totals/", ledger.ledger_totals, name="ledger-totals"),
    path("ledger/balances/", ledger_reports.balances, name="ledger-balances"),
    path("ledger/expiry/", ledger_reports.expiry, name="ledger-expiry"),
    path("ledger/expiry.xlsx", ledger_reports.expiry_export, name="ledger-expiry-export"),
    path("ledger/liability/", ledger_reports.liability_page, name="ledger-liability"),
    path("ledger/liability.xlsx", ledger_reports.liability_export, name="ledger-liability-export"),
    path(
        "ledger/journal.beancount",
        ledger_reports.journal,
        {"form": "beancount"},
        name="ledger-beancount",
    ),
    path(
        "ledger/journal.hledger", ledger_reports.journal, {"form": "hledger"}, name="ledger-hledger"
    ),
    path("ledger/periods/", periods.periods, name="ledger-periods"),
    path("ledger/periods/<str:month>/", periods.period, name="ledger-period"),
    path("ledger/periods/<str:month>/close/", periods.period_close, name="ledger-period-close"),
    path("ledger/periods/<str:month>/reopen/", periods.period_reopen, name="ledger-period-reopen"),
    path("ledger/proof/", proof.proof, name="proof"),
    path("ledger/proof/verify/", proof.proof_verify, name="proof-verify"),
    path("ledger/proof/progress/", proof.proof_progress, name="proof-progress"),
    path("ledger/proof/witnesses/", proof.proof_witnesses, name="proof-witnesses"),
    path("ledger/proof/anchors.jsonl", proof.proof_anchors, name="proof-anchors"),
    path("receipts/receipt.py", receipts.receipt_verifier, name="receipt-verifier"),
    path("receipts/<int:tx_id>.json", receipts.receipt_file, name="receipt-file"),
    path("receipts/<int:tx_id>/", receipts.receipt_page, name="receipt"),
    path("ledger/<int:tx_id>/", ledger.ledger_transaction, name="ledger-transaction"),
    path("ledger/<int:tx_id>/reverse/", reversal.ledger_reverse, name="ledger-reverse"),
]
