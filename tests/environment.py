"""The environment of the tests, set before Django reads its settings (`-p` in pyproject.toml)."""

import os

os.environ.setdefault("MERITBOOK_DB_POOL", "0")
os.environ.setdefault("MERITBOOK_SECRET_KEY", "tests")
os.environ.setdefault("MERITBOOK_STATIC_PLAIN", "1")
