-- The same tables as those of SQLite's migrations up to 2026-11-28. Ids are 63 random bits; times are milliseconds since 1970.
-- Enums are small integers, spelled out beside each column. Texts that are compared or ordered have the collation "C", which
-- orders by code point, as SQLite does.

CREATE TABLE server (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    epoch      TEXT NOT NULL,                       -- the identity of this history
    created_at BIGINT NOT NULL,
    lobby_id   BIGINT,                              -- the lobby, while it is switched on
    closed     BOOLEAN NOT NULL DEFAULT FALSE,      -- the directory is closed
    people     BIGINT NOT NULL DEFAULT 0,           -- users who are not deleted: the lobby's member_count
    indexed    BIGINT NOT NULL DEFAULT 0,           -- messages.id up to which `search` is filled
    erased     BIGINT NOT NULL DEFAULT 1,           -- SQLite only: deletions …
    scrubbed   BIGINT NOT NULL DEFAULT 1            -- … and how many of them are erased from the file
);

CREATE TABLE users (
    id           BIGINT PRIMARY KEY,
    username     TEXT NOT NULL,
    username_key TEXT COLLATE "C" NOT NULL UNIQUE,  -- folded: names are unique without regard to case
    display_name TEXT NOT NULL,
    kind         SMALLINT NOT NULL,                 -- 0 account, 1 guest, 2 bot
    password     TEXT,                              -- an argon2id PHC string
    accepts      SMALLINT NOT NULL,                 -- 0 anyone, 1 invited
    last_seen    BIGINT,
    created_at   BIGINT NOT NULL,
    state        SMALLINT NOT NULL DEFAULT 0,       -- 0 active, 1 disabled, 2 deleted
    admin        BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE INDEX users_admins ON users (id) WHERE admin;

-- Counted here, since no broadcast may cost a scan of all accounts.
CREATE FUNCTION count_people() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        UPDATE server SET people = people + 1;
    ELSE
        UPDATE server SET people = people - 1;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER users_added AFTER INSERT ON users FOR EACH ROW WHEN (NEW.state < 2) EXECUTE FUNCTION count_people();
CREATE TRIGGER users_deleted AFTER UPDATE OF state ON users
    FOR EACH ROW WHEN (OLD.state < 2 AND NEW.state = 2) EXECUTE FUNCTION count_people();

CREATE TABLE tokens (
    id           BIGINT PRIMARY KEY,
    user_id      BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    hash         BYTEA NOT NULL UNIQUE,             -- SHA-256 of the secret
    device       TEXT,
    door         SMALLINT NOT NULL,                 -- 0 password, 1 guest, 2 the lobby's login, 3 the room-code form
    created_at   BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    room_id      BIGINT,                            -- the room of a guest of the room-code form
    last_address TEXT,                              -- an IPv4 address or an IPv6 /64
    last_client  TEXT                               -- User-Agent
);
CREATE INDEX tokens_by_user ON tokens (user_id, created_at);
CREATE INDEX tokens_by_room ON tokens (room_id) WHERE room_id IS NOT NULL;
CREATE INDEX tokens_of_transient_guests ON tokens (door, user_id) WHERE door >= 2;
CREATE INDEX tokens_by_expiry ON tokens (expires_at);

CREATE TABLE sessions (
    id         BIGINT PRIMARY KEY,
    kind       SMALLINT NOT NULL,                   -- 0 direct, 1 group, 2 room, 3 lobby, 4 deleted, being purged
    title      TEXT,
    pair_low   BIGINT REFERENCES users (id),        -- direct sessions: both ids, sorted
    pair_high  BIGINT REFERENCES users (id),
    seq        BIGINT NOT NULL,
    rev        BIGINT NOT NULL,
    last_at    BIGINT NOT NULL,                     -- of the newest message, before it that of creation
    created_at BIGINT NOT NULL,
    code       TEXT COLLATE "C",                                -- rooms: by which they are joined
    keep       BOOLEAN NOT NULL DEFAULT FALSE,      -- rooms: remain when nobody is connected
    maker_id   BIGINT,
    key        TEXT COLLATE "C"                     -- the creator's idempotency key
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX sessions_by_pair ON sessions (pair_low, pair_high) WHERE pair_low IS NOT NULL;
CREATE UNIQUE INDEX sessions_by_code ON sessions (code) WHERE code IS NOT NULL;
CREATE UNIQUE INDEX sessions_by_key ON sessions (maker_id, key) WHERE key IS NOT NULL;
CREATE INDEX sessions_other_than_groups ON sessions (kind) WHERE kind >= 2;

CREATE TABLE members (
    session_id BIGINT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    user_id    BIGINT NOT NULL REFERENCES users (id),
    role       SMALLINT NOT NULL,                   -- 0 member, 1 admin, 2 owner
    state      SMALLINT NOT NULL,                   -- 0 joined, 1 left, 2 removed
    rev        BIGINT NOT NULL,                     -- of the last change of the membership
    joined_at  BIGINT NOT NULL,
    read       BIGINT NOT NULL,
    received   BIGINT NOT NULL,
    PRIMARY KEY (session_id, user_id)
) WITH (fillfactor = 80);
CREATE INDEX members_by_user ON members (user_id, state);
CREATE INDEX members_by_change ON members (session_id, rev);
CREATE INDEX members_by_standing ON members (session_id, state, joined_at, user_id);

-- Without foreign keys, which are a third of the work of storing a message. `parlor verify` checks what they would.
CREATE TABLE messages (
    id          BIGINT PRIMARY KEY,                 -- from the sequence, never used twice
    session_id  BIGINT NOT NULL,
    seq         BIGINT NOT NULL,
    rev         BIGINT NOT NULL,                    -- of its last change
    posted_rev  BIGINT NOT NULL,                    -- of its posting; grows with seq
    sender_id   BIGINT NOT NULL,
    kind        SMALLINT NOT NULL,                  -- 0 text, 1 notice
    text        TEXT NOT NULL,
    at          BIGINT NOT NULL,
    reply_to    BIGINT,
    key         TEXT COLLATE "C",                   -- idempotency key, for as long as the session exists
    fingerprint BIGINT,                             -- of the content first sent with that key
    edited_at   BIGINT,
    deleted     BOOLEAN NOT NULL DEFAULT FALSE,     -- a tombstone: its text is empty
    mentions    TEXT                                -- usernames, with spaces between
);
CREATE SEQUENCE message_ids;
CREATE UNIQUE INDEX messages_by_seq ON messages (session_id, seq);
-- Only messages that were changed after they were posted: the others are ordered by seq.
CREATE INDEX messages_by_change ON messages (session_id, rev) WHERE rev <> posted_rev;
CREATE UNIQUE INDEX messages_by_key ON messages (session_id, sender_id, key) WHERE key IS NOT NULL;
-- Messages that are never unread: few, so that unread messages are counted by subtracting.
CREATE INDEX messages_silent ON messages (session_id, seq) WHERE kind = 1 OR deleted;

CREATE TABLE reactions (
    session_id BIGINT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    seq        BIGINT NOT NULL,
    emoji      TEXT COLLATE "C" NOT NULL,
    user_id    BIGINT NOT NULL REFERENCES users (id),
    at         BIGINT NOT NULL,
    PRIMARY KEY (session_id, seq, emoji, user_id)
);

CREATE TABLE invites (
    id          BIGINT PRIMARY KEY,
    from_id     BIGINT NOT NULL REFERENCES users (id),
    to_id       BIGINT NOT NULL REFERENCES users (id),
    session_id  BIGINT REFERENCES sessions (id) ON DELETE CASCADE,
    state       SMALLINT NOT NULL,                  -- 0 pending, 1 accepted, 2 rejected, 3 withdrawn, 4 expired
    hidden      BOOLEAN NOT NULL,                   -- from a user whom the recipient has blocked
    at          BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    answered_at BIGINT,                             -- of an accepted or rejected invite
    deliver_at  BIGINT                              -- hidden until then; NULL: delivered, or hidden by a block
);
-- One pending invite between two users for each group, and one for a direct session.
CREATE UNIQUE INDEX invites_pending ON invites (from_id, to_id, coalesce(session_id, 0)) WHERE state = 0;
CREATE INDEX invites_incoming ON invites (to_id, at);
CREATE INDEX invites_outgoing ON invites (from_id, at);
CREATE INDEX invites_into ON invites (session_id, state) WHERE session_id IS NOT NULL;
CREATE INDEX invites_rejected ON invites (from_id, to_id, answered_at) WHERE state = 2;
CREATE INDEX invites_deferred ON invites (deliver_at) WHERE deliver_at IS NOT NULL;

CREATE TABLE blocks (
    blocker_id BIGINT NOT NULL REFERENCES users (id),
    blocked_id BIGINT NOT NULL REFERENCES users (id),
    at         BIGINT NOT NULL,
    PRIMARY KEY (blocker_id, blocked_id)
);
CREATE INDEX blocks_by_blocked ON blocks (blocked_id);

-- Operators' requests to the running server, and their outcomes.
CREATE TABLE requests (
    id       BIGINT PRIMARY KEY,
    action   TEXT NOT NULL,                         -- add, disable, enable, reset-password
    username TEXT NOT NULL,
    password TEXT,                                  -- an argon2id PHC string, never the password
    admin    BOOLEAN NOT NULL,
    at       BIGINT NOT NULL,
    answer   TEXT                                   -- `ok`, or the code and text of a refusal
);

-- Words of display names, by which users are found.
CREATE TABLE user_names (
    word    TEXT COLLATE "C" NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (word, user_id)
);
CREATE INDEX user_names_by_user ON user_names (user_id);

-- Used failure budgets, so that a restart does not replenish them.
CREATE TABLE failure_budgets (
    budget  TEXT COLLATE "C" NOT NULL,
    key     TEXT COLLATE "C" NOT NULL,
    full_at BIGINT NOT NULL,                        -- when all of it is available again
    PRIMARY KEY (budget, key)
);
CREATE INDEX failure_budgets_by_end ON failure_budgets (full_at);

-- Addresses of successful logins. While an account's password is guessed from many addresses, only these may try.
CREATE TABLE login_addresses (
    user_id BIGINT NOT NULL REFERENCES users (id),
    address TEXT COLLATE "C" NOT NULL,
    at      BIGINT NOT NULL,
    PRIMARY KEY (user_id, address)
);

-- For each text message that is not deleted: its words, as the program splits them, a term for its session, and the prefixes
-- of one and two characters as terms of their own: collecting those of a million messages would take long.
CREATE TABLE search (
    message_id BIGINT PRIMARY KEY,
    words      TSVECTOR NOT NULL
);
-- New entries are collected, and sorted into the index by the commit that fills the list. A long list (the default is 4 MiB)
-- would block the writer for a third of a second; none at all would make each entry several times dearer.
CREATE INDEX search_by_words ON search USING gin (words) WITH (gin_pending_list_limit = 256);
