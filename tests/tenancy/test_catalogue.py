"""What the database's catalogue must say of every table, function and key."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import connection, models

from meritbook.kit.platform_tables import LOOKUPS, PLATFORM_TABLES
from meritbook.kit.provision import APP, OPS, OWNER

# From the lowest to the highest; those of one rank are strangers.
RANKS = {
    "kit": 0,
    "org": 1,
    "files": 2,
    "notices": 3,
    "approvals": 4,
    "rules": 5,
    "ledger": 5,
    "awards": 6,
    "standings": 7,
    "insight": 8,
    "site": 9,
}
# References without a foreign key: a key looks up and locks the same few parents for every row of a
# batch, so a trigger checks them once for a statement (docs/decisions/0013). With the trigger that
# does, and the one that keeps the parent while it is referred to. tests/awards/test_parents.py
# tries each of them.
BY_THE_STATEMENT = {
    "awards_event.rule_id": ("awards_event_checked", "awards_event_rule_id_keeps"),
    "awards_event.import_run_id": ("awards_event_checked", "awards_event_import_run_id_keeps"),
    "awards_entry.rule_version_id": ("awards_entry_checked", "awards_entry_rule_version_id_keeps"),
    "awards_entry.event_id": ("awards_entry_checked", "awards_event_stands"),
    "awards_entry.window_id": ("awards_entry_checked", "awards_window_stands"),
    # Compared with the employee of the event or window, which have keys to org_employee.
    "awards_entry.employee_id": ("awards_entry_checked", "awards_event_stands"),
}
pytestmark = pytest.mark.django_db


def rows(query: str, *parameters: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query, list(parameters))
        return cursor.fetchall()


def tables() -> dict[str, int]:
    """Every ordinary or partitioned table with its oid."""
    return dict(
        rows(
            "SELECT c.relname, c.oid::bigint FROM pg_class c"
            " JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')"
        )
    )


def tenant_tables() -> Iterator[str]:
    return (name for name in tables() if name not in PLATFORM_TABLES)


def key_of(table: str) -> str:
    return "id" if table == "org_company" else "company_id"


def test_platform_tables_exist_and_have_a_reason() -> None:
    assert set(PLATFORM_TABLES) <= set(tables())
    assert all(len(reason) > 20 for reason in PLATFORM_TABLES.values())


def test_every_other_table_forces_row_security() -> None:
    loose = rows(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')"
        " AND NOT (c.relrowsecurity AND c.relforcerowsecurity) AND c.relname <> ALL(%s)",
        list(PLATFORM_TABLES),
    )
    assert loose == []


def test_every_tenant_table_has_one_policy_by_company() -> None:
    policies: dict[str, list[tuple[str, str, str]]] = {}
    for table, command, using, check in rows(
        "SELECT tablename, cmd, qual, with_check FROM pg_policies WHERE schemaname = 'public'"
    ):
        policies.setdefault(table, []).append((command, using, check))
    for table in tenant_tables():
        wanted = f"({key_of(table)} = (current_setting('app.company_id'::text))::bigint)"
        assert policies.get(table) == [("ALL", wanted, wanted)], table


def test_every_tenant_table_has_the_company_in_its_keys() -> None:
    for table in tenant_tables():
        if table == "org_company":
            continue
        (nullable,) = rows(
            "SELECT is_nullable FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name = %s AND column_name = 'company_id'",
            table,
        )
        assert nullable == ("NO",), table
        keys = rows(
            "SELECT array_agg(a.attname::text ORDER BY a.attname) FROM pg_constraint c"
            " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY(c.conkey)"
            " WHERE c.conrelid = %s::regclass AND c.contype IN ('p', 'u') GROUP BY c.oid",
            table,
        )
        assert any("company_id" in key for (key,) in keys), table


def test_references_between_tenant_tables_carry_the_company() -> None:
    references = rows(
        "SELECT c.conname, c.conrelid::regclass::text, c.confrelid::regclass::text,"
        " (SELECT array_agg(a.attname::text ORDER BY o.n) FROM unnest(c.conkey)"
        "  WITH ORDINALITY o(k, n) JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = o.k),"
        " (SELECT array_agg(a.attname::text ORDER BY o.n) FROM unnest(c.confkey)"
        "  WITH ORDINALITY o(k, n) JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = o.k)"
        " FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid"
        " JOIN pg_namespace n ON n.oid = t.relnamespace WHERE c.contype = 'f' AND n.nspname = 'public'"
    )
    assert len(references) > 40
    for name, source, target, columns, target_columns in references:
        if source in PLATFORM_TABLES or target in PLATFORM_TABLES:
            assert target in PLATFORM_TABLES, f"{name}: a platform table points into a company"
            continue
        pairs = set(zip(columns, target_columns, strict=True))
        assert ("company_id", key_of(target)) in pairs, name


def test_django_references_between_tenants_are_left_to_composite_keys() -> None:
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if not isinstance(field, models.ForeignKey) or model._meta.db_table in PLATFORM_TABLES:
                continue
            target = field.related_model._meta.db_table
            if target in PLATFORM_TABLES or target == "org_company":
                continue
            assert field.db_constraint is False, f"{model.__name__}.{field.name}"
            triggers = BY_THE_STATEMENT.get(f"{model._meta.db_table}.{field.column}")
            if triggers is not None:
                checking = rows(
                    "SELECT tgname FROM pg_trigger WHERE tgname = ANY(%s) AND tgenabled = 'O'",
                    list(triggers),
                )
                assert {name for (name,) in checking} == set(triggers)
                continue
            found = rows(
                "SELECT 1 FROM pg_constraint c JOIN pg_attribute a"
                " ON a.attrelid = c.conrelid AND a.attnum = ANY(c.conkey)"
                " WHERE c.contype = 'f' AND c.conrelid = %s::regclass"
                " AND c.confrelid = %s::regclass AND a.attname = %s",
                model._meta.db_table,
                target,
                field.column,
            )
            assert found, f"{model.__name__}.{field.name} has no key in the database"


def test_references_run_downwards() -> None:
    """Import contracts do not see foreign keys that name a model by a string, or SQL."""
    for model in apps.get_models():
        label = model._meta.app_label
        if label not in RANKS:
            continue
        for field in model._meta.get_fields():
            if not isinstance(field, models.ForeignKey):
                continue
            target = field.related_model._meta.app_label
            assert target == label or RANKS.get(target, -1) < RANKS[label], (
                f"{model.__name__}.{field.name} points up"
            )
    for source, target in rows(
        "SELECT DISTINCT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint"
        " WHERE contype = 'f'"
    ):
        upper, lower = source.split("_")[0], target.split("_")[0]
        if upper in RANKS and lower in RANKS and upper != lower:
            assert RANKS[lower] < RANKS[upper], f"{source} points up at {target}"


def test_an_unset_company_is_an_error() -> None:
    from django.db import transaction
    from django.db.utils import DatabaseError

    for table in tenant_tables():
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SELECT 1 FROM {table} LIMIT 1")


def test_definer_functions_are_known_and_pin_their_path() -> None:
    found = rows(
        "SELECT p.proname, pg_get_userbyid(p.proowner), coalesce(p.proconfig::text, '')"
        " FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE n.nspname = 'public' AND p.prosecdef"
    )
    for name, owner, settings in found:
        assert "search_path=" in settings, name
        assert "pg_temp" in settings, name
        # Owned by the owner they stay under forced row security; by ops they look across.
        assert owner in {OWNER, OPS}, name
    assert {name for name, owner, _settings in found if owner == OPS} == set(LOOKUPS)


def test_nothing_is_owned_by_a_superuser_and_views_obey_the_caller() -> None:
    owned = rows(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " JOIN pg_roles r ON r.oid = c.relowner WHERE n.nspname = 'public' AND r.rolsuper"
    )
    assert owned == []
    loose = rows(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'public' AND (c.relkind = 'm' OR c.relkind = 'v'"
        " AND NOT coalesce(c.reloptions @> ARRAY['security_invoker=true'], false))"
    )
    assert loose == []


def test_the_app_has_rows_and_no_more() -> None:
    (name, is_superuser, bypasses, makes) = rows(
        "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb OR rolcreaterole FROM pg_roles"
        " WHERE rolname = current_user"
    )[0]
    assert (name, is_superuser, bypasses, makes) == (APP, False, False, False)
    assert rows("SELECT pg_has_role(%s, %s, 'MEMBER')", APP, OPS) == [(False,)]
    assert rows("SELECT pg_has_role(%s, %s, 'MEMBER')", APP, OWNER) == [(False,)]
    assert rows("SELECT has_schema_privilege('public', 'CREATE')") == [(False,)]
    for table in tables():
        assert rows("SELECT has_table_privilege(%s, 'TRUNCATE')", table) == [(False,)], table
    for table in tables():
        if table.startswith("ledger_") or table == "org_auditentry":
            # The past is not changed: the ledger by functions alone, the audit log never.
            for deed in ("UPDATE", "DELETE"):
                assert rows("SELECT has_table_privilege(%s, %s)", table, deed) == [(False,)], table


def test_nobody_can_reach_another_companys_rows(home: object, away: object) -> None:
    from tests.people import Cast

    assert isinstance(home, Cast)
    assert isinstance(away, Cast)
    from meritbook.kit.tenancy import company_scope

    seen = 0
    with company_scope(home.company.pk):
        for table in tenant_tables():
            column = key_of(table)
            (count,) = rows(f"SELECT count(*) FROM {table}")[0]
            (foreign,) = rows(
                f"SELECT count(*) FROM {table} WHERE {column} <> %s", home.company.pk
            )[0]
            seen += count
            assert foreign == 0, table
    assert seen > 30


def test_rows_cannot_point_or_move_across_companies(home: object, away: object) -> None:
    from django.db import transaction
    from django.db.utils import DatabaseError

    from meritbook.kit.tenancy import company_scope
    from meritbook.org.models import Assignment, Department, Post
    from tests.people import HIRED, Cast

    assert isinstance(home, Cast)
    assert isinstance(away, Cast)
    with company_scope(away.company.pk):
        theirs = Department.objects.filter(company_id=away.company.pk).first()
    assert theirs is not None
    with company_scope(home.company.pk):
        with pytest.raises(DatabaseError, match="tenant_fk"), transaction.atomic():
            Assignment.objects.create(
                company_id=home.company.pk,
                employee=home.people["0004"],
                department_id=theirs.pk,
                valid_from=HIRED.replace(year=2030),
            )
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            Post.objects.create(company_id=away.company.pk, name="插班生")
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            Post.objects.filter(company_id=home.company.pk).update(company_id=away.company.pk)
        assert Department.objects.filter(id=theirs.pk).update(name="改名") == 0


def test_the_audit_log_cannot_be_rewritten(home: object) -> None:
    from django.db import transaction
    from django.db.utils import DatabaseError

    from meritbook.kit.tenancy import company_scope
    from meritbook.org.models import AuditEntry
    from tests.people import Cast

    assert isinstance(home, Cast)
    with company_scope(home.company.pk):
        log = AuditEntry.objects.filter(company_id=home.company.pk)
        for change in (lambda: log.update(reason="涂改"), log.delete):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()


def test_a_scope_ends_with_its_transaction(home: object) -> None:
    from meritbook.kit.tenancy import ForeignScope, NoCompany, company_scope, current_company_id
    from tests.people import Cast

    assert isinstance(home, Cast)
    with company_scope(home.company.pk):
        assert current_company_id() == home.company.pk
        with pytest.raises(ForeignScope), company_scope(home.company.pk + 1):
            pass
    with pytest.raises(NoCompany):
        current_company_id()
    assert rows("SELECT current_setting('app.company_id', true)") in ([(None,)], [("",)])
