"""Refusals: what a person may be told, in one sentence."""

from __future__ import annotations


class Refusal(Exception):
    """A request that cannot be done as asked.

    Subclass beside the function that refuses and give the subclass a `code`; the
    message is one sentence for people. Doors translate it once: an API into its status
    and ``{"code", "message"}``, a command into exit code 1, a page into a message.
    """

    code: str = "refused"
    status: int = 422

    def __init__(self, message: str, *, code: str | None = None, status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code
        if status is not None:
            self.status = status

    def __str__(self) -> str:
        return self.message
