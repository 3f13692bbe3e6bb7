"""Every address × method × role × {own, another company's, none}: only what one may is shown.

The lines are in tests/tenancy/matrix.py; the addresses come from the resolver.
"""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from meritbook.kit.platform_tables import PLATFORM_TABLES
from tests.people import CANARY
from tests.tenancy.matrix import API, API_PUBLIC, EVERYBODY, PAGES, Line
from tests.tenancy.world import World, row_counts, two_worlds

ROLES = sorted(EVERYBODY)
SHUT = {403, 404, 405}


@pytest.fixture
def worlds(db: None, tmp_path: Path, settings: object) -> tuple[World, World]:
    settings.MEDIA_ROOT = tmp_path / "files"  # type: ignore[attr-defined]
    return two_worlds()


def addresses(
    patterns: list[URLPattern | URLResolver] | None = None, path: str = ""
) -> Iterator[tuple[str, str, URLPattern]]:
    """(name, path, pattern) of everything that the resolver knows."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        where = path + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, where)
        else:
            yield pattern.name or "", where, pattern


def test_every_address_has_a_line() -> None:
    pages = {name for name, path, _p in addresses() if name and not path.startswith("api/")}
    assert pages - {"style"} == set(PAGES)
    api = {name for name, path, _p in addresses() if path.startswith("api/")}
    assert api - API_PUBLIC == set(API)
    nameless = [path for name, path, _p in addresses() if not name]
    assert nameless == ["^api/"], "an address without a name escapes the matrix"


def where(name: str, line: Line, world: World) -> str:
    values = {
        key: world.tokens["activation"] if what == "activation" else world.ids[what]
        for key, what in line.own.items()
    }
    query = urlencode({key: world.ids[what] for key, what in line.query.items()})
    return reverse(name, kwargs={**values, **line.shared}) + (f"?{query}" if query else "")


def knock(
    client: Client, method: str, address: str, data: dict[str, object] | None = None, **headers: str
) -> HttpResponseBase:
    """One request whose effects are taken back, so that every line meets the same world."""
    with transaction.atomic():
        cookies = client.cookies.copy()
        answer = getattr(client, method)(address, data or {}, headers=headers)
        client.cookies = cookies
        transaction.set_rollback(True)
    return answer


def text_of(answer: HttpResponseBase) -> str:
    """What an answer says; of a spreadsheet all that is in it."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            content = b"".join(package.read(name) for name in package.namelist())
    headers = " ".join(f"{key}: {value}" for key, value in answer.items())
    return content.decode("utf-8", "replace") + headers


@pytest.mark.parametrize("role", ROLES)
def test_own_things_open_for_those_who_may(worlds: tuple[World, World], role: str) -> None:
    ours, _theirs = worlds
    client = ours.cast.client(role)
    client.raise_request_exception = False
    wrong = []
    for name, line in PAGES.items():
        for method in ("get", "post"):
            allowed = line.get if method == "get" or line.post is None else line.post
            answer = knock(client, method, where(name, line, ours))
            status = answer.status_code
            is_fine = status in SHUT if line.closed or role not in allowed else status not in SHUT
            # A page may refuse a method that it does not have.
            is_fine |= status == 405 and method == "post" and line.post is None
            if not is_fine or status >= 500:
                wrong.append((name, method, status))
            if CANARY in text_of(answer):
                wrong.append((name, method, "canary"))
    assert wrong == []


