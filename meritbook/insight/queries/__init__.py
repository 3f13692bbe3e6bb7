"""Reading: the scheme as the health check sees it, events for a backtest, and what came of it."""
