//! What the writer of a node has committed, and what the others have, released in one order: that of the outbox.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use diesel::QueryResult;
use diesel::result::Error as DieselError;
use tokio::sync::mpsc;

use super::super::Touches;
use super::super::job::{BackgroundChange, Caller, CommitOutcome, Job, Requester, Unanswered, Work};
use super::Committer;
use crate::domain::{CommitOutput, Effect, NodeId, Time};
use crate::store::cluster::{self, Beats, Entry, NodeIdentity, Silent};
use crate::store::tables::attendance;
use crate::store::{Db, Error, is_outage};

/// A node gives a sign of life this often.
const BEAT: Duration = Duration::from_secs(1);
/// Without database and bus for so long, clients are disconnected: the others may go on meanwhile.
const ISOLATED: Duration = Duration::from_secs(5);

/// This node, as its writer sees it. There is none on SQLite.
pub(crate) struct Node {
    identity: NodeIdentity,
    name: String,
    /// The place of the last commit that was released.
    place: i64,
    /// Commits are numbered; those that were rolled back have numbers, too.
    number: i64,
    /// The number of the present transaction, where other nodes get its outputs.
    present: Option<i64>,
    withheld: VecDeque<Withheld>,
    /// Gets the commits of this node, for the others.
    relay: mpsc::Sender<Entry>,
    /// Other nodes have taken this one for dead.
    is_ended: bool,
    beats: Beats,
    beat_at: Option<Instant>,
    /// Commits of the others come by the bus.
    bus_works: Arc<AtomicBool>,
    /// Since when neither the database nor the bus was reached, and whether clients have been disconnected for that.
    cut_off: Option<(Instant, bool)>,
}

/// Outputs until their place in the order is reached.
struct Withheld {
    /// `None` for what no other node gets.
    number: Option<i64>,
    outputs: Vec<CommitOutput>,
    callers: Vec<Caller>,
}

#[derive(Default)]
struct Released {
    outputs: Vec<CommitOutput>,
    callers: Vec<Caller>,
}

impl Node {
    /// True while commits of the other nodes come by the bus.
    pub(in crate::store::log) fn bus_works(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.bus_works)
    }

    /// Registers this process as a node, and ends those whose processes were killed. Gives what the living ones have, as the
    /// first outputs.
    pub(in crate::store) fn start(
        db: &mut Db,
        (identity, name): (NodeIdentity, String),
        relay: mpsc::Sender<Entry>,
    ) -> Result<(Self, Vec<CommitOutput>), Error> {
        let mut node = Self {
            identity,
            name,
            place: 0,
            number: 0,
            present: None,
            withheld: VecDeque::new(),
            relay,
            is_ended: false,
            beats: Beats::default(),
            beat_at: None,
            bus_works: Arc::default(),
            cut_off: None,
        };
        let effects = node.join(db)?;
        Ok((node, effects))
    }

    /// Begins as a new node, and gives what the others have.
    fn join(&mut self, db: &mut Db) -> Result<Vec<CommitOutput>, Error> {
        let id = NodeId::random();
        let abandoned = on_postgres(db, |db| cluster::abandoned(db, id))?;
        let (place, effects) = db.write_transaction(|db| {
            let now = Time::now();
            for silent in &abandoned {
                if on_postgres(db, |db| cluster::end(db, silent, now))? {
                    attendance::end_node(db, silent.node, now)?;
                }
            }
            // First: commits that are read below, and are behind this place, are released once more, which changes nothing.
            let place = on_postgres(db, |db| cluster::register(db, id, &self.name))?;
            Ok::<_, Error>((place, attendance::of_others(db, id, now)?))
        })?;
        self.identity.set(id);
        (self.place, self.is_ended) = (place, false);
        Ok(effects.into_iter().map(CommitOutput::Effect).collect())
    }

    /// Adds the outputs of the present transaction to the outbox. Where the node has been ended the transaction fails.
    pub(super) fn append(&mut self, db: &mut Db, outputs: &[CommitOutput], now: Time) -> QueryResult<()> {
        self.present = None;
        let Some(body) = cluster::encode(outputs) else { return Ok(()) };
        self.number += 1;
        let (id, number) = (self.identity.get(), self.number);
        self.is_ended = !on_postgres(db, |db| cluster::append(db, id, number, now, &body))?;
        if self.is_ended {
            return Err(DieselError::RollbackTransaction);
        }
        self.present = Some(number);
        Ok(())
    }

    /// Holds the outputs of the last transaction back until their place is reached.
    fn withhold(&mut self, number: Option<i64>, outputs: Vec<CommitOutput>, callers: Vec<Caller>) {
        self.withheld.push_back(Withheld { number, outputs, callers });
    }

    /// Takes the next commit of the order.
    fn take(&mut self, entry: Entry, released: &mut Released) {
        self.place = entry.place;
        if entry.node != self.identity.get() {
            return released.outputs.extend(cluster::decode(&entry.body));
        }
        self.take_local(released);
        match self.withheld.pop_front_if(|own| own.number == Some(entry.number)) {
            Some(own) => released.add(own),
            // Its outcome was unknown, and the requesters have been refused.
            None => released.outputs.extend(cluster::decode(&entry.body)),
        }
        // Dropped where the bus does not keep up: the others read it from the outbox.
        let _ = self.relay.try_send(entry);
    }

    /// Takes what no other node gets, up to the next commit that has a place.
    fn take_local(&mut self, released: &mut Released) {
        while let Some(own) = self.withheld.pop_front_if(|own| own.number.is_none()) {
            released.add(own);
        }
    }

    /// The answers to requesters whose outputs were not released.
    fn give_up(&mut self) -> Vec<Caller> {
        std::mem::take(&mut self.withheld).into_iter().flat_map(|own| own.callers).collect()
    }
}

