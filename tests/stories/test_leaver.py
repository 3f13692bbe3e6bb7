"""离职结算: 李雷 is looked into, cleared, and leaves; his wallet is paid out, kept and archived.

Blocked he still earns but spends nothing; settled he earns nothing more; the sheet says who did what.
Nobody does it to their own account, and the stranger's company finds nothing.
"""

from datetime import date
from typing import Any

import pytest

from meritbook.kit.tenancy import company_scope
from meritbook.ledger.operations import AccountBlocked, Issue, Source, hold, post, spend
from meritbook.ledger.statements import wallet
from meritbook.ledger.verification import verify
from meritbook.org.models import AuditEntry
from tests.people import Cast
from tests.stories.conftest import on

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 10)


def earn(home: Cast, key: str, *amounts: tuple[str, int]) -> None:
    with company_scope(home.company.pk):
        post(
            company_id=home.company.pk,
            issue=Issue(
                key=key,
                kind="award",
                party_id=home.people["0001"].party_id,
                amounts=amounts,
                effective_on=DAY,
                fact_on=DAY,
                source_kind="event",
                source_id=1,
            ),
        )


def use(home: Cast, key: str, amount: int) -> None:
    with company_scope(home.company.pk):
        spend(
            company_id=home.company.pk,
            key=key,
            party_id=home.people["0001"].party_id,
            code="spendable",
            amount=amount,
            today=DAY,
            source=Source("order", 1),
        )


def balances(home: Cast) -> dict[str, int]:
    with company_scope(home.company.pk):
        found = wallet(company_id=home.company.pk, party_id=home.people["0001"].party_id)
        assert verify(company_id=home.company.pk).ok
    return {one.asset: one.balance for one in found if one.balance}


@pytest.fixture
def earned(home: Cast) -> Cast:
    with on("2026-11-10"):
        earn(home, "visit/1", ("honour", 50000), ("spendable", 50000))
        earn(home, "visit/2", ("coin", 8800))
    return home


def change(home: Cast, state: str, reason: str = "核查中", **more: str) -> Any:
    return home.client("officer").post(
        "/people/0001/accounts/", {"state": state, "reason": reason, **more}, follow=True
    )


def test_blocked_and_opened_again(earned: Cast) -> None:
    with on("2026-11-10"):
        assert change(earned, "blocked", " ").status_code == 422
        page = change(earned, "blocked").content.decode()
        assert "已冻结" in page
        assert "核查中" in page
        with pytest.raises(AccountBlocked):
            use(earned, "order/1", 100)
        earn(earned, "visit/3", ("honour", 100), ("spendable", 100))
        assert "已冻结" in earned.client("employee").get("/wallet/").content.decode()
        change(earned, "open", "查清了", code="spendable")
        use(earned, "order/1", 100)
        page = earned.client("officer").get("/people/0001/accounts/").content.decode()
        assert page.index("查清了") < page.index("核查中")
        with company_scope(earned.company.pk):
            actions = AuditEntry.objects.filter(action__startswith="accounts.").order_by("pk")
            assert [(one.action, one.after) for one in actions] == [
                ("accounts.blocked", {"asset": "*"}),
                ("accounts.open", {"asset": "spendable"}),
            ]


def test_a_leaver_is_settled_once_and_the_sheet_stays(earned: Cast) -> None:
    officer = earned.client("officer")
    with on("2026-11-10"):
        with company_scope(earned.company.pk):
            hold(
                company_id=earned.company.pk,
                key="order/9",
                party_id=earned.people["0001"].party_id,
                code="spendable",
                amount=20000,
                today=DAY,
                lapses_at=None,
                source=Source("order", 9),
            )
        page = officer.get("/people/0001/settle/").content.decode()
        assert "将退回的暂扣" in page
        done = {"asset-spendable": "forfeit", "asset-coin": "pay", "asset-honour": "forfeit"}
        # Without a word and a look nothing happens.
        assert officer.post("/people/0001/settle/", done).status_code == 422
        assert balances(earned) == {"honour": 50000, "spendable": 50000, "coin": 8800}
        told = {**done, "reason": "11 月离职，现金币随工资支付", "looked": "on"}
        page = officer.post("/people/0001/settle/", told, follow=True).content.decode()
        assert "结算单" in page
        assert "现金币随工资支付" in page
        assert "韩梅梅" in page
        assert balances(earned) == {"honour": 50000}
        again = officer.post("/people/0001/settle/", told, follow=True)
        assert again.content.decode().count("现金币随工资支付") == 2  # a line for each asset
        assert balances(earned) == {"honour": 50000}
        with pytest.raises(AccountBlocked):
            earn(earned, "visit/4", ("honour", 100), ("spendable", 100))
        assert "已归档" in earned.client("employee").get("/wallet/").content.decode()


def test_a_blocked_account_is_opened_before_it_is_settled(earned: Cast) -> None:
    with on("2026-11-10"):
        change(earned, "blocked")
        answer = earned.client("officer").post(
            "/people/0001/settle/",
            {"asset-spendable": "pay", "reason": "离职", "looked": "on"},
        )
        assert answer.status_code == 422
        assert "账户已冻结" in answer.content.decode()
        assert balances(earned) == {"honour": 50000, "spendable": 50000, "coin": 8800}


def test_nobody_does_it_to_themselves_or_to_strangers(earned: Cast, away: Cast) -> None:
    with on("2026-11-10"):
        officer = earned.client("officer")
        blocked = {"state": "blocked", "reason": "x"}
        settled = {"reason": "x", "looked": "on"}
        assert officer.post("/people/0002/accounts/", blocked).status_code == 403
        assert officer.post("/people/0002/settle/", settled).status_code == 403
        for role in ("head", "employee"):
            assert earned.client(role).get("/people/0001/accounts/").status_code == 403
            assert earned.client(role).post("/people/0001/settle/", settled).status_code == 403
        stranger = away.client("owner")
        for address in ("/people/0004/accounts/", "/people/0004/settle/"):
            assert stranger.get(address).status_code == 404
            assert stranger.post(address, {**blocked, **settled}).status_code == 404
        assert balances(earned) == {"honour": 50000, "spendable": 50000, "coin": 8800}
