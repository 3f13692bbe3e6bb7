"""A way for the application to refresh the planner's statistics of tables that have just grown."""

from django.db import migrations

# A table that was never analysed, or that has grown threefold since, makes the planner believe that a
# company has one row in it; a bulk load then takes minutes where it could take seconds.
# A small sample tells the planner enough; autovacuum takes a larger one soon.
# ANALYZE needs the owner. SKIP_LOCKED: whoever comes second leaves it to the first.
REFRESH = """
CREATE FUNCTION kit_refresh_statistics(names text[]) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    SET default_statistics_target = 20 AS $$
DECLARE
    grown regclass;
    refreshed integer := 0;
BEGIN
    FOR grown IN
        SELECT c.oid FROM pg_class c
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
          AND c.relname = ANY(names)
          AND pg_relation_size(c.oid) >= 65536
          AND (c.reltuples < 1
               OR pg_relation_size(c.oid) > 3 * 8192::bigint * greatest(c.relpages, 1))
        ORDER BY c.oid
    LOOP
        EXECUTE format('ANALYZE (SKIP_LOCKED) %s', grown);
        refreshed := refreshed + 1;
    END LOOP;
    RETURN refreshed;
END $$;
REVOKE ALL ON FUNCTION kit_refresh_statistics(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kit_refresh_statistics(text[]) TO meritbook_app;
"""


class Migration(migrations.Migration):
    dependencies = [("org", "0003_signin")]

    operations = [migrations.RunSQL(REFRESH, "DROP FUNCTION kit_refresh_statistics(text[]);")]
