"""Addresses of files."""

from django.urls import path

from meritbook.files.views import people, runs

urlpatterns = [
    path("people/import/", people.upload, name="people-import"),
    path("people/import/template.xlsx", people.template, name="people-import-template"),
    path("people/import/<int:run_id>/", people.preview, name="people-import-run"),
    path(
        "people/import/<int:run_id>/progress/",
        people.progress,
        name="people-import-progress",
    ),
    path("imports/", runs.imports, name="imports"),
    path("imports/<int:run_id>/errors.xlsx", runs.errors, name="import-errors"),
    path("imports/<int:run_id>/undo/", runs.undo, name="import-undo"),
]
