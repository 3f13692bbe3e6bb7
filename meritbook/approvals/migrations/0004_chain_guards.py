"""What the database keeps of chains, votes and delegates."""

from django.db import migrations

from meritbook.kit.tables import tenant_reference, tenant_table

# Who opened a case or gains by it does not decide it, not for somebody else either.
DECISION = """
CREATE OR REPLACE FUNCTION approvals_check_decision() RETURNS trigger
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
{delegated}    RETURN NEW;
END $$;
"""
DELEGATED = """    IF NEW.on_behalf_of_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM approvals_delegation d JOIN org_company c ON c.id = d.company_id
        WHERE d.company_id = NEW.company_id AND d.delegator_id = NEW.on_behalf_of_id
            AND d.delegate_id = NEW.decided_by_id
            AND (d.revoked_at IS NULL OR d.revoked_at > NEW.decided_at)
            AND (NEW.decided_at AT TIME ZONE c.time_zone)::date BETWEEN d.starts_on AND d.ends_on)
    THEN
        RAISE EXCEPTION 'member % does not decide for member %', NEW.decided_by_id,
            NEW.on_behalf_of_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'approvals_decision_delegated';
    END IF;
"""

# A step closes once, and as its decisions say.
STEP = """
CREATE OR REPLACE FUNCTION approvals_check_step() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_approvals bigint;
    v_refusals bigint;
BEGIN
    IF to_jsonb(OLD) - '{columns}'::text[]
        <> to_jsonb(NEW) - '{columns}'::text[]
        OR {kept}(OLD.state, NEW.state) NOT IN (
            {moves}('waiting', 'open'), ('waiting', 'skipped'), ('open', 'approved'), ('open', 'refused'),
            ('open', 'skipped'))
    THEN
        RAISE EXCEPTION 'step % cannot change so', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'approvals_step_stands';
    END IF;
    SELECT count(*) FILTER (WHERE d.approves), count(*) FILTER (WHERE NOT d.approves)
        INTO v_approvals, v_refusals
    FROM approvals_decision d WHERE d.company_id = NEW.company_id AND d.step_id = NEW.id;
    IF {unlike}
    THEN
        RAISE EXCEPTION 'nobody decided step % so', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'approvals_step_as_decided';
    END IF;
    RETURN NEW;
END $$;
"""
OLD_UNLIKE = """NEW.state = 'approved' AND v_approvals < NEW.needed
        OR NEW.state = 'refused' AND v_refusals = 0"""
UNLIKE = """NEW.rule = 'count' AND (NEW.state = 'approved' AND v_approvals < NEW.needed
            OR NEW.state = 'refused' AND v_refusals = 0)
        OR NEW.rule = 'vote' AND NEW.state = 'approved' AND NOT (
            v_approvals + v_refusals >= NEW.quorum
            AND (v_approvals >= NEW.needed
                OR v_approvals > v_refusals
                    AND (v_approvals + v_refusals >= NEW.voters OR NEW.closed_at >= NEW.due_at)))
        OR NEW.rule = 'vote' AND NEW.state = 'refused' AND NOT (
            v_refusals > NEW.voters - NEW.needed
            OR (v_approvals + v_refusals < NEW.quorum OR v_approvals <= v_refusals)
                AND (v_approvals + v_refusals >= NEW.voters OR NEW.closed_at >= NEW.due_at))"""


def step(*, columns: str, kept: str, moves: str, unlike: str) -> str:
    """The guard of steps in one of its two forms."""
    text = STEP.replace("{columns}", columns).replace("{kept}", kept)
    return text.replace("{moves}", moves).replace("{unlike}", unlike)


FORWARD = (
    DECISION.replace("{delegated}", DELEGATED)
    + step(
        columns="{state,opened_at,due_at,reminded_at,escalated_at,closed_at}",
        kept="OLD.due_at IS NOT NULL AND NEW.due_at IS DISTINCT FROM OLD.due_at\n        OR ",
        # A reminder changes no state of an open step.
        moves="('open', 'open'), ",
        unlike=UNLIKE,
    )
    + """
GRANT UPDATE (due_at, reminded_at, escalated_at) ON approvals_step TO meritbook_app;

-- Whose voice it was cannot be changed afterwards; a delegation only ends sooner.
CREATE TRIGGER approvals_delegation_stays BEFORE DELETE OR TRUNCATE ON approvals_delegation
    FOR EACH STATEMENT EXECUTE FUNCTION kit_refuse_change();
REVOKE UPDATE, DELETE ON approvals_delegation FROM meritbook_app;
GRANT UPDATE (revoked_at) ON approvals_delegation TO meritbook_app;
CREATE TRIGGER approvals_seat_stays BEFORE DELETE OR TRUNCATE ON approvals_seat
    FOR EACH STATEMENT EXECUTE FUNCTION kit_refuse_change();
REVOKE UPDATE, DELETE ON approvals_seat FROM meritbook_app;
GRANT UPDATE (left_at) ON approvals_seat TO meritbook_app;
"""
)
REVERSE = (
    """
REVOKE UPDATE (left_at) ON approvals_seat FROM meritbook_app;
GRANT UPDATE, DELETE ON approvals_seat TO meritbook_app;
DROP TRIGGER approvals_seat_stays ON approvals_seat;
REVOKE UPDATE (revoked_at) ON approvals_delegation FROM meritbook_app;
GRANT UPDATE, DELETE ON approvals_delegation TO meritbook_app;
DROP TRIGGER approvals_delegation_stays ON approvals_delegation;
REVOKE UPDATE (due_at, reminded_at, escalated_at) ON approvals_step FROM meritbook_app;
"""
    + step(columns="{state,opened_at,closed_at}", kept="", moves="", unlike=OLD_UNLIKE)
    + DECISION.replace("{delegated}", "")
)


class Migration(migrations.Migration):
    dependencies = [("approvals", "0003_chains")]

    operations = [
        tenant_reference("approvals_approver", "replaces_id", "org_membership"),
        tenant_reference("approvals_approver", "added_by_id", "org_membership"),
        *tenant_table(
            "approvals_delegation",
            references={
                "delegator_id": "org_membership",
                "delegate_id": "org_membership",
                "created_by_id": "org_membership",
            },
        ),
        *tenant_table("approvals_committee"),
        *tenant_table(
            "approvals_seat",
            references={"committee_id": "approvals_committee", "membership_id": "org_membership"},
        ),
        migrations.RunSQL(FORWARD, REVERSE),
    ]
