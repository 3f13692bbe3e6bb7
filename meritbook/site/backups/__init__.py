"""The whole installation in one file, and back: all companies, their files and anchors.

A backup (``.mbk``) is a zip archive without compression of its own: ``database.dump`` (pg_dump's
custom format), ``files/…``, ``anchors/…`` and, last, ``manifest.json``: versions, rows of every
table, trial balance and head of the chain of every company, size and SHA-256 of every member.

It is made as the ops role, which row-level security does not bind: a forced owner would dump a part
and say nothing. What the dump holds is counted again before the file gets its name.
"""
