//! The table `sessions`, and sessions as their members see them.

use std::collections::HashMap;

use diesel::sql_types::{BigInt, SmallInt};

use super::{lobby, members, messages as message_rows};
use crate::domain::{
    Code, Cursor, Key, Member, Message, Page, Refusal, Role, Session, SessionId, SessionKind, Time, UserId,
};
use crate::store::background::scrub;
use crate::store::db::Number;
use crate::store::db::columns::PURGED;
use crate::store::db::prelude::*;
use crate::store::db::schema::{invites, members as members_table, messages, sessions, users};

/// Members in the view of a session.
const MEMBERS: i64 = 20;
/// Unread messages are counted up to this number.
const UNREAD: i64 = 1_000;
/// Characters of the last message in the view of a session.
const PREVIEW: usize = 200;

#[derive(QueryableByName)]
#[diesel(table_name = sessions)]
struct Row {
    id: SessionId,
    kind: SessionKind,
    title: Option<String>,
    code: Option<String>,
    seq: i64,
    rev: i64,
    last_at: Time,
    created_at: Time,
    #[diesel(sql_type = SmallInt)]
    role: Role,
    #[diesel(sql_type = BigInt)]
    read: i64,
    #[diesel(sql_type = BigInt)]
    unread: i64,
    #[diesel(sql_type = BigInt)]
    member_count: i64,
}

// The page is chosen first, so that unread messages are counted for its sessions only. They are counted by subtracting: all
// messages above one's mark are by others, since sending moves it, and the few that do not count as unread have an index.
macro_rules! views {
    ($which:literal) => {
        concat!(
            "SELECT p.*, p.seq - p.read - (SELECT count(*) FROM messages x WHERE x.session_id = p.id \
             AND x.seq > p.read AND (x.kind = 1 OR x.deleted)) AS unread, \
             (SELECT count(*) FROM members c WHERE c.session_id = p.id AND c.state = 0) AS member_count FROM \
             (SELECT s.id, s.kind, coalesce(s.title, (SELECT o.username FROM users o WHERE o.id = \
             CASE s.pair_low WHEN m.user_id THEN s.pair_high ELSE s.pair_low END)) AS title, s.code, s.seq, s.rev, \
             s.last_at, s.created_at, m.role, m.read \
             FROM members m JOIN sessions s ON s.id = m.session_id WHERE m.user_id = $1 AND m.state = 0 AND ",
            $which,
            ") AS p ORDER BY p.last_at DESC, p.id DESC"
        )
    };
}

/// A user's sessions, latest activity first.
pub(crate) fn list(db: &mut Db, viewer: UserId, page: Page) -> Result<(Vec<Session>, Option<String>), Error> {
    let Page { after: Cursor { at, id }, limit } = page;
    let query =
        views!("(s.last_at < $2 OR (s.last_at = $2 AND s.id < $3)) ORDER BY s.last_at DESC, s.id DESC LIMIT {limit}");
    // The limit is part of the text: SQLite would compile the statement a second time for a bound one.
    let query = query.replace("{limit}", &(limit + 1).to_string());
    let mut rows: Vec<Row> =
        diesel::sql_query(query).bind::<BigInt, _>(viewer).bind::<BigInt, _>(at).bind::<BigInt, _>(id).load(db)?;
    if let Some(lobby) = lobby_row(db, viewer)?.filter(|row| (row.last_at.0, row.id.0) < (at, id)) {
        let place = rows.partition_point(|row| (row.last_at, row.id) > (lobby.last_at, lobby.id));
        rows.insert(place, lobby);
    }
    let next = page.close(&mut rows, |row| Cursor { at: row.last_at.0, id: row.id.0 });
    Ok((fill(db, rows)?, next))
}

pub(crate) fn cursor_behind(session: &Session) -> String {
    let last_at = session.last_message.as_ref().map_or(session.created_at, |message| message.at);
    Cursor { at: last_at.0, id: session.id.0 }.to_string()
}

/// One session as this user sees it. Fails with `not_found` where the user is not in it, or there is none.
pub(crate) fn view(db: &mut Db, viewer: UserId, id: SessionId) -> Result<Session, Error> {
    let query = diesel::sql_query(views!("s.id = $2"));
    let mut rows: Vec<Row> = query.bind::<BigInt, _>(viewer).bind::<BigInt, _>(id).load(db)?;
    if rows.is_empty() && lobby::id(db)? == Some(id) {
        rows.extend(lobby_row(db, viewer)?);
    }
    fill(db, rows)?.pop().ok_or_else(|| Refusal::NotFound.into())
}

