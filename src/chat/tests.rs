//! The real ChatServer with a store of its own, and hubs that record what they receive.
//!
//! In this file: the fixture, and the presence feed and the lobby roster.

mod acquaintances;
mod nodes;
mod sending;

use std::collections::VecDeque;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use clap::Parser;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;

use super::{Attach, Batch, ChatServer, Enter, Fanout, Leave, Register};
use crate::config::Config;
use crate::domain::{
    Audience, CommitOutput, ConnId, Delivery, Dialect, Event, Identity, LoginMethod, NewSession, SessionId, Status,
    TokenId, User, Username,
};
use crate::rate_limit::Address;
use crate::service::Services;
use crate::store::db::scratch::{self, Scratch};
use crate::store::{Store, Touches, users};

/// The grace period is zero unless a test sets it.
const GRACE: &str = "--presence-grace-seconds";

/// A hub that records what it receives.
struct RecordingHub(UnboundedSender<Batch>);

impl Actor for RecordingHub {
    type Context = Context<Self>;
}

impl Handler<Batch> for RecordingHub {
    type Result = ();

    fn handle(&mut self, batch: Batch, _: &mut Context<Self>) {
        let _ = self.0.send(batch);
    }
}

/// What one hub receives.
struct Recording {
    batches: UnboundedReceiver<Batch>,
    deliveries: VecDeque<Delivery>,
}

impl Recording {
    /// The next delivery for which `pick` returns something; others are skipped.
    async fn next<T>(&mut self, pick: impl Fn(&Delivery) -> Option<T>) -> T {
        loop {
            while let Some(delivery) = self.deliveries.pop_front() {
                if let Some(picked) = pick(&delivery) {
                    return picked;
                }
            }
            let batch = timeout(Duration::from_secs(10), self.batches.recv()).await.unwrap().unwrap();
            self.deliveries.extend(batch.deliveries.iter().cloned());
        }
    }
}

/// A ChatServer on a database of its own, with one hub.
pub(crate) struct Fixture {
    pub(crate) chat: Addr<ChatServer>,
    pub(crate) services: Services,
    batches: UnboundedReceiver<Batch>,
    feed_events: VecDeque<(Audience, Event)>,
    database: Database,
}

