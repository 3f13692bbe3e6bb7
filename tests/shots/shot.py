"""What an entry of the list is, and what its address may need to know."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

OWNER, OFFICER, HEAD, EMPLOYEE = "1001", "1101", "2001", "2102"
PERSONAS = {OWNER: "owner", OFFICER: "officer", HEAD: "head", EMPLOYEE: "employee", "": "nobody"}
ALL = (OWNER, OFFICER, HEAD, EMPLOYEE)
VARIANTS = (
    ("desktop", 1366, 860, "light"),
    ("phone", 390, 844, "light"),
    ("dark", 1366, 860, "dark"),
)


@dataclass(frozen=True, slots=True)
class Shot:
    """One page in one state. ``address`` may be a function of the prepared data."""

    page: str
    """The page's name in the addresses."""
    address: str | Callable[["Prepared"], str]
    personas: Sequence[str] = (OFFICER,)
    state: str = ""
    """What is special, as a part of the picture's name."""
    act: Callable[[Any], None] | None = None
    """What to do on the page before the picture is taken."""
    empty: bool = False
    """Taken in a company without rules and events."""

    @property
    def name(self) -> str:
        return f"{self.page}-{self.state}" if self.state else self.page


@dataclass
class Prepared:
    """What the addresses need to know about the demo's data."""

    rule: str
    events: Mapping[str, int]
    windowed: int
    tx_id: int
    reversal: int
    """A transaction that takes another one back."""
    month: str
    """The month before, over and not closed."""
    rule_run: int
    rule_run_done: int
    rule_run_doubts: int
    event_run: int
    event_run_done: int
    people_run: int
    opening_run: int
    case: int
    case_done: int
    revision: int
    """A revision whose consultation runs."""
    changed_rule: str
    """The rule that it changes."""
    edition: int
    department: int
    backtest: int
    activation: str
    setup: str = ""
    logins: dict[tuple[str, bool], Any] = field(default_factory=dict)
    companies: dict[bool, int] = field(default_factory=dict)
