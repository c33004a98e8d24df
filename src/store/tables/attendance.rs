//! The tables `attendance` and `occupied_rooms`, which only PostgreSQL has: who is online at which node, and which ephemeral
//! rooms have a connection there. Every row counts: a node that has ended has none. On SQLite, with its one node, nothing is
//! stored and nothing is found.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::users as accounts;
use crate::domain::{Attendance, Effect, NodeId, SessionId, Time, UserId};
use crate::store::db::prelude::*;
use crate::store::db::schema::{attendance, occupied_rooms, users};

/// Rows in one statement.
const ROWS: usize = 500;

/// Stores that users came online or went offline at a node. Each user is in `changes` at most once.
pub(crate) fn store(db: &mut Db, node: NodeId, changes: &[Attendance]) -> Result<(), Error> {
    if !db.is_postgres() {
        return Ok(());
    }
    let (online, offline): (Vec<_>, Vec<_>) = changes.iter().partition(|change| change.is_online);
    for some in online.chunks(ROWS) {
        let row = |change: &&Attendance| {
            (
                attendance::node.eq(node),
                attendance::user_id.eq(change.user),
                attendance::transient.eq(change.is_transient),
                attendance::in_lobby.eq(change.in_lobby),
            )
        };
        let upsert = diesel::insert_into(attendance::table)
            .values(some.iter().map(row).collect::<Vec<_>>())
            .on_conflict((attendance::node, attendance::user_id))
            .do_update()
            .set((
                attendance::transient.eq(diesel::upsert::excluded(attendance::transient)),
                attendance::in_lobby.eq(diesel::upsert::excluded(attendance::in_lobby)),
            ));
        on_inner!(db, db => upsert.execute(db))?;
    }
    for some in offline.chunks(ROWS) {
        let own = attendance::table.filter(attendance::node.eq(node));
        let gone = own.filter(attendance::user_id.eq_any(some.iter().map(|change| change.user)));
        diesel::delete(gone).execute(db)?;
    }
    Ok(())
}

/// Stores which ephemeral rooms have a connection at a node, each with whether it has one now. Each is in `changes` at most once.
pub(crate) fn store_rooms(db: &mut Db, node: NodeId, changes: &[(SessionId, bool)]) -> Result<(), Error> {
    if !db.is_postgres() {
        return Ok(());
    }
    let (occupied, empty): (Vec<_>, Vec<_>) = changes.iter().partition(|(_, is_occupied)| *is_occupied);
    for some in occupied.chunks(ROWS) {
        let row = |(room, _): &(SessionId, bool)| (occupied_rooms::node.eq(node), occupied_rooms::session_id.eq(*room));
        let insert = diesel::insert_into(occupied_rooms::table)
            .values(some.iter().map(row).collect::<Vec<_>>())
            .on_conflict_do_nothing();
        on_inner!(db, db => insert.execute(db))?;
    }
    for some in empty.chunks(ROWS) {
        let own = occupied_rooms::table.filter(occupied_rooms::node.eq(node));
        let gone = own.filter(occupied_rooms::session_id.eq_any(some.iter().map(|(room, _)| *room)));
        diesel::delete(gone).execute(db)?;
    }
    Ok(())
}

/// Those of these users who are online at any node.
pub(crate) fn online_among(db: &mut Db, ids: &[UserId]) -> Result<HashSet<UserId>, Error> {
    let mut online = HashSet::new();
    if db.is_postgres() {
        for some in ids.chunks(ROWS) {
            let rows = attendance::table.filter(attendance::user_id.eq_any(some));
            online.extend(rows.select(attendance::user_id).load::<UserId>(db)?);
        }
    }
    Ok(online)
}

/// True where the room has a connection at any node.
pub(crate) fn is_occupied(db: &mut Db, room: SessionId) -> Result<bool, Error> {
    if !db.is_postgres() {
        return Ok(false);
    }
    let rows = occupied_rooms::table.filter(occupied_rooms::session_id.eq(room));
    Ok(diesel::select(diesel::dsl::exists(rows)).get_result(db)?)
}

/// Everything at the nodes other than `own`, as the effects by which a ChatServer gets to know it. For users the time is `now`.
pub(crate) fn of_others(db: &mut Db, own: NodeId, now: Time) -> Result<Vec<Effect>, Error> {
    if !db.is_postgres() {
        return Ok(Vec::new());
    }
    let rows: Vec<(NodeId, UserId, String, bool, bool)> = attendance::table
        .inner_join(users::table)
        .filter(attendance::node.ne(own))
        .order((attendance::node, attendance::user_id))
        .select((attendance::node, users::id, users::username, attendance::transient, attendance::in_lobby))
        .load(db)?;
    let mut attended: BTreeMap<i64, Vec<Attendance>> = BTreeMap::new();
    for (node, user, username, is_transient, in_lobby) in rows {
        let username = Arc::from(username);
        let row = Attendance { user, username, is_online: true, is_goodbye: false, in_lobby, is_transient, at: now };
        attended.entry(node.0).or_default().push(row);
    }
    let rows: Vec<(NodeId, SessionId)> = occupied_rooms::table
        .filter(occupied_rooms::node.ne(own))
        .order((occupied_rooms::node, occupied_rooms::session_id))
        .select((occupied_rooms::node, occupied_rooms::session_id))
        .load(db)?;
    let mut occupied: BTreeMap<i64, Vec<(SessionId, bool)>> = BTreeMap::new();
    for (node, room) in rows {
        occupied.entry(node.0).or_default().push((room, true));
    }
    let attended = attended.into_iter().map(|(node, users)| Effect::Attended { node: NodeId(node), users });
    let occupied = occupied.into_iter().map(|(node, rooms)| Effect::RoomsOccupied { node: NodeId(node), rooms });
    Ok(attended.chain(occupied).collect())
}

