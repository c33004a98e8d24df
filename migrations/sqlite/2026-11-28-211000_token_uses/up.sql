-- From where and by what a token was used last, for its owner to recognise.

ALTER TABLE tokens ADD COLUMN last_address TEXT;                  -- an IPv4 address or an IPv6 /64; NULL: not known
ALTER TABLE tokens ADD COLUMN last_client TEXT;                   -- what the client called itself (User-Agent); NULL: nothing
