"""Row-level security, and what the database itself keeps: who may not decide, what stands still."""

from django.db import migrations

from meritbook.kit.tables import append_only, tenant_table

GUARDS = """
-- Who opened a case or gains by it does not decide it, not for somebody else either.
CREATE FUNCTION approvals_check_decision() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_case record;
    v_deciders bigint[] := array_remove(ARRAY[NEW.decided_by_id, NEW.on_behalf_of_id], NULL);
BEGIN
    SELECT c.state AS case_state, s.state AS step_state, c.opened_by_id, s.case_id INTO v_case
    FROM approvals_step s
    JOIN approvals_case c ON c.company_id = s.company_id AND c.id = s.case_id
    WHERE s.company_id = NEW.company_id AND s.id = NEW.step_id;
    IF v_case.case_id IS DISTINCT FROM NEW.case_id
        OR v_case.case_state <> 'open' OR v_case.step_state <> 'open'
    THEN
        RAISE EXCEPTION 'step % of case % does not wait for a decision', NEW.step_id, NEW.case_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'approvals_decision_open';
    END IF;
    IF v_case.opened_by_id = ANY (v_deciders) THEN
        RAISE EXCEPTION 'who opened case % does not decide it', NEW.case_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'approvals_decision_not_by_opener';
    END IF;
    IF EXISTS (
        SELECT FROM org_membership m
        JOIN approvals_beneficiary b
            ON b.company_id = m.company_id AND b.employee_id = m.employee_id
        WHERE m.company_id = NEW.company_id AND m.id = ANY (v_deciders)
            AND b.company_id = NEW.company_id AND b.case_id = NEW.case_id)
    THEN
        RAISE EXCEPTION 'who gains by case % does not decide it', NEW.case_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'approvals_decision_not_by_beneficiary';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approvals_decision_checked BEFORE INSERT ON approvals_decision
    FOR EACH ROW EXECUTE FUNCTION approvals_check_decision();

-- The rule above cannot be passed by naming the beneficiary afterwards.
CREATE FUNCTION approvals_check_beneficiary() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM approvals_decision d
        WHERE d.company_id = NEW.company_id AND d.case_id = NEW.case_id)
    THEN
        RAISE EXCEPTION 'case % has been decided upon', NEW.case_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'approvals_beneficiary_before_decisions';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approvals_beneficiary_checked BEFORE INSERT ON approvals_beneficiary
    FOR EACH ROW EXECUTE FUNCTION approvals_check_beneficiary();

-- A step closes once, and as its decisions say.
CREATE FUNCTION approvals_check_step() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_approvals bigint;
    v_refusals bigint;
BEGIN
    IF to_jsonb(OLD) - '{state,opened_at,closed_at}'::text[]
        <> to_jsonb(NEW) - '{state,opened_at,closed_at}'::text[]
        OR (OLD.state, NEW.state) NOT IN (
            ('waiting', 'open'), ('waiting', 'skipped'), ('open', 'approved'), ('open', 'refused'),
            ('open', 'skipped'))
    THEN
        RAISE EXCEPTION 'step % cannot change so', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'approvals_step_stands';
    END IF;
    SELECT count(*) FILTER (WHERE d.approves), count(*) FILTER (WHERE NOT d.approves)
        INTO v_approvals, v_refusals
    FROM approvals_decision d WHERE d.company_id = NEW.company_id AND d.step_id = NEW.id;
    IF NEW.state = 'approved' AND v_approvals < NEW.needed
        OR NEW.state = 'refused' AND v_refusals = 0
    THEN
        RAISE EXCEPTION 'nobody decided step % so', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'approvals_step_as_decided';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approvals_step_checked BEFORE UPDATE ON approvals_step
    FOR EACH ROW EXECUTE FUNCTION approvals_check_step();

-- A case closes once, and as its steps say; what it asks for never changes.
CREATE FUNCTION approvals_check_case() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF to_jsonb(OLD) - '{state,closed_at}'::text[] <> to_jsonb(NEW) - '{state,closed_at}'::text[]
        OR OLD.state <> 'open'
    THEN
        RAISE EXCEPTION 'case % cannot change so', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'approvals_case_stands';
    END IF;
    IF NEW.state = 'approved' AND (
            NOT EXISTS (SELECT FROM approvals_step s
                WHERE s.company_id = NEW.company_id AND s.case_id = NEW.id)
            OR EXISTS (SELECT FROM approvals_step s
                WHERE s.company_id = NEW.company_id AND s.case_id = NEW.id
                    AND s.state <> 'approved'))
        OR NEW.state = 'refused' AND NOT EXISTS (SELECT FROM approvals_step s
            WHERE s.company_id = NEW.company_id AND s.case_id = NEW.id AND s.state = 'refused')
    THEN
        RAISE EXCEPTION 'the steps of case % do not say so', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'approvals_case_as_decided';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approvals_case_checked BEFORE UPDATE ON approvals_case
    FOR EACH ROW EXECUTE FUNCTION approvals_check_case();

-- Both begin undecided: nothing is approved by being written so.
CREATE FUNCTION approvals_check_beginning() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.state NOT IN ('open', 'waiting') THEN
        RAISE EXCEPTION '% begins undecided', TG_TABLE_NAME
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_begins';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approvals_case_begins BEFORE INSERT ON approvals_case
    FOR EACH ROW EXECUTE FUNCTION approvals_check_beginning();
CREATE TRIGGER approvals_step_begins BEFORE INSERT ON approvals_step
    FOR EACH ROW EXECUTE FUNCTION approvals_check_beginning();

CREATE TRIGGER approvals_case_stays BEFORE DELETE OR TRUNCATE ON approvals_case
    FOR EACH STATEMENT EXECUTE FUNCTION kit_refuse_change();
CREATE TRIGGER approvals_step_stays BEFORE DELETE OR TRUNCATE ON approvals_step
    FOR EACH STATEMENT EXECUTE FUNCTION kit_refuse_change();
REVOKE UPDATE, DELETE ON approvals_case, approvals_step FROM meritbook_app;
GRANT UPDATE (state, closed_at) ON approvals_case TO meritbook_app;
GRANT UPDATE (state, opened_at, closed_at) ON approvals_step TO meritbook_app;
"""

