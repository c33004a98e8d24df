//! The messages of one session, in the order of `seq`: numbered without gaps, with steps and times that only grow, no step
//! told twice.

use diesel::connection::DefaultLoadingMode;
use diesel::prelude::*;

use super::Faults;
use super::session_row::SessionRow;
use crate::domain::{MessageKind, Time};
use crate::store::Db;
use crate::store::columns::Stored;
use crate::store::schema::messages;

#[derive(Queryable, Selectable)]
#[diesel(table_name = messages)]
struct Row {
    seq: i64,
    rev: i64,
    posted_rev: i64,
    kind: Stored,
    at: Time,
    reply_to: Option<i64>,
    #[diesel(select_expression = messages::key.is_not_null())]
    has_key: bool,
    #[diesel(select_expression = messages::fingerprint.is_not_null())]
    has_fingerprint: bool,
    deleted: bool,
    #[diesel(select_expression = messages::text.eq(""))]
    is_empty: bool,
    #[diesel(select_expression = messages::mentions.is_not_null().or(messages::edited_at.is_not_null()))]
    has_more: bool,
}

/// The message before.
struct Before {
    seq: i64,
    posted_rev: i64,
    at: Time,
}

/// Looks at all messages of `session`. `steps`: those that are told by rows other than a message's posting, in any order.
pub(super) fn check(db: &mut Db, session: &SessionRow, mut steps: Vec<i64>, faults: &mut Faults) -> QueryResult<()> {
    steps.sort_unstable();
    for pair in steps.windows(2) {
        if let [one, other] = pair
            && one == other
        {
            faults.add(format!("{}: step {one} is that of two changes", session.name()));
        }
    }
    let mut steps = steps.into_iter().peekable();
    let mut before = Before { seq: 0, posted_rev: 0, at: Time(i64::MIN) };
    let rows = messages::table
        .filter(messages::session_id.eq(session.id))
        .order(messages::seq)
        .select(Row::as_select())
        .load_iter::<Row, DefaultLoadingMode>(db)?;
    for row in rows {
        let row = row?;
        let at = || format!("{}, seq {}", session.name(), row.seq);
        order(&row, &before, session, at, faults);
        content(&row, at, faults);
        // Both go up, so one look at each is enough.
        while steps.next_if(|step| *step < row.posted_rev).is_some() {}
        if steps.next_if_eq(&row.posted_rev).is_some() {
            faults.add(format!("{}: its posting was step {}, and so was another change", at(), row.posted_rev));
        }
        before = Before { seq: row.seq, posted_rev: row.posted_rev, at: row.at };
    }
    faults.unless(before.seq == session.seq, || {
        format!("{}: its newest message has seq {}, the session says {}", session.name(), before.seq, session.seq)
    });
    faults.unless(before.at <= session.last_at, || {
        format!("{}: its newest message is newer than the session says; times could go back", session.name())
    });
    Ok(())
}

fn order(row: &Row, before: &Before, session: &SessionRow, at: impl Fn() -> String, faults: &mut Faults) {
    faults.unless(row.seq == before.seq + 1, || format!("{}: comes after seq {}", at(), before.seq));
    faults.unless(row.posted_rev > before.posted_rev, || {
        format!("{}: was posted at step {}, the one before it at {}", at(), row.posted_rev, before.posted_rev)
    });
    faults.unless(row.rev >= row.posted_rev, || {
        format!("{}: rev {} is below that of its posting, {}", at(), row.rev, row.posted_rev)
    });
    faults.unless(row.rev <= session.rev, || {
        format!("{}: rev {} is above the session's, {}", at(), row.rev, session.rev)
    });
    faults.unless(row.at >= before.at, || format!("{}: its time is before that of seq {}", at(), before.seq));
}

fn content(row: &Row, at: impl Fn() -> String, faults: &mut Faults) {
    faults.unless(row.reply_to.is_none_or(|to| (1..row.seq).contains(&to)), || {
        format!("{}: replies to {}, which is not an earlier message", at(), row.reply_to.unwrap_or_default())
    });
    faults.unless_known::<MessageKind>(row.kind, "kind", &at);
    faults.unless(!row.has_key || row.has_fingerprint, || format!("{}: has a key and no fingerprint", at()));
    if row.deleted {
        faults.unless(row.is_empty && !row.has_more, || format!("{}: is deleted and still has content", at()));
        faults.unless(!row.kind.is(MessageKind::Notice), || format!("{}: is a notice and deleted", at()));
    } else {
        faults.unless(!row.is_empty, || format!("{}: is empty and not deleted", at()));
    }
}
