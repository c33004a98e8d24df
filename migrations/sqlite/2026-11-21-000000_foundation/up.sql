-- Ids are 63 random bits; times are milliseconds since 1970. Enums are small integers, spelled out beside each column.

CREATE TABLE server (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    epoch      TEXT NOT NULL,      -- the identity of this history
    created_at BIGINT NOT NULL
);

CREATE TABLE users (
    id           BIGINT PRIMARY KEY NOT NULL,
    username     TEXT NOT NULL,
    username_key TEXT NOT NULL UNIQUE,      -- folded: names are unique without regard to case
    display_name TEXT NOT NULL,
    kind         SMALLINT NOT NULL,         -- 0 account, 1 guest, 2 bot
    password     TEXT,                      -- an argon2id PHC string
    accepts      SMALLINT NOT NULL,         -- 0 anyone, 1 invited
    last_seen    BIGINT,
    created_at   BIGINT NOT NULL
);

CREATE TABLE tokens (
    id           BIGINT PRIMARY KEY NOT NULL,
    user_id      BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    hash         BLOB NOT NULL UNIQUE,      -- SHA-256 of the secret
    device       TEXT,
    door         SMALLINT NOT NULL,         -- 0 login
    created_at   BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL
);
CREATE INDEX tokens_by_user ON tokens (user_id, created_at);

CREATE TABLE sessions (
    id         BIGINT PRIMARY KEY NOT NULL,
    kind       SMALLINT NOT NULL,           -- 0 direct, 1 group, 2 room, 3 lobby
    title      TEXT,
    pair_low   BIGINT REFERENCES users (id),  -- direct sessions: both ids, sorted
    pair_high  BIGINT REFERENCES users (id),
    seq        BIGINT NOT NULL,
    rev        BIGINT NOT NULL,
    last_at    BIGINT NOT NULL,             -- of the newest message, before it that of creation
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX sessions_by_pair ON sessions (pair_low, pair_high) WHERE pair_low IS NOT NULL;

CREATE TABLE members (
    session_id BIGINT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    user_id    BIGINT NOT NULL REFERENCES users (id),
    role       SMALLINT NOT NULL,           -- 0 member, 1 admin, 2 owner
    state      SMALLINT NOT NULL,           -- 0 joined, 1 left, 2 removed
    rev        BIGINT NOT NULL,             -- of the last change of the membership
    joined_at  BIGINT NOT NULL,
    read       BIGINT NOT NULL,
    received   BIGINT NOT NULL,
    PRIMARY KEY (session_id, user_id)
) WITHOUT ROWID;
CREATE INDEX members_by_user ON members (user_id, state);

CREATE TABLE messages (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,  -- this server's own number for it, never used twice
    session_id  BIGINT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    seq         BIGINT NOT NULL,
    rev         BIGINT NOT NULL,            -- of its last change
    posted_rev  BIGINT NOT NULL,            -- of its posting; grows with seq
    sender_id   BIGINT NOT NULL REFERENCES users (id),
    kind        SMALLINT NOT NULL,          -- 0 text, 1 notice
    text        TEXT NOT NULL,
    at          BIGINT NOT NULL,
    reply_to    BIGINT,
    key         TEXT,                       -- by which a retry is recognised, for as long as the session exists
    fingerprint BIGINT                      -- of what was first sent with that key
);
CREATE UNIQUE INDEX messages_by_seq ON messages (session_id, seq);
-- Only what was changed after it was posted: the others stand in the order of their seq, and an index that every message
-- enters is half of what a commit has to write.
CREATE INDEX messages_by_change ON messages (session_id, rev) WHERE rev <> posted_rev;
CREATE UNIQUE INDEX messages_by_key ON messages (session_id, sender_id, key) WHERE key IS NOT NULL;

CREATE TABLE invites (
    id         BIGINT PRIMARY KEY NOT NULL,
    from_id    BIGINT NOT NULL REFERENCES users (id),
    to_id      BIGINT NOT NULL REFERENCES users (id),
    session_id BIGINT REFERENCES sessions (id) ON DELETE CASCADE,
    state      SMALLINT NOT NULL,           -- 0 pending, 1 accepted, 2 rejected, 3 withdrawn, 4 expired
    hidden     BOOLEAN NOT NULL,            -- from someone whom the addressee has blocked: never shown
    at         BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX invites_pending ON invites (from_id, to_id) WHERE state = 0;
CREATE INDEX invites_incoming ON invites (to_id, at);
CREATE INDEX invites_outgoing ON invites (from_id, at);

CREATE TABLE blocks (
    blocker_id BIGINT NOT NULL REFERENCES users (id),
    blocked_id BIGINT NOT NULL REFERENCES users (id),
    at         BIGINT NOT NULL,
    PRIMARY KEY (blocker_id, blocked_id)
) WITHOUT ROWID;
CREATE INDEX blocks_by_blocked ON blocks (blocked_id);
