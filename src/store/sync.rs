//! What changed in a session since a `rev`.

use crate::store::limited::Limited;
use diesel::prelude::*;

use super::schema::{members as members_table, messages, users};
use super::{Db, Error, blocks, members, messages as said, sessions as kept, users as accounts};
use crate::domain::{Changes, MemberChange, Message, Resync, SessionId, SessionKind, UserId};

/// A page holds at most so many messages.
const MESSAGES: i64 = 200;
/// And so many memberships, so that both fit into a frame.
const MEMBERS: i64 = 50;

/// What brings a client that holds `from` up to date, or as far as a page goes. `epoch_fits`: the `rev` is one of this
/// history's.
///
/// # Errors
/// `not_found` where the user is not in the session, or there is none.
pub(crate) fn changes(
    db: &mut Db,
    viewer: UserId,
    session: SessionId,
    from: i64,
    epoch_fits: bool,
    bytes: usize,
) -> Result<Resync, Error> {
    let seat = members::check(db, session, viewer)?;
    let marks = seat.marks;
    let head = kept::head(db, session)?;
    let (_, rev) = head;
    if !epoch_fits || from > rev || from < 0 {
        return Ok(Resync::Reset { session });
    }
    let mut changed = since(db, session, from, head)?;
    said::attach(db, session, &mut changed)?;
    let (mut messages, complete) = said::fit(changed.into_iter(), MESSAGES, bytes);
    let mut to = if complete { rev } else { messages.last().map_or(rev, |last| last.rev) };
    let (members, all) = changed_members(db, session, from, to)?;
    if let (false, Some(last)) = (all, members.last()) {
        // So many came and went that their changes make up the page.
        to = last.rev;
        messages.retain(|message| message.rev <= to);
    }
    let is_lobby = seat.kind == SessionKind::Lobby;
    let tells = !is_lobby && members::count(db, session)? <= members::RECEIPTS_UP_TO;
    let mut receipts = if tells { Some(members::receipts(db, session)?) } else { None };
    if let Some(all) = &mut receipts
        && let Some(other) = kept::partner(db, session, viewer)?
        && blocks::between(db, viewer, other)?
    {
        let own = accounts::find(db, viewer)?.username;
        all.retain(|receipt| receipt.username == own);
    }
    let (title, code) = face(db, session, viewer)?;
    Ok(Resync::Changes(Box::new(Changes {
        session,
        from,
        to,
        messages,
        members,
        title,
        code,
        read: marks.read,
        unread: if is_lobby { 0 } else { kept::unread(db, session, marks.read)? },
        receipts,
        more: to < rev,
    })))
}

/// Messages whose last change lies after `from`, by `rev`, one more than a page.
///
/// Those that nobody has changed stand in the order of their `seq` and need no index of their own; those that were changed
/// have one. The two are merged.
fn since(db: &mut Db, session: SessionId, from: i64, head: (i64, i64)) -> Result<Vec<Message>, Error> {
    let first = first_after(db, session, from, head)?;
    let all = || messages::table.inner_join(users::table).filter(messages::session_id.eq(session));
    let changed = all()
        .filter(messages::rev.ne(messages::posted_rev))
        .filter(messages::rev.gt(from))
        .order(messages::rev.asc())
        .select(said::MessageRow::as_select())
        .rows(MESSAGES + 1)
        .load::<said::MessageRow>(db)?;
    let changed: Vec<Message> = changed.into_iter().map(Message::from).collect();
    // Where the changed ones fill the page, the others can only be those up to its end: a message's `seq` is never above
    // its `rev`. Without that bound a session in which nearly all were changed would be walked whole.
    let full = changed.len() > usize::try_from(MESSAGES).unwrap_or_default();
    let end = changed.last().filter(|_| full).map_or(head.0, |last| last.rev);
    let unchanged: Vec<said::MessageRow> = all()
        .filter(messages::seq.ge(first))
        .filter(messages::seq.le(end))
        .filter(messages::rev.eq(messages::posted_rev))
        .order(messages::seq.asc())
        .select(said::MessageRow::as_select())
        .rows(MESSAGES + 1)
        .load(db)?;
    let mut page: Vec<Message> = unchanged.into_iter().map(Message::from).chain(changed).collect();
    page.sort_unstable_by_key(|message| message.rev);
    page.truncate(usize::try_from(MESSAGES + 1).unwrap_or_default());
    Ok(page)
}

/// The first `seq` that was posted after `from`. Every message is a step, so it lies at `from + 1` at the latest, and
/// earlier by at most the number of steps that were no new message; between the two it is searched by halves.
fn first_after(db: &mut Db, session: SessionId, from: i64, (seq, rev): (i64, i64)) -> Result<i64, Error> {
    let (mut low, mut high) = ((from - (rev - seq)).max(0) + 1, (from + 1).min(seq + 1));
    while low < high {
        let middle = low + (high - low) / 2;
        let posted: i64 = messages::table
            .filter(messages::session_id.eq(session))
            .filter(messages::seq.eq(middle))
            .select(messages::posted_rev)
            .one(db)?;
        if posted > from {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Ok(low)
}

/// Memberships that changed after `from` and up to `to`, by `rev`, as many as a page holds; true where that was all.
fn changed_members(db: &mut Db, session: SessionId, from: i64, to: i64) -> Result<(Vec<MemberChange>, bool), Error> {
    let rows: Vec<members::MemberRow> = members_table::table
        .inner_join(users::table)
        .filter(members_table::session_id.eq(session))
        .filter(members_table::rev.gt(from))
        .filter(members_table::rev.le(to))
        .order(members_table::rev)
        .select(members::MemberRow::as_select())
        .rows(MEMBERS + 1)
        .load(db)?;
    let most = usize::try_from(MEMBERS).unwrap_or_default();
    let all = rows.len() <= most;
    Ok((rows.into_iter().take(most).map(MemberChange::from).collect(), all))
}

/// What a session is called and how it is joined, as it now is.
fn face(db: &mut Db, session: SessionId, viewer: UserId) -> Result<(String, Option<String>), Error> {
    let (title, code) = kept::face(db, session)?;
    if let Some(title) = title {
        return Ok((title, code));
    }
    let other: Option<String> = members_table::table
        .inner_join(users::table)
        .filter(members_table::session_id.eq(session))
        .filter(members_table::user_id.ne(viewer))
        .select(users::username)
        .one(db)
        .optional()?;
    Ok((other.unwrap_or_default(), code))
}
