"""The ledger: an append-only, double-entry book of points, one company at a time.

Nouns: asset, account, tx (transaction), transfer, balance, lot, hold, rate, cap, quota, day total,
period, worth, seal (block), receipt.
What always holds: a transfer moves one positive amount of one asset between two accounts of one
company, so every transaction balances by its shape; nothing posted is changed or deleted; the same
key posts once, and the same key with another payload is an error; balances, lots and day totals
are folds of the transfers, written in the posting's own transaction; a closed month stays closed
unless a person opens it again and says why; what a cap or a hold has taken nobody else can take.
PostgreSQL keeps these promises (``sql/``); ``verification`` recomputes them.
What it does not know: rules, events, people. Accounts belong to a party.
"""
