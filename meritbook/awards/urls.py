"""Addresses of events."""

from django.urls import path

from meritbook.awards.views import budget, caps, importing, missing, reading, writing
from meritbook.awards.views.retiring import rule_pending

urlpatterns = [
    path("events/", reading.events, name="events"),
    path("events/new/", writing.new_event, name="event-new"),
    path("events/new/people/", writing.find_people, name="event-people"),
    path("events/new/rules/", writing.find_rules, name="event-rules"),
    path("events/new/preview/", writing.preview, name="event-preview"),
    path("events/import/", importing.import_events, name="event-import"),
    path("events/import/template.xlsx", importing.events_template, name="event-import-template"),
    path("events/import/<int:run_id>/", importing.import_run, name="event-import-run"),
    path("events/import/<int:run_id>/check/", importing.check, name="event-import-check"),
    path("events/import/<int:run_id>/start/", importing.start, name="event-import-start"),
    path("events/import/<int:run_id>/drop/", importing.drop, name="event-import-drop"),
    path("events/import/<int:run_id>/progress/", importing.progress, name="event-import-progress"),
    path(
        "events/import/<int:run_id>/errors.xlsx", importing.error_report, name="event-import-errors"
    ),
    path("events/<int:event_id>/", reading.event, name="event"),
    path("events/<int:event_id>/withdraw/", writing.withdraw_event, name="event-withdraw"),
    path("events/<int:event_id>/correct/", writing.correct_event, name="event-correct"),
    path("why-not/", missing.why_not, name="why-not"),
    path("why-not/people/", missing.find_people, name="why-not-people"),
    path("ledger/budget/", budget.budget, name="budget"),
    path("ledger/budget/new/", budget.new_budget, name="budget-new"),
    path("ledger/budget/worth/", budget.ask_worth, name="worth-ask"),
    path("ledger/budget/<int:budget_id>/end/", budget.stop_budget, name="budget-end"),
    path("ledger/caps/", caps.caps, name="caps"),
    path("ledger/caps/new/", caps.new_cap, name="cap-new"),
    path("ledger/caps/<int:cap_id>/end/", caps.end, name="cap-end"),
    path("rules/<str:code>/pending/", rule_pending, name="rule-pending"),
    path("rules/<str:code>/entries/", reading.rule_entries, name="rule-entries"),
]
