"""What can be learnt from rules and their use: health check, backtest, simulation, re-run.

Nouns: health check (体检), finding and mend, backtest (试算) with its lines and changes, simulation
(模拟), re-run (重算).

Always holds: a backtest reads one snapshot, scores with the functions that recording scores with,
and never touches the ledger; a mend writes drafts and ends rules, it publishes nothing; a re-run
posts only through awards, each difference once.

Does not know: boards, connectors.
"""
