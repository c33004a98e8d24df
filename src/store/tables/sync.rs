//! What changed in a session since a `rev`.

use super::messages::MessageRow;
use super::{blocks, members, messages as message_rows, sessions, users as user_rows};
use crate::domain::{Changes, MemberChange, Message, Resync, SessionId, SessionKind, UserId};
use crate::store::db::prelude::*;
use crate::store::db::schema::{members as members_table, messages, users};

/// Messages in a page.
const MESSAGES: i64 = 200;
/// Memberships in a page, so that both fit into a frame.
const MEMBERS: i64 = 50;

/// The changes after `from`, at most a page of them. `epoch_fits`: the client's `rev` belongs to this epoch; otherwise it has
/// to load everything again. Fails with `not_found` where the user is not in the session, or there is none.
pub(crate) fn changes(
    db: &mut Db,
    viewer: UserId,
    session: SessionId,
    from: i64,
    epoch_fits: bool,
    bytes: usize,
) -> Result<Resync, Error> {
    let membership = members::check(db, session, viewer)?;
    let marks = membership.marks;
    let head = sessions::seq_and_rev(db, session)?;
    let (_, rev) = head;
    if !epoch_fits || from > rev || from < 0 {
        return Ok(Resync::Reset { session });
    }
    let mut changed = since(db, session, from, head)?;
    message_rows::attach(db, session, &mut changed)?;
    let (mut messages, complete) = message_rows::fit(changed.into_iter(), MESSAGES, bytes);
    let mut to = if complete { rev } else { messages.last().map_or(rev, |last| last.rev) };
    let (members, all) = changed_members(db, session, from, to)?;
    if let (false, Some(last)) = (all, members.last()) {
        // Changes of members alone fill the page.
        to = last.rev;
        messages.retain(|message| message.rev <= to);
    }
    let is_lobby = membership.kind == SessionKind::Lobby;
    let shares_marks = !is_lobby && members::count(db, session)? <= members::RECEIPTS_UP_TO;
    let mut receipts = if shares_marks { Some(members::receipts(db, session)?) } else { None };
    if let Some(all) = &mut receipts
        && let Some(other) = sessions::partner(db, session, viewer)?
        && blocks::between(db, viewer, other)?
    {
        let own = user_rows::find(db, viewer)?.username;
        all.retain(|receipt| receipt.username == own);
    }
    let (title, code) = title_and_code(db, session, viewer)?;
    Ok(Resync::Changes(Box::new(Changes {
        session,
        from,
        to,
        messages,
        members,
        title,
        code,
        read: marks.read,
        unread: if is_lobby { 0 } else { sessions::unread(db, session, marks.read)? },
        receipts,
        more: to < rev,
    })))
}

/// Messages whose last change is after `from`, by `rev`, one more than a page.
///
/// Unchanged messages have the order of their `seq` and need no index of their own; changed ones have one. The two are
/// merged.
fn since(db: &mut Db, session: SessionId, from: i64, head: (i64, i64)) -> Result<Vec<Message>, Error> {
    let first = first_after(db, session, from, head)?;
    let all = || messages::table.inner_join(users::table).filter(messages::session_id.eq(session));
    let changed = all()
        .filter(messages::rev.ne(messages::posted_rev))
        .filter(messages::rev.gt(from))
        .order(messages::rev.asc())
        .select(MessageRow::as_select())
        .rows(MESSAGES + 1)
        .load::<MessageRow>(db)?;
    let changed: Vec<Message> = changed.into_iter().map(Message::from).collect();
    // Where changed messages fill the page, unchanged ones can only be those up to its end: a message's `seq` is never
    // above its `rev`. Without that bound a session in which nearly all messages were changed would be scanned whole.
    let full = changed.len() > usize::try_from(MESSAGES).unwrap_or_default();
    let end = changed.last().filter(|_| full).map_or(head.0, |last| last.rev);
    let unchanged: Vec<MessageRow> = all()
        .filter(messages::seq.ge(first))
        .filter(messages::seq.le(end))
        .filter(messages::rev.eq(messages::posted_rev))
        .order(messages::seq.asc())
        .select(MessageRow::as_select())
        .rows(MESSAGES + 1)
        .load(db)?;
    let mut page: Vec<Message> = unchanged.into_iter().map(Message::from).chain(changed).collect();
    page.sort_unstable_by_key(|message| message.rev);
    page.truncate(usize::try_from(MESSAGES + 1).unwrap_or_default());
    Ok(page)
}

/// The first `seq` that was posted after `from`. Every message has a `rev` of its own, so it is `from + 1` at the latest, and
/// lower by at most the number of revisions that were no new message; between the two it is found by binary search.
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

/// Memberships that changed after `from` and up to `to`, by `rev`, at most a page; true where that is all.
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

/// The present title and code; a direct session has the other user's name.
fn title_and_code(db: &mut Db, session: SessionId, viewer: UserId) -> Result<(String, Option<String>), Error> {
    let (title, code) = sessions::title_and_code(db, session)?;
    if let Some(title) = title {
        return Ok((title, code));
    }
    let other: Option<String> = members_table::table
        .inner_join(users::table)
        .filter(members_table::session_id.eq(session))
        .filter(members_table::user_id.ne(viewer))
        .select(users::username)
        .maybe(db)?;
    Ok((other.unwrap_or_default(), code))
}
