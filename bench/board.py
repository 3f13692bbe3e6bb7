"""P6: the board page over HTTP, from the web server that run.py starts, for a signed-in employee.

The limit is the health check on the same server, turn by turn: a request that asks the database
for nothing but a sign of life.
"""

from __future__ import annotations

import http.client
import os
import random
import socket
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from bench.company import NOW, BenchCompany, company, events_csv
from bench.registry import Result, benchmark
from tests import databases

PEOPLE = 1_000
EVENTS = 20_000
CONNECTIONS = 8
SECONDS = 4.0
TURNS = 3
PERIOD = "2026-11"


@benchmark("board")
def board() -> Result:
    """Board pages in a second."""
    pages: list[float] = []
    pings: list[float] = []
    with company(people=PEOPLE) as made:
        cookie = _prepare(made)
        with _server(made) as port:
            address = f"/boards/?period={PERIOD}"
            _rate(port, address, {"Cookie": cookie}, seconds=1.5)
            for _turn in range(TURNS):
                pages.append(_rate(port, address, {"Cookie": cookie}, seconds=SECONDS))
                pings.append(_rate(port, "/health", {}, seconds=SECONDS))
    return Result(
        name="board",
        what="the board page of a month, signed in, over HTTP",
        unit="requests/s",
        figure=statistics.median(pages),
        limit=statistics.median(pings),
        limit_is="the health check on the same server",
        floor=300,
        goal=500,
        conditions={
            "people": PEOPLE,
            "connections": CONNECTIONS,
            "seconds a turn": SECONDS,
            "turns": TURNS,
            "slowest": f"{min(pages):,.0f}",
            "fastest": f"{max(pages):,.0f}",
        },
    )


def _prepare(made: BenchCompany) -> str:
    """Points to rank, and an employee's session; its cookie."""
    from django.test import Client

    from meritbook.awards.sheets import load_events, read_events
    from meritbook.kit.tenancy import company_scope
    from meritbook.org.models import Employee, Login, Membership, RoleGrant

    content = events_csv(made, count=EVENTS, seed=7)
    load_events(
        company_id=made.id, file=read_events(content, name="e.csv"), source="bench", now=NOW
    )
    with company_scope(made.id):
        login = Login.objects.create(username="bench", phone=None)
        login.set_unusable_password()
        login.save(update_fields=["password"])
        membership = Membership.objects.create(
            company_id=made.id,
            login=login,
            employee=Employee.objects.get(company_id=made.id, employee_no="00042"),
            name="员工42",
            created_at=NOW,
        )
        RoleGrant.objects.create(
            company_id=made.id, membership=membership, role=RoleGrant.Role.EMPLOYEE
        )
    client = Client()
    client.force_login(login, backend="meritbook.org.signin.MeritbookBackend")
    return f"sessionid={client.cookies['sessionid'].value}"


@contextmanager
def _server(made: BenchCompany) -> Iterator[int]:
    from launch.supervise import web_command

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    environment = os.environ | {
        "MERITBOOK_DB_APP": databases.url(databases.APP, made.database),
        "MERITBOOK_DB_POOL": "1",
        "DJANGO_SETTINGS_MODULE": "meritbook.site.settings",
        "MERITBOOK_STATIC_PLAIN": "1",
    }
    process = subprocess.Popen(web_command(host="127.0.0.1", port=port), env=environment)
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _wait(port: int) -> None:
    for _attempt in range(150):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/health")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the web server did not come up")


def _rate(port: int, address: str, headers: Mapping[str, str], *, seconds: float) -> float:
    """Requests answered with 200 in a second, by some connections that stay open."""
    end = time.perf_counter() + seconds
    counts = [0] * CONNECTIONS
    wrong: list[int] = []

    def ask(index: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        time.sleep(random.Random(index).random() / 50)
        while time.perf_counter() < end:
            connection.request("GET", address, headers=dict(headers))
            response = connection.getresponse()
            response.read()
            if response.status != 200:
                wrong.append(response.status)
                return
            counts[index] += 1

    started = time.perf_counter()
    threads = [threading.Thread(target=ask, args=(index,)) for index in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise SystemExit(f"{address} answered {wrong[0]}")
    return sum(counts) / (time.perf_counter() - started)
