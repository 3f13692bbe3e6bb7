"""Writes of files: stored files, import runs, and the people import with its undo."""
