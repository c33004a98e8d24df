-- Groups, rooms by code, the lobby, guests, what one does with a message, search, and what an operator asks for.

ALTER TABLE server ADD COLUMN lobby_id BIGINT;                    -- the lobby, while it is switched on
ALTER TABLE server ADD COLUMN closed BOOLEAN NOT NULL DEFAULT FALSE;  -- the directory: who is in the lobby is not to be found out by name
ALTER TABLE server ADD COLUMN people BIGINT NOT NULL DEFAULT 0;   -- users who are not gone: the lobby's member_count
ALTER TABLE server ADD COLUMN indexed BIGINT NOT NULL DEFAULT 0;  -- messages.id up to which `search` is filled

ALTER TABLE users ADD COLUMN state SMALLINT NOT NULL DEFAULT 0;   -- 0 active, 1 disabled, 2 gone: deleted, or a guest that ended
ALTER TABLE users ADD COLUMN admin BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE server SET people = (SELECT count(*) FROM users);
-- Counted here, since nothing that is told to everybody may cost a look at every account.
CREATE TRIGGER users_come AFTER INSERT ON users WHEN NEW.state < 2 BEGIN
    UPDATE server SET people = people + 1;
END;
CREATE TRIGGER users_go AFTER UPDATE OF state ON users WHEN OLD.state < 2 AND NEW.state = 2 BEGIN
    UPDATE server SET people = people - 1;
END;

-- sessions.kind: 4 gone: nobody is in it any more, and its messages are being deleted
ALTER TABLE sessions ADD COLUMN code TEXT;                        -- rooms: by which they are joined
ALTER TABLE sessions ADD COLUMN keep BOOLEAN NOT NULL DEFAULT FALSE;  -- rooms: stay when nobody is there
ALTER TABLE sessions ADD COLUMN maker_id BIGINT;
ALTER TABLE sessions ADD COLUMN key TEXT;                         -- the maker's own, by which a retry is recognised
CREATE UNIQUE INDEX sessions_by_code ON sessions (code) WHERE code IS NOT NULL;
CREATE UNIQUE INDEX sessions_by_key ON sessions (maker_id, key) WHERE key IS NOT NULL;
CREATE INDEX sessions_passing ON sessions (kind) WHERE kind >= 2;

CREATE INDEX members_by_change ON members (session_id, rev);
CREATE INDEX members_by_standing ON members (session_id, state, joined_at, user_id);

ALTER TABLE messages ADD COLUMN edited_at BIGINT;
ALTER TABLE messages ADD COLUMN deleted BOOLEAN NOT NULL DEFAULT FALSE;  -- a tombstone: its text is empty
ALTER TABLE messages ADD COLUMN mentions TEXT;                    -- usernames, with spaces between
-- What is not to be read: few, so that unread messages are counted by subtracting.
CREATE INDEX messages_silent ON messages (session_id, seq) WHERE kind = 1 OR deleted;

CREATE TABLE reactions (
    session_id BIGINT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    seq        BIGINT NOT NULL,
    emoji      TEXT NOT NULL,
    user_id    BIGINT NOT NULL REFERENCES users (id),
    at         BIGINT NOT NULL,
    PRIMARY KEY (session_id, seq, emoji, user_id)
) WITHOUT ROWID;

-- One unanswered question between two users for each group, and one for a direct session.
DROP INDEX invites_pending;
CREATE UNIQUE INDEX invites_pending ON invites (from_id, to_id, ifnull(session_id, 0)) WHERE state = 0;
CREATE INDEX invites_into ON invites (session_id, state) WHERE session_id IS NOT NULL;

-- What an operator's command asks of the running server, and what became of it.
CREATE TABLE requests (
    id       BIGINT PRIMARY KEY NOT NULL,
    action   TEXT NOT NULL,            -- add, disable, enable, reset-password
    username TEXT NOT NULL,
    password TEXT,                     -- an argon2id PHC string, never the password
    admin    BOOLEAN NOT NULL,
    at       BIGINT NOT NULL,
    answer   TEXT                      -- `ok`, or a refusal's code and words
);

-- Words of messages, as store/search/words.rs splits them, and one more for the session. rowid is messages.id. Beginnings of
-- one and two characters have lists of their own: gathering those of a million messages would take a tenth of a second.
CREATE VIRTUAL TABLE search
    USING fts5 (words, content='', contentless_delete=1, detail=none, prefix='1 2', tokenize='ascii');
