-- Who may be the second person of a change that everybody feels.

-- Whether p_approver_id may agree to what p_actor_id asks for: another membership that has not
-- ended, of an owner; or of who decided a case in such an owner's stead.
CREATE FUNCTION ledger_may_approve(
    p_company_id bigint, p_actor_id bigint, p_approver_id bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN p_approver_id IS DISTINCT FROM p_actor_id AND EXISTS (
        SELECT FROM org_membership m
        WHERE m.company_id = p_company_id AND m.id = p_approver_id AND m.ended_at IS NULL
            AND EXISTS (
                SELECT FROM org_rolegrant g
                WHERE g.company_id = p_company_id AND g.role = 'owner' AND (
                    g.membership_id = m.id
                    OR EXISTS (SELECT FROM approvals_decision d
                        WHERE d.company_id = p_company_id AND d.decided_by_id = m.id
                            AND d.on_behalf_of_id = g.membership_id AND d.approves
                            AND d.on_behalf_of_id IS DISTINCT FROM p_actor_id))));
END $$;
