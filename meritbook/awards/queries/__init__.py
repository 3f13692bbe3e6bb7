"""Reading events, windows and entries."""