impl Released {
    fn add(&mut self, own: Withheld) {
        self.outputs.extend(own.outputs);
        self.callers.extend(own.callers);
    }
}

impl Committer {
    /// Releases the outputs of a durable transaction, in its place of the order.
    pub(super) fn release_committed(&mut self, outputs: Vec<CommitOutput>, callers: Vec<Caller>) {
        let Some(node) = &mut self.node else { return self.release_all(Released { outputs, callers }) };
        let number = node.present.take();
        if outputs.is_empty() && callers.is_empty() {
            return;
        }
        // Replies too: what they contain may have been committed by another node, whose events come first.
        node.withhold(number, outputs, callers);
        self.follow();
    }

    /// Releases outputs that no other node gets, behind everything that any node has committed by now.
    pub(in crate::store::log) fn release_behind(&mut self, outputs: Vec<CommitOutput>) {
        match &mut self.node {
            Some(node) => {
                node.withhold(None, outputs, Vec::new());
                self.follow();
            }
            None => self.release(outputs, Unanswered::new()),
        }
    }

    /// Releases everything that any node has committed by now. False where the database is out of reach; what is withheld
    /// then is released later.
    pub(in crate::store::log) fn follow(&mut self) -> bool {
        // Each attempt to connect takes time; the probe makes one now and then.
        if self.health.is_failing() {
            return false;
        }
        let mut may_repeat = true;
        while let Some(node) = &mut self.node {
            let place = node.place;
            match on_postgres(&mut self.db, |db| cluster::behind(db, place)) {
                Ok(entries) => {
                    let mut released = Released::default();
                    let is_end = entries.len() < cluster::PAGE;
                    entries.into_iter().for_each(|entry| node.take(entry, &mut released));
                    if is_end {
                        node.take_local(&mut released);
                    }
                    self.release_all(released);
                    if is_end {
                        return true;
                    }
                }
                Err(error) => {
                    let _ = self.rolled_back(&error, false, is_outage(&error));
                    if self.health.is_failing() || !std::mem::take(&mut may_repeat) {
                        return false;
                    }
                }
            }
        }
        true
    }

    /// Releases commits of other nodes that have come by the bus. Where one before them is missing the outbox is read.
    pub(in crate::store::log) fn receive(&mut self, entries: Vec<Entry>) {
        let Some(node) = &mut self.node else { return };
        let (mut released, mut is_missing) = (Released::default(), !node.withheld.is_empty());
        let own = node.identity.get();
        for entry in entries.into_iter().filter(|entry| entry.node != own) {
            if entry.place == node.place + 1 && !is_missing {
                node.take(entry, &mut released);
            } else {
                is_missing |= entry.place > node.place;
            }
        }
        self.release_all(released);
        if is_missing && !self.health.is_failing() {
            self.follow();
        }
    }

    /// Releases what the other nodes have committed, and gives a sign of life.
    pub(in crate::store::log) fn poll(&mut self) {
        if self.health.is_failing() || !self.follow() {
            return self.watch_isolation();
        }
        let Some(node) = &mut self.node else { return };
        node.cut_off = None;
        if node.beat_at.is_some_and(|at| at.elapsed() < BEAT) {
            return;
        }
        node.beat_at = Some(Instant::now());
        let (id, beats) = (node.identity.get(), &mut node.beats);
        let beaten = self.db.write_transaction(|db| on_postgres(db, |db| cluster::beat(db, id, beats)));
        match beaten {
            Ok(Some(silent)) => silent.into_iter().for_each(|silent| self.end_node(silent)),
            Ok(None) => self.rejoin(CommitOutcome::Committed),
            Err(error) => {
                log::debug!("a beat failed: {error}");
                let _ = self.rolled_back(&error, false, is_outage(&error));
            }
        }
    }

