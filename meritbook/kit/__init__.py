"""What every context uses and none owns: tenancy, clock, periods, points as text, sheets, page parts.

Always holds: kit knows no business noun. It owns no tables. ``company_scope`` is the only door
to tenant rows; ``clock.now`` is the only place that asks the time.

Does not know: points rules, people, ledgers.
"""
