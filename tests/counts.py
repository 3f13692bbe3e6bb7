"""How much a test tries: small counts in the suite, large ones with ``run.py test --long``."""

import os

IS_LONG = os.environ.get("MERITBOOK_LONG") == "1"


def examples(count: int, *, long: int) -> int:
    """``count``, or ``long`` when the long tests were asked for."""
    return long if IS_LONG else count
