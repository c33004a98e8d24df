-- Erasing what was deleted from the file itself. Each transaction that deletes or replaces content counts up `erased`; a
-- pass of the scrubber carries `scrubbed` up to it. Databases from before have a first pass to be made.
ALTER TABLE server ADD COLUMN erased BIGINT NOT NULL DEFAULT 1;
ALTER TABLE server ADD COLUMN scrubbed BIGINT NOT NULL DEFAULT 0;
