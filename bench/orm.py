"""The same work as a plain Django application would do it: rows locked, added to, saved.

No trace of how this product posts: models without cleverness, one transaction a posting. The
tables are made beside the ledger and dropped with the database.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import psycopg

from tests import databases

if TYPE_CHECKING:
    from meritbook.ledger.operations import Issue
    from tests.ledger.books import Book

TABLES = """
CREATE TABLE IF NOT EXISTS bench_orm_balance (id bigserial PRIMARY KEY, company_id bigint,
    party_id bigint, asset text, points bigint, UNIQUE (company_id, party_id, asset));
CREATE TABLE IF NOT EXISTS bench_orm_entry (id bigserial PRIMARY KEY, company_id bigint,
    key text, party_id bigint, asset text, points bigint, day date,
    UNIQUE (company_id, key, asset));
CREATE TABLE IF NOT EXISTS bench_orm_total (id bigserial PRIMARY KEY, company_id bigint,
    party_id bigint, asset text, day date, earned bigint, n bigint,
    UNIQUE (company_id, party_id, asset, day));
GRANT ALL ON bench_orm_balance, bench_orm_entry, bench_orm_total TO meritbook_app;
GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO meritbook_app;
"""


def post_by_orm(name: str, book: Book, issues: list[Issue]) -> float:
    """Transfers in a second."""
    from django.db import models, transaction

    class PlainBalance(models.Model):
        company_id = models.BigIntegerField()
        party_id = models.BigIntegerField()
        asset = models.TextField()
        points = models.BigIntegerField(default=0)

        class Meta:
            managed = False
            app_label = "ledger"
            db_table = "bench_orm_balance"

    class PlainEntry(models.Model):
        company_id = models.BigIntegerField()
        key = models.TextField()
        party_id = models.BigIntegerField()
        asset = models.TextField()
        points = models.BigIntegerField()
        day = models.DateField()

        class Meta:
            managed = False
            app_label = "ledger"
            db_table = "bench_orm_entry"

    class PlainTotal(models.Model):
        company_id = models.BigIntegerField()
        party_id = models.BigIntegerField()
        asset = models.TextField()
        day = models.DateField()
        earned = models.BigIntegerField(default=0)
        n = models.BigIntegerField(default=0)

        class Meta:
            managed = False
            app_label = "ledger"
            db_table = "bench_orm_total"

    with psycopg.connect(databases.url(databases.OWNER, name)) as owner:
        owner.execute(TABLES)
    started = time.perf_counter()
    for issue in issues:
        with transaction.atomic():
            for asset, points in issue.amounts:
                who = {"company_id": book.company_id, "party_id": issue.party_id, "asset": asset}
                _entry, is_new = PlainEntry.objects.get_or_create(
                    company_id=book.company_id,
                    key=issue.key,
                    asset=asset,
                    defaults={
                        "party_id": issue.party_id,
                        "points": points,
                        "day": issue.effective_on,
                    },
                )
                if not is_new:
                    continue
                balance, _ = PlainBalance.objects.select_for_update().get_or_create(**who)
                balance.points += points
                balance.save()
                total, _ = PlainTotal.objects.select_for_update().get_or_create(
                    **who, day=issue.effective_on
                )
                total.earned += points
                total.n += 1
                total.save()
    return sum(len(issue.amounts) for issue in issues) / (time.perf_counter() - started)
