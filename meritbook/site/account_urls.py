"""Addresses of quotas, of what is done to somebody's accounts."""

from django.urls import path

from meritbook.site.views import quotas

urlpatterns = [
    path("ledger/quotas/", quotas.quotas, name="quotas"),
    path("ledger/quotas/<str:employee_no>/", quotas.quota_set, name="quota-set"),
]
