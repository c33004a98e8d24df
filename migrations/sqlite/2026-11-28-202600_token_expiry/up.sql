-- Expired tokens are looked for when the first of them is due, not now and then.
CREATE INDEX tokens_by_expiry ON tokens (expires_at);