/// The lobby as a row; `None` where it is switched off.
fn lobby_row(db: &mut Db, viewer: UserId) -> Result<Option<Row>, Error> {
    let Some(id) = lobby::id(db)? else { return Ok(None) };
    let Head { kind, seq, rev, last_at, created_at } = Head::of(db, id)?;
    let (role, member_count) = (lobby::role(db, viewer)?, lobby::member_count(db)?);
    let title = Some(lobby::TITLE.to_owned());
    Ok(Some(Row {
        id,
        kind,
        title,
        code: None,
        seq,
        rev,
        last_at,
        created_at,
        role,
        read: seq,
        unread: 0,
        member_count,
    }))
}

fn fill(db: &mut Db, rows: Vec<Row>) -> Result<Vec<Session>, Error> {
    let ids: Vec<SessionId> = rows.iter().map(|row| row.id).collect();
    let mut shown: HashMap<SessionId, Vec<Member>> = HashMap::with_capacity(ids.len());
    for (session, member) in members::first(db, &ids, MEMBERS)? {
        shown.entry(session).or_default().push(member);
    }
    let newest: Vec<message_rows::MessageRow> = messages::table
        .inner_join(users::table)
        .inner_join(sessions::table.on(sessions::id.eq(messages::session_id)))
        .filter(messages::session_id.eq_any(&ids))
        .filter(messages::seq.eq(sessions::seq))
        .select(message_rows::MessageRow::as_select())
        .load(db)?;
    let newest = newest.into_iter().map(Message::from);
    let mut newest: HashMap<SessionId, Message> = newest.map(|message| (message.session, message)).collect();
    message_rows::attach_newest(db, &mut newest)?;
    let session = |row: Row| Session {
        id: row.id,
        kind: row.kind,
        title: row.title.unwrap_or_default(),
        code: row.code,
        role: row.role,
        members: shown.remove(&row.id).unwrap_or_default(),
        member_count: row.member_count,
        last_message: newest.remove(&row.id).map(|message| message.cut_at(PREVIEW)),
        seq: row.seq,
        rev: row.rev,
        read: row.read,
        unread: row.unread.min(UNREAD),
        created_at: row.created_at,
    };
    Ok(rows.into_iter().map(session).collect())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions)]
pub(crate) struct Head {
    pub(crate) kind: SessionKind,
    pub(crate) seq: i64,
    pub(crate) rev: i64,
    pub(crate) last_at: Time,
    created_at: Time,
}

impl Head {
    pub(crate) fn of(db: &mut Db, id: SessionId) -> Result<Self, Error> {
        Ok(sessions::table.find(id).select(Self::as_select()).one(db)?)
    }

    /// The same, and locks the row, so that no other transaction gives out its next `seq` and `rev`. It does not wait: where
    /// another transaction has the lock, this one fails and is repeated.
    pub(crate) fn locked(db: &mut Db, id: SessionId) -> Result<Self, Error> {
        match db {
            Db::Sqlite(_) => Self::of(db, id),
            Db::Postgres(db) => {
                let row = sessions::table.find(id).select(Self::as_select());
                Ok(row.for_no_key_update().no_wait().get_result(db)?)
            }
        }
    }
}

/// Locks a session as [`Head::locked`] does.
pub(crate) fn lock(db: &mut Db, id: SessionId) -> Result<(), Error> {
    if db.is_postgres() { Head::locked(db, id).map(drop) } else { Ok(()) }
}

/// The other user of a direct session; `None` for sessions of other kinds.
pub(crate) fn partner(db: &mut Db, session: SessionId, user: UserId) -> Result<Option<UserId>, Error> {
    let pair: (Option<UserId>, Option<UserId>) =
        sessions::table.find(session).select((sessions::pair_low, sessions::pair_high)).one(db)?;
    let (Some(low), Some(high)) = pair else { return Ok(None) };
    Ok(Some(if low == user { high } else { low }))
}

pub(crate) fn direct(db: &mut Db, a: UserId, b: UserId) -> Result<Option<SessionId>, Error> {
    Ok(sessions::table
        .filter(sessions::pair_low.eq(a.min(b)))
        .filter(sessions::pair_high.eq(a.max(b)))
        .select(sessions::id)
        .maybe(db)?)
}

