"""What a people file says, as values: the columns, and one row after reading."""

from dataclasses import dataclass
from datetime import date

STATES = {
    "active": ("在职", "正式", "正式员工", "在岗", "转正", "已转正", "active"),
    "probation": ("试用", "试用期", "试用员工", "实习", "实习期", "probation"),
    "left": ("离职", "已离职", "离岗", "辞职", "退休", "left", "离开"),
}
STATE_OF = {word: state for state, words in STATES.items() for word in words}


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """One row of a people file. None: the file says nothing, what is stored stays."""

    row: int
    employee_no: str
    name: str
    department: tuple[str, ...]
    post: str | None = None
    grade: str | None = None
    hired_on: date | None = None
    left_on: date | None = None
    phone: str | None = None
    manager_no: str | None = None
    state: str | None = None
    effective_on: date | None = None
