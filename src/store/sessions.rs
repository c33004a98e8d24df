//! The table `sessions`, and sessions as their members see them.

use std::collections::HashMap;

use crate::store::limited::Limited;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, SmallInt, Text};

use super::columns::PURGED;
use super::schema::{invites, members as members_table, messages, sessions, users};
use super::{Db, Error, members, messages as said};
use crate::domain::{
    Code, Cursor, Key, Member, Message, Page, Refusal, Role, Session, SessionId, SessionKind, Time, UserId,
};

/// A session tells so many of its people.
const PEOPLE: i64 = 20;
/// Previews are cut after so many characters.
const PREVIEW: usize = 200;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    id: SessionId,
    #[diesel(sql_type = SmallInt)]
    kind: SessionKind,
    #[diesel(sql_type = Nullable<Text>)]
    title: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    code: Option<String>,
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = BigInt)]
    rev: i64,
    #[diesel(sql_type = BigInt)]
    last_at: Time,
    #[diesel(sql_type = BigInt)]
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

// The page is chosen first, so that unread messages are counted for its sessions only. They are counted by subtracting:
// what lies above one's mark is by others, since sending moves it, and the few that are not to be read have an index.
macro_rules! views {
    ($which:literal) => {
        concat!(
            "SELECT p.*, min(1000, p.seq - p.read - (SELECT count(*) FROM messages x WHERE x.session_id = p.id \
             AND x.seq > p.read AND (x.kind = 1 OR x.deleted))) AS unread, \
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
    // A number in the text: SQLite would compile the statement a second time to look at one that is bound.
    let query = query.replace("{limit}", &(limit + 1).to_string());
    let mut rows: Vec<Row> =
        diesel::sql_query(query).bind::<BigInt, _>(viewer).bind::<BigInt, _>(at).bind::<BigInt, _>(id).load(db)?;
    if let Some(lobby) = lobby(db, viewer)?.filter(|row| (row.last_at.0, row.id.0) < (at, id)) {
        let place = rows.partition_point(|row| (row.last_at, row.id) > (lobby.last_at, lobby.id));
        rows.insert(place, lobby);
    }
    let next = page.close(&mut rows, |row| Cursor { at: row.last_at.0, id: row.id.0 });
    Ok((fill(db, rows)?, next))
}

/// Where a list goes on behind `session`.
pub(crate) fn cursor_behind(session: &Session) -> String {
    let last_at = session.last_message.as_ref().map_or(session.created_at, |message| message.at);
    Cursor { at: last_at.0, id: session.id.0 }.to_string()
}

/// One session as this user sees it.
///
/// # Errors
/// `not_found` where the user is not in it, or there is none.
pub(crate) fn view(db: &mut Db, viewer: UserId, id: SessionId) -> Result<Session, Error> {
    let query = diesel::sql_query(views!("s.id = $2"));
    let mut rows: Vec<Row> = query.bind::<BigInt, _>(viewer).bind::<BigInt, _>(id).load(db)?;
    if rows.is_empty() && super::lobby::id(db)? == Some(id) {
        rows.extend(lobby(db, viewer)?);
    }
    fill(db, rows)?.pop().ok_or_else(|| Refusal::NotFound.into())
}

/// The lobby, of which nobody has a row, as a row; `None` where it is switched off.
fn lobby(db: &mut Db, viewer: UserId) -> Result<Option<Row>, Error> {
    let Some(id) = super::lobby::id(db)? else { return Ok(None) };
    let role = super::lobby::role(db, viewer)?;
    let member_count = super::lobby::member_count(db)?;
    let Head { seq, rev, last_at, created_at, .. } = Head::of(db, id)?;
    let title = Some(super::lobby::TITLE.to_owned());
    let row = Row {
        id,
        kind: SessionKind::Lobby,
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
    };
    Ok(Some(row))
}

fn fill(db: &mut Db, rows: Vec<Row>) -> Result<Vec<Session>, Error> {
    let ids: Vec<SessionId> = rows.iter().map(|row| row.id).collect();
    let mut people: HashMap<SessionId, Vec<Member>> = HashMap::with_capacity(ids.len());
    for (session, member) in members::first(db, &ids, PEOPLE)? {
        people.entry(session).or_default().push(member);
    }
    let newest: Vec<said::MessageRow> = messages::table
        .inner_join(users::table)
        .inner_join(sessions::table.on(sessions::id.eq(messages::session_id)))
        .filter(messages::session_id.eq_any(&ids))
        .filter(messages::seq.eq(sessions::seq))
        .select(said::MessageRow::as_select())
        .load(db)?;
    let newest = newest.into_iter().map(Message::from);
    let mut newest: HashMap<SessionId, Message> = newest.map(|message| (message.session, message)).collect();
    said::attach_newest(db, &mut newest)?;
    let session = |row: Row| {
        let members = people.remove(&row.id).unwrap_or_default();
        Session {
            id: row.id,
            kind: row.kind,
            title: row.title.unwrap_or_default(),
            code: row.code,
            role: row.role,
            members,
            member_count: row.member_count,
            last_message: newest.remove(&row.id).map(|message| message.cut_at(PREVIEW)),
            seq: row.seq,
            rev: row.rev,
            read: row.read,
            unread: row.unread,
            created_at: row.created_at,
        }
    };
    Ok(rows.into_iter().map(session).collect())
}

/// Where a session stands.
#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions)]
pub(super) struct Head {
    pub(super) kind: SessionKind,
    pub(super) seq: i64,
    pub(super) rev: i64,
    pub(super) last_at: Time,
    created_at: Time,
}

impl Head {
    pub(super) fn of(db: &mut Db, id: SessionId) -> Result<Self, Error> {
        Ok(sessions::table.find(id).select(Self::as_select()).one(db)?)
    }
}

/// The other user of a direct session; `None` for sessions of other kinds.
pub(crate) fn partner(db: &mut Db, session: SessionId, user: UserId) -> Result<Option<UserId>, Error> {
    let pair: (Option<UserId>, Option<UserId>) =
        sessions::table.find(session).select((sessions::pair_low, sessions::pair_high)).one(db)?;
    let (Some(low), Some(high)) = pair else { return Ok(None) };
    Ok(Some(if low == user { high } else { low }))
}

/// The direct session of two users.
pub(crate) fn direct(db: &mut Db, a: UserId, b: UserId) -> Result<Option<SessionId>, Error> {
    Ok(sessions::table
        .filter(sessions::pair_low.eq(a.min(b)))
        .filter(sessions::pair_high.eq(a.max(b)))
        .select(sessions::id)
        .one(db)
        .optional()?)
}

/// Makes the direct session of two users, who have none yet.
pub(crate) fn insert_direct(db: &mut Db, a: UserId, b: UserId, now: Time) -> Result<SessionId, Error> {
    let id = SessionId::random();
    diesel::insert_into(sessions::table)
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
        .execute(db)?;
    members::insert(db, id, a, Role::Member, now)?;
    members::insert(db, id, b, Role::Member, now)?;
    Ok(id)
}

/// A group or room to be made.
pub(crate) struct Founding<'a> {
    /// Group or room.
    pub kind: SessionKind,
    /// What to call it.
    pub title: &'a str,
    /// By which a room is joined.
    pub code: Option<&'a Code>,
    /// A room stays when nobody is there.
    pub keep: bool,
    /// By which the maker's retry is recognised.
    pub key: Option<&'a Key>,
}

/// Makes a group or room in which nobody is yet.
pub(crate) fn found(db: &mut Db, maker: UserId, founding: &Founding<'_>, now: Time) -> Result<SessionId, Error> {
    let id = SessionId::random();
    diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(id),
            sessions::kind.eq(founding.kind),
            sessions::title.eq(founding.title),
            sessions::code.eq(founding.code.map(Code::as_str)),
            sessions::keep.eq(founding.keep),
            sessions::maker_id.eq(maker),
            sessions::key.eq(founding.key.map(Key::as_str)),
            sessions::seq.eq(0_i64),
            sessions::rev.eq(0_i64),
            sessions::last_at.eq(now),
            sessions::created_at.eq(now),
        ))
        .execute(db)?;
    Ok(id)
}

