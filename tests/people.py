"""Two companies with people who sign in: the cast of the tests.

宏远贸易 (hongyuan): 张总 owns it, 韩梅梅 is points officer, 王强 heads 销售部, 李雷 sells in
销售部/华南组, 赵敏 works in 仓库. 他山贸易 (tashan): 陌生人 owns it and must never see a thing of
宏远; its data carries CANARY strings. Both have an employee with the same 工号.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.test import Client

from meritbook.kit.tenancy import company_scope
from meritbook.org.models import Company, Employee, Membership, RoleGrant
from meritbook.org.operations.audit import SYSTEM
from meritbook.org.operations.department_paths import ensure_departments
from meritbook.org.operations.departments import set_manager
from meritbook.org.operations.logins import open_login
from meritbook.org.operations.people import PersonData, add_person
from meritbook.site.companies import found_company

NOW = datetime(2026, 11, 21, 6, 5, tzinfo=UTC)
TODAY = date(2026, 11, 21)
HIRED = date(2024, 3, 1)
PASSWORD = "xuexi-tiantian-8"
CANARY = "金丝雀"


@dataclass(frozen=True)
class Cast:
    """A company with its people by 工号 and their memberships by role."""

    company: Company
    people: dict[str, Employee]
    members: dict[str, Membership]

    def client(self, role: str) -> Client:
        """A browser in which the person with the role is signed in."""
        client = Client()
        client.force_login(
            self.members[role].login, backend="meritbook.org.signin.MeritbookBackend"
        )
        session = client.session
        session["company_id"] = self.company.pk
        session.save()
        return client


def hongyuan() -> Cast:
    """The company at home."""
    return _company(
        code="hongyuan",
        name="宏远贸易",
        people={
            "0001": ("李雷", ("销售部", "华南组"), "业务员", "13800138001", "employee"),
            "0002": ("韩梅梅", ("综合部",), "积分专员", "13800138002", "officer"),
            "0003": ("王强", ("销售部",), "销售经理", "13800138003", "head"),
            "0004": ("赵敏", ("仓库",), "仓管员", "", ""),
            "0009": ("张总", ("总经办",), "总经理", "13800138009", "owner"),
        },
    )


def tashan() -> Cast:
    """The stranger's company; every name carries the canary."""
    return _company(
        code="tashan",
        name=f"{CANARY}他山贸易",
        people={
            "0001": (f"{CANARY}钱一", (f"{CANARY}门市部",), f"{CANARY}店员", "13900139001", "employee"),
            "9001": (f"{CANARY}陌生人", (f"{CANARY}老板办",), "老板", "13900139009", "owner"),
        },
    )  # fmt: skip


def _company(
    *, code: str, name: str, people: dict[str, tuple[str, tuple[str, ...], str, str, str]]
) -> Cast:
    company = found_company(code=code, name=name, now=NOW)
    made: dict[str, Employee] = {}
    members: dict[str, Membership] = {}
    with company_scope(company.pk):
        paths = [each[1] for each in people.values()]
        departments = ensure_departments(company_id=company.pk, paths=paths).ids
        for number, (person, path, post, phone, role) in people.items():
            made[number] = add_person(
                company_id=company.pk,
                employee_no=number,
                person=PersonData(
                    name=person,
                    department_id=departments[path],
                    post=post,
                    phone=phone,
                    hired_on=HIRED,
                ),
                today=TODAY,
                now=NOW,
                actor=SYSTEM,
            )
            if not role:
                continue
            members[role] = open_login(
                company_id=company.pk,
                name=person,
                password=PASSWORD,
                now=NOW,
                actor=SYSTEM,
                employee=made[number],
                phone=phone,
                roles=[role] if role != "head" else [RoleGrant.Role.EMPLOYEE],
            )
            if role == "head":
                set_manager(
                    company_id=company.pk,
                    department_id=departments[path],
                    employee_id=made[number].pk,
                    now=NOW,
                    actor=SYSTEM,
                )
    return Cast(company=company, people=made, members=members)