@pytest.mark.parametrize("role", ROLES)
def test_things_of_another_company_are_not_found(worlds: tuple[World, World], role: str) -> None:
    ours, theirs = worlds
    client = ours.cast.client(role)
    client.raise_request_exception = False
    tenant_tables = sorted(_tenant_tables())
    before = row_counts(theirs.cast.company.pk, tenant_tables)
    wrong = []
    for name, line in PAGES.items():
        if (
            not (line.own or line.query) or name == "activation"
        ):  # a link for somebody opens for its bearer
            continue
        address = where(name, line, theirs)
        for method in ("get", "post"):
            allowed = line.get if method == "get" or line.post is None else line.post
            for headers in ({}, {"HX-Request": "true", "HX-Current-URL": address}):
                answer = knock(client, method, address, **headers)
                status = answer.status_code
                shut = {404, 405} if role in allowed and line.own else SHUT
                if status not in shut or (
                    status == 405 and role in allowed and line.post is not None
                ):
                    wrong.append((name, method, status))
                if CANARY in text_of(answer):
                    wrong.append((name, method, "canary"))
    assert wrong == []
    assert row_counts(theirs.cast.company.pk, tenant_tables) == before


@pytest.mark.parametrize("role", ROLES)
def test_foreign_identifiers_in_query_and_body_do_nothing(
    worlds: tuple[World, World], role: str
) -> None:
    ours, theirs = worlds
    client = ours.cast.client(role)
    client.raise_request_exception = False
    planted = _planted(theirs)
    tenant_tables = sorted(_tenant_tables())
    before = row_counts(theirs.cast.company.pk, tenant_tables)
    wrong = []
    with transaction.atomic():
        for name, line in PAGES.items():
            if line.ends_session:
                continue
            address = where(name, line, ours)
            for method in ("get", "post"):
                answer = knock(client, method, address, planted)
                if answer.status_code >= 500:
                    wrong.append((name, method, answer.status_code))
                if CANARY in text_of(answer):
                    wrong.append((name, method, "canary"))
        transaction.set_rollback(True)
    assert wrong == []
    assert row_counts(theirs.cast.company.pk, tenant_tables) == before


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_is_sent_to_the_sign_in_page(worlds: tuple[World, World], method: str) -> None:
    ours, theirs = worlds
    client = Client(raise_request_exception=False)
    wrong = []
    for name, line in PAGES.items():
        for world in (ours, theirs):
            answer = knock(client, method, where(name, line, world))
            if line.closed:
                is_fine = answer.status_code == 404
            elif line.public:
                is_fine = answer.status_code < 400 or answer.status_code == 405
            else:
                is_sent = answer.status_code == 302 and answer["Location"].startswith("/login/")
                is_fine = is_sent or answer.status_code == 405
            if not is_fine:
                wrong.append((name, answer.status_code))
            if CANARY in text_of(answer) and name != "activation":
                wrong.append((name, "canary"))
    assert wrong == []


def _api_address(name: str, line: object, world: World) -> str:
    from tests.tenancy.matrix import ApiLine

    assert isinstance(line, ApiLine)
    path = next(path for found, path, _p in addresses() if found == name)
    named = {
        key: world.event_no if what == "event_no" else str(world.ids[what])
        for key, what in line.own.items()
    }
    for key, value in {**named, **line.shared}.items():
        for form in (f"<{key}>", f"<path:{key}>", f"<str:{key}>", f"<int:{key}>"):
            path = path.replace(form, value)
    query = "?period=2026-11&asset=honour" if name in ("get_board", "get_budgets") else ""
    query = "?on=2026-11-20" if name == "get_why_not" else query
    return f"/{path}{query}"


def _call(name: str, address: str, token: str | None, *, world: World) -> HttpResponseBase:
    line = API[name]
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    headers["Idempotency-Key"] = f"{name}-1"
    client = Client(raise_request_exception=False)
    event = {
        "event_no": "API-1",
        "type": world.ids["code"],
        "employee_no": world.ids["employee_no"],
        "happened_at": "2026-11-20T10:00:00+08:00",
    }
    decision = {"employee_no": "0009", "approve": False, "comment": "不急"}
    cap = {"name": "上限", "amount": "5", "scope": "person", "period": "day"}
    points = {"asset": "spendable", "amount": "1"}
    turn = {"from_asset": "spendable", "to_asset": "coin", "amount": "1"}
    moves = {
        "post_conversion": turn,
        "post_spend": points,
        "post_transfer": points | {"to": "0002"},
        "post_hold": points,
        "post_capture": {},
        "post_asset": {"name": "成长星"},
        "patch_asset": {"decimals": 0},
        "post_rule_drafts": {"text": "迟到扣5分"},
        "post_mend": {"key": "missing_sign:none"},
        "post_backtest": {"months": 2, "rules": []},
    }
    moves |= {"post_budget": {"amount": "9"}, "post_budget_end": {}}
    bodies = moves | {"post_decision": decision, "post_cap": cap, "post_cap_end": {}}
    body = bodies.get(name, event)
    with transaction.atomic():
        answer = client.generic(
            line.method,
            address,
            data="" if line.method == "GET" else json.dumps(body),
            content_type="application/json",
            headers=headers,
        )
        transaction.set_rollback(True)
    return answer


