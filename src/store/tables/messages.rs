//! The tables `messages` and `reactions`. Only [`crate::store::log`] writes them.

use std::collections::HashMap;

use crate::domain::{Key, Message, MessageId, MessageKind, Reactions, Refusal, SessionId, Time, UserId};
use crate::store::db::Number;
use crate::store::db::prelude::*;
use crate::store::db::schema::{messages, reactions, sessions, users};

/// A message without its reactions, which [`attach`] adds.
#[derive(Queryable, Selectable)]
#[diesel(table_name = messages)]
pub(crate) struct MessageRow {
    id: MessageId,
    session_id: SessionId,
    seq: i64,
    rev: i64,
    sender_id: UserId,
    kind: MessageKind,
    text: String,
    at: Time,
    reply_to: Option<i64>,
    #[diesel(select_expression = users::username)]
    username: String,
    #[diesel(select_expression = users::display_name)]
    display_name: String,
    edited_at: Option<Time>,
    deleted: bool,
    mentions: Option<String>,
}

impl From<MessageRow> for Message {
    fn from(row: MessageRow) -> Self {
        let mentions = row.mentions.map(|names| names.split(' ').map(str::to_owned).collect());
        Self {
            id: row.id,
            session: row.session_id,
            seq: row.seq,
            rev: row.rev,
            sender: row.sender_id,
            username: row.username,
            shown: row.display_name.into(),
            kind: row.kind,
            text: row.text,
            at: row.at,
            reply_to: row.reply_to,
            mentions: mentions.unwrap_or_default(),
            edited_at: row.edited_at,
            deleted: row.deleted,
            reactions: Reactions::default(),
            cut: false,
        }
    }
}

/// The id for the next message, which no message has had. An `INSERT` that returns the id costs more for each message.
pub(crate) fn next_id(db: &mut Db) -> Result<MessageId, Error> {
    let query = match db {
        Db::Sqlite(_) => "SELECT coalesce(max(seq), 0) + 1 AS n FROM sqlite_sequence WHERE name = 'messages'",
        Db::Postgres(_) => "SELECT nextval('message_ids') AS n",
    };
    Ok(MessageId(diesel::sql_query(query).get_result::<Number>(db)?.n))
}

/// Inserts a new message, with the key and the fingerprint of its content if it was sent with a key.
pub(crate) fn insert(db: &mut Db, message: &Message, key: Option<(&Key, i64)>) -> QueryResult<()> {
    let insert = diesel::insert_into(messages::table).values((
        messages::id.eq(message.id),
        messages::session_id.eq(message.session),
        messages::seq.eq(message.seq),
        messages::rev.eq(message.rev),
        messages::posted_rev.eq(message.rev),
        messages::sender_id.eq(message.sender),
        messages::kind.eq(message.kind),
        messages::text.eq(&message.text),
        messages::at.eq(message.at),
        messages::reply_to.eq(message.reply_to),
        messages::key.eq(key.map(|(key, _)| key.as_str())),
        messages::fingerprint.eq(key.map(|(_, fingerprint)| fingerprint)),
        messages::mentions.eq(join_mentions(&message.mentions)),
    ));
    // On the inner connection: once for each message.
    on_inner!(db, db => insert.execute(db)).map(drop)
}

/// Mentions as the column stores them.
pub(crate) fn join_mentions(mentions: &[String]) -> Option<String> {
    (!mentions.is_empty()).then(|| mentions.join(" "))
}

/// Adds their reactions to messages of one session.
pub(crate) fn attach(db: &mut Db, session: SessionId, messages: &mut [Message]) -> Result<(), Error> {
    // A reaction has a `rev`, so a message without a later one has none.
    let changed = messages.iter().filter(|message| message.rev > message.seq);
    let seqs: Vec<i64> = changed.map(|message| message.seq).collect();
    if seqs.is_empty() {
        return Ok(());
    }
    let rows: Vec<(i64, String, String)> = reactions::table
        .inner_join(users::table)
        .filter(reactions::session_id.eq(session))
        .filter(reactions::seq.eq_any(seqs))
        .order((reactions::seq, reactions::at, reactions::emoji, users::username_key))
        .select((reactions::seq, reactions::emoji, users::username))
        .load(db)?;
    let mut places: Vec<(i64, usize)> =
        messages.iter().enumerate().map(|(place, message)| (message.seq, place)).collect();
    places.sort_unstable();
    for (seq, emoji, username) in rows {
        if let Ok(at) = places.binary_search_by_key(&seq, |(seq, _)| *seq)
            && let Some(message) = places.get(at).and_then(|(_, place)| messages.get_mut(*place))
        {
            message.reactions.add(emoji, username);
        }
    }
    Ok(())
}

