//! The table `nodes`: which servers live. A server counts its `beat` up; the others end it where that has stood still for long.

use std::collections::HashMap;
use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};

use super::outbox;
use crate::domain::{NodeId, Time};
use crate::store::db::schema::nodes;

/// A node is dead whose beat has not changed for so many of this node's own beats, which are a second apart. Counted only while
/// this node reaches the database: an outage of PostgreSQL, or a clock that jumps, ends nobody.
const MISSED_BEATS: u32 = 15;
/// The same for a node that is not connected to the database either.
const MISSED_BEATS_DISCONNECTED: u32 = 4;

/// A node that lives reconnects within this time.
const RECONNECT: Duration = Duration::from_millis(700);

/// The beats of the other nodes, and since how many of this node's beats they have been the same.
#[derive(Debug, Default)]
pub(crate) struct Beats(HashMap<NodeId, (i64, u32)>);

/// What this node sees of another.
#[derive(Clone, Debug, Queryable)]
struct Sign {
    node: NodeId,
    name: String,
    beat: i64,
    /// It has a writing connection.
    is_connected: bool,
}

/// A node that seems to be dead, with its last beat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Silent {
    pub node: NodeId,
    /// For the log.
    pub name: String,
    pub beat: i64,
}

impl Beats {
    /// Takes the present signs of the other nodes, and gives those that seem to be dead.
    fn observe(&mut self, present: &[Sign]) -> Vec<Silent> {
        let before = std::mem::take(&mut self.0);
        let mut silent = Vec::new();
        for Sign { node, name, beat, is_connected } in present {
            let missed = match before.get(node) {
                Some((known, missed)) if known == beat => missed + 1,
                _ => 0,
            };
            self.0.insert(*node, (*beat, missed));
            if missed >= if *is_connected { MISSED_BEATS } else { MISSED_BEATS_DISCONNECTED } {
                silent.push(Silent { node: *node, name: name.clone(), beat: *beat });
            }
        }
        silent
    }

    /// How many other nodes live.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// True where no living node has a smaller id: one of them does what needs to be done once.
    fn is_first(&self, node: NodeId) -> bool {
        self.0.keys().all(|other| node < *other)
    }
}

/// Adds a node. Gives the place behind which it begins to read.
pub(crate) fn register(db: &mut PgConnection, node: NodeId, name: &str) -> QueryResult<i64> {
    attach(db, node)?;
    let row = (nodes::id.eq(node), nodes::name.eq(name), nodes::started_at.eq(Time::now()));
    diesel::insert_into(nodes::table).values(row).execute(db)?;
    outbox::last(db)
}

/// Counts this node's beat up, and gives those of the others; `None` where this node has been ended. The first node sweeps.
pub(crate) fn beat(db: &mut PgConnection, node: NodeId, beats: &mut Beats) -> QueryResult<Option<Vec<Silent>>> {
    let own = nodes::table.find(node).filter(nodes::ended_at.is_null());
    if diesel::update(own).set(nodes::beat.eq(nodes::beat + 1)).execute(db)? == 0 {
        return Ok(None);
    }
    let silent = beats.observe(&others(db, node)?);
    if beats.is_first(node) {
        let now = Time::now();
        outbox::sweep(db, now)?;
        diesel::delete(nodes::table.filter(nodes::ended_at.lt(now.plus_days(-1)))).execute(db)?;
    }
    Ok(Some(silent))
}

/// Marks this connection as the node's, by an advisory lock.
pub(crate) fn attach(db: &mut PgConnection, node: NodeId) -> QueryResult<()> {
    diesel::sql_query("SELECT pg_advisory_lock_shared($1)").bind::<BigInt, _>(node).execute(db).map(drop)
}

/// The nodes that have not ended, without a connection and twice with the same beat: their processes have been killed.
pub(crate) fn abandoned(db: &mut PgConnection, node: NodeId) -> QueryResult<Vec<Silent>> {
    let without = |signs: Vec<Sign>| signs.into_iter().filter(|sign| !sign.is_connected);
    let before: HashMap<NodeId, i64> = without(others(db, node)?).map(|sign| (sign.node, sign.beat)).collect();
    if before.is_empty() {
        return Ok(Vec::new());
    }
    // One that has lost its connection, and lives, has another by then.
    std::thread::sleep(RECONNECT);
    let still = without(others(db, node)?).filter(|sign| before.get(&sign.node) == Some(&sign.beat));
    Ok(still.map(|Sign { node, name, beat, .. }| Silent { node, name, beat }).collect())
}

fn others(db: &mut PgConnection, node: NodeId) -> QueryResult<Vec<Sign>> {
    // A key of 64 bits is shown as two of 32.
    let is_connected = "EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 \
                        AND classid::bigint = nodes.id >> 32 AND objid::bigint = nodes.id & 4294967295 \
                        AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))";
    nodes::table
        .filter(nodes::ended_at.is_null())
        .filter(nodes::id.ne(node))
        .select((nodes::id, nodes::name, nodes::beat, diesel::dsl::sql::<Bool>(is_connected)))
        .load(db)
}

/// Ends a node, unless it has given a sign of life. It can commit nothing more then.
pub(crate) fn end(db: &mut PgConnection, silent: &Silent, now: Time) -> QueryResult<bool> {
    let unchanged =
        nodes::table.find(silent.node).filter(nodes::beat.eq(silent.beat)).filter(nodes::ended_at.is_null());
    Ok(diesel::update(unchanged).set(nodes::ended_at.eq(now)).execute(db)? > 0)
}

/// This node has stopped.
pub(crate) fn stop(db: &mut PgConnection, node: NodeId, now: Time) -> QueryResult<()> {
    diesel::update(nodes::table.find(node)).set(nodes::ended_at.eq(now)).execute(db).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OTHER: NodeId = NodeId(2);

    fn sign(beat: i64, is_connected: bool) -> Sign {
        Sign { node: OTHER, name: "b".to_owned(), beat, is_connected }
    }

    #[test]
    fn a_node_is_silent_after_so_many_equal_beats() {
        for (is_connected, patience) in [(true, MISSED_BEATS), (false, MISSED_BEATS_DISCONNECTED)] {
            let mut beats = Beats::default();
            for _ in 0..patience {
                assert!(beats.observe(&[sign(7, is_connected)]).is_empty());
            }
            assert_eq!(
                beats.observe(&[sign(7, is_connected)]),
                [Silent { node: OTHER, name: "b".to_owned(), beat: 7 }]
            );
            assert!(beats.observe(&[sign(8, is_connected)]).is_empty(), "a sign of life");
            assert_eq!(beats.count(), 1);
            assert!(beats.observe(&[]).is_empty());
            assert_eq!(beats.count(), 0);
        }
    }

    #[test]
    fn one_of_the_living_nodes_is_the_first() {
        let mut beats = Beats::default();
        assert!(beats.is_first(NodeId(1)));
        beats.observe(&[sign(0, true)]);
        assert!(beats.is_first(NodeId(1)) && !beats.is_first(NodeId(3)));
    }
}