def test_the_api_opens_to_keys_with_the_scope(worlds: tuple[World, World]) -> None:
    from meritbook.kit.tenancy import company_scope
    from meritbook.org.keys import SCOPES
    from meritbook.org.operations.audit import SYSTEM
    from meritbook.org.operations.keys import create_key, revoke_key
    from tests.people import NOW

    ours, _theirs = worlds
    company_id = ours.cast.company.pk
    for name, line in API.items():
        own, foreign = (_api_address(name, line, world) for world in worlds)
        with company_scope(company_id):
            others = [scope for scope in SCOPES if scope != line.scope]
            narrow = create_key(
                company_id=company_id, name="x", scopes=others, now=NOW, actor=SYSTEM
            )
            gone = create_key(company_id=company_id, name="y", scopes=SCOPES, now=NOW, actor=SYSTEM)
            revoke_key(company_id=company_id, key_id=gone.key.pk, now=NOW, actor=SYSTEM)
        good = _call(name, own, ours.tokens["key"], world=ours)
        assert good.status_code < 500, name
        assert good.status_code not in {401, 403, 404}, (name, good.status_code)
        assert CANARY not in text_of(good), name
        assert _call(name, own, None, world=ours).status_code == 401, name
        assert _call(name, own, "mb_" + "x" * 43, world=ours).status_code == 401, name
        assert _call(name, own, ours.tokens["activation"], world=ours).status_code == 401, name
        assert _call(name, own, gone.token, world=ours).status_code == 401, name
        assert _call(name, own, narrow.token, world=ours).status_code == 403, name
        if line.own:
            answer = _call(name, foreign, ours.tokens["key"], world=ours)
            assert answer.status_code == 404, name
            assert CANARY not in text_of(answer), name


def _tenant_tables() -> set[str]:
    from tests.tenancy.test_catalogue import tables

    return {name for name in tables() if name not in PLATFORM_TABLES}


def _planted(theirs: World) -> dict[str, object]:
    """Another company's ids under every name that a form or a query of ours may have."""
    ids = theirs.ids
    return {
        "department": ids["department_id"],
        "departments": [ids["department_id"]],
        "parent": ids["department_id"],
        "employee": [theirs.cast.people["9001"].pk],
        "employee_no": "9001",
        "employee_id": theirs.cast.people["9001"].pk,
        "manager_no": "9001",
        "manager": theirs.cast.people["9001"].pk,
        "people": [theirs.cast.people["9001"].pk],
        "posts": ["1", "2", "3"],
        "company": theirs.cast.company.pk,
        "company_id": theirs.cast.company.pk,
        "rule": ids["code"],
        "code": ids["code"],
        "version": ids["version_id"],
        "run": ids["events_run"],
        "event": ids["event_id"],
        "event_no": theirs.event_no,
        "membership": theirs.cast.members["owner"].pk,
        "name": "名字",
        "state": "active",
        "role": ["owner"],
        "from_day": "2026-11-20",
        "left_on": "2026-11-20",
        "happened_at": "2026-11-20T10:00",
        "active_from": "2026-11-20",
        "active_to": "2026-11-20",
        "period": "2026-11",
        "q": "9001",
        "case": ids["case_id"],
        "answer": "approve",
    }
