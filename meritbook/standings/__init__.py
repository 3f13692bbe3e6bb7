"""Boards: who stands where in a period, and how that changed.

Nouns: board, row, rank.

Always holds: equal points share a rank; everyone employed in the period is listed; a board is the
sum of the ledger's day totals by effective day and can be traced to entries.

Does not know: rules, events.
"""
