"""Values as PostgreSQL's COPY reads them: fields between tabs, one line a row."""

from __future__ import annotations

import json
from collections.abc import Mapping

NULL = "\\N"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def escaped(text: str) -> str:
    """A text as a field."""
    return text.translate(_ESCAPES) if not text.isprintable() or "\\" in text else text


def json_text(value: Mapping[str, object]) -> str:
    """JSON for a jsonb column (to be ``escaped`` as a field)."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) if value else "{}"
