"""Addresses of rules."""

from django.urls import path

from meritbook.rules.views import (
    editions,
    event_types,
    importing,
    library,
    reading,
    revisions,
    schemes,
    trying,
    writing,
)

urlpatterns = [
    path("schemes/", schemes.schemes, name="schemes"),
    path("schemes/new/", schemes.scheme_new, name="scheme-new"),
    path("schemes/<str:code>/", schemes.scheme, name="scheme"),
    path("schemes/<str:code>/edit/", schemes.scheme_edit, name="scheme-edit"),
    path("schemes/<str:code>/governance/", schemes.scheme_governance, name="scheme-governance"),
    path("schemes/<str:code>/review/", schemes.scheme_review, name="scheme-review"),
    path("schemes/<str:code>/lock/", schemes.scheme_lock, name="scheme-lock"),
    path("schemes/<str:code>/revisions/new/", revisions.revision_new, name="revision-new"),
    path("revisions/<int:revision_id>/", revisions.revision, name="revision"),
    path("revisions/<int:revision_id>/opinions/", revisions.revision_say, name="revision-say"),
    path("revisions/<int:revision_id>/act/", revisions.revision_act, name="revision-act"),
    path(
        "revisions/<int:revision_id>/minutes/", revisions.revision_minutes, name="revision-minutes"
    ),
    path(
        "revisions/<int:revision_id>/minutes/<int:minutes_id>/",
        revisions.minutes_file,
        name="minutes-file",
    ),
    path("editions/<int:edition_id>/", editions.edition, name="edition"),
    path("editions/<int:edition_id>/text.txt", editions.edition_text, name="edition-text"),
    path("editions/<int:edition_id>/sign/", editions.edition_sign, name="edition-sign"),
    path("schemes/<str:code>/give-out/", editions.scheme_give_out, name="scheme-give-out"),
    path("rules/<str:code>/compare/", revisions.rule_compare, name="rule-compare"),
    path("rules/<str:code>/scheme/", schemes.rule_scheme, name="rule-scheme"),
    path("rules/", reading.rules, name="rules"),
    path("rules/new/", writing.new_rule, name="rule-new"),
    path("rules/new/preview/", writing.preview_rule, name="rule-preview"),
    path("rules/new/try/", trying.try_box, name="rule-try"),
    path("rules/types/", event_types.event_types, name="event-types"),
    path("rules/types/new/", event_types.new_type, name="event-type-new"),
    path("rules/types/proposals/", event_types.take_proposals, name="event-type-proposals"),
    path("rules/types/<str:code>/", event_types.edit_type, name="event-type"),
    path("rules/library/", library.library, name="rule-library"),
    path("rules/library/<slug:code>/", library.template, name="rule-library-template"),
    path("rules/import/", importing.import_rules, name="rule-import"),
    path("rules/import/template.xlsx", importing.rule_table_template, name="rule-import-template"),
    path("rules/import/<int:run_id>/", importing.import_run, name="rule-import-run"),
    path(
        "rules/import/<int:run_id>/<int:version_id>/answer/",
        importing.answer,
        name="rule-import-answer",
    ),
    path("rules/import/<int:run_id>/progress/", importing.progress, name="rule-import-progress"),
    path("rules/import/<int:run_id>/drop/", importing.drop_run, name="rule-import-drop"),
    path("rules/<str:code>/", reading.rule, name="rule"),
    path("rules/<str:code>/edit/", writing.edit_rule, name="rule-edit"),
    path("rules/<str:code>/publish/", writing.publish_rule, name="rule-publish"),
    path("rules/<str:code>/discard/", writing.discard_rule_draft, name="rule-discard"),
    path("rules/<str:code>/retire/", writing.retire_rule, name="rule-retire"),
]