    /// Disconnects the clients of a node that is cut off from the others, once.
    fn watch_isolation(&mut self) {
        let Some(node) = &mut self.node else { return };
        if node.bus_works.load(Ordering::Relaxed) || node.beats.count() == 0 {
            node.cut_off = None;
            return;
        }
        let (since, is_closed) = node.cut_off.get_or_insert((Instant::now(), false));
        if since.elapsed() >= ISOLATED && !std::mem::replace(is_closed, true) {
            log::warn!("this node reaches neither the database nor the other nodes: clients are disconnected");
            self.release(vec![CommitOutput::Effect(Effect::NodeIsolated)], Unanswered::new());
        }
    }

    /// Ends a node that seems to be dead.
    fn end_node(&mut self, silent: Silent) {
        log::warn!("node {} gives no sign of life: its users are offline", silent.name);
        let change = BackgroundChange::new(
            Touches::wide(),
            move |db, now| {
                if !on_postgres(db, |db| cluster::end(db, &silent, now))? {
                    return Ok(Vec::new());
                }
                attendance::end_node(db, silent.node, now)?;
                Ok(vec![CommitOutput::Effect(Effect::NodeEnded(silent.node))])
            },
            Vec::new(),
        );
        let job = Job { work: Work::Background(change), requester: Requester::NoOne, held_since: None };
        self.run_jobs(VecDeque::from([job]));
    }

    /// True where the last transaction failed because this node has been ended; it begins as a new one then.
    pub(super) fn rejoined(&mut self) -> bool {
        let is_ended = self.node.as_ref().is_some_and(|node| node.is_ended);
        if is_ended {
            self.rejoin(CommitOutcome::Committed);
        }
        is_ended && self.node.as_ref().is_some_and(|node| !node.is_ended)
    }

    /// Begins as a new node: clients have missed what the others have committed meanwhile, and are disconnected. What is withheld
    /// is not released; `outcome` is that of its transactions.
    pub(super) fn rejoin(&mut self, outcome: CommitOutcome) {
        let Some(node) = &mut self.node else { return };
        log::warn!("this node has lost its place among the others: it begins anew, and clients reconnect");
        match node.join(&mut self.db) {
            Ok(effects) => {
                let callers = node.give_up();
                let rejoined = CommitOutput::Effect(Effect::NodeRejoined);
                self.release(std::iter::once(rejoined).chain(effects).collect(), Unanswered::new());
                callers.into_iter().for_each(|caller| caller.answer(outcome));
            }
            Err(Error::Database(error)) => {
                let _ = self.rolled_back(&error, false, is_outage(&error));
            }
            Err(Error::Refused(refusal)) => log::error!("the node cannot begin anew: {refusal}"),
        }
    }

    /// After a reconnection.
    pub(super) fn attach_node(&mut self) -> QueryResult<()> {
        let Some(node) = &self.node else { return Ok(()) };
        let id = node.identity.get();
        on_postgres(&mut self.db, |db| cluster::attach(db, id))
    }

    /// At the shutdown. The users of this node reconnect to others, which end it after a few beats; where there is none, its
    /// users are offline now.
    pub(super) fn leave(&mut self) {
        let Some(node) = self.node.as_ref().filter(|node| node.beats.count() == 0) else { return };
        let id = node.identity.get();
        let change = BackgroundChange::new(
            Touches::wide(),
            move |db, now| {
                attendance::end_node(db, id, now)?;
                Ok(vec![CommitOutput::Effect(Effect::NodeEnded(id))])
            },
            Vec::new(),
        );
        let job = Job { work: Work::Background(change), requester: Requester::NoOne, held_since: None };
        self.run_jobs(VecDeque::from([job]));
        let left = on_postgres(&mut self.db, |db| cluster::stop(db, id, Time::now()));
        if let Err(error) = left {
            log::debug!("the end of this node is not stored: {error}");
        }
    }

    fn release_all(&self, Released { outputs, callers }: Released) {
        if !outputs.is_empty() {
            self.release(outputs, Unanswered::new());
        }
        callers.into_iter().for_each(|caller| caller.answer(CommitOutcome::Committed));
    }
}

/// Runs a query on the connection of a node, which is PostgreSQL's.
fn on_postgres<T>(db: &mut Db, query: impl FnOnce(&mut diesel::PgConnection) -> QueryResult<T>) -> QueryResult<T> {
    match db {
        Db::Postgres(db) => query(db),
        Db::Sqlite(_) => Err(DieselError::NotFound),
    }
}
