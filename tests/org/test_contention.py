"""Deadlocks under a page: PostgreSQL rolls the page back, and it runs again as if for the first time."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
import time_machine
from django.contrib import messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import Client
from django.urls import path
from procrastinate.contrib.django import app

from meritbook.kit.jobs import tenant_job
from meritbook.kit.retries import ATTEMPTS
from meritbook.kit.tenancy import company_scope
from meritbook.org.models import Department
from meritbook.org.operations.audit import SYSTEM
from meritbook.org.operations.keys import create_key
from meritbook.site.urls import urlpatterns as pages
from tests import databases
from tests.awards.worlds import World, event
from tests.people import NOW, Cast, hongyuan

BROKEN_OFF = "DO $$ BEGIN RAISE EXCEPTION 'no order' USING ERRCODE = '40001'; END $$"
runs: list[dict[str, Any]] = []
"""What each run of a view below met."""


def refuse(*, times: int) -> None:
    """Let the database break the transaction off in the first runs."""
    if len(runs) <= times:
        with connection.cursor() as cursor:
            cursor.execute(BROKEN_OFF)


def note(request: HttpRequest) -> HttpResponse:
    """Takes a form and a file, writes, greets; broken off as often as the address says."""
    file = request.FILES.get("file")
    runs.append(
        {
            "word": request.POST.get("word"),
            "file": file.read().decode() if file else None,
            "seen": request.session.get("seen"),
            "name": request.user.username,
        }
    )
    request.session["seen"] = len(runs)
    request.user.username = "changed"
    messages.success(request, "记下了")
    Department.objects.create(
        company_id=request.company.pk,  # type: ignore[attr-defined]
        name=f"部门{len(runs)}",
        path_ids=[],
    )
    refuse(times=int(request.GET["times"]))
    return JsonResponse({"messages": [str(one) for one in messages.get_messages(request)]})


@tenant_job(name="tests.contended")
def contended(*, company_id: int, times: int) -> int:
    """A job that is broken off a few times."""
    runs.append({})
    Department.objects.create(company_id=company_id, name=f"部门{len(runs)}", path_ids=[])
    refuse(times=times)
    return len(runs)


urlpatterns = [path("note/", note), *pages]
pytestmark = pytest.mark.urls(__name__)


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    runs.clear()
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def home(live_database: str) -> Cast:
    """宏远贸易, really committed."""
    return hongyuan()


def departments(cast: Cast) -> set[str]:
    with company_scope(cast.company.pk):
        return set(
            Department.objects.filter(name__startswith="部门").values_list("name", flat=True)
        )


@contextmanager
def another(database: str) -> Iterator[psycopg.Connection]:
    """A transaction of somebody who waits longer than the page before looking for a deadlock."""
    dsn = psycopg.conninfo.make_conninfo(databases.admin_dsn(), dbname=database)
    with psycopg.connect(dsn) as other:
        other.execute("SET deadlock_timeout = '30s'")
        yield other
        other.rollback()


def wait_for_a_waiter(database: str) -> None:
    """Until the page waits for a lock."""
    with psycopg.connect(databases.admin_dsn(), autocommit=True) as admin:
        for _turn in range(400):
            (waiting,) = admin.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND usename = %s"
                " AND wait_event_type = 'Lock'",
                [database, databases.APP],
            ).fetchone() or (0,)
            if waiting:
                return
            time.sleep(0.025)
    raise AssertionError("the page never waited")


def test_a_correction_that_loses_a_deadlock_is_done_once(home: Cast, live_database: str) -> None:
    """The page holds the event and wants the wallet, the other one the wallet and the event."""
    world = World(home.company.pk, home.company.code)
    code = world.rule("S3", "增加单量", points="50", divisor="1000", unit="元").rule.code
    recorded = world.record(event("e1", code, "0001", "2026-11-13 10:00", amount="5600"))
    (event_id,) = [one.event_id for one in recorded.results]
    officer = home.client("officer")
    answers: list[Any] = []

    def correct() -> None:
        try:
            answers.append(
                officer.post(
                    f"/events/{event_id}/correct/",
                    {
                        "happened_on": "2026-11-13",
                        "happened_time": "10:00",
                        "field_0": "7600",
                        "object": "",
                        "note": "",
                    },
                )
            )
        finally:
            connections.close_all()

    page = threading.Thread(target=correct)
    with another(live_database) as other:
        (victims,) = other.execute(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = %s", [live_database]
        ).fetchone() or (0,)
        other.execute("SELECT FROM ledger_balance FOR UPDATE")
        page.start()
        wait_for_a_waiter(live_database)
        # Returns only because the page is rolled back.
        other.execute("SELECT FROM awards_event WHERE id = %s FOR UPDATE", [event_id])
    page.join(30)

    (answer,) = answers
    assert answer.status_code == 302
    shown = officer.get(answer["Location"])
    assert [str(one) for one in shown.context["messages"]] != []
    assert len(shown.context["messages"]) == 1
    assert [item["title"] for item in shown.context["history"]] == ["更正", "记录"]
    assert world.balances()["0001"] == 35000
    with another(live_database) as other:
        (now,) = other.execute(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = %s", [live_database]
        ).fetchone() or (0,)
    assert now > victims


def test_a_second_run_meets_the_request_of_the_first(home: Cast) -> None:
    client = home.client("officer")
    answer = client.post(
        "/note/?times=2",
        {"word": "你好", "file": SimpleUploadedFile("a.txt", "第一行".encode())},
    )

    assert answer.status_code == 200
    name = home.members["officer"].login.username
    assert runs == [{"word": "你好", "file": "第一行", "seen": None, "name": name}] * 3
    assert answer.json()["messages"] == ["记下了"]
    assert client.session["seen"] == 3
    assert departments(home) == {"部门3"}


def test_a_large_file_is_read_anew_from_the_disk(home: Cast, settings: Any) -> None:
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 10
    text = "一行又一行" * 50
    answer = home.client("officer").post(
        "/note/?times=1", {"file": SimpleUploadedFile("a.txt", text.encode())}
    )
    assert answer.status_code == 200
    assert [run["file"] for run in runs] == [text, text]


def test_what_fails_every_time_asks_for_patience(home: Cast) -> None:
    client = home.client("officer")
    answer = client.post("/note/?times=99", {"word": "你好"})

    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert "请稍后再试" in answer.content.decode()
    assert "什么都没有丢" in answer.content.decode()
    assert len(runs) == ATTEMPTS
    assert departments(home) == set()
    assert "seen" not in client.session
    assert list(client.get("/").context["messages"]) == []


def test_a_view_without_a_company_is_not_run_again(home: Cast) -> None:
    """What it committed before would be there twice."""

    def broken(_request: HttpRequest) -> HttpResponse:
        runs.append({})
        with connection.cursor() as cursor:
            cursor.execute(BROKEN_OFF)
        return HttpResponse()

    urlpatterns.insert(0, path("open/", broken))
    try:
        answer = Client().get("/open/")
    finally:
        del urlpatterns[0]
    assert (answer.status_code, len(runs)) == (503, 1)


def test_a_database_that_went_away_is_said_and_not_tried_twice(home: Cast) -> None:
    """Nobody knows then whether the last step was kept; the next request meets a new connection."""

    def cut_off(request: HttpRequest) -> HttpResponse:
        runs.append({})
        Department.objects.create(company_id=request.company.pk, name="部门1", path_ids=[])  # type: ignore[attr-defined]
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return HttpResponse()

    client = home.client("officer")
    urlpatterns.insert(0, path("cut/", cut_off))
    try:
        answer = client.get("/cut/")
    finally:
        del urlpatterns[0]
    assert (answer.status_code, len(runs)) == (503, 1)
    assert int(answer["Retry-After"]) > 0
    assert "有没有保存" in answer.content.decode()
    assert client.get("/").status_code == 200
    assert departments(home) == set()


@pytest.mark.parametrize(("times", "made"), [(2, {"部门3"}), (99, set())])
def test_a_job_runs_again_too(home: Cast, times: int, made: set[str]) -> None:
    work = app.tasks["tests.contended"].func
    if made:
        assert work(company_id=home.company.pk, times=times) == 3
    else:
        with pytest.raises(Exception, match="no order"):
            work(company_id=home.company.pk, times=times)
    assert len(runs) == ATTEMPTS
    assert departments(home) == made


@pytest.mark.parametrize(("times", "status", "stored"), [(2, 201, 1), (99, 503, 0)])
def test_a_call_of_the_api_runs_again_too(
    home: Cast, live_database: str, times: int, status: int, stored: int
) -> None:
    world = World(home.company.pk, home.company.code)
    code = world.rule("S1", "签合同", points="10").rule.code
    with company_scope(home.company.pk):
        key = create_key(
            company_id=home.company.pk, name="CRM", scopes=["events:write"], now=NOW, actor=SYSTEM
        )
    with another(live_database) as admin:
        admin.execute("CREATE SEQUENCE tries")
        admin.execute(f"GRANT USAGE ON SEQUENCE tries TO {databases.APP}")
        admin.execute(
            "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF nextval('tries') <= {times} THEN"
            " RAISE EXCEPTION 'no order' USING ERRCODE = '40P01'; END IF; RETURN NEW; END $$"
        )
        admin.execute(
            "CREATE TRIGGER fail AFTER INSERT ON awards_entry FOR EACH ROW EXECUTE FUNCTION fail()"
        )
        admin.commit()
    answer = Client().post(
        "/api/v1/events",
        {"event_no": "C-1", "type": code, "employee_no": "0001", "happened_at": "2026-11-12 10:00"},
        content_type="application/json",
        headers={"Authorization": f"Bearer {key.token}"},
    )
    assert answer.status_code == status
    assert sum(world.balances().values()) == 1000 * stored
    if status == 503:
        assert answer.json()["code"] == "busy"
        assert int(answer["Retry-After"]) > 0
