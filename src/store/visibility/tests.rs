//! Every query against the policy, relation by relation.

use diesel::connection::SimpleConnection;

use super::*;
use crate::domain::Accepts;
use crate::domain::visibility::PRESENCE_UP_TO;
use crate::store::db;
use crate::store::tables::users as users_table;

const VIEWER: UserId = UserId(1);
const DIRECTORIES: [Directory; 2] = [Directory::Open, Directory::Closed];

/// A user with a certain relation to the viewer.
struct Subject {
    id: UserId,
    relation: Relation,
    accepts: Accepts,
}

/// A database with a subject for every relation to the viewer, with a block by either, both or neither.
fn every_relation() -> (Db, Vec<Subject>) {
    let mut db = db::sqlite::in_memory().unwrap();
    let mut subjects = Vec::new();
    let mut sql = String::from(
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 500)
             INSERT INTO users (id, username, username_key, display_name, kind, accepts, created_at)
             SELECT n, 'u' || n, 'u' || n, 'u', 0, 0, 0 FROM n;
         INSERT INTO sessions (id, kind, seq, rev, last_at, created_at) VALUES (1, 1, 0, 0, 0, 0), (2, 2, 0, 0, 0, 0);
         INSERT INTO members SELECT 1, id, 0, 0, 0, 0, 0, 0 FROM users WHERE id > 300;",
    );
    let member = |session: i64, user: i64| format!("INSERT INTO members VALUES ({session}, {user}, 0, 0, 0, 0, 0, 0);");
    // The first session is too large for presence to be pushed, the second just small enough.
    sql += &member(1, VIEWER.0);
    sql += &member(2, VIEWER.0);
    let mut in_room = 1;
    for shared in [SharedSession::None, SharedSession::Large, SharedSession::Close, SharedSession::Direct] {
        for (has_blocked, is_blocked) in [(false, false), (true, false), (false, true), (true, true)] {
            for accepts in [Accepts::Anyone, Accepts::Invited] {
                let number = i64::try_from(subjects.len()).unwrap();
                let id = 10 + number;
                match shared {
                    SharedSession::None => {}
                    SharedSession::Large => sql += &member(1, id),
                    SharedSession::Close => {
                        sql += &member(2, id);
                        in_room += 1;
                    }
                    SharedSession::Direct => {
                        let direct = 100 + number;
                        sql += &format!(
                            "INSERT INTO sessions (id, kind, seq, rev, last_at, created_at) VALUES ({direct}, 0, 0, 0, 0, 0);"
                        );
                        sql += &(member(direct, VIEWER.0) + &member(direct, id));
                    }
                }
                for (blocks, by, of) in [(has_blocked, VIEWER.0, id), (is_blocked, id, VIEWER.0)] {
                    if blocks {
                        sql += &format!("INSERT INTO blocks VALUES ({by}, {of}, 0);");
                    }
                }
                if accepts == Accepts::Invited {
                    sql += &format!("UPDATE users SET accepts = 1 WHERE id = {id};");
                }
                let relation = Relation { shared, is_blocked: has_blocked || is_blocked };
                subjects.push(Subject { id: UserId(id), relation, accepts });
            }
        }
    }
    for filler in 0..PRESENCE_UP_TO - in_room {
        sql += &member(2, 100 + i64::try_from(filler).unwrap());
    }
    db.batch_execute(&sql).unwrap();
    (db, subjects)
}

/// The subjects that match.
fn those(subjects: &[Subject], holds: impl Fn(&Subject) -> bool) -> Vec<i64> {
    subjects.iter().filter(|subject| holds(subject)).map(|subject| subject.id.0).collect()
}

/// The subjects who are among these users.
fn found(subjects: &[Subject], users: impl IntoIterator<Item = UserId>) -> Vec<i64> {
    let users: HashSet<UserId> = users.into_iter().collect();
    those(subjects, |subject| users.contains(&subject.id))
}

#[test]
fn relations_are_read_as_the_policy_needs_them() {
    let (mut db, subjects) = every_relation();
    let all: Vec<UserId> = subjects.iter().map(|subject| subject.id).collect();
    for directory in DIRECTORIES {
        let read = relations(&mut db, directory, VIEWER, &all).unwrap();
        for subject in &subjects {
            let relation = read.with(subject.id);
            assert_eq!(relation.shows_profile(directory), subject.relation.shows_profile(directory));
            assert_eq!(relation.shows_presence(directory), subject.relation.shows_presence(directory));
        }
    }
    let listed: Vec<&Subject> =
        subjects.iter().filter(|subject| subject.relation.shows_profile(Directory::Closed)).collect();
    let ids: Vec<UserId> = listed.iter().map(|subject| subject.id).collect();
    let read = relations_of_listed(&mut db, VIEWER, &ids).unwrap();
    for subject in listed {
        let expected = subject.relation.shows_presence(Directory::Closed);
        assert_eq!(read.with(subject.id).shows_presence(Directory::Closed), expected);
    }
}

