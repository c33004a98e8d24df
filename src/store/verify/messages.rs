//! The messages of one session: `seq` without gaps, `rev` and times ascending, no `rev` used twice.

use diesel::connection::DefaultLoadingMode;

use super::{Faults, SessionRow};
use crate::domain::{MessageKind, Time};
use crate::store::db::columns::Stored;
use crate::store::db::prelude::*;
use crate::store::db::schema::messages;

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

struct Previous {
    seq: i64,
    posted_rev: i64,
    at: Time,
}

/// Checks all messages of `session`. `revs` are the revisions of rows other than new messages, in any order.
pub(super) fn check(db: &mut Db, session: &SessionRow, mut revs: Vec<i64>, faults: &mut Faults) -> QueryResult<()> {
    revs.sort_unstable();
    for pair in revs.windows(2) {
        if let [one, other] = pair
            && one == other
        {
            faults.add(format!("{}: step {one} is that of two changes", session.name()));
        }
    }
    let mut revs = revs.into_iter().peekable();
    let mut before = Previous { seq: 0, posted_rev: 0, at: Time(i64::MIN) };
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
        // Both are ascending, so one pass suffices.
        while revs.next_if(|rev| *rev < row.posted_rev).is_some() {}
        if revs.next_if_eq(&row.posted_rev).is_some() {
            faults.add(format!("{}: its posting was step {}, and so was another change", at(), row.posted_rev));
        }
        before = Previous { seq: row.seq, posted_rev: row.posted_rev, at: row.at };
    }
    faults.unless(before.seq == session.seq, || {
        format!("{}: its newest message has seq {}, its session has {}", session.name(), before.seq, session.seq)
    });
    faults.unless(before.at <= session.last_at, || {
        format!("{}: its newest message is newer than its session; times could go back", session.name())
    });
    Ok(())
}

fn order(row: &Row, before: &Previous, session: &SessionRow, at: impl Fn() -> String, faults: &mut Faults) {
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
