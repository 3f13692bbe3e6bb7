"""Every address with what no form would send: never a 500, never a way out."""

from pathlib import Path
from urllib.parse import quote

import pytest
from django.test import Client

from tests.people import PASSWORD, hongyuan
from tests.tenancy.matrix import PAGES
from tests.tenancy.test_addresses import knock, where
from tests.tenancy.world import World, furnish

ODD = (
    "%00",
    "-1",
    "9" * 30,
    "9" * 5_000,
    "9e99",
    "abc",
    "%FF",
    quote("٣²💥"),
    "2026-99",
    "0001-01-01",
    "9999-12-31",
    "9999",
    "9999-W52",
)
KEYS = ("period", "page", "department", "asset", "q", "run", "rule", "employee", "status",
        "source", "start", "end", "from", "to", "login", "state", "parent", "next", "sheet")  # fmt: skip


@pytest.fixture
def world(db: None, tmp_path: Path, settings: object) -> World:
    settings.MEDIA_ROOT = tmp_path / "files"  # type: ignore[attr-defined]
    return furnish(hongyuan(), employee_no="0001", note="本地")


def test_odd_queries_are_no_server_errors(world: World) -> None:
    client = world.cast.client("owner")
    client.raise_request_exception = False
    wrong = []
    for name, line in PAGES.items():
        if line.ends_session or line.closed or name.endswith("template"):
            continue
        for text in ODD:
            query = "&".join(f"{key}={text}" for key in KEYS)
            # By themselves too: the first one refused would hide the others.
            single = ("department", "period", "page") if name.startswith("boards") else ()
            for asked in (query, *(f"{key}={text}" for key in single)):
                status = knock(client, "get", f"{where(name, line, world)}?{asked}").status_code
                if status >= 500:
                    wrong.append((name, asked[:60], status))
    assert wrong == []


@pytest.mark.parametrize(
    "path", ["/people/%00/", "/rules/a%00b/", "/search/?q=%00", "/events/?q=%00"]
)
def test_nul_in_an_address_is_a_bad_request(world: World, path: str) -> None:
    client = world.cast.client("officer")
    client.raise_request_exception = False
    assert client.get(path).status_code == 400


def test_a_cookie_with_nul_is_nobodys(world: World) -> None:
    answer = Client().get("/", headers={"Cookie": 'sessionid="aaaaaaaaaa\\000aaaaaaaaaa"'})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login/")


@pytest.mark.parametrize("target", ["//evil.example/", "https://evil.example/", "home", "\\\\evil"])
def test_signing_in_leads_nowhere_else(world: World, target: str) -> None:
    form = {
        "identity": "13800138001",
        "company": "",
        "password": PASSWORD,
        "next": target,
    }
    answer = Client().post("/login/", form)
    assert answer.status_code == 302
    assert answer["Location"] == "/"
