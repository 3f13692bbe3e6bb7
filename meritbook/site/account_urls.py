"""Addresses of quotas, of what is done to somebody's accounts, and of opening balances."""

from django.urls import path

from meritbook.site.views import accounts, opening, quotas

urlpatterns = [
    path("ledger/quotas/", quotas.quotas, name="quotas"),
    path("ledger/quotas/<str:employee_no>/", quotas.quota_set, name="quota-set"),
    path("people/<str:employee_no>/accounts/", accounts.accounts, name="accounts"),
    path("people/<str:employee_no>/settle/", accounts.settle_page, name="settle"),
    path("ledger/opening/", opening.opening, name="opening"),
    path("ledger/opening/template.xlsx", opening.opening_template, name="opening-template"),
    path("ledger/opening/<int:run_id>/", opening.opening_run, name="opening-run"),
    path("ledger/opening/<int:run_id>/start/", opening.opening_start, name="opening-start"),
    path("ledger/opening/<int:run_id>/drop/", opening.opening_drop, name="opening-drop"),
    path("ledger/opening/<int:run_id>/undo/", opening.opening_undo, name="opening-undo"),
]