#[test]
fn a_closed_directory_lists_users_with_a_visible_profile() {
    let (mut db, subjects) = every_relation();
    let (listed, _) = users_table::list(&mut db, "", None, Some(VIEWER), 1_000).unwrap();
    let expected = those(&subjects, |subject| subject.relation.shows_profile(Directory::Closed));
    assert!(listed.iter().any(|user| user.id == VIEWER));
    assert_eq!(found(&subjects, listed.into_iter().map(|user| user.id)), expected);
}

#[test]
fn a_matrix_has_presence_visible_in_both_directions() {
    let (mut db, subjects) = every_relation();
    let all: Vec<UserId> = subjects.iter().map(|subject| subject.id).collect();
    for directory in DIRECTORIES {
        let expected = those(&subjects, |subject| subject.relation.shows_presence(directory));
        let seen = matrix(&mut db, directory, &[VIEWER], &all).unwrap();
        assert_eq!(those(&subjects, |subject| seen.shows_presence(VIEWER, subject.id)), expected);
        let seen = matrix(&mut db, directory, &all, &[VIEWER]).unwrap();
        assert_eq!(those(&subjects, |subject| seen.shows_presence(subject.id, VIEWER)), expected);
    }
}

#[test]
fn presence_is_pushed_as_the_policy_requires() {
    let (mut db, subjects) = every_relation();
    let expected = those(&subjects, |subject| subject.relation.pushes_presence());
    let pushed = acquaintances(&mut db, VIEWER).unwrap();
    assert_eq!(found(&subjects, pushed), expected);
    for subject in &subjects {
        let is_pushed = acquainted(&mut db, VIEWER, subject.id).unwrap();
        assert_eq!(is_pushed, subject.relation.pushes_presence(), "{:?}", subject.relation);
    }
}

#[test]
fn contacts_are_those_of_the_policy() {
    let (mut db, subjects) = every_relation();
    for directory in DIRECTORIES {
        let listed = contacts(&mut db, VIEWER, directory, 1_000).unwrap();
        let expected = those(&subjects, |subject| subject.relation.is_contact(directory, subject.accepts));
        assert_eq!(found(&subjects, listed.into_iter().map(|user| user.id)), expected, "{directory:?}");
    }
}

/// 1,999 users in two groups, the first and the second thousand; 1 has blocked 1,500, and 1,501 has blocked 2.
fn crowd() -> Db {
    let mut db = db::sqlite::in_memory().unwrap();
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

/// The users visible to the viewer.
fn seen(matrix: &VisibilityMatrix, viewer: i64, users: &[UserId]) -> Vec<i64> {
    let others = users.iter().filter(|other| matrix.shows_presence(UserId(viewer), **other));
    others.map(|other| other.0).collect()
}

#[test]
fn a_block_hides_both_users_from_each_other_whichever_list_is_longer() {
    let mut db = crowd();
    for (viewers, others) in [(1..=2, 1_400..=1_999), (1..=1_200, 1_500..=1_501), (1..=1_999, 1..=1_999)] {
        let others = users(others);
        let matrix = matrix(&mut db, Directory::Open, &users(viewers), &others).unwrap();
        assert_eq!(seen(&matrix, 1, &users(1_500..=1_501)), vec![1_501]);
        assert_eq!(seen(&matrix, 2, &users(1_500..=1_501)), vec![1_500]);
    }
    let matrix = matrix(&mut db, Directory::Open, &users(1_500..=1_501), &users(1..=3)).unwrap();
    assert_eq!(seen(&matrix, 1_500, &users(1..=3)), vec![2, 3]);
    assert_eq!(seen(&matrix, 1_501, &users(1..=3)), vec![1, 3]);
}

#[test]
fn in_a_closed_directory_only_members_of_shared_sessions_are_visible() {
    let mut db = crowd();
    let all = users(1..=1_999);
    for (viewers, others) in [(&all[..5], &all[..]), (&all[..], &all[..]), (&all[..], &all[990..])] {
        let matrix = matrix(&mut db, Directory::Closed, viewers, others).unwrap();
        assert_eq!(seen(&matrix, 5, &users(998..=1_001)), vec![998, 999]);
        assert!(seen(&matrix, 5, &users(1_999..=1_999)).is_empty(), "1,999 has left their group");
    }
    let matrix = matrix(&mut db, Directory::Closed, &users(1_001..=1_001), &all).unwrap();
    assert_eq!(seen(&matrix, 1_001, &all).len(), 1_000);
}

#[test]
fn without_viewers_or_subjects_nothing_is_visible() {
    let mut db = crowd();
    for directory in DIRECTORIES {
        assert!(!matrix(&mut db, directory, &[], &users(1..=10)).unwrap().covers(UserId(1)));
        assert!(matrix(&mut db, directory, &users(1..=10), &[]).unwrap().covers(UserId(1)));
    }
}