/// What this user has made with this key.
pub(crate) fn made(db: &mut Db, maker: UserId, key: &Key) -> Result<Option<SessionId>, Error> {
    let own = sessions::table.filter(sessions::maker_id.eq(maker)).filter(sessions::key.eq(key.as_str()));
    Ok(own.select(sessions::id).one(db).optional()?)
}

/// Deletes a session for everybody: its members and invites at once, its messages by and by (`purge`).
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
        .execute(db)?;
    Ok(())
}

/// A session's title and code.
pub(crate) fn face(db: &mut Db, id: SessionId) -> Result<(Option<String>, Option<String>), Error> {
    Ok(sessions::table.find(id).select((sessions::title, sessions::code)).one(db)?)
}

/// Gives a session another title.
pub(crate) fn set_title(db: &mut Db, id: SessionId, title: &str) -> Result<(), Error> {
    diesel::update(sessions::table.find(id)).set(sessions::title.eq(title)).execute(db)?;
    super::scrub::erased(db)?;
    Ok(())
}

/// True for a room that stays when nobody is there.
pub(crate) fn is_kept(db: &mut Db, id: SessionId) -> Result<bool, Error> {
    Ok(sessions::table.find(id).select(sessions::keep).one(db)?)
}

/// A session's `seq` and `rev`.
pub(crate) fn head(db: &mut Db, id: SessionId) -> Result<(i64, i64), Error> {
    Ok(sessions::table.find(id).select((sessions::seq, sessions::rev)).one(db)?)
}

#[derive(QueryableByName)]
struct Unread {
    #[diesel(sql_type = BigInt)]
    unread: i64,
}

/// How many messages lie above a member's read mark, counted up to 1,000. Those are all by others.
pub(crate) fn unread(db: &mut Db, id: SessionId, read: i64) -> Result<i64, Error> {
    // Asked of the messages themselves: the session's own row may be written only at the end of the transaction.
    let count = "SELECT coalesce(min(1000, (SELECT max(m.seq) FROM messages m WHERE m.session_id = $1) - $2 - \
                 (SELECT count(*) FROM messages x WHERE x.session_id = $1 AND x.seq > $2 \
                 AND (x.kind = 1 OR x.deleted))), 0) AS unread";
    let count = diesel::sql_query(count).bind::<BigInt, _>(id).bind::<BigInt, _>(read);
    Ok(count.get_result::<Unread>(db)?.unread)
}
