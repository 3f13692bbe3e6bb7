"""Pages of org, one module a noun."""
