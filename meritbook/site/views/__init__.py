"""Pages that mix contexts: home desk, wallet, why, search, the member's own page."""
