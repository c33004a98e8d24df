//! Statements of the index in PostgreSQL, as types of their own: Diesel prepares the others again for each use.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Text};

use crate::domain::SessionId;

#[derive(QueryId)]
pub(super) struct Insert {
    pub messages: Vec<i64>,
    pub terms: Vec<String>,
}

impl QueryFragment<Pg> for Insert {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("INSERT INTO search (message_id, words) SELECT id, array_to_tsvector(string_to_array(terms, ' ')) FROM unnest(");
        out.push_bind_param::<Array<BigInt>, _>(&self.messages)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.terms)?;
        out.push_sql(") AS new (id, terms) ON CONFLICT (message_id) DO UPDATE SET words = excluded.words");
        Ok(())
    }
}

impl RunQueryDsl<PgConnection> for Insert {}

/// The newest matches among the `newest` messages of one session; of several, among the `newest` of all sessions.
pub(super) struct Newest<'a> {
    pub sessions: &'a [SessionId],
    pub words: &'a str,
    pub below: i64,
    pub newest: i64,
    pub most: i64,
}

impl Newest<'_> {
    /// A range of `seq`, which has no gaps, so that no plan reads more.
    fn of_one<'b>(&'b self, session: &'b SessionId, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT id FROM messages WHERE session_id = ");
        out.push_bind_param::<BigInt, _>(session)?;
        out.push_sql(" AND seq < ");
        self.push_end(session, out)?;
        out.push_sql(" AND seq >= ");
        self.push_end(session, out)?;
        out.push_sql(" - ");
        out.push_bind_param::<BigInt, _>(&self.newest)?;
        out.push_sql(" AND id < ");
        out.push_bind_param::<BigInt, _>(&self.below)?;
        out.push_sql(" AND (SELECT words @@ (SELECT ");
        out.push_bind_param::<Text, _>(self.words)?;
        out.push_sql("::tsquery) FROM search WHERE message_id = messages.id) ORDER BY seq DESC LIMIT ");
        out.push_bind_param::<BigInt, _>(&self.most)
    }

    /// The `seq` of the last message of the page before, otherwise one above the newest.
    fn push_end<'b>(&'b self, session: &'b SessionId, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("coalesce((SELECT seq FROM messages WHERE id = ");
        out.push_bind_param::<BigInt, _>(&self.below)?;
        out.push_sql(" AND session_id = ");
        out.push_bind_param::<BigInt, _>(session)?;
        out.push_sql("), (SELECT seq + 1 FROM sessions WHERE id = ");
        out.push_bind_param::<BigInt, _>(session)?;
        out.push_sql("))");
        Ok(())
    }

    fn of_several<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT message_id FROM ");
        push_newest(out, &self.below, &self.newest)?;
        out.push_sql(" WHERE words @@ (SELECT ");
        out.push_bind_param::<Text, _>(self.words)?;
        out.push_sql("::tsquery) AND ");
        push_in_sessions(out, self.sessions)?;
        out.push_sql(" ORDER BY message_id DESC LIMIT ");
        out.push_bind_param::<BigInt, _>(&self.most)
    }
}

impl QueryFragment<Pg> for Newest<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        match self.sessions {
            [session] => self.of_one(session, &mut out),
            _ => self.of_several(&mut out),
        }
    }
}

fn push_newest<'b>(out: &mut AstPass<'_, 'b, Pg>, below: &'b i64, newest: &'b i64) -> QueryResult<()> {
    out.push_sql("(SELECT message_id, words FROM search WHERE message_id < ");
    out.push_bind_param::<BigInt, _>(below)?;
    out.push_sql(" ORDER BY message_id DESC LIMIT ");
    out.push_bind_param::<BigInt, _>(newest)?;
    out.push_sql(") AS newest");
    Ok(())
}

/// A condition. `IS TRUE` keeps the planner from joining: the list is hashed once, and the session of each message looked up.
fn push_in_sessions<'b>(out: &mut AstPass<'_, 'b, Pg>, sessions: &'b [SessionId]) -> QueryResult<()> {
    out.push_sql("((SELECT session_id FROM messages WHERE id = message_id) IN (SELECT unnest(");
    out.push_bind_param::<Array<BigInt>, _>(sessions)?;
    out.push_sql("))) IS TRUE");
    Ok(())
}

/// About how many messages there are with the words, by their share of the `newest`, and how many in the sessions.
pub(super) struct Sizes<'a> {
    pub sessions: &'a [SessionId],
    pub words: &'a str,
    pub below: i64,
    pub newest: i64,
}

impl QueryFragment<Pg> for Sizes<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT (SELECT count(*) FROM ");
        push_newest(&mut out, &self.below, &self.newest)?;
        out.push_sql(" WHERE words @@ (SELECT ");
        out.push_bind_param::<Text, _>(self.words)?;
        out.push_sql("::tsquery)) * greatest((SELECT max(message_id) FROM search WHERE message_id < ");
        out.push_bind_param::<BigInt, _>(&self.below)?;
        out.push_sql(") / ");
        out.push_bind_param::<BigInt, _>(&self.newest)?;
        out.push_sql(", 1), (SELECT coalesce(sum(seq), 0)::bigint FROM sessions WHERE id = ANY(");
        out.push_bind_param::<Array<BigInt>, _>(self.sessions)?;
        out.push_sql("))");
        Ok(())
    }
}

/// All matches of several queries, which have none in common, by the index.
pub(super) struct Indexed<'a> {
    pub queries: Vec<String>,
    pub rest: Rest<'a>,
    pub below: i64,
    pub most: i64,
}

/// What the queries of the index leave to be compared.
pub(super) enum Rest<'a> {
    Nothing,
    Sessions(&'a [SessionId]),
    Words(String),
}

impl QueryFragment<Pg> for Indexed<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT message_id FROM (SELECT found.message_id FROM ");
        out.push_sql("(SELECT query::tsquery AS query FROM unnest(");
        out.push_bind_param::<Array<Text>, _>(&self.queries)?;
        out.push_sql(") AS query OFFSET 0) AS queries CROSS JOIN LATERAL ");
        // An expression and `OFFSET 0`, so that the planner uses no other index: neither for the range nor for the order.
        out.push_sql("(SELECT message_id FROM search WHERE words @@ query AND message_id + 0 < ");
        out.push_bind_param::<BigInt, _>(&self.below)?;
        if let Rest::Words(words) = &self.rest {
            // `IS TRUE` keeps the words out of the query of the index, which would collect them for each of the queries.
            out.push_sql(" AND (words @@ (SELECT ");
            out.push_bind_param::<Text, _>(words)?;
            out.push_sql("::tsquery)) IS TRUE");
        }
        out.push_sql(" OFFSET 0) AS found ORDER BY message_id DESC OFFSET 0) AS found");
        if let Rest::Sessions(sessions) = &self.rest {
            out.push_sql(" WHERE ");
            push_in_sessions(&mut out, sessions)?;
        }
        out.push_sql(" LIMIT ");
        out.push_bind_param::<BigInt, _>(&self.most)
    }
}

macro_rules! query {
    ($query:ty: $row:ty) => {
        impl QueryId for $query {
            type QueryId = ();
            // Known by its text.
            const HAS_STATIC_QUERY_ID: bool = false;
        }

        impl Query for $query {
            type SqlType = $row;
        }

        impl RunQueryDsl<PgConnection> for $query {}
    };
}

query!(Newest<'_>: BigInt);
query!(Indexed<'_>: BigInt);
query!(Sizes<'_>: (BigInt, BigInt));
