"""Every migration of ours can be taken back, and leaves what was there before it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from urllib.parse import urlsplit

import pytest
from django.db import IntegrityError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

from meritbook.kit.provision import OWNER
from tests import databases
from tests.awards.worlds import event, found_world

Step = tuple[str, str | None]
ALIAS = "taken_back"
# Everything that a migration of ours may make. Positions of columns are left out, and sequences'
# and constraints' numbers; what has a name is told by its definition.
INVENTORY = """
SELECT 'column ' || c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
    || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
    || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') || ' ' || a.attidentity::text AS line
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm')
    AND c.relnamespace = 'public'::regnamespace
UNION ALL
SELECT 'relation ' || c.relkind::text || ' ' || c.relname || ' of ' || pg_get_userbyid(c.relowner)
    || ' secured ' || c.relrowsecurity || ' forced ' || c.relforcerowsecurity
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind <> 'i'
UNION ALL
SELECT 'constraint ' || k.conrelid::regclass::text || ' ' || k.conname || ': '
    || pg_get_constraintdef(k.oid) || ' valid ' || k.convalidated
FROM pg_constraint k WHERE k.connamespace = 'public'::regnamespace AND k.conrelid <> 0
UNION ALL
SELECT 'index ' || pg_get_indexdef(i.indexrelid)
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
WHERE c.relnamespace = 'public'::regnamespace
UNION ALL
SELECT 'trigger ' || pg_get_triggerdef(t.oid) || ' enabled ' || t.tgenabled::text
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace
UNION ALL
SELECT 'policy ' || p.polrelid::regclass::text || ' ' || p.polname || ' ' || p.polcmd::text || ' using '
    || coalesce(pg_get_expr(p.polqual, p.polrelid), '') || ' check '
    || coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '')
FROM pg_policy p
UNION ALL
SELECT 'function ' || pg_get_functiondef(f.oid) || ' of ' || pg_get_userbyid(f.proowner)
FROM pg_proc f WHERE f.pronamespace = 'public'::regnamespace AND f.prokind IN ('f', 'p')
    AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.objid = f.oid AND x.deptype = 'e')
UNION ALL
SELECT 'type ' || t.typname FROM pg_type t
WHERE t.typnamespace = 'public'::regnamespace AND t.typtype IN ('d', 'e', 'r')
UNION ALL
SELECT 'grant ' || g.privilege_type || ' on ' || c.relname || ' to ' || g.grantee::regrole
FROM pg_class c CROSS JOIN LATERAL aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) g
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'S', 'v', 'm', 'p')
    AND g.grantee NOT IN (0, c.relowner)
UNION ALL
SELECT 'grant ' || g.privilege_type || ' on ' || c.relname || '.' || a.attname
    || ' to ' || g.grantee::regrole
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
CROSS JOIN LATERAL aclexplode(a.attacl) g WHERE c.relnamespace = 'public'::regnamespace
UNION ALL
SELECT 'grant ' || g.privilege_type || ' on ' || f.oid::regprocedure || ' to '
    || CASE g.grantee WHEN 0 THEN 'all' ELSE g.grantee::regrole::text END
FROM pg_proc f CROSS JOIN LATERAL aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) g
WHERE f.pronamespace = 'public'::regnamespace AND g.grantee <> f.proowner
    AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.objid = f.oid AND x.deptype = 'e')
UNION ALL
SELECT 'schema grant ' || g.privilege_type || ' to ' || g.grantee::regrole
FROM pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) g
WHERE n.nspname = 'public' AND g.grantee <> 0
"""


@contextmanager
def owner_of(name: str) -> Iterator[BaseDatabaseWrapper]:
    """The owner's connection to the database ``name``."""
    parts = urlsplit(databases.url(OWNER, name))
    connections.databases[ALIAS] = connections["default"].settings_dict | {
        "NAME": name,
        "USER": OWNER,
        "PASSWORD": databases.PASSWORDS[OWNER],
        "HOST": parts.hostname,
        "PORT": str(parts.port),
        "OPTIONS": {"options": "-c app.company_id=0"},
    }
    try:
        yield connections[ALIAS]
    finally:
        connections[ALIAS].close()
        del connections[ALIAS]
        del connections.databases[ALIAS]


