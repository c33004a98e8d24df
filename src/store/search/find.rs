//! Asking the index.
//!
//! The asker's own sessions are part of what the index is asked, so that however common a word is in other people's
//! sessions, no more is walked than the asker's own messages. Membership and the text as it now stands are looked at once
//! more, in the same snapshot: the index only proposes.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt::Write;

use crate::store::limited::Limited;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::index::session_word;
use super::snippet::snippet;
use super::words::Query;
use crate::domain::{Cursor, Hit, MemberState, Message, MessageKind, Page, SessionId, UserId};
use crate::store::columns::PURGED;
use crate::store::members as allowed;
use crate::store::messages as said;
use crate::store::schema::{members, messages, server, sessions, users};
use crate::store::{Db, Error};

/// The index is asked for so many words; whether the text has the others too is seen when it is looked at.
const WORDS: usize = 16;
/// So often it is asked for one page. A query of many words, of which the index was asked for the first, may find little
/// among much; the page then ends early and says where to go on.
const ROUNDS: usize = 10;
/// First so many pages of what anybody has said are glanced at: naming hundreds of sessions takes longer than leaving out
/// what is not in them, as long as there is not too much of it.
const GLANCES: usize = 5;
/// Only so many sessions are worth it.
const MANY: usize = 32;

#[derive(QueryableByName)]
struct Proposal {
    #[diesel(sql_type = BigInt)]
    rowid: i64,
}

/// Messages with all words of `query` in the sessions of this user, or in one of them, newest first, about `bytes` in all;
/// and where the next page begins.
///
/// # Errors
/// `not_found` for a session the user is not in.
pub(crate) fn find(
    db: &mut Db,
    viewer: UserId,
    query: &Query,
    session: Option<SessionId>,
    page: Page,
    bytes: usize,
) -> Result<(Vec<Hit>, Option<String>), Error> {
    let mine = match session {
        Some(session) => {
            allowed::check(db, session, viewer)?;
            vec![session]
        }
        None => sessions_of(db, viewer)?,
    };
    if mine.is_empty() {
        return Ok((Vec::new(), None));
    }
    let limit = usize::try_from(page.limit).unwrap_or_default();
    let (mut hits, mut size) = (Vec::new(), 0);
    let mut last = page.after.id;
    let mut below = page.after.id;
    let may: HashSet<SessionId> = mine.iter().copied().collect();
    let mut index = Index::new(&mine, query, limit);
    for _ in 0..ROUNDS + GLANCES {
        let proposals = index.next(db, below)?;
        let Some(end) = proposals.last() else { return Ok((hits, None)) };
        below = *end;
        let mut texts = load(db, &proposals, &may)?;
        for id in &proposals {
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
        if index.ended {
            return Ok((hits, None));
        }
    }
    Ok((hits, Some(Cursor { at: 0, id: below }.to_string())))
}

/// The index, asked for one query.
struct Index {
    /// One more than fits on a page says whether there is a next one.
    limit: usize,
    /// Within the asker's sessions.
    question: String,
    /// Anywhere. Only for one word: of several there may be many and hardly any together, and then all are walked.
    anywhere: Option<String>,
    glanced: VecDeque<i64>,
    /// A glance has seen all there is.
    seen_all: bool,
    /// Nothing is left.
    ended: bool,
}

impl Index {
    fn new(mine: &[SessionId], query: &Query, limit: usize) -> Self {
        let words = words(query);
        let anywhere = (mine.len() >= MANY && query.words().len() == 1).then(|| words.clone());
        let question = format!("({}) AND {words}", places(mine));
        Self { limit: limit + 1, question, anywhere, glanced: VecDeque::new(), seen_all: false, ended: false }
    }

    /// The next proposals, newest first; none where nothing is left.
    fn next(&mut self, db: &mut Db, below: i64) -> QueryResult<Vec<i64>> {
        if let Some(anywhere) = self.anywhere.take() {
            let limit = self.limit * GLANCES;
            self.glanced = propose(db, &anywhere, below, limit)?.into();
            self.seen_all = self.glanced.len() < limit;
        }
        if !self.glanced.is_empty() || self.seen_all {
            let next = self.glanced.drain(..self.limit.min(self.glanced.len())).collect();
            self.ended = self.seen_all && self.glanced.is_empty();
            return Ok(next);
        }
        let next = propose(db, &self.question, below, self.limit)?;
        self.ended = next.len() < self.limit;
        Ok(next)
    }
}

/// Where the user may read now and there is something to read. The lobby is everybody's, without a row that says so.
fn sessions_of(db: &mut Db, viewer: UserId) -> QueryResult<Vec<SessionId>> {
    let mut mine: Vec<SessionId> = members::table
        .inner_join(sessions::table)
        .filter(members::user_id.eq(viewer))
        .filter(members::state.eq(MemberState::Joined))
        .filter(sessions::kind.ne(PURGED))
        .filter(sessions::seq.gt(0_i64))
        .select(members::session_id)
        .load(db)?;
    mine.extend(server::table.select(server::lobby_id).one::<Option<SessionId>>(db)?);
    Ok(mine)
}

/// The sessions in the index's own language.
fn places(mine: &[SessionId]) -> String {
    let mut places = String::with_capacity(mine.len() * 22);
    for (number, session) in mine.iter().enumerate() {
        let or = if number == 0 { "" } else { " OR " };
        let _ = write!(places, "{or}\"{}\"", session_word(*session));
    }
    places
}

/// The words likewise. They are letters and digits, in quotes: nothing else can get in.
fn words(query: &Query) -> String {
    let mut words = String::new();
    for (number, wanted) in query.words().iter().take(WORDS).enumerate() {
        let and = if number == 0 { "" } else { " AND " };
        let _ = write!(words, "{and}\"{}\"{}", wanted.word, if wanted.begins { "*" } else { "" });
    }
    words
}

fn propose(db: &mut Db, question: &str, below: i64, limit: usize) -> QueryResult<Vec<i64>> {
    let ask = "SELECT rowid FROM search WHERE search MATCH $1 AND rowid < $2 ORDER BY rowid DESC LIMIT ";
    let ask = diesel::sql_query(ask).sql(limit.to_string()).bind::<Text, _>(question).bind::<BigInt, _>(below);
    Ok(ask.load(db)?.into_iter().map(|Proposal { rowid }| rowid).collect())
}

fn load(db: &mut Db, ids: &[i64], mine: &HashSet<SessionId>) -> Result<HashMap<i64, Message>, Error> {
    let rows: Vec<said::MessageRow> = messages::table
        .inner_join(users::table)
        .filter(messages::id.eq_any(ids))
        .filter(messages::kind.eq(MessageKind::Text))
        .filter(messages::deleted.eq(false))
        .order((messages::session_id, messages::seq))
        .select(said::MessageRow::as_select())
        .load(db)?;
    let mut all: Vec<Message> = rows.into_iter().map(Message::from).collect();
    all.retain(|message| mine.contains(&message.session));
    for of_one in all.chunk_by_mut(|one, other| one.session == other.session) {
        if let Some(session) = of_one.first().map(|message| message.session) {
            said::attach(db, session, of_one)?;
        }
    }
    Ok(all.into_iter().map(|message| (message.id.0, message)).collect())
}
