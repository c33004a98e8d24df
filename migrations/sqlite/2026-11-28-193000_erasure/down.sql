ALTER TABLE server DROP COLUMN scrubbed;
ALTER TABLE server DROP COLUMN erased;
