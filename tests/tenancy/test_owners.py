"""An officer does everything but become an owner, or shut one out."""

import pytest

from meritbook.kit.sheets import OutSheet, write_workbook
from meritbook.kit.tenancy import company_scope
from meritbook.org.models import AccessToken, Membership
from meritbook.org.operations.audit import SYSTEM
from meritbook.org.operations.logins import issue_activations, set_roles
from tests.people import NOW, TODAY, Cast, hongyuan

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(db: None) -> Cast:
    return hongyuan()


def links(cast: Cast) -> int:
    with company_scope(cast.company.pk):
        return AccessToken.objects.filter(
            company_id=cast.company.pk,
            kind=AccessToken.Kind.ACTIVATION,
            subject_id=cast.people["0009"].pk,
            revoked_at__isnull=True,
        ).count()


def works_here(cast: Cast, number: str) -> bool:
    with company_scope(cast.company.pk):
        return Membership.objects.filter(
            company_id=cast.company.pk,
            employee_id=cast.people[number].pk,
            ended_at__isnull=True,
        ).exists()


def test_an_officer_gets_no_link_to_the_owners_log_in(home: Cast) -> None:
    officer, owner = home.client("officer"), home.client("owner")
    assert officer.post("/people/0009/activation/").status_code == 302
    assert officer.post(
        "/people/slips/", {"employee": [str(home.people["0009"].pk)]}
    ).status_code == 302  # fmt: skip
    assert links(home) == 0
    assert officer.post("/people/0001/activation/").status_code == 200
    assert owner.post("/people/0009/activation/").status_code == 200
    assert links(home) == 1


def test_a_link_given_out_before_opens_no_new_owners_log_in(home: Cast) -> None:
    with company_scope(home.company.pk):
        issue_activations(
            company_id=home.company.pk, employees=[home.people["0001"]], now=NOW, actor=SYSTEM
        )
        set_roles(membership=home.members["employee"], roles=["owner"], now=NOW, actor=SYSTEM)
        assert not AccessToken.objects.filter(
            company_id=home.company.pk, revoked_at__isnull=True
        ).exists()


def test_an_officer_cannot_shut_the_owner_out(home: Cast) -> None:
    gone = {"left_on": TODAY.isoformat(), "reason": ""}
    assert home.client("officer").post("/people/0009/leave/", gone).status_code == 302
    assert works_here(home, "0009")
    # Nor may the only owner go.
    home.client("owner").post("/people/0009/leave/", gone)
    assert works_here(home, "0009")
    with company_scope(home.company.pk):
        set_roles(membership=home.members["officer"], roles=["owner"], now=NOW, actor=SYSTEM)
    home.client("officer").post("/people/0009/leave/", gone)
    assert not works_here(home, "0009")


def test_no_file_shuts_the_owner_out(home: Cast) -> None:
    from meritbook.files.operations.people import import_people

    content = write_workbook(
        [
            OutSheet(
                name="表",
                headings=("工号", "姓名", "部门", "状态"),
                rows=[("0009", "张总", "总经办", "离职"), ("0004", "赵敏", "仓库", "离职")],
            )
        ]
    )
    with company_scope(home.company.pk):
        result = import_people(
            company_id=home.company.pk,
            content=content,
            file_name="花名册.xlsx",
            all_or_nothing=False,
            today=TODAY,
            now=NOW,
            actor=SYSTEM,
        )
    assert works_here(home, "0009")
    assert [(one.row, one.column) for one in result.problems] == [(2, "状态")]


def test_a_last_day_lies_within_reach(home: Cast) -> None:
    answer = home.client("officer").post("/people/0001/leave/", {"left_on": "9999-12-31"})
    assert answer.status_code == 302
    assert works_here(home, "0001")


@pytest.mark.parametrize(
    ("role", "finds"), [("officer", True), ("head", False), ("employee", False)]
)
def test_nobody_guesses_phone_numbers_by_searching(home: Cast, role: str, finds: bool) -> None:
    page = home.client(role).get("/search/", {"q": "13800138009"}).content.decode()
    assert ("张总" in page.split('id="content"')[-1]) is finds