@pytest.fixture
def owner(
    django_db_setup: None, django_db_blocker: pytest.FixtureRequest
) -> Iterator[BaseDatabaseWrapper]:
    """The owner's connection to a database without any table."""
    unblocked = django_db_blocker.unblock()  # type: ignore[attr-defined]
    with databases.empty("back") as name, unblocked, owner_of(name) as connection:
        yield connection


def inventory(owner: BaseDatabaseWrapper) -> set[str]:
    with owner.cursor() as cursor:
        cursor.execute(INVENTORY)
        return {line for (line,) in cursor.fetchall()}


def to(owner: BaseDatabaseWrapper, *targets: Step) -> None:
    """Migrate, forwards or backwards."""
    MigrationExecutor(owner).migrate(list(targets))


def to_the_end(owner: BaseDatabaseWrapper) -> None:
    """Migrate everything forwards."""
    to(owner, *MigrationExecutor(owner).loader.graph.leaf_nodes())


def ours_and_theirs(owner: BaseDatabaseWrapper) -> tuple[list[Step], list[Step], list[Step]]:
    """What others bring before us, our steps in order, and what others build on ours."""
    executor = MigrationExecutor(owner)
    graph = executor.loader.graph
    plan = executor.migration_plan(graph.leaf_nodes(), clean_start=True)
    ours: list[Step] = [
        (each.app_label, each.name)
        for each, _backwards in plan
        if type(each).__module__.startswith("meritbook.")
    ]
    theirs = [node for node in graph.leaf_nodes() if node[0] not in {app for app, _name in ours}]
    above = [node for node in theirs if set(graph.forwards_plan(node)) & set(ours)]
    return [node for node in theirs if node not in above], ours, above


def test_every_migration_is_taken_back(owner: BaseDatabaseWrapper) -> None:
    """Forwards one by one, backwards one by one: each way back finds what was there before."""
    below, steps, above = ours_and_theirs(owner)
    assert len(steps) > 10
    to(owner, *below)
    before: dict[Step, set[str]] = {}
    for step in steps:
        before[step] = inventory(owner)
        to(owner, step)
    to_the_end(owner)
    whole = inventory(owner)

    to(owner, *((app, None) for app, _name in above))
    for place in reversed(range(len(steps))):
        app, name = step = steps[place]
        earlier = [each for each in steps[:place] if each[0] == app]
        to(owner, earlier[-1] if earlier else (app, None))
        now = inventory(owner)
        assert sorted(now - before[step]) == [], f"{app} {name} leaves something behind"
        assert sorted(before[step] - now) == [], f"{app} {name} takes too much away"

    to_the_end(owner)
    assert sorted(inventory(owner) ^ whole) == []


def test_a_company_at_work_is_taken_back_too(live_database: str) -> None:
    """Keys that return meet the rows of two companies; what rows forbid is refused as a whole."""
    ours, theirs = found_world("huasheng", "华晟贸易"), found_world("stranger", "他山贸易")
    for world, name in ((ours, "李雷"), (theirs, "陌生人")):
        world.hire("2102", name, world.department("销售部"))
        signed = world.rule("S1", "签合同", points="10").rule.code
        visits = world.rule("S4", "每周回访", points="100", period="week", target="20", unit="个")
        world.record(
            event("1", signed, "2102"), event("2", visits.rule.code, "2102", quantity="13")
        )
        world.close(date(2026, 11, 16))
        assert world.balances() == {"2102": 7500}

    with owner_of(live_database) as owner:
        whole = inventory(owner)
        to(owner, ("awards", "0002_tenancy"))
        to_the_end(owner)
        assert sorted(inventory(owner) ^ whole) == []
        # Accounts of kinds that the ledger did not know before are no reason to lose them.
        with pytest.raises(IntegrityError):
            to(owner, ("ledger", "0005_caps"))
        to_the_end(owner)
        assert sorted(inventory(owner) ^ whole) == []
    assert (ours.balances(), theirs.balances()) == ({"2102": 7500}, {"2102": 7500})
    ours.record(event("3", signed, "2102"))
    assert ours.balances() == {"2102": 8500}