/// A node has ended: nobody is online there and no room occupied. Its users were last seen `now`, unless they are online at
/// another node. The caller outputs [`Effect::NodeEnded`].
pub(crate) fn end_node(db: &mut Db, node: NodeId, now: Time) -> Result<(), Error> {
    if !db.is_postgres() {
        return Ok(());
    }
    let rows = attendance::table.filter(attendance::node.eq(node));
    let mut ids: Vec<UserId> = rows.select(attendance::user_id).load(db)?;
    delete_all(db, node)?;
    let elsewhere = online_among(db, &ids)?;
    ids.retain(|id| !elsewhere.contains(id));
    accounts::set_last_seen(db, &ids, now)
}

/// Deletes all rows of a node.
pub(crate) fn delete_all(db: &mut Db, node: NodeId) -> Result<(), Error> {
    if db.is_postgres() {
        diesel::delete(attendance::table.filter(attendance::node.eq(node))).execute(db)?;
        diesel::delete(occupied_rooms::table.filter(occupied_rooms::node.eq(node))).execute(db)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Username;
    use crate::store::db::scratch;

    const HERE: NodeId = NodeId(1);
    const THERE: NodeId = NodeId(2);
    const ROOM: SessionId = SessionId(7);
    const NOW: Time = Time(1_000);

    fn user(db: &mut Db, name: &str, is_online: bool) -> Attendance {
        let found = match accounts::by_name(db, name).unwrap() {
            Some(user) => user,
            None => accounts::insert(db, &Username::parse(name).unwrap(), "", NOW).unwrap(),
        };
        let username = found.username.into();
        Attendance {
            user: found.id,
            username,
            is_online,
            is_goodbye: false,
            in_lobby: false,
            is_transient: false,
            at: NOW,
        }
    }

    fn found(db: &mut Db, own: NodeId) -> Vec<String> {
        let describe = |effect: Effect| match effect {
            Effect::Attended { node, users } => {
                let users: Vec<_> = users.iter().map(|user| (user.username.as_ref(), user.in_lobby)).collect();
                format!("{} {users:?}", node.0)
            }
            Effect::RoomsOccupied { node, rooms } => format!("{} rooms {}", node.0, rooms.len()),
            other => panic!("{other:?}"),
        };
        of_others(db, own, NOW).unwrap().into_iter().map(describe).collect()
    }

    #[test]
    fn nothing_is_stored_on_sqlite() {
        let mut db = scratch::databases().remove(0);
        let avi = user(&mut db, "avi", true);
        store(&mut db, HERE, std::slice::from_ref(&avi)).unwrap();
        store_rooms(&mut db, HERE, &[(ROOM, true)]).unwrap();
        assert!(!is_occupied(&mut db, ROOM).unwrap() && found(&mut db, THERE).is_empty());
        assert!(online_among(&mut db, &[avi.user]).unwrap().is_empty());
        end_node(&mut db, HERE, NOW).unwrap();
    }

    #[test]
    fn a_node_has_the_users_and_rooms_that_were_stored_last() {
        let Some(mut db) = scratch::postgres_database() else { return };
        let avi = user(&mut db, "avi", true);
        let lisa = user(&mut db, "lisa", true);
        store(&mut db, HERE, &[avi.clone(), lisa.clone()]).unwrap();
        store(&mut db, THERE, std::slice::from_ref(&lisa)).unwrap();
        store(&mut db, HERE, &[Attendance { in_lobby: true, ..avi.clone() }]).unwrap();
        store_rooms(&mut db, HERE, &[(ROOM, true), (SessionId(8), true)]).unwrap();
        store_rooms(&mut db, HERE, &[(ROOM, true), (SessionId(8), false)]).unwrap();
        let mut here = found(&mut db, THERE);
        here.iter_mut().for_each(|line| {
            *line = line.replace("(\"lisa\", false), (\"avi\", true)", "(\"avi\", true), (\"lisa\", false)")
        });
        assert_eq!(here, ["1 [(\"avi\", true), (\"lisa\", false)]", "1 rooms 1"]);
        assert_eq!(found(&mut db, HERE), ["2 [(\"lisa\", false)]"]);
        let gone = [&avi, &lisa].map(|user| Attendance { is_online: false, ..user.clone() });
        store(&mut db, HERE, &gone).unwrap();
        assert_eq!(online_among(&mut db, &[avi.user, lisa.user]).unwrap(), HashSet::from([lisa.user]));
        assert!(is_occupied(&mut db, ROOM).unwrap() && !is_occupied(&mut db, SessionId(8)).unwrap());
    }

    #[test]
    fn the_users_of_an_ended_node_were_last_seen_then_unless_they_are_elsewhere() {
        let Some(mut db) = scratch::postgres_database() else { return };
        let avi = user(&mut db, "avi", true);
        let lisa = user(&mut db, "lisa", true);
        store(&mut db, HERE, &[avi.clone(), lisa.clone()]).unwrap();
        store(&mut db, THERE, std::slice::from_ref(&lisa)).unwrap();
        store_rooms(&mut db, HERE, &[(ROOM, true)]).unwrap();
        end_node(&mut db, HERE, Time(5_000)).unwrap();
        assert!(found(&mut db, THERE).is_empty() && !is_occupied(&mut db, ROOM).unwrap());
        let mut last_seen = |user| accounts::find(&mut db, user).unwrap().last_seen;
        assert_eq!((last_seen(avi.user), last_seen(lisa.user)), (Some(Time(5_000)), None));
    }
}
