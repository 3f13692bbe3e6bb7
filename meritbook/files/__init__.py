"""Files that people hand in, and imports with their history.

Nouns: stored file, import run.

Always holds: a stored file has a random name and a checksum; an import run keeps its counts,
its problems and what is needed to undo it.

Does not know: what is inside the files; the context that imports does.
"""
