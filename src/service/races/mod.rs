//! Two nodes on one PostgreSQL database that run rules against each other in the same millisecond. Each race is repeated; after
//! each there is one outcome, and at the end the database has no faults and PostgreSQL has seen no deadlock.
//!
//! They run where there is a server for tests (see [`scratch`](crate::store::db::scratch)).

mod accounts;
mod invites;
mod locks;
mod sessions;

use std::cell::RefCell;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use clap::Parser;
use futures_util::future::join;
use tokio::sync::oneshot;

use crate::config::Config;
use crate::domain::{
    Answer, CommitOutput, Draft, Identity, LoginMethod, NewSession, Refusal, SessionId, Target, Text, Time, Title,
    TokenId, User, Username,
};
use crate::rate_limit::Address;
use crate::service::{Services, messages};
use crate::store::db::scratch::{self, Beside, Scratch};
use crate::store::{Db, Error, Posting, Requester, Store, Touches, users, verify};

/// How often a race is run, unless the variable [`ROUNDS`] has another number.
const DEFAULT: u32 = 100;
const ROUNDS: &str = "PARLOR_TEST_RACES";
/// No change takes longer: neither a deadlock, which PostgreSQL ends after a second, nor a wait for a lock in vain.
const LONGEST: Duration = Duration::from_secs(1);

struct Node {
    services: Services,
    outputs: Arc<Mutex<Vec<CommitOutput>>>,
}

/// Two nodes on one database.
struct Cluster {
    first: Node,
    second: Node,
    config: Config,
    url: String,
    beside: RefCell<Beside>,
    /// Dropped last.
    _database: Scratch,
}

#[expect(clippy::disallowed_methods, reason = "a setting of the tests and not of the server")]
fn rounds() -> u32 {
    std::env::var(ROUNDS).map_or(DEFAULT, |rounds| rounds.parse().unwrap())
}

impl Cluster {
    /// `None` where there is no server for tests. `settings` are command line flags.
    fn open(settings: &[&str]) -> Option<Self> {
        let (database, url) = scratch::unopened_postgres_database()?;
        // So that what is measured is not the disk, which other tests use as well.
        let setting = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', \
                       current_database()); END $$";
        let mut beside = Beside::connect(&url);
        beside.execute(setting);
        let mut arguments = vec!["parlor", "--database-url", &url];
        arguments.extend(settings);
        let config = Config::try_parse_from(arguments).unwrap();
        let (first, second) = (Node::open(&config), Node::open(&config));
        Some(Self { first, second, config, url, beside: RefCell::new(beside), _database: database })
    }

    async fn user(&self, name: &str) -> User {
        let name = Username::parse(name).unwrap();
        let insert = move |db: &mut _, now| Ok((users::insert(db, &name, "", now)?, Vec::new()));
        self.first.services.store.writer().run(Touches::new_user(), insert).await.unwrap()
    }

    /// Users whose names end with the number of the round.
    async fn users<const N: usize>(&self, names: [&str; N], round: u32) -> [User; N] {
        let mut all = Vec::new();
        for name in names {
            all.push(self.user(&format!("{name}{round}")).await);
        }
        all.try_into().unwrap()
    }

    /// A kept room of this user: its id and code.
    async fn room(&self, owner: &User) -> (SessionId, String) {
        let new = NewSession::Room { title: None, keep: true, key: None };
        let room = self.first.services.sessions.create(&identity(owner), new, here(), None).await.unwrap();
        (room.id, room.code.unwrap())
    }

    async fn group(&self, owner: &User, members: &[&User]) -> SessionId {
        let usernames = members.iter().map(|user| user.username.clone()).collect();
        let new = NewSession::Group { title: Title::parse("title", "Tea").unwrap(), usernames, key: None };
        self.first.services.sessions.create(&identity(owner), new, here(), None).await.unwrap().id
    }

    async fn direct(&self, user: &User, other: &User) -> SessionId {
        let new = NewSession::Direct { username: other.username.clone() };
        self.first.services.sessions.create(&identity(user), new, here(), None).await.unwrap().id
    }

    /// The number that this query gives.
    async fn count(&self, query: String) -> i64 {
        self.beside.borrow_mut().number(&query)
    }