/// The same for the newest messages of several sessions, by session.
pub(super) fn attach_newest(db: &mut Db, newest: &mut HashMap<SessionId, Message>) -> Result<(), Error> {
    let changed: Vec<SessionId> =
        newest.iter().filter(|(_, message)| message.rev > message.seq).map(|(session, _)| *session).collect();
    if changed.is_empty() {
        return Ok(());
    }
    let rows: Vec<(SessionId, String, String)> = reactions::table
        .inner_join(users::table)
        .inner_join(sessions::table.on(sessions::id.eq(reactions::session_id).and(sessions::seq.eq(reactions::seq))))
        .filter(sessions::id.eq_any(changed))
        .order((reactions::session_id, reactions::at, reactions::emoji, users::username_key))
        .select((reactions::session_id, reactions::emoji, users::username))
        .load(db)?;
    for (session, emoji, username) in rows {
        if let Some(message) = newest.get_mut(&session) {
            message.reactions.add(emoji, username);
        }
    }
    Ok(())
}

/// One message. The caller has checked membership. Fails with `not_found` where the session has no such `seq`.
pub(crate) fn find(db: &mut Db, session: SessionId, seq: i64) -> Result<Message, Error> {
    let row: Option<MessageRow> = messages::table
        .inner_join(users::table)
        .filter(messages::session_id.eq(session))
        .filter(messages::seq.eq(seq))
        .select(MessageRow::as_select())
        .maybe(db)?;
    let mut found = [Message::from(row.ok_or(Refusal::NotFound)?)];
    attach(db, session, &mut found)?;
    let [found] = found;
    Ok(found)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Span {
    /// The newest below this `seq`; `i64::MAX` for the newest of all.
    Before(i64),
    /// The oldest above this `seq`.
    After(i64),
}

/// Messages ascending by `seq`, at most `limit` of them and about `bytes` in all, and whether these are the last in that
/// direction. The caller has checked membership.
pub(crate) fn list(
    db: &mut Db,
    session: SessionId,
    span: Span,
    limit: i64,
    bytes: usize,
) -> Result<(Vec<Message>, bool), Error> {
    let all = messages::table
        .inner_join(users::table)
        .filter(messages::session_id.eq(session))
        .select(MessageRow::as_select());
    let rows: Vec<MessageRow> = match span {
        Span::Before(seq) => all.filter(messages::seq.lt(seq)).order(messages::seq.desc()).page(limit + 1).load(db)?,
        Span::After(seq) => all.filter(messages::seq.gt(seq)).order(messages::seq.asc()).page(limit + 1).load(db)?,
    };
    let mut all: Vec<Message> = rows.into_iter().map(Message::from).collect();
    attach(db, session, &mut all)?;
    let (mut page, complete) = fit(all.into_iter(), limit, bytes);
    if matches!(span, Span::Before(_)) {
        page.reverse();
    }
    Ok((page, complete))
}

/// The messages of `all` that fit on a page, at least one, and whether these are all.
pub(super) fn fit(all: impl Iterator<Item = Message>, limit: i64, bytes: usize) -> (Vec<Message>, bool) {
    let limit = usize::try_from(limit).unwrap_or_default();
    let (mut page, mut size) = (Vec::new(), 0_usize);
    for message in all {
        // JSON escapes these as two bytes (texts have no other control characters); the fields beside the text need less
        // than 512.
        let escaped = message.text.bytes().filter(|byte| matches!(byte, b'"' | b'\\' | b'\n' | b'\t')).count();
        let named = message.mentions.iter().map(|name| name.len() + 3).sum::<usize>();
        let reaction = |(emoji, names): &(String, Vec<String>)| {
            2 * emoji.len() + 6 + names.iter().map(|name| name.len() + 3).sum::<usize>()
        };
        size += message.text.len() + escaped + named + message.reactions.0.iter().map(reaction).sum::<usize>() + 512;
        if page.len() == limit || (size > bytes && !page.is_empty()) {
            return (page, false);
        }
        page.push(message);
    }
    (page, true)
}
