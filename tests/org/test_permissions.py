"""Who may do what: the table of roles and actions."""

from dataclasses import dataclass

import pytest

from meritbook.org import permissions
from meritbook.org.models import Employee


@dataclass(frozen=True)
class Someone:
    """A member as predicates see one."""

    employee: Employee | None
    headed_department_ids: frozenset[int] = frozenset()
    is_owner: bool = False
    is_officer: bool = False
    is_reader: bool = False

    @property
    def is_head(self) -> bool:
        return bool(self.headed_department_ids)


OWNER = Someone(Employee(id=9), is_owner=True, is_officer=True)
OFFICER = Someone(Employee(id=2), is_officer=True)
HEAD = Someone(Employee(id=3), headed_department_ids=frozenset({10}))
READER = Someone(Employee(id=7), is_reader=True)
EMPLOYEE = Someone(Employee(id=1))

# owner, officer, head, finance or auditor, employee
TABLE = {
    "may_manage_people": (True, True, False, False, False),
    "may_see_people": (True, True, True, False, False),
    "may_manage_rules": (True, True, False, False, False),
    "may_record_events": (True, True, False, False, False),
    "may_see_events": (True, True, True, False, False),
    "may_see_imports": (True, True, False, False, False),
    "may_manage_roles": (True, False, False, False, False),
    "may_manage_keys": (True, False, False, False, False),
    "may_see_ledger": (True, True, False, True, False),
    "may_reverse": (True, True, False, False, False),
    "may_manage_accounts": (True, True, False, False, False),
    "may_close_months": (True, True, False, False, False),
    "may_manage_assets": (True, True, False, False, False),
    "may_name_witnesses": (True, False, False, False, False),
}


@pytest.mark.parametrize(("action", "answers"), TABLE.items(), ids=TABLE)
def test_roles_and_actions(action: str, answers: tuple[bool, ...]) -> None:
    predicate = getattr(permissions, action)
    assert tuple(predicate(each) for each in (OWNER, OFFICER, HEAD, READER, EMPLOYEE)) == answers


def test_the_table_is_complete() -> None:
    plain = {
        name
        for name in dir(permissions)
        if name.startswith("may_") and "employee" not in name and "wallet" not in name
    }
    assert plain - {"may_record_for"} == set(TABLE)


@pytest.mark.parametrize(
    ("who", "employee_id", "path_ids", "sees", "records"),
    [
        pytest.param(OWNER, 1, (20,), True, True, id="owner, anybody"),
        pytest.param(OFFICER, 1, (20,), True, True, id="officer, anybody"),
        pytest.param(OFFICER, 2, (20,), True, False, id="officer, not for oneself"),
        pytest.param(HEAD, 1, (5, 10, 11), True, True, id="head, below"),
        pytest.param(HEAD, 1, (5, 12), False, False, id="head, elsewhere"),
        pytest.param(HEAD, 3, (5, 10), True, False, id="head, not for oneself"),
        pytest.param(READER, 1, (20,), False, False, id="finance, another"),
        pytest.param(READER, 7, (20,), True, False, id="finance, oneself"),
        pytest.param(EMPLOYEE, 1, (20,), True, False, id="employee, oneself"),
        pytest.param(EMPLOYEE, 4, (20,), False, False, id="employee, another"),
    ],
)
def test_seeing_and_recording_for_somebody(
    who: Someone, employee_id: int, path_ids: tuple[int, ...], sees: bool, records: bool
) -> None:
    assert permissions.may_see_employee(who, employee_id=employee_id, path_ids=path_ids) is sees
    assert permissions.may_record_for(who, employee_id=employee_id, path_ids=path_ids) is records


def test_who_reads_the_books_sees_every_wallet_and_nobodys_profile() -> None:
    for who, sees in ((OWNER, True), (READER, True), (HEAD, False), (EMPLOYEE, False)):
        assert permissions.may_see_wallet(who, employee_id=4, path_ids=(20,)) is sees
    assert not permissions.may_see_employee(READER, employee_id=4, path_ids=(20,))


def test_lists_are_limited_for_heads() -> None:
    assert permissions.scope_of(OFFICER) is None
    assert permissions.scope_of(HEAD) == frozenset({10})
    assert permissions.scope_of(EMPLOYEE) == frozenset()
