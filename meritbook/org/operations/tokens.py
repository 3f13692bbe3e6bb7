"""Random tokens: shown once, kept as a SHA-256."""

import hashlib
import secrets

PREFIX = "mb_"


def new_token(*, prefix: str = PREFIX) -> str:
    """32 random bytes as text."""
    return prefix + secrets.token_urlsafe(32)


def hash_of(token: str) -> bytes:
    """What is stored. The token has full entropy, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).digest()
