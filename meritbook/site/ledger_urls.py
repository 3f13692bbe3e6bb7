"""Addresses of the ledger's pages, and of what one does with the own wallet."""

from django.urls import path

from meritbook.site.views import (
    assets,
    ledger,
    ledger_reports,
    movements,
    periods,
    postings,
    proof,
    rates,
    receipts,
    reversal,
)

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
    path("ledger/assets/", assets.assets, name="ledger-assets"),
    path("ledger/assets/new/", assets.asset_new, name="ledger-asset-new"),
    path("ledger/assets/new/code/", assets.asset_code, name="ledger-asset-code"),
    path("ledger/assets/<str:code>/", assets.asset, name="ledger-asset"),
    path("ledger/assets/<str:code>/preview/", assets.asset_preview, name="ledger-asset-preview"),
    path("ledger/rates/", rates.rate_table, name="ledger-rates"),
    path("ledger/rates/new/", rates.rate_new, name="ledger-rate-new"),
    path("ledger/rates/preview/", rates.rate_preview, name="ledger-rate-preview"),
    path("wallet/convert/", movements.convert_page, name="wallet-convert"),
    path("wallet/convert/preview/", movements.convert_preview, name="wallet-convert-preview"),
    path("wallet/transfer/", movements.transfer_page, name="wallet-transfer"),
    path("rules/<str:code>/postings/", postings.rule_postings, name="rule-postings"),
]
