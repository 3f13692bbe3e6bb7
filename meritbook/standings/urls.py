"""Addresses of boards."""

from django.urls import path

from meritbook.standings.views import boards, export

urlpatterns = [
    path("boards/", boards, name="boards"),
    path("boards/export.xlsx", export, name="boards_export"),
]
