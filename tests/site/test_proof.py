"""The proof page: the chain, verify now, who is told; and the shut door for others."""

from datetime import timedelta

import pytest

from meritbook.kit.tenancy import company_scope
from meritbook.ledger.operations import set_policy
from meritbook.ledger.operations.sealing import name_witnesses, seal_block
from meritbook.ledger.operations.verifying import begin_verification, run_verification
from meritbook.ledger.proofs import head, runs, witnesses
from meritbook.org.models import AuditEntry
from tests.people import NOW, Cast
from tests.tenancy.world import World, furnish

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(home: Cast) -> World:
    return furnish(home, employee_no="0001", note="测试")


def test_an_empty_book_says_what_will_be_here(home: Cast) -> None:
    page = home.client("officer").get("/ledger/proof/").content.decode()

    assert "还没有封存的块" in page
    assert "还没有验过账" in page
    assert "还没有人。建议加上负责人" in page


def test_the_page_shows_the_head_and_the_blocks(world: World) -> None:
    company_id = world.cast.company.pk
    with company_scope(company_id):
        seal_block(company_id=company_id)
        newest = head(company_id=company_id)
    assert newest is not None

    page = world.cast.client("officer").get("/ledger/proof/").content.decode()

    assert newest.short in page
    assert newest.hash in page
    assert "第 1 块" in page


def test_verify_now_begins_one_run_and_shows_its_result(world: World) -> None:
    company_id = world.cast.company.pk
    client = world.cast.client("officer")

    assert client.post("/ledger/proof/verify/").status_code == 302
    assert "正在对账，请稍候" in client.post("/ledger/proof/verify/", follow=True).content.decode()
    progress = client.get("/ledger/proof/progress/").content.decode()
    assert 'hx-get="/ledger/proof/progress/"' in progress
    with company_scope(company_id):
        (run,) = runs(company_id=company_id)
        assert run.finished_at is None
    run_verification(company_id=company_id, verification_id=run.verification_id)

    done = client.get("/ledger/proof/progress/").content.decode()
    assert "账目完全相符" in done
    assert "每种积分，所有账户加起来等于零" in done
    assert "hx-get" not in done


def test_a_run_that_stood_still_does_not_block_for_ever(world: World) -> None:
    company_id = world.cast.company.pk
    with company_scope(company_id):
        first = begin_verification(company_id=company_id, actor_id=None, at=NOW)
        assert first is not None
        assert begin_verification(company_id=company_id, actor_id=None, at=NOW) is None
        later = begin_verification(
            company_id=company_id, actor_id=None, at=NOW + timedelta(hours=2)
        )
        assert later is not None
    page = world.cast.client("officer").get("/ledger/proof/").content.decode()
    assert "正在对账" in page


def test_the_owner_names_who_is_told(world: World) -> None:
    company_id = world.cast.company.pk
    client = world.cast.client("owner")

    assert (
        "名单已更新"
        in client.post(
            "/ledger/proof/witnesses/", {"employee_no": "0009"}, follow=True
        ).content.decode()
    )
    client.post("/ledger/proof/witnesses/", {"employee_no": "0002"})
    with company_scope(company_id):
        assert [one.name for one in witnesses(company_id=company_id)] == ["张总", "韩梅梅"]
        assert AuditEntry.objects.filter(company_id=company_id, action="witness.name").count() == 2
    hanmeimei = world.cast.members["officer"].pk
    client.post("/ledger/proof/witnesses/", {"leave": str(hanmeimei)})
    with company_scope(company_id):
        assert [one.name for one in witnesses(company_id=company_id)] == ["张总"]


@pytest.mark.parametrize(
    ("employee_no", "sentence"),
    [("0004", "还没有登录账号"), ("9999", "没有工号")],
)
def test_nobody_is_told_who_cannot_be(world: World, employee_no: str, sentence: str) -> None:
    page = world.cast.client("owner").post(
        "/ledger/proof/witnesses/", {"employee_no": employee_no}, follow=True
    )
    assert sentence in page.content.decode()


def test_an_officer_does_not_choose_who_watches_the_ledger(world: World) -> None:
    client = world.cast.client("officer")

    assert client.post("/ledger/proof/witnesses/", {"employee_no": "0002"}).status_code == 403
    assert "名单由负责人设定" in client.get("/ledger/proof/").content.decode()


@pytest.mark.parametrize("role", ["employee", "head"])
def test_others_do_not_open_it(world: World, role: str) -> None:
    assert world.cast.client(role).get("/ledger/proof/").status_code == 403


def test_a_company_names_no_member_of_another(world: World, away: Cast) -> None:
    company_id = world.cast.company.pk
    with company_scope(company_id):
        name_witnesses(
            company_id=company_id,
            membership_ids=[away.members["owner"].pk],
            actor_id=1,
            at=NOW,
        )
        assert witnesses(company_id=company_id) == []


def test_a_receipt_tells_nobody_of_points_that_are_not_for_them(world: World) -> None:
    """Its text names every asset that moved; so nothing leads them there either."""
    tx_id = world.ids["tx_id"]
    lilei, officer = world.cast.client("employee"), world.cast.client("officer")
    assert lilei.get(f"/receipts/{tx_id}/").status_code == 200
    link = f'href="/receipts/{tx_id}/"'
    for address in ("/", "/wallet/"):
        assert link in lilei.get(address).content.decode(), address
    with company_scope(world.cast.company.pk):
        set_policy(
            company_id=world.cast.company.pk,
            code="spendable",
            policy={"visible_to": "officers"},
            changed_at=NOW,
            actor_id=1,
        )

    for address in (f"/receipts/{tx_id}/", f"/receipts/{tx_id}.json"):
        assert lilei.get(address).status_code == 404
        assert officer.get(address).status_code == 200
    for address in ("/", "/wallet/"):
        shown = lilei.get(address).content.decode()
        assert f"/entries/{tx_id}/why/" in shown, address
        assert link not in shown, address
    assert link in officer.get("/people/0001/wallet/").content.decode()
