"""The promises of the ledger, each a search for rows that break it, by noun."""
