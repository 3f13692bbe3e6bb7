"""Addresses of insight."""

from django.urls import path

from meritbook.insight.views import health

urlpatterns = [
    path("insight/", health.check, name="insight"),
    path("insight/mend/", health.mend, name="insight-mend"),
]
