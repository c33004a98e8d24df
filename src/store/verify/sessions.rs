//! Every session: its row, its members, then its messages.

use diesel::connection::DefaultLoadingMode;

use super::{Faults, SessionRow, messages};
use crate::domain::{Code, MemberState, Role, SessionId, SessionKind, UserId};
use crate::store::db::columns::Stored;
use crate::store::db::prelude::*;
use crate::store::db::schema::{members, messages as message_rows, sessions};

const PAGE: i64 = 50;

#[derive(Queryable, Selectable)]
#[diesel(table_name = members)]
struct Member {
    user_id: UserId,
    role: Stored,
    state: Stored,
    rev: i64,
    read: i64,
    received: i64,
}

pub(super) fn check(db: &mut Db, faults: &mut Faults) -> QueryResult<()> {
    let mut last = Some(SessionId(i64::MIN));
    while let Some(after) = last {
        last = db.transaction(|db| page(db, after, faults))?;
        faults.pause();
    }
    Ok(())
}

/// Checks the next sessions and gives the last of them; `None` where there are no more.
fn page(db: &mut Db, after: SessionId, faults: &mut Faults) -> QueryResult<Option<SessionId>> {
    let page: Vec<SessionRow> = sessions::table
        .filter(sessions::id.gt(after))
        .order(sessions::id)
        .limit(PAGE)
        .select(SessionRow::as_select())
        .load(db)?;
    for session in &page {
        check_row(session, faults);
        let revs = check_members(db, session, faults)?;
        // A session that is being purged lacks some of its messages.
        if !session.kind.is_purged() {
            messages::check(db, session, revs, faults)?;
        }
    }
    Ok(page.last().map(|session| session.id))
}

fn check_row(session: &SessionRow, faults: &mut Faults) {
    if !session.kind.is_purged() {
        faults.unless_known::<SessionKind>(session.kind, "kind", || session.name());
    }
    faults.unless(session.seq >= 0 && session.rev >= session.seq, || {
        format!("{}: rev {} is below seq {}", session.name(), session.rev, session.seq)
    });
    let has_pair = matches!((session.pair_low, session.pair_high), (Some(low), Some(high)) if low < high);
    let is_right =
        if session.kind.is(SessionKind::Direct) { has_pair } else { session.pair_low.or(session.pair_high).is_none() };
    faults.unless(is_right, || format!("{}: its pair of users does not fit its kind", session.name()));
    let is_room = session.kind.is(SessionKind::Room);
    match &session.code {
        Some(code) if is_room => {
            let length = if session.keep { 12 } else { 10 };
            let is_code = Code::parse(code).is_some_and(|parsed| parsed.as_str() == code);
            // The code is a secret and not reported.
            faults.unless(is_code && code.len() == length, || {
                format!("{}: its code has other letters than codes have, or is not {length} long", session.name())
            });
        }
        Some(_) if !session.kind.is_purged() => faults.add(format!("{}: has a code and is no room", session.name())),
        None if is_room => faults.add(format!("{}: is a room without a code", session.name())),
        _ => {}
    }
}

/// Checks the members. Gives the revisions of changed members and messages.
fn check_members(db: &mut Db, session: &SessionRow, faults: &mut Faults) -> QueryResult<Vec<i64>> {
    let (mut owners, mut present, mut all, mut outsiders) = (0, 0, 0, 0);
    let mut revs = Vec::new();
    let rows = members::table
        .filter(members::session_id.eq(session.id))
        .select(Member::as_select())
        .load_iter::<Member, DefaultLoadingMode>(db)?;
    for row in rows {
        let Member { user_id: user, role, state, rev, read, received } = row?;
        let name = || format!("{}: member {user}", session.name());
        faults.unless_known::<Role>(role, "role", name);
        faults.unless_known::<MemberState>(state, "state", name);
        faults.unless((0..=session.rev).contains(&rev), || format!("{} has rev {rev} of {}", name(), session.rev));
        for (mark, which) in [(read, "read"), (received, "received")] {
            faults.unless((0..=session.seq).contains(&mark), || {
                format!("{} has {which} {mark} of {}", name(), session.seq)
            });
        }
        all += 1;
        let is_present = state.is(MemberState::Joined);
        present += i32::from(is_present);
        owners += i32::from(is_present && role.is(Role::Owner));
        outsiders += i32::from(session.pair_low != Some(user) && session.pair_high != Some(user));
        // First members have no revision.
        if rev > 0 {
            revs.push(rev);
        }
    }
    match session.kind.known() {
        Some(SessionKind::Direct) => faults.unless(all == 2 && outsiders == 0, || {
            format!("{}: its members are not the two users whose session it is", session.name())
        }),
        Some(SessionKind::Group | SessionKind::Room) => faults.unless(present == 0 || owners == 1, || {
            format!("{}: has {owners} owners among {present} members", session.name())
        }),
        Some(SessionKind::Lobby) => {}
        None => faults.unless(present == 0 || !session.kind.is_purged(), || {
            format!("{}: is being deleted and has members", session.name())
        }),
    }
    let changed = message_rows::table
        .filter(message_rows::session_id.eq(session.id))
        .filter(message_rows::rev.ne(message_rows::posted_rev))
        .select(message_rows::rev)
        .load_iter::<i64, DefaultLoadingMode>(db)?;
    for rev in changed {
        revs.push(rev?);
    }
    Ok(revs)
}
