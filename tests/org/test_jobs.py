"""Jobs of org."""

from datetime import timedelta

import time_machine
from django.db import connection
from procrastinate.contrib.django import app

from meritbook.kit import clock
from meritbook.org.tasks import forget_signin_failures


def test_old_counts_of_failed_logins_are_forgotten_at_night(db: None) -> None:
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO org_signinfailure (key, failures, last_at) VALUES (%s, 3, %s)",
            [(b"old", now - timedelta(hours=2)), (b"fresh", now - timedelta(minutes=1))],
        )
        with time_machine.travel(now, tick=False):
            forget_signin_failures(timestamp=0)
        cursor.execute("SELECT key FROM org_signinfailure WHERE key IN ('old', 'fresh')")
        assert [(bytes(key),) for (key,) in cursor.fetchall()] == [(b"fresh",)]


def test_the_job_is_registered_under_its_name() -> None:
    assert app.tasks["org.forget_signin_failures"] is forget_signin_failures
