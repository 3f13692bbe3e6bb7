"""Pages of files: the import of people, the history of imports."""
