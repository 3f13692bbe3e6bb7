"""A throw-away database with a company of some size, made through the product's own doors."""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from tests import databases

NOW = datetime(2026, 11, 30, 15, 0, tzinfo=UTC)
FIRST_DAY = datetime.fromisoformat("2026-11-01")
DEPARTMENTS = 20


@dataclass(frozen=True)
class BenchCompany:
    """What a benchmark needs to know of its company."""

    id: int
    code: str
    database: str
    people: int
    rule_codes: tuple[str, ...]


def set_up_django(database: str) -> None:
    """Point the product at a database as the application role; once in a process."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meritbook.site.settings")
    os.environ["MERITBOOK_DB_APP"] = databases.url(databases.APP, database)
    os.environ["MERITBOOK_DB_POOL"] = "0"
    os.environ.setdefault("MERITBOOK_SECRET_KEY", "bench")
    # What other installations told the outside is not for these companies.
    os.environ["MERITBOOK_DATA"] = tempfile.mkdtemp(prefix="meritbook-bench-")
    import django
    from django.apps import apps
    from django.conf import settings
    from django.db import connections

    if not apps.ready:
        django.setup()
    parts = databases.urlsplit(databases.url(databases.APP, database))
    connections.close_all()
    connections["default"].settings_dict.update(
        NAME=database,
        USER=databases.APP,
        PASSWORD=databases.PASSWORDS[databases.APP],
        HOST=parts.hostname,
        PORT=str(parts.port),
    )
    assert settings.configured


@contextmanager
def company(*, people: int, since: date = date(2026, 11, 1)) -> Iterator[BenchCompany]:
    """A company of ``people`` in twenty departments, with rules of the common shapes ``since``."""
    with databases.copy("bench") as database:
        set_up_django(database)
        from django.db import connections

        try:
            yield _made(database, people, since)
        finally:
            connections.close_all()


def _made(database: str, people: int, since: date) -> BenchCompany:
    from meritbook.files.operations.people import import_people
    from meritbook.kit.tenancy import company_scope
    from meritbook.org.operations.audit import SYSTEM
    from meritbook.site.companies import found_company

    made = found_company(code="bench", name="Bench", now=NOW - timedelta(days=400))
    lines = ["工号,姓名,部门,岗位,入职日期"]
    lines += [
        f"{number:05d},员工{number},部门{number % DEPARTMENTS},岗位{number % 7},2020-01-06"
        for number in range(1, people + 1)
    ]
    with company_scope(made.pk):
        import_people(
            company_id=made.pk,
            content="\n".join(lines).encode(),
            file_name="people.csv",
            all_or_nothing=True,
            today=NOW.date(),
            now=NOW,
            actor=SYSTEM,
        )
        codes = _rules(made.pk, since)
    return BenchCompany(made.pk, made.code, database, people, codes)


def _rules(company_id: int, since: date) -> tuple[str, ...]:
    """Eight rules that score per event: occurrences, units, money, deductions."""
    from meritbook.rules.operations.by_hand import save_rule
    from meritbook.rules.operations.publishing import publish

    shapes: list[dict[str, object]] = [
        {"shape": "S1", "standard": "签合同", "points": "10"},
        {"shape": "S1", "standard": "迟到", "points": "-5"},
        {"shape": "S1", "standard": "收到定金", "points": "30"},
        {"shape": "S3", "standard": "回访", "points": "4", "divisor": "1", "unit": "个"},
        {"shape": "S3", "standard": "增加单量", "points": "50", "divisor": "1000", "unit": "元"},
        {"shape": "S3", "standard": "建议", "points": "30", "divisor": "1", "unit": "条"},
        {"shape": "S3", "standard": "转介绍", "points": "20", "divisor": "1", "unit": "个"},
        {"shape": "S1", "standard": "返修", "points": "-50"},
    ]
    codes = []
    for values in shapes:
        version = save_rule(
            company_id=company_id,
            values=values,
            population={},
            postings={},
            reason="",
            actor_id=None,
            now=NOW,
        )
        publish(
            company_id=company_id,
            version_ids=[version.pk],
            active_from=since,
            actor_id=None,
            now=NOW,
            accept_proposals=True,
        )
        codes.append(version.rule.code)
    return tuple(codes)


def events_csv(made: BenchCompany, *, count: int, seed: int, prefix: str = "E") -> bytes:
    """An events file of a month in order of time: every event earns or loses something."""
    chance = random.Random(seed)
    lines = ["事件编号,类型,工号,时间,数量,金额,对象"]
    minutes = sorted(chance.randrange(29 * 24 * 60) for _number in range(count))
    for number, minute in enumerate(minutes):
        at = FIRST_DAY + timedelta(minutes=minute)
        lines.append(
            f"{prefix}{number:06d},{chance.choice(made.rule_codes)},"
            f"{chance.randint(1, made.people):05d},{at:%Y-%m-%d %H:%M},"
            f"{chance.randint(1, 5)},{chance.randint(1000, 90000)},客户{number % 500}"
        )
    return "\n".join(lines).encode()
