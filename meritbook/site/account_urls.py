"""Addresses of quotas, of what is done to somebody's accounts."""

from django.urls import path

from meritbook.site.views import accounts, quotas

urlpatterns = [
    path("ledger/quotas/", quotas.quotas, name="quotas"),
    path("ledger/quotas/<str:employee_no>/", quotas.quota_set, name="quota-set"),
    path("people/<str:employee_no>/accounts/", accounts.accounts, name="accounts"),
    path("people/<str:employee_no>/settle/", accounts.settle_page, name="settle"),
]
