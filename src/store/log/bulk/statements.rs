//! The statements. They are written by hand, since Diesel has no `unnest`, and remain prepared.

use diesel::sql_types::{Array, BigInt, Bool, Nullable, SmallInt, Text};

use crate::domain::{SessionId, Time, UserId};
use crate::store::db::postgres::statement;

// The transaction's id, by which its outcome can be found out later; the database's clock, in whole milliseconds; and ids for
// messages.
statement!(Opening<'a> -> (BigInt, BigInt, Array<BigInt>) {
    "SELECT pg_current_xact_id()::text::bigint, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint, \
     ARRAY(SELECT nextval('message_ids') FROM generate_series(1, " count: &'a i64 as BigInt;
    "))"
});

/// `LIMIT 51`: one more than may see each other's marks.
macro_rules! heads {
    ($lock:literal) => {
        concat!(") ORDER BY s.id FOR NO KEY UPDATE OF s", $lock)
    };
}

statement!(Heads<'a> -> (BigInt, SmallInt, BigInt, BigInt, BigInt, BigInt, Bool) {
    "SELECT s.id, s.kind, s.seq, s.rev, s.last_at, \
     (SELECT count(*) FROM (SELECT 1 FROM members c WHERE c.session_id = s.id AND c.state = 0 LIMIT 51) few), \
     coalesce((SELECT lobby_id = s.id FROM server), FALSE) FROM sessions s WHERE s.id = ANY(" sessions: &'a [SessionId] as Array<BigInt>;
    heads!("")
});

statement!(HeadsUnlocked<'a> -> (BigInt, SmallInt, BigInt, BigInt, BigInt, BigInt, Bool) {
    "SELECT s.id, s.kind, s.seq, s.rev, s.last_at, \
     (SELECT count(*) FROM (SELECT 1 FROM members c WHERE c.session_id = s.id AND c.state = 0 LIMIT 51) few), \
     coalesce((SELECT lobby_id = s.id FROM server), FALSE) FROM sessions s WHERE s.id = ANY(" sessions: &'a [SessionId] as Array<BigInt>;
    heads!(" SKIP LOCKED")
});

statement!(ExistingSessions<'a> -> BigInt {
    "SELECT id FROM sessions WHERE id = ANY(" sessions: &'a [SessionId] as Array<BigInt>;
    ")"
});

statement!(ExistingUsers<'a> -> BigInt {
    "SELECT id FROM users WHERE id = ANY(" users: &'a [UserId] as Array<BigInt>;
    ")"
});

// Rows are locked in the order in which they are found.
statement!(LockUsers<'a> -> BigInt {
    "SELECT id FROM users WHERE id = ANY(" users: &'a [UserId] as Array<BigInt>;
    ") ORDER BY id FOR NO KEY UPDATE"
});

statement!(LockFreeUsers<'a> -> BigInt {
    "SELECT id FROM users WHERE id = ANY(" users: &'a [UserId] as Array<BigInt>;
    ") ORDER BY id FOR NO KEY UPDATE SKIP LOCKED"
});

statement!(LockSessions<'a> -> BigInt {
    "SELECT id FROM sessions WHERE id = ANY(" sessions: &'a [SessionId] as Array<BigInt>;
    ") ORDER BY id FOR NO KEY UPDATE"
});

statement!(LockFreeSessions<'a> -> BigInt {
    "SELECT id FROM sessions WHERE id = ANY(" sessions: &'a [SessionId] as Array<BigInt>;
    ") ORDER BY id FOR NO KEY UPDATE SKIP LOCKED"
});

statement!(LockArea<'a> -> Bool {
    "SELECT TRUE FROM pg_advisory_xact_lock(" key: &'a i64 as BigInt;
    ")"
});

statement!(ShareArea<'a> -> Bool {
    "SELECT TRUE FROM pg_advisory_xact_lock_shared(" key: &'a i64 as BigInt;
    ")"
});

statement!(LockFreeArea<'a> -> Bool {
    "SELECT pg_try_advisory_xact_lock(" key: &'a i64 as BigInt;
    ")"
});

statement!(ShareFreeArea<'a> -> Bool {
    "SELECT pg_try_advisory_xact_lock_shared(" key: &'a i64 as BigInt;
    ")"
});

statement!(SessionsOf<'a> -> BigInt {
    "SELECT session_id FROM members WHERE user_id = ANY(" users: &'a [UserId] as Array<BigInt>,
    ") UNION SELECT m.session_id FROM tokens t JOIN members m ON m.user_id = t.user_id WHERE t.room_id = ANY("
        rooms: &'a [SessionId] as Array<BigInt>;
    ")"
});

