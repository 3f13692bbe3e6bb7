"""Pages of events: the list, one event and why, one by hand, importing a file."""
