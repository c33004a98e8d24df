//! Who may see whom of many users at once, for what is told to everybody who hears of everybody.

use std::collections::HashSet;

use diesel::prelude::*;

use super::schema::{blocks, members};
use super::{Db, Error};
use crate::model::{SessionId, Sight, UserId};

/// How many ids are named in one query.
const CHUNK: usize = 500;

/// Which of these users each of the viewers may see. `closed`: so is the directory.
pub fn look(db: &mut Db, closed: bool, viewers: &[UserId], users: &[UserId]) -> Result<Sight, Error> {
    // Blocks and sessions hold both ways, so it is enough to ask for what the fewer have.
    let (few, many) = if viewers.len() < users.len() { (viewers, users) } else { (users, viewers) };
    let viewers = viewers.iter().copied();
    let mut sight = if closed { Sight::closed(viewers) } else { Sight::open(viewers) };
    for some in few.chunks(CHUNK) {
        block(db, &mut sight, &ids(some))?;
    }
    if closed {
        seat(db, &mut sight, few, many)?;
    }
    Ok(sight)
}

fn ids(users: &[UserId]) -> Vec<i64> {
    users.iter().map(|user| user.0).collect()
}

/// Adds whom these have blocked, and by whom they are blocked.
fn block(db: &mut Db, sight: &mut Sight, some: &[i64]) -> Result<(), Error> {
    let pair = (blocks::blocker_id, blocks::blocked_id);
    let mut found: Vec<(i64, i64)> = blocks::table.filter(blocks::blocker_id.eq_any(some)).select(pair).load(db)?;
    found.extend(blocks::table.filter(blocks::blocked_id.eq_any(some)).select(pair).load::<(i64, i64)>(db)?);
    for (blocker, blocked) in found {
        sight.block(UserId(blocker), UserId(blocked));
    }
    Ok(())
}

/// Adds the sessions of the few, and who of the many is in them. Nobody has a row in the lobby.
fn seat(db: &mut Db, sight: &mut Sight, few: &[UserId], many: &[UserId]) -> Result<(), Error> {
    let mut shared = HashSet::new();
    for (user, session) in sessions_of(db, few)? {
        shared.insert(session);
        sight.seat(UserId(user), SessionId(session));
    }
    for (user, session) in sessions_of(db, many)?.into_iter().filter(|(_, session)| shared.contains(session)) {
        sight.seat(UserId(user), SessionId(session));
    }
    Ok(())
}

/// The sessions of each of these users, beside the user's id.
fn sessions_of(db: &mut Db, users: &[UserId]) -> Result<Vec<(i64, i64)>, Error> {
    let mut found = Vec::new();
    for some in users.chunks(CHUNK) {
        let theirs = members::table.filter(members::user_id.eq_any(ids(some))).filter(members::state.eq(0_i16));
        found.extend(theirs.select((members::user_id, members::session_id)).load::<(i64, i64)>(db)?);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection;

    use super::super::db;
    use super::*;

    /// 1,999 users in two groups, the first and the second thousand; 1 has blocked 1,500, and 1,501 has blocked 2.
    fn crowd() -> Db {
        let mut db = db::pattern().unwrap();
        db.batch_execute(
            "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 1999)
                 INSERT INTO users (id, username, username_key, display_name, kind, accepts, created_at)
                 SELECT n, 'u' || n, 'u' || n, 'u', 0, 0, 0 FROM n;
             INSERT INTO sessions (id, kind, seq, rev, last_at, created_at) VALUES (0, 1, 0, 0, 0, 0), (1, 1, 0, 0, 0, 0);
             INSERT INTO members SELECT id / 1000, id, 0, 0, 0, 0, 0, 0 FROM users;
             INSERT INTO members VALUES (0, 1999, 0, 1, 0, 0, 0, 0);
             INSERT INTO blocks VALUES (1, 1500, 0), (1501, 2, 0);",
        )
        .unwrap();
        db
    }

    fn users(range: std::ops::RangeInclusive<i64>) -> Vec<UserId> {
        range.map(UserId).collect()
    }

    /// Whom of them the viewer sees.
    fn seen(sight: &Sight, viewer: i64, users: &[UserId]) -> Vec<i64> {
        let others = users.iter().filter(|other| sight.sees(UserId(viewer), **other));
        others.map(|other| other.0).collect()
    }

    #[test]
    fn a_block_hides_both_from_each_other_whichever_side_is_the_longer() {
        let mut db = crowd();
        for (viewers, others) in [(1..=2, 1_400..=1_999), (1..=1_200, 1_500..=1_501), (1..=1_999, 1..=1_999)] {
            let others = users(others);
            let sight = look(&mut db, false, &users(viewers), &others).unwrap();
            assert_eq!(seen(&sight, 1, &users(1_500..=1_501)), vec![1_501]);
            assert_eq!(seen(&sight, 2, &users(1_500..=1_501)), vec![1_500]);
        }
        let sight = look(&mut db, false, &users(1_500..=1_501), &users(1..=3)).unwrap();
        assert_eq!(seen(&sight, 1_500, &users(1..=3)), vec![2, 3]);
        assert_eq!(seen(&sight, 1_501, &users(1..=3)), vec![1, 3]);
    }

    #[test]
    fn in_a_closed_directory_only_people_of_ones_own_sessions_are_seen() {
        let mut db = crowd();
        let all = users(1..=1_999);
        for (viewers, others) in [(&all[..5], &all[..]), (&all[..], &all[..]), (&all[..], &all[990..])] {
            let sight = look(&mut db, true, viewers, others).unwrap();
            assert_eq!(seen(&sight, 5, &users(998..=1_001)), vec![998, 999]);
            assert!(seen(&sight, 5, &users(1_999..=1_999)).is_empty(), "1,999 has left their group");
        }
        let sight = look(&mut db, true, &users(1_001..=1_001), &all).unwrap();
        assert_eq!(seen(&sight, 1_001, &all).len(), 1_000);
    }

    #[test]
    fn where_nobody_looks_or_is_looked_at_nobody_is_seen() {
        let mut db = crowd();
        for closed in [false, true] {
            assert!(!look(&mut db, closed, &[], &users(1..=10)).unwrap().covers(UserId(1)));
            assert!(look(&mut db, closed, &users(1..=10), &[]).unwrap().covers(UserId(1)));
        }
    }
}
