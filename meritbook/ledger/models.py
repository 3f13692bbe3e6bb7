"""The ledger's tables, read-only: SQL functions write them (``operations``).

The tables are made by SQL (``sql/tables.sql``); these classes only name their columns.
"""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models


class ReadOnly(TypeError):
    """Something tried to write a ledger table past the ledger's functions."""


class ReadOnlyQuerySet(models.QuerySet[Any]):
    """A query set that only reads."""

    def _refuse(self, *_args: object, **_options: object) -> NoReturn:
        raise ReadOnly("ledger tables are written by ledger.operations only")

    create = bulk_create = bulk_update = update = delete = _refuse
    get_or_create = update_or_create = _refuse


class LedgerModel(models.Model):
    """A row of a ledger table."""

    company_id = models.BigIntegerField()

    objects = ReadOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *_args: object, **_options: object) -> NoReturn:
        raise ReadOnly("ledger tables are written by ledger.operations only")

    def delete(self, *_args: object, **_options: object) -> NoReturn:
        raise ReadOnly("nothing is deleted from the ledger")


class Asset(LedgerModel):
    """A kind of points: its scale and its policy."""

    pk = models.CompositePrimaryKey("company_id", "asset_id")
    asset_id = models.BigIntegerField()
    programme_id = models.BigIntegerField()
    code = models.TextField()
    scale = models.SmallIntegerField()
    wallet_floor = models.BigIntegerField(null=True)
    keeps_lots = models.BooleanField()
    clawback = models.TextField()

    class Meta:
        managed = False
        db_table = "ledger_asset"


class Account(LedgerModel):
    """A party's wallet of one asset, or a system account of the company."""

    pk = models.CompositePrimaryKey("company_id", "account_id")
    account_id = models.BigIntegerField()
    asset_id = models.BigIntegerField()
    kind = models.TextField()
    party_id = models.BigIntegerField(null=True)

    class Meta:
        managed = False
        db_table = "ledger_account"


class Transaction(LedgerModel):
    """One posting: its key, its days, where it came from."""

    pk = models.CompositePrimaryKey("company_id", "tx_id")
    tx_id = models.BigIntegerField()
    posted_at = models.DateTimeField()
    source_id = models.BigIntegerField()
    rule_version_id = models.BigIntegerField(null=True)
    actor_id = models.BigIntegerField(null=True)
    reverses_tx_id = models.BigIntegerField(null=True)
    effective_on = models.DateField()
    fact_on = models.DateField()
    kind = models.TextField()
    source_kind = models.TextField()
    idem_key = models.TextField()
    idem_hash = models.BinaryField()
    note = models.TextField(null=True)

    class Meta:
        managed = False
        db_table = "ledger_tx"


class Transfer(LedgerModel):
    """One amount of one asset from the debited to the credited account."""

    pk = models.CompositePrimaryKey("company_id", "tx_id", "seq")
    tx_id = models.BigIntegerField()
    seq = models.SmallIntegerField()
    asset_id = models.BigIntegerField()
    debit_id = models.BigIntegerField()
    credit_id = models.BigIntegerField()
    amount = models.BigIntegerField()
    posted_at = models.DateTimeField()
    department_id = models.BigIntegerField(null=True)
    effective_on = models.DateField()

    class Meta:
        managed = False
        db_table = "ledger_transfer"


class Balance(LedgerModel):
    """What an account has now, and how much of it is held."""

    pk = models.CompositePrimaryKey("company_id", "account_id")
    account_id = models.BigIntegerField()
    posted = models.BigIntegerField()
    held = models.BigIntegerField()
    floor = models.BigIntegerField(null=True)
    version = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "ledger_balance"


class Period(LedgerModel):
    """A month that somebody has closed (or that is named as open)."""

    pk = models.CompositePrimaryKey("company_id", "month")
    month = models.DateField()
    state = models.TextField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.BigIntegerField(null=True)

    class Meta:
        managed = False
        db_table = "ledger_period"
