"""Writing: mends, backtests, re-runs."""
