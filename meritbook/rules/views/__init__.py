"""Pages of rules: reading them, writing one by hand, importing a table, the library."""
