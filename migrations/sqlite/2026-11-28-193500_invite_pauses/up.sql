-- After a rejection the next invite of the same user waits before it is delivered; to its sender it looks pending.

ALTER TABLE invites ADD COLUMN answered_at BIGINT;                -- of an accepted or rejected invite
ALTER TABLE invites ADD COLUMN deliver_at BIGINT;                 -- hidden until then; NULL: delivered, or hidden by a block
CREATE INDEX invites_rejected ON invites (from_id, to_id, answered_at) WHERE state = 2;
CREATE INDEX invites_deferred ON invites (deliver_at) WHERE deliver_at IS NOT NULL;
