//! What changed in a session since a `rev`.

use diesel::prelude::*;

use super::schema::{members as members_table, messages, sessions, users};
use super::{Db, Error, members, messages as said, sessions as kept, users as accounts};
use crate::model::{Changes, Member, MemberChange, MemberState, Resync, SessionId, Time, UserId};

/// A page holds at most so many messages.
const MESSAGES: i64 = 200;

/// What brings a client that holds `from` up to date, or as far as a page goes. `epoch_fits`: the `rev` is one of this
/// history's.
///
/// # Errors
/// `not_found` where the user is not in the session, or there is none.
pub fn changes(
    db: &mut Db,
    viewer: UserId,
    session: SessionId,
    from: i64,
    epoch_fits: bool,
    bytes: usize,
) -> Result<Resync, Error> {
    let marks = members::check(db, session, viewer)?;
    let head = kept::head(db, session)?;
    let (_, rev) = head;
    if !epoch_fits || from > rev || from < 0 {
        return Ok(Resync::Reset { session });
    }
    let rows = since(db, session, from, head)?;
    let (messages, complete) = said::fit(rows.into_iter().map(said::message), MESSAGES, bytes);
    let to = if complete { rev } else { messages.last().map_or(rev, |last| last.rev) };
    let count = members::count(db, session)?;
    let receipts = if count <= members::RECEIPTS_UP_TO { Some(members::receipts(db, session)?) } else { None };
    Ok(Resync::Changes(Box::new(Changes {
        session,
        from,
        to,
        messages,
        members: changed_members(db, session, from, to)?,
        title: title(db, session, viewer)?,
        code: None,
        read: marks.read,
        unread: kept::unread(db, session, viewer, marks.read)?,
        receipts,
        more: !complete,
    })))
}

/// Messages whose last change lies after `from`, by `rev`, one more than a page.
///
/// Those that nobody has changed stand in the order of their `seq` and need no index of their own; those that were changed
/// have one. The two are merged.
fn since(db: &mut Db, session: SessionId, from: i64, head: (i64, i64)) -> Result<Vec<said::Row>, Error> {
    let first = first_after(db, session, from, head)?;
    let all = || messages::table.inner_join(users::table).filter(messages::session_id.eq(session.0));
    let mut rows: Vec<said::Row> = all()
        .filter(messages::seq.ge(first))
        .filter(messages::rev.eq(messages::posted_rev))
        .order(messages::seq.asc())
        .select(said::COLUMNS)
        .limit(MESSAGES + 1)
        .load(db)?;
    let changed: Vec<said::Row> = all()
        .filter(messages::rev.ne(messages::posted_rev))
        .filter(messages::rev.gt(from))
        .order(messages::rev.asc())
        .select(said::COLUMNS)
        .limit(MESSAGES + 1)
        .load(db)?;
    rows.extend(changed);
    rows.sort_unstable_by_key(|row| row.2);
    rows.truncate(usize::try_from(MESSAGES + 1).unwrap_or_default());
    Ok(rows)
}

/// The first `seq` that was posted after `from`. Every message is a step, so it lies at `from + 1` at the latest, and
/// earlier by at most the number of steps that were no new message; between the two it is searched by halves.
fn first_after(db: &mut Db, session: SessionId, from: i64, (seq, rev): (i64, i64)) -> Result<i64, Error> {
    let (mut low, mut high) = ((from - (rev - seq)).max(0) + 1, (from + 1).min(seq + 1));
    while low < high {
        let middle = low + (high - low) / 2;
        let posted: i64 = messages::table
            .filter(messages::session_id.eq(session.0))
            .filter(messages::seq.eq(middle))
            .select(messages::posted_rev)
            .first(db)?;
        if posted > from {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Ok(low)
}

fn changed_members(db: &mut Db, session: SessionId, from: i64, to: i64) -> Result<Vec<MemberChange>, Error> {
    let rows: Vec<(i16, i16, i64, i64, _)> = members_table::table
        .inner_join(users::table)
        .filter(members_table::session_id.eq(session.0))
        .filter(members_table::rev.gt(from))
        .filter(members_table::rev.le(to))
        .order(members_table::rev)
        .select((
            members_table::role,
            members_table::state,
            members_table::rev,
            members_table::joined_at,
            accounts::COLUMNS,
        ))
        .load(db)?;
    let change = |(role, state, rev, joined, row)| MemberChange {
        member: Member { user: accounts::stranger(row), role: members::role(role), joined_at: Time(joined) },
        state: match state {
            0 => MemberState::Joined,
            1 => MemberState::Left,
            _ => MemberState::Removed,
        },
        rev,
    };
    Ok(rows.into_iter().map(change).collect())
}

fn title(db: &mut Db, session: SessionId, viewer: UserId) -> Result<String, Error> {
    let title: Option<String> = sessions::table.find(session.0).select(sessions::title).first(db)?;
    if let Some(title) = title {
        return Ok(title);
    }
    let other: Option<String> = members_table::table
        .inner_join(users::table)
        .filter(members_table::session_id.eq(session.0))
        .filter(members_table::user_id.ne(viewer.0))
        .select(users::username)
        .first(db)
        .optional()?;
    Ok(other.unwrap_or_default())
}