statement!(Writers<'a> -> (
    BigInt, BigInt, Nullable<SmallInt>, Nullable<BigInt>, Nullable<BigInt>, Text, Text, SmallInt, Nullable<SmallInt>, Bool, Bool
) {
    "SELECT w.session_id, w.user_id, m.state, m.read, m.received, u.username, u.display_name, u.state, o.state, \
     EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = u.id AND b.blocked_id = o.id), \
     EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = o.id AND b.blocked_id = u.id) \
     FROM unnest(" sessions: &'a [SessionId] as Array<BigInt>,
    "::bigint[], " users: &'a [UserId] as Array<BigInt>;
    "::bigint[]) w (session_id, user_id) JOIN users u ON u.id = w.user_id JOIN sessions s ON s.id = w.session_id \
     LEFT JOIN members m ON m.session_id = w.session_id AND m.user_id = w.user_id \
     LEFT JOIN users o ON o.id = CASE s.pair_low WHEN w.user_id THEN s.pair_high ELSE s.pair_low END"
});

// One index lookup for each key: joined, a plan made while the table was small may scan it.
statement!(KnownSends<'a> -> (BigInt, BigInt, BigInt, BigInt, BigInt, Nullable<BigInt>) {
    "SELECT k.n, m.id, m.seq, m.rev, m.at, m.fingerprint FROM unnest(" sessions: &'a [SessionId] as Array<BigInt>,
    "::bigint[], " senders: &'a [UserId] as Array<BigInt>,
    "::bigint[], " keys: &'a [&'a str] as Array<Text>;
    "::text[]) WITH ORDINALITY k (session_id, sender_id, key, n) CROSS JOIN LATERAL \
     (SELECT id, seq, rev, at, fingerprint FROM messages WHERE session_id = k.session_id AND sender_id = k.sender_id \
     AND key = k.key LIMIT 1) m"
});

// Everything that a batch has changed. Marks of other writers are never moved back.
statement!(WriteAll<'a> -> BigInt {
    "WITH heads AS (UPDATE sessions s SET seq = h.seq, rev = h.rev, last_at = h.at FROM unnest("
        sessions: &'a [SessionId] as Array<BigInt>,
    "::bigint[], " seqs: &'a [i64] as Array<BigInt>,
    "::bigint[], " revs: &'a [i64] as Array<BigInt>,
    "::bigint[], " ats: &'a [Time] as Array<BigInt>,
    "::bigint[]) h (id, seq, rev, at) WHERE s.id = h.id), \
     marks AS (UPDATE members m SET read = greatest(m.read, k.read), received = greatest(m.received, k.received) FROM unnest("
        mark_sessions: &'a [SessionId] as Array<BigInt>,
    "::bigint[], " mark_users: &'a [UserId] as Array<BigInt>,
    "::bigint[], " reads: &'a [i64] as Array<BigInt>,
    "::bigint[], " receiveds: &'a [i64] as Array<BigInt>,
    "::bigint[]) k (session_id, user_id, read, received) WHERE m.session_id = k.session_id AND m.user_id = k.user_id) \
     INSERT INTO messages (id, session_id, seq, rev, posted_rev, sender_id, kind, text, at, reply_to, key, fingerprint, mentions) \
     SELECT id, session_id, seq, rev, rev, sender_id, 0, text, at, reply_to, key, fingerprint, mentions FROM unnest("
        ids: &'a [i64] as Array<BigInt>,
    "::bigint[], " message_sessions: &'a [SessionId] as Array<BigInt>,
    "::bigint[], " message_seqs: &'a [i64] as Array<BigInt>,
    "::bigint[], " message_revs: &'a [i64] as Array<BigInt>,
    "::bigint[], " senders: &'a [UserId] as Array<BigInt>,
    "::bigint[], " texts: &'a [&'a str] as Array<Text>,
    "::text[], " message_ats: &'a [Time] as Array<BigInt>,
    "::bigint[], " replies: &'a [Option<i64>] as Array<Nullable<BigInt>>,
    "::bigint[], " keys: &'a [Option<&'a str>] as Array<Nullable<Text>>,
    "::text[], " fingerprints: &'a [Option<i64>] as Array<Nullable<BigInt>>,
    "::bigint[], " mentions: &'a [Option<String>] as Array<Nullable<Text>>;
    "::text[]) AS new (id, session_id, seq, rev, sender_id, text, at, reply_to, key, fingerprint, mentions)"
});