    async fn members(&self, session: SessionId) -> i64 {
        self.count(format!("SELECT count(*) AS n FROM members WHERE session_id = {} AND state = 0", session.0)).await
    }

    async fn owners(&self, session: SessionId) -> i64 {
        let query = "SELECT count(*) AS n FROM members WHERE state = 0 AND role = 2 AND session_id =";
        self.count(format!("{query} {}", session.0)).await
    }

    /// Runs a statement beside the nodes.
    fn change(&self, statement: &str) {
        self.beside.borrow_mut().execute(statement);
    }

    /// How many of such outputs each node has delivered since this was called last.
    async fn delivered(&self, counts: impl Fn(&CommitOutput) -> bool) -> [usize; 2] {
        let mut found = [0; 2];
        for (node, found) in [&self.first, &self.second].into_iter().zip(&mut found) {
            node.services.store.writer().drain().await;
            *found = node.take_outputs().iter().filter(|output| counts(output)).count();
        }
        found
    }

    /// Requires a database without faults in which there was no deadlock.
    async fn close(self) {
        for node in [&self.first, &self.second] {
            node.services.store.writer().drain().await;
        }
        let query = "SELECT deadlocks AS n FROM pg_stat_database WHERE datname = current_database()";
        assert_eq!(self.count(query.to_owned()).await, 0, "deadlocks");
        let mut faults = Vec::new();
        verify::verify(&self.config.database_url, false, &mut |fault| faults.push(fault.to_owned())).unwrap();
        assert_eq!(faults, Vec::<String>::new());
    }
}

impl Node {
    fn open(config: &Config) -> Self {
        let outputs = Arc::new(Mutex::new(Vec::new()));
        let released = Arc::clone(&outputs);
        let sink = move |some, _| released.lock().unwrap_or_else(PoisonError::into_inner).extend(some);
        let store = Store::open_without_bus(config, Box::new(sink), messages::refusal).unwrap();
        Self { services: Services::new(store, Arc::new(config.clone())).unwrap(), outputs }
    }

    /// Sends a text and waits for the reply.
    async fn send(&self, sender: &User, target: Target) -> Result<Answer, Refusal> {
        let writer = self.services.store.writer();
        let (limiter, names) = (&self.services.limiter, &self.services.failures.names);
        let destination = messages::destination(sender.id, &target, limiter, names, None);
        let draft = Draft { target, text: Text::parse("hello".to_owned(), 0).unwrap(), key: None, reply_to: None };
        let posting = Posting { sender: sender.id, draft, destination, refused: None, acting: None, echo: false };
        let (caller, reply) = oneshot::channel();
        let (job, _) = writer.post(posting, Requester::Caller(caller));
        writer.enqueue(vec![job]);
        reply.await.unwrap()
    }

    /// Runs a task of the writer.
    async fn try_run(
        &self,
        touches: Touches,
        mut task: impl FnMut(&mut Db, Time) -> Result<Vec<CommitOutput>, Error> + Send + 'static,
    ) -> Result<(), Refusal> {
        self.services.store.writer().run(touches, move |db, now| Ok(((), task(db, now)?))).await
    }

    /// The same with one that is not refused.
    async fn run(
        &self,
        touches: Touches,
        task: impl FnMut(&mut Db, Time) -> Result<Vec<CommitOutput>, Error> + Send + 'static,
    ) {
        self.try_run(touches, task).await.unwrap();
    }

    fn take_outputs(&self) -> Vec<CommitOutput> {
        std::mem::take(&mut *self.outputs.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Runs both at once, and requires that neither takes too long.
async fn race<A, B>(one: impl Future<Output = A>, other: impl Future<Output = B>) -> (A, B) {
    let began = Instant::now();
    let outcomes = join(one, other).await;
    assert!(began.elapsed() < LONGEST, "it took {} ms", began.elapsed().as_millis());
    outcomes
}

fn identity(user: &User) -> Identity {
    Identity { user: user.clone(), token: TokenId(1), login_method: LoginMethod::Password }
}

fn here() -> Address {
    Address::from(IpAddr::from([127, 0, 0, 1]))
}

/// The codes of the refusals among outcomes.
fn refused<const N: usize>(outcomes: [Option<&Refusal>; N]) -> Vec<&'static str> {
    outcomes.into_iter().flatten().map(Refusal::code).collect()
}
