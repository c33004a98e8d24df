DROP INDEX invites_deferred;
DROP INDEX invites_rejected;
ALTER TABLE invites DROP COLUMN deliver_at;
ALTER TABLE invites DROP COLUMN answered_at;
