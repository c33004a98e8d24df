//! The statements. They are written by hand, since Diesel has no `unnest`, and remain prepared.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Bool, Nullable, SmallInt, Text};

use crate::domain::{SessionId, Time, UserId};

/// Defines a statement by its parameters, each behind the SQL before it, and the SQL behind the last.
macro_rules! statement {
    ($name:ident <$life:lifetime> -> $rows:ty { $($sql:literal $field:ident: $type:ty as $sql_type:ty),+; $end:expr }) => {
        #[derive(Debug)]
        pub(super) struct $name<$life> {
            $(pub $field: $type),+
        }

        impl<$life> QueryFragment<Pg> for $name<$life> {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
                $(
                    out.push_sql($sql);
                    out.push_bind_param::<$sql_type, _>(self.$field)?;
                )+
                out.push_sql($end);
                Ok(())
            }
        }

        impl QueryId for $name<'_> {
            type QueryId = $name<'static>;
            const HAS_STATIC_QUERY_ID: bool = true;
        }

        impl<$life> Query for $name<$life> {
            type SqlType = $rows;
        }

        impl<$life> RunQueryDsl<PgConnection> for $name<$life> {}
    };
}

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
