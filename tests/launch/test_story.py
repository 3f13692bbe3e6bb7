"""办公室的一台电脑: 张总 installs the product on the office computer, and things go wrong.

The port is taken; the first start founds his company; PostgreSQL is killed while he works; the whole
program is killed; the next start finds everything as it was. A command beside it works on the same data.
"""

import http.cookiejar
import json
import os
import re
import signal
import socket
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from launch import processes
from launch.supervise import answers
from tests.launch.conftest import Running, Serve, run

PASSWORD = "kaizhang-daji-1"
FOUNDING = {
    "name": "宏远贸易",
    "code": "hongyuan",
    "admin_name": "张总",
    "employee_no": "0001",
    "phone": "13800138009",
    "password": PASSWORD,
    "again": PASSWORD,
    "template": "sales",
}


@dataclass
class Browser:
    """A browser that keeps cookies and sends forms with their token."""

    running: Running
    jar: http.cookiejar.CookieJar = field(default_factory=http.cookiejar.CookieJar)

    def open(self, path: str, form: dict[str, str] | None = None) -> tuple[str, str]:
        """Where one ends up, and what the page says."""
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        data = urllib.parse.urlencode(form).encode() if form else None
        address = f"http://127.0.0.1:{self.running.port}{path}"
        with opener.open(address, data, timeout=20) as answer:
            return urllib.parse.urlsplit(answer.url).path, answer.read().decode()

    def is_served(self, path: str) -> bool:
        """Whether the page comes; while the database is away it says so, and nothing worse."""
        try:
            return "张总" in self.open(path)[1]
        except urllib.error.HTTPError as error:
            if error.code != 503:
                raise
            return False

    def send(self, path: str, form: dict[str, str]) -> tuple[str, str]:
        """Open the page with the form, fill it in, send it."""
        _where, page = self.open(path)
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found, page
        return self.open(path, form | {"csrfmiddlewaretoken": found[1]})

    def sign_in(self) -> None:
        form = {"identity": "13800138009", "company": "", "password": PASSWORD}
        where, page = self.send("/login/", form)
        assert where == "/", page
        assert "张总" in page


def is_back(running: Running) -> bool:
    return answers(f"http://127.0.0.1:{running.port}/health")


def test_the_office_computer(serve: Serve) -> None:
    first = serve()
    assert first.process.stdout is not None
    line = first.process.stdout.readline()
    setup = line[line.index("/setup/") :].strip()

    # A second program wants the same port: one sentence, and the first goes on.
    taken = run("--port", str(first.port), home=first.home)
    assert taken.returncode == 1
    assert str(first.port) in taken.stderr

    # The first company, with the rules of a sales company.
    zhang = Browser(first)
    where, page = zhang.send(setup, FOUNDING)
    assert where == "/"
    assert "张总" in page
    with pytest.raises(urllib.error.HTTPError, match="404"):
        Browser(first).open(setup)

    # A command beside it, on the same data.
    rules = json.loads(
        run("manage", "list_rules", "--company", "hongyuan", "--json", home=first.home).stdout
    )
    assert len(rules) > 5
    assert is_back(first)

    # PostgreSQL is killed while he works, with connections for many at hand: he is back where he
    # was, without signing in, and no dead connection comes up in one of his next pages.
    with ThreadPoolExecutor(8) as colleagues:
        assert all(colleagues.map(lambda _nth: "张总" in zhang.open("/wallet/")[1], range(24)))
    postmaster = first.postmaster()
    os.kill(postmaster, signal.SIGKILL)
    assert processes.wait_until(
        lambda: (
            first.postmaster() != postmaster
            and is_back(first)
            and all(zhang.is_served("/wallet/") for _page in range(8))
        ),
        seconds=20,
    )

    # The whole program is killed: nothing of it is left, the port is free.
    os.kill(first.process.pid, signal.SIGKILL)
    first.process.wait()
    assert processes.wait_until(lambda: not first.family(), seconds=40)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", first.port))

    # The next start adopts the data: no set-up page, his password, his company, his rules.
    again = serve()
    assert not any("/setup/" in each for each in again.lines)
    browser = Browser(again)
    browser.sign_in()
    assert rules[0]["code"] in browser.open(f"/rules/{rules[0]['code']}/")[1]
    checked = run("manage", "verify", "--company", "hongyuan", "--json", home=again.home)
    assert json.loads(checked.stdout)["ok"]
    assert again.stop() == 0
    assert processes.wait_until(lambda: not again.family(), seconds=15)