/// Creates the direct session of two users, who have none yet, or gives the one that another transaction has created since.
pub(crate) fn insert_direct(db: &mut Db, a: UserId, b: UserId, now: Time) -> Result<SessionId, Error> {
    let id = SessionId::random();
    let insert = diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(id),
            sessions::kind.eq(SessionKind::Direct),
            sessions::pair_low.eq(a.min(b)),
            sessions::pair_high.eq(a.max(b)),
            sessions::seq.eq(0_i64),
            sessions::rev.eq(0_i64),
            sessions::last_at.eq(now),
            sessions::created_at.eq(now),
        ))
        .on_conflict_do_nothing();
    if on_inner!(db, db => insert.execute(db))? == 0 {
        return direct(db, a, b)?.ok_or_else(|| Refusal::Internal.into());
    }
    members::insert_all(db, id, &[a, b], now)?;
    Ok(id)
}

pub(crate) struct NewSharedSession<'a> {
    pub kind: SessionKind,
    pub title: &'a str,
    pub code: Option<&'a Code>,
    /// A room without it is ephemeral.
    pub keep: bool,
    pub key: Option<&'a Key>,
}

/// Creates a group or room without members.
pub(crate) fn insert_shared(
    db: &mut Db,
    maker: UserId,
    shared: &NewSharedSession<'_>,
    now: Time,
) -> Result<SessionId, Error> {
    let id = SessionId::random();
    diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(id),
            sessions::kind.eq(shared.kind),
            sessions::title.eq(shared.title),
            sessions::code.eq(shared.code.map(Code::as_str)),
            sessions::keep.eq(shared.keep),
            sessions::maker_id.eq(maker),
            sessions::key.eq(shared.key.map(Key::as_str)),
            sessions::seq.eq(0_i64),
            sessions::rev.eq(0_i64),
            sessions::last_at.eq(now),
            sessions::created_at.eq(now),
        ))
        .execute(db)?;
    Ok(id)
}

pub(crate) fn find_by_key(db: &mut Db, maker: UserId, key: &Key) -> Result<Option<SessionId>, Error> {
    let own = sessions::table.filter(sessions::maker_id.eq(maker)).filter(sessions::key.eq(key.as_str()));
    Ok(own.select(sessions::id).maybe(db)?)
}

/// Deletes a session: its members and invites at once, its messages in the background (`purge`).
pub(crate) fn begin_purge(db: &mut Db, id: SessionId) -> Result<(), Error> {
    diesel::delete(members_table::table.filter(members_table::session_id.eq(id))).execute(db)?;
    diesel::delete(invites::table.filter(invites::session_id.eq(id))).execute(db)?;
    diesel::update(sessions::table.find(id))
        .set((
            sessions::kind.eq(PURGED),
            sessions::title.eq(None::<String>),
            sessions::code.eq(None::<String>),
            sessions::key.eq(None::<String>),
        ))
        .run(db)
}

pub(crate) fn title_and_code(db: &mut Db, id: SessionId) -> Result<(Option<String>, Option<String>), Error> {
    Ok(sessions::table.find(id).select((sessions::title, sessions::code)).one(db)?)
}

pub(crate) fn set_title(db: &mut Db, id: SessionId, title: &str) -> Result<(), Error> {
    diesel::update(sessions::table.find(id)).set(sessions::title.eq(title)).execute(db)?;
    scrub::erased(db)?;
    Ok(())
}

/// False for an ephemeral room.
pub(crate) fn is_permanent(db: &mut Db, id: SessionId) -> Result<bool, Error> {
    Ok(sessions::table.find(id).select(sessions::keep).one(db)?)
}

pub(crate) fn seq_and_rev(db: &mut Db, id: SessionId) -> Result<(i64, i64), Error> {
    Ok(sessions::table.find(id).select((sessions::seq, sessions::rev)).one(db)?)
}

/// How many messages are above a member's read mark, counted up to 1,000. They are all by others.
pub(crate) fn unread(db: &mut Db, id: SessionId, read: i64) -> Result<i64, Error> {
    // Counted in `messages`: the session's own row may be written only at the end of the transaction.
    let count = "SELECT coalesce((SELECT max(m.seq) FROM messages m WHERE m.session_id = $1) - $2 - \
                 (SELECT count(*) FROM messages x WHERE x.session_id = $1 AND x.seq > $2 \
                 AND (x.kind = 1 OR x.deleted)), 0) AS n";
    let count = diesel::sql_query(count).bind::<BigInt, _>(id).bind::<BigInt, _>(read);
    Ok(count.get_result::<Number>(db)?.n.min(UNREAD))
}