REVERSE = """
REVOKE UPDATE (state, closed_at) ON approvals_case FROM meritbook_app;
REVOKE UPDATE (state, opened_at, closed_at) ON approvals_step FROM meritbook_app;
GRANT UPDATE, DELETE ON approvals_case, approvals_step TO meritbook_app;
DROP TRIGGER approvals_step_stays ON approvals_step;
DROP TRIGGER approvals_case_stays ON approvals_case;
DROP TRIGGER approvals_step_begins ON approvals_step;
DROP TRIGGER approvals_case_begins ON approvals_case;
DROP FUNCTION approvals_check_beginning();
DROP TRIGGER approvals_case_checked ON approvals_case;
DROP FUNCTION approvals_check_case();
DROP TRIGGER approvals_step_checked ON approvals_step;
DROP FUNCTION approvals_check_step();
DROP TRIGGER approvals_beneficiary_checked ON approvals_beneficiary;
DROP FUNCTION approvals_check_beneficiary();
DROP TRIGGER approvals_decision_checked ON approvals_decision;
DROP FUNCTION approvals_check_decision();
"""


class Migration(migrations.Migration):
    dependencies = [("approvals", "0001_tables"), ("org", "0002_tenancy")]

    operations = [
        *tenant_table("approvals_case", references={"opened_by_id": "org_membership"}),
        *tenant_table(
            "approvals_beneficiary",
            references={"case_id": "approvals_case", "employee_id": "org_employee"},
        ),
        *tenant_table("approvals_step", references={"case_id": "approvals_case"}),
        *tenant_table(
            "approvals_approver",
            references={
                "step_id": "approvals_step",
                "department_id": "org_department",
                "membership_id": "org_membership",
            },
        ),
        *tenant_table(
            "approvals_decision",
            references={
                "case_id": "approvals_case",
                "step_id": "approvals_step",
                "decided_by_id": "org_membership",
                "on_behalf_of_id": "org_membership",
            },
        ),
        append_only("approvals_beneficiary"),
        append_only("approvals_approver"),
        append_only("approvals_decision"),
        migrations.RunSQL(GUARDS, REVERSE),
    ]