/// Where a fixture's database is, until it is dropped.
enum Database {
    Sqlite(PathBuf),
    Postgres { url: String, _scratch: Scratch },
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Self::Sqlite(folder) = self {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

/// A store with its services, before the ChatServer starts.
struct Prepared {
    services: Services,
    fanout: UnboundedSender<Fanout>,
    commits: UnboundedReceiver<Fanout>,
    database: Database,
}

impl Prepared {
    fn on_sqlite(settings: &[&str]) -> Self {
        let folder = std::env::temp_dir().join(format!("parlor-fixture-{}", ConnId::random()));
        std::fs::create_dir_all(&folder).unwrap();
        let url = format!("sqlite:{}", folder.join("parlor.db").display());
        Self::open(settings, &url, Database::Sqlite(folder))
    }

    /// `None` where there is no server for tests.
    fn on_postgres(settings: &[&str]) -> Option<Self> {
        let (scratch, url) = scratch::unopened_postgres_database()?;
        Some(Self::open(settings, &url, Database::Postgres { url: url.clone(), _scratch: scratch }))
    }

    fn open(settings: &[&str], url: &str, database: Database) -> Self {
        let mut arguments = vec!["parlor", "--database-url", url];
        arguments.extend(settings);
        if !settings.contains(&GRACE) {
            arguments.extend([GRACE, "0"]);
        }
        let config = Arc::new(Config::try_parse_from(arguments).unwrap());
        let (fanout, commits) = unbounded_channel();
        let released = fanout.clone();
        let sink = move |outputs, lost| drop(released.send(Fanout::Committed { outputs, lost }));
        let store = Store::open_without_bus(&config, Box::new(sink), crate::service::messages::refusal).unwrap();
        Self { services: Services::new(store, config).unwrap(), fanout, commits, database }
    }

    /// Starts the ChatServer, which receives these outputs first, and nothing of what was committed before.
    fn start(mut self, first: Vec<CommitOutput>) -> Fixture {
        while self.commits.try_recv().is_ok() {}
        self.fanout.send(Fanout::Committed { outputs: first, lost: Vec::new() }).unwrap();
        let Self { services, commits, database, .. } = self;
        let chat = ChatServer::new(&services, commits).start();
        let batches = attach(&chat, 0).batches;
        Fixture { chat, services, batches, feed_events: VecDeque::new(), database }
    }
}

impl Fixture {
    /// `settings` are command line flags.
    pub(crate) fn open(settings: &[&str]) -> Self {
        Prepared::on_sqlite(settings).start(Vec::new())
    }

    /// Adds a hub; each number is used once.
    fn attach(&self, hub: usize) -> Recording {
        attach(&self.chat, hub)
    }

    async fn user(&self, name: &str) -> User {
        let name = Username::parse(name).unwrap();
        let insert = move |db: &mut _, now| Ok((users::insert(db, &name, "", now)?, Vec::new()));
        self.services.store.writer().run(Touches::new_user(), insert).await.unwrap()
    }

    async fn enter(&self, user: &User, dialect: Dialect) -> ConnId {
        let connection = self.register(user, dialect, 0).await;
        self.chat.send(Enter { connection, sessions: Vec::new(), acquaintances: Vec::new() }).await.unwrap();
        connection
    }

    async fn register(&self, user: &User, dialect: Dialect, hub: usize) -> ConnId {
        let (connection, token) = (ConnId::random(), TokenId(1));
        let username = user.username.as_str().into();
        let register = Register { connection, user: user.id, username, token, dialect, is_transient: false, hub };
        self.chat.send(register).await.unwrap().unwrap();
        connection
    }

    async fn leave(&self, connection: ConnId) {
        self.chat.send(Leave { connection, goodbye: false }).await.unwrap();
    }

    async fn block(&self, blocker: &User, username: &str, on: bool) {
        self.services.accounts.block(&identity(blocker), username.to_owned(), on, here()).await.unwrap();
    }

    async fn open_direct(&self, user: &User, username: &str) -> SessionId {
        let new = NewSession::Direct { username: username.to_owned() };
        self.services.sessions.create(&identity(user), new, here(), None).await.unwrap().id
    }

    /// The next event of the presence feed or the lobby roster.
    async fn next_feed_event(&mut self) -> (Audience, Event) {
        loop {
            if let Some(event) = self.feed_events.pop_front() {
                return event;
            }
            let batch = timeout(Duration::from_secs(10), self.batches.recv()).await.unwrap().unwrap();
            let events = batch.deliveries.iter().map(|delivery| (delivery.to.clone(), delivery.event.clone()));
            self.feed_events
                .extend(events.filter(|(_, event)| matches!(event, Event::PresenceFeed(_) | Event::LobbyRoster(_))));
        }
    }

    /// The next event of the presence feed: its audience, and what `viewer` may see of it.
    async fn next_changes(&mut self, viewer: &User) -> (Audience, Vec<(String, Status)>) {
        let (to, event) = self.next_feed_event().await;
        let Event::PresenceFeed(feed) = event else { panic!("{event:?}") };
        let seen = feed.changes.iter().filter(|(user, ..)| feed.visibility.shows_presence(viewer.id, *user));
        (to, seen.map(|(_, username, status)| (username.to_string(), *status)).collect())
    }

    /// The next lobby roster: its audience, and what `viewer` may see of it.
    async fn next_roster(&mut self, viewer: &User) -> (Audience, Vec<String>) {
        let (to, event) = self.next_feed_event().await;
        let Event::LobbyRoster(active) = event else { panic!("{event:?}") };
        let seen = active.users.iter().filter(|(user, _)| active.visibility.shows_presence(viewer.id, *user));
        (to, seen.map(|(_, username)| username.to_string()).collect())
    }
}

fn attach(chat: &Addr<ChatServer>, hub: usize) -> Recording {
    let (record, batches) = unbounded_channel();
    let recipient = RecordingHub(record).start().recipient();
    chat.try_send(Attach { hub, recipient }).unwrap();
    Recording { batches, deliveries: VecDeque::new() }
}

const CONTACTS: Audience = Audience::Dialect(Dialect::Contacts);
const LOBBY: Audience = Audience::Dialect(Dialect::Lobby);

fn identity(user: &User) -> Identity {
    Identity { user: user.clone(), token: TokenId(1), login_method: LoginMethod::Password }
}

fn here() -> Address {
    Address::from(IpAddr::from([127, 0, 0, 1]))
}

fn online(name: &str) -> Vec<(String, Status)> {
    vec![(name.to_owned(), Status::Online)]
}

fn offline(name: &str) -> Vec<(String, Status)> {
    vec![(name.to_owned(), Status::Offline)]
}

#[actix_web::test]
async fn the_contacts_dialect_receives_the_presence_of_users_of_any_dialect() {
    let mut fixture = Fixture::open(&[]);
    let (avi, lisa) = (fixture.user("avi").await, fixture.user("lisa").await);
    fixture.enter(&avi, Dialect::Contacts).await;
    assert_eq!(fixture.next_changes(&avi).await, (CONTACTS, online("avi")), "their own too");
    let hers = fixture.enter(&lisa, Dialect::Native).await;
    assert_eq!(fixture.next_changes(&avi).await, (CONTACTS, online("lisa")));
    fixture.leave(hers).await;
    assert_eq!(fixture.next_changes(&avi).await, (CONTACTS, offline("lisa")));
}

#[actix_web::test]
async fn in_a_closed_directory_presence_becomes_visible_with_a_shared_session() {
    let mut fixture = Fixture::open(&["--directory", "closed"]);
    let (avi, lisa) = (fixture.user("avi").await, fixture.user("lisa").await);
    fixture.enter(&avi, Dialect::Contacts).await;
    assert_eq!(fixture.next_changes(&avi).await, (CONTACTS, online("avi")));
    fixture.enter(&lisa, Dialect::Native).await;
    assert_eq!(fixture.next_changes(&avi).await, (CONTACTS, Vec::new()), "strangers");
    fixture.open_direct(&lisa, "avi").await;
    assert_eq!(fixture.next_changes(&avi).await, (Audience::User(avi.id), online("lisa")));
}

#[actix_web::test]
async fn a_block_looks_to_both_like_going_offline_and_its_end_like_coming_online() {
    let mut fixture = Fixture::open(&[]);
    let (avi, lisa) = (fixture.user("avi").await, fixture.user("lisa").await);
    fixture.enter(&avi, Dialect::Contacts).await;
    assert_eq!(fixture.next_changes(&avi).await, (CONTACTS, online("avi")));
    fixture.enter(&lisa, Dialect::Contacts).await;
    assert_eq!(fixture.next_changes(&avi).await, (CONTACTS, online("lisa")));
    let (his, hers) = (Audience::User(avi.id), Audience::User(lisa.id));
    for (on, expected) in [(true, offline as fn(&str) -> _), (false, online)] {
        fixture.block(&lisa, "avi", on).await;
        let mut received = [fixture.next_changes(&avi).await, fixture.next_changes(&lisa).await];
        if received[0].0 == hers {
            received.reverse();
        }
        assert_eq!(received, [(his.clone(), expected("lisa")), (hers.clone(), expected("avi"))]);
    }
    // While each has blocked the other, removing one block changes nothing.
    fixture.block(&lisa, "avi", true).await;
    for _ in 0..2 {
        fixture.next_feed_event().await;
    }
    fixture.block(&avi, "lisa", true).await;
    fixture.block(&lisa, "avi", false).await;
    let mark = fixture.user("mark").await;
    fixture.enter(&mark, Dialect::Native).await;
    assert_eq!(fixture.next_changes(&avi).await, (CONTACTS, online("mark")));
}

#[actix_web::test]
async fn the_lobby_dialect_receives_the_roster_whenever_it_changes() {
    let mut fixture = Fixture::open(&[]);
    let (avi, lisa) = (fixture.user("avi").await, fixture.user("lisa").await);
    fixture.enter(&lisa, Dialect::Native).await;
    fixture.enter(&avi, Dialect::Lobby).await;
    assert_eq!(
        fixture.next_roster(&avi).await,
        (LOBBY, vec!["avi".to_owned()]),
        "users of other dialects are not listed"
    );
    let second = fixture.enter(&avi, Dialect::Lobby).await;
    assert_eq!(fixture.next_roster(&avi).await, (Audience::Connection(second), vec!["avi".to_owned()]));
    let hers = fixture.enter(&lisa, Dialect::Lobby).await;
    assert_eq!(fixture.next_roster(&avi).await, (LOBBY, vec!["avi".to_owned(), "lisa".to_owned()]));
    fixture.block(&avi, "lisa", true).await;
    for viewer in [&avi, &lisa] {
        assert_eq!(fixture.next_roster(viewer).await.1, vec![viewer.username.clone()]);
    }
    fixture.leave(hers).await;
    assert_eq!(
        fixture.next_roster(&avi).await,
        (LOBBY, vec!["avi".to_owned()]),
        "she is online, and no longer on the roster"
    );
}
