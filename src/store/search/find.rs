//! Querying the index.
//!
//! The viewer's sessions are part of the query, so that however common a word is in other sessions, only the viewer's messages
//! are scanned. The index only gives candidates: membership and the present text are checked in the same snapshot.

use std::collections::{HashMap, HashSet, VecDeque};

use super::query::Query;
use super::snippet::snippet;
use super::terms::Expression;
use super::{fts5, tsvector};
use crate::domain::{Cursor, Hit, MemberState, Message, MessageKind, Page, SessionId, UserId};
use crate::store::db::columns::PURGED;
use crate::store::db::prelude::*;
use crate::store::db::schema::{members, messages, server, sessions, users};
use crate::store::tables::members::check;
use crate::store::tables::messages::{MessageRow, attach};

/// Words of a query that the index is queried for; the others are checked in the text.
const WORDS: usize = 16;
/// Index queries for one page. A search for more words may have many candidates and few hits; the page then ends early, with
/// a cursor.
const ROUNDS: usize = 10;
/// With many sessions, SQLite tries so many pages of candidates in all sessions first: naming hundreds of sessions in the query
/// takes longer than skipping the candidates of others, as long as there are not too many.
const UNSCOPED_PAGES: usize = 5;
/// The number of sessions from which that pays.
const MANY: usize = 32;

/// Messages with all words of `query` in the sessions of this user, or in one of them, newest first, about `bytes` in all;
/// and where the next page begins. Fails with `not_found` for a session the user is not in.
pub(crate) fn find(
    db: &mut Db,
    viewer: UserId,
    query: &Query,
    session: Option<SessionId>,
    page: Page,
    bytes: usize,
) -> Result<(Vec<Hit>, Option<String>), Error> {
    let own = match session {
        Some(session) => {
            check(db, session, viewer)?;
            vec![session]
        }
        None => sessions_of(db, viewer)?,
    };
    if own.is_empty() {
        return Ok((Vec::new(), None));
    }
    let limit = usize::try_from(page.limit).unwrap_or_default();
    let (mut hits, mut size) = (Vec::new(), 0);
    let mut last = page.after.id;
    let mut below = page.after.id;
    let allowed: HashSet<SessionId> = own.iter().copied().collect();
    let mut candidates = Candidates::new(db, &own, query, limit);
    for _ in 0..ROUNDS + UNSCOPED_PAGES {
        let ids = candidates.next(db, below)?;
        let Some(end) = ids.last() else { return Ok((hits, None)) };
        below = *end;
        let mut texts = load(db, &ids, &allowed)?;
        for id in &ids {
            let Some(message) = texts.remove(id) else { continue };
            let Some(snippet) = snippet(&message.text, query) else { continue };
            let hit = Hit { message, snippet };
            size += serde_json::to_string(&hit).map_or(bytes, |json| json.len() + 1);
            if hits.len() == limit || (size > bytes && !hits.is_empty()) {
                return Ok((hits, Some(Cursor { at: 0, id: last }.to_string())));
            }
            hits.push(hit);
            last = *id;
        }
        if candidates.ended {
            return Ok((hits, None));
        }
    }
    Ok((hits, Some(Cursor { at: 0, id: below }.to_string())))
}

struct Candidates<'a> {
    /// One more than a page, to know whether there is a next one.
    limit: usize,
    /// Within the viewer's sessions.
    scoped: Expression<'a>,
    /// In all sessions. Only for one word: several may be common, but rare together, and then the scan is long.
    unscoped: Option<Expression<'a>>,
    buffered: VecDeque<i64>,
    /// All candidates are buffered.
    is_complete: bool,
    ended: bool,
}

impl<'a> Candidates<'a> {
    fn new(db: &Db, own: &'a [SessionId], query: &'a Query, limit: usize) -> Self {
        let terms = query.words().get(..WORDS).unwrap_or(query.words());
        let is_unscoped_first = !db.is_postgres() && own.len() >= MANY && query.words().len() == 1;
        Self {
            limit: limit + 1,
            scoped: Expression { sessions: own, terms },
            unscoped: is_unscoped_first.then_some(Expression { sessions: &[], terms }),
            buffered: VecDeque::new(),
            is_complete: false,
            ended: false,
        }
    }

    /// The next candidates, newest first; none where there are no more.
    fn next(&mut self, db: &mut Db, below: i64) -> QueryResult<Vec<i64>> {
        if let Some(unscoped) = self.unscoped.take() {
            let limit = self.limit * UNSCOPED_PAGES;
            self.buffered = matches(db, unscoped, below, limit)?.into();
            self.is_complete = self.buffered.len() < limit;
        }
        if !self.buffered.is_empty() || self.is_complete {
            let next = self.buffered.drain(..self.limit.min(self.buffered.len())).collect();
            self.ended = self.is_complete && self.buffered.is_empty();
            return Ok(next);
        }
        let next = matches(db, self.scoped, below, self.limit)?;
        self.ended = next.len() < self.limit;
        Ok(next)
    }
}

/// The sessions with messages that the user may read, and the lobby, for which there is no row.
fn sessions_of(db: &mut Db, viewer: UserId) -> QueryResult<Vec<SessionId>> {
    let mut own: Vec<SessionId> = members::table
        .inner_join(sessions::table)
        .filter(members::user_id.eq(viewer))
        .filter(members::state.eq(MemberState::Joined))
        .filter(sessions::kind.ne(PURGED))
        .filter(sessions::seq.gt(0_i64))
        .select(members::session_id)
        .load(db)?;
    own.extend(server::table.select(server::lobby_id).one::<Option<SessionId>>(db)?);
    Ok(own)
}

/// The newest messages below the id `below` that match, at most `limit`, newest first.
pub(super) fn matches(db: &mut Db, expression: Expression<'_>, below: i64, limit: usize) -> QueryResult<Vec<i64>> {
    match db {
        Db::Sqlite(db) => fts5::matches(db, expression, below, limit),
        Db::Postgres(db) => tsvector::matches(db, expression, below, limit),
    }
}

fn load(db: &mut Db, ids: &[i64], allowed: &HashSet<SessionId>) -> Result<HashMap<i64, Message>, Error> {
    let rows: Vec<MessageRow> = messages::table
        .inner_join(users::table)
        .filter(messages::id.eq_any(ids))
        .filter(messages::kind.eq(MessageKind::Text))
        .filter(messages::deleted.eq(false))
        .order((messages::session_id, messages::seq))
        .select(MessageRow::as_select())
        .load(db)?;
    let mut all: Vec<Message> = rows.into_iter().map(Message::from).collect();
    all.retain(|message| allowed.contains(&message.session));
    for group in all.chunk_by_mut(|one, other| one.session == other.session) {
        if let Some(session) = group.first().map(|message| message.session) {
            attach(db, session, group)?;
        }
    }
    Ok(all.into_iter().map(|message| (message.id.0, message)).collect())
}
