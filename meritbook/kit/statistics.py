"""The planner's statistics after a bulk load: without them a young table is taken for an empty one."""

from collections.abc import Sequence

from django.db import connection


def refresh_statistics(tables: Sequence[str]) -> int:
    """Analyse those of ``tables`` that were never analysed or have grown threefold since; how many.

    Joins the caller's transaction and sees its rows. A look costs less than a millisecond.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT kit_refresh_statistics(%s)", [list(tables)])
        return int(cursor.fetchone()[0])
