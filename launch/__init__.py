"""Everything `run.py` does, with the standard library alone.

Nouns: the environment (`.venv` with locked packages), the front end (built by npm),
the server (a private PostgreSQL), the keeper (the process that owns that server), the
database (roles and addresses handed to Django), the children (web and worker).

What always holds: nothing is left running when `run.py` ends, however it ends; no
permission outside our own folders is changed; a step that is done is not done again.

Knows nothing of Django beyond the names of commands and environment variables.
"""
