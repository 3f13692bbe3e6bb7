"""Writes of org, one module a noun."""
