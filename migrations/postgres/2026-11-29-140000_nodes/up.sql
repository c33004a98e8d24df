-- Several servers ("nodes") on one database. Every commit that others have to hear of adds a row to `outbox`, and all nodes
-- deliver these rows in the order of `place`, their own among them.

CREATE TABLE nodes (
    id         BIGINT PRIMARY KEY,               -- random, another one in each run of a server
    name       TEXT NOT NULL,                    -- for people
    beat       BIGINT NOT NULL DEFAULT 0,        -- grows while the node lives: others compare it over time
    started_at BIGINT NOT NULL,
    ended_at   BIGINT                            -- it has stopped, or others have found it dead: it can commit nothing more
);

-- Authenticates what nodes send each other by Redis.
ALTER TABLE server ADD COLUMN bus_key BYTEA NOT NULL
    DEFAULT decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex');

CREATE TABLE outbox (
    node   BIGINT NOT NULL,
    number BIGINT NOT NULL,                      -- of the commit, counted by its node
    at     BIGINT NOT NULL,
    body   TEXT NOT NULL,                        -- JSON
    place  BIGINT,                               -- in the order of the commits of all nodes
    PRIMARY KEY (node, number)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);
CREATE UNIQUE INDEX outbox_by_place ON outbox (place);
CREATE SEQUENCE outbox_places;

-- The place is given at the commit, under a lock that is released only when the commit is visible: a transaction that sees
-- a place sees all smaller ones. It runs inside COMMIT, so that no client can hold the lock.
CREATE FUNCTION place_commit() RETURNS TRIGGER LANGUAGE plpgsql SET lock_timeout = '4s' AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(1349677677);
    UPDATE outbox SET place = nextval('outbox_places') WHERE node = NEW.node AND number = NEW.number;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER outbox_placed AFTER INSERT ON outbox
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION place_commit();

-- Who is online, by node.
CREATE TABLE attendance (
    node      BIGINT NOT NULL,
    user_id   BIGINT NOT NULL,
    transient BOOLEAN NOT NULL,                  -- a guest who ends when without a connection for too long
    in_lobby  BOOLEAN NOT NULL,                  -- on the roster of the lobby dialect
    PRIMARY KEY (node, user_id)
);
CREATE INDEX attendance_by_user ON attendance (user_id);

-- Ephemeral rooms in which a connection is, by node.
CREATE TABLE occupied_rooms (
    node       BIGINT NOT NULL,
    session_id BIGINT NOT NULL,
    PRIMARY KEY (node, session_id)
);
CREATE INDEX occupied_rooms_by_room ON occupied_rooms (session_id);
