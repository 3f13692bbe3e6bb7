-- The route of a transfer is checked for a statement at once, like its transaction
-- (checks/transfers.sql, docs/decisions/0013).
-- squawk-ignore ban-drop-constraint
ALTER TABLE ledger_transfer DROP CONSTRAINT ledger_transfer_route_fk;
