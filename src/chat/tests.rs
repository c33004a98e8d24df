//! The real ChatServer with a store of its own, and hubs that record what they are sent.
//!
//! In this file: the fixture, and who is sent the presence of everybody.

mod presence;
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

use super::{Attach, Batch, ChatServer, Enter, Leave, Outlet, Register};
use crate::config::Config;
use crate::domain::{
    Audience, ConnId, Delivery, Door, Event, Identity, NewSession, SessionId, Status, TokenId, Tongue, User, Username,
};
use crate::rate_limit::Address;
use crate::service::Services;
use crate::store::{Store, users};

/// How long a lost connection is forgiven; here not at all, unless a test says otherwise.
const GRACE: &str = "--presence-grace-seconds";

/// A hub that records what it is sent.
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

/// What one hub was sent.
struct Recording {
    batches: UnboundedReceiver<Batch>,
    deliveries: VecDeque<Delivery>,
}

impl Recording {
    /// The next delivery that `pick` takes; others are passed over.
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
    heard: VecDeque<(Audience, Event)>,
    folder: PathBuf,
}

impl Drop for Fixture {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Fixture {
    /// Starts it; `settings` are flags of the command line.
    pub(crate) fn open(settings: &[&str]) -> Self {
        let folder = std::env::temp_dir().join(format!("parlor-fixture-{}", ConnId::random()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = format!("sqlite:{}", folder.join("parlor.db").display());
        let mut arguments = vec!["parlor", "--database-url", &file];
        arguments.extend(settings);
        if !settings.contains(&GRACE) {
            arguments.extend([GRACE, "0"]);
        }
        let config = Arc::new(Config::try_parse_from(arguments).unwrap());
        let (outlet, commits) = unbounded_channel();
        let sink = move |deliveries, lost| drop(outlet.send(Outlet::Committed { deliveries, lost }));
        let store = Store::open(&config, Box::new(sink)).unwrap();
        let services = Services::new(store, config).unwrap();
        let chat = ChatServer::new(&services, commits).start();
        let batches = attach(&chat, 0).batches;
        Self { chat, services, batches, heard: VecDeque::new(), folder }
    }

    /// One more hub, with a number of its own.
    fn attach(&self, hub: usize) -> Recording {
        attach(&self.chat, hub)
    }

    async fn user(&self, name: &str) -> User {
        let name = Username::parse(name).unwrap();
        let insert = move |db: &mut _, now| Ok((users::insert(db, &name, "", now)?, Vec::new()));
        self.services.store.writer().run(insert).await.unwrap()
    }

    async fn enter(&self, user: &User, tongue: Tongue) -> ConnId {
        let connection = self.register(user, tongue, 0).await;
        self.chat.send(Enter { connection, sessions: Vec::new(), acquaintances: Vec::new() }).await.unwrap();
        connection
    }

    async fn register(&self, user: &User, tongue: Tongue, hub: usize) -> ConnId {
        let (connection, token) = (ConnId::random(), TokenId(1));
        let username = user.username.as_str().into();
        let register = Register { connection, user: user.id, username, token, tongue, is_stay: false, hub };
        self.chat.send(register).await.unwrap().unwrap();
        connection
    }

    async fn leave(&self, connection: ConnId) {
        self.chat.send(Leave { connection, goodbye: false }).await.unwrap();
    }

    async fn block(&self, who: &User, whom: &str, on: bool) {
        self.services.accounts.block(&identity(who), whom.to_owned(), on, here()).await.unwrap();
    }

    async fn open_direct(&self, who: &User, username: &str) -> SessionId {
        let new = NewSession::Direct { username: username.to_owned() };
        self.services.sessions.make(&identity(who), new, here(), None).await.unwrap().id
    }

    /// What is told next to those who hear of everybody.
    async fn next(&mut self) -> (Audience, Event) {
        loop {
            if let Some(told) = self.heard.pop_front() {
                return told;
            }
            let batch = timeout(Duration::from_secs(10), self.batches.recv()).await.unwrap().unwrap();
            let told = batch.deliveries.iter().map(|told| (told.to.clone(), told.event.clone()));
            self.heard.extend(told.filter(|(_, event)| matches!(event, Event::Sighted(_) | Event::Active(_))));
        }
    }

    /// The next change that contacts hear of: to whom it is told, of whom, and whether `viewer` may be told.
    async fn sighted(&mut self, viewer: &User) -> (Audience, Vec<(String, Status)>) {
        let (to, event) = self.next().await;
        let Event::Sighted(sighted) = event else { panic!("{event:?}") };
        let seen = sighted.changes.iter().filter(|(user, ..)| sighted.visibility.shows_presence(viewer.id, *user));
        (to, seen.map(|(_, username, status)| (username.to_string(), *status)).collect())
    }

    /// The next list of the lobby's dialect: to whom it is told, and who is on it for `viewer`.
    async fn active(&mut self, viewer: &User) -> (Audience, Vec<String>) {
        let (to, event) = self.next().await;
        let Event::Active(active) = event else { panic!("{event:?}") };
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

const CONTACTS: Audience = Audience::Speaking(Tongue::Contacts);
const LOBBY: Audience = Audience::Speaking(Tongue::Lobby);

fn identity(user: &User) -> Identity {
    Identity { user: user.clone(), token: TokenId(1), door: Door::Login }
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
async fn contacts_hear_who_comes_and_goes_whatever_they_speak() {
    let mut fixture = Fixture::open(&[]);
    let (avi, lisa) = (fixture.user("avi").await, fixture.user("lisa").await);
    fixture.enter(&avi, Tongue::Contacts).await;
    assert_eq!(fixture.sighted(&avi).await, (CONTACTS, online("avi")), "oneself too");
    let hers = fixture.enter(&lisa, Tongue::Native).await;
    assert_eq!(fixture.sighted(&avi).await, (CONTACTS, online("lisa")));
    fixture.leave(hers).await;
    assert_eq!(fixture.sighted(&avi).await, (CONTACTS, offline("lisa")));
}

#[actix_web::test]
async fn in_a_closed_directory_contacts_hear_of_somebody_once_they_share_a_session() {
    let mut fixture = Fixture::open(&["--directory", "closed"]);
    let (avi, lisa) = (fixture.user("avi").await, fixture.user("lisa").await);
    fixture.enter(&avi, Tongue::Contacts).await;
    assert_eq!(fixture.sighted(&avi).await, (CONTACTS, online("avi")));
    fixture.enter(&lisa, Tongue::Native).await;
    assert_eq!(fixture.sighted(&avi).await, (CONTACTS, Vec::new()), "strangers");
    fixture.open_direct(&lisa, "avi").await;
    assert_eq!(fixture.sighted(&avi).await, (Audience::User(avi.id), online("lisa")));
}

#[actix_web::test]
async fn a_block_looks_to_both_like_a_departure_and_its_end_like_an_arrival() {
    let mut fixture = Fixture::open(&[]);
    let (avi, lisa) = (fixture.user("avi").await, fixture.user("lisa").await);
    fixture.enter(&avi, Tongue::Contacts).await;
    assert_eq!(fixture.sighted(&avi).await, (CONTACTS, online("avi")));
    fixture.enter(&lisa, Tongue::Contacts).await;
    assert_eq!(fixture.sighted(&avi).await, (CONTACTS, online("lisa")));
    let (his, hers) = (Audience::User(avi.id), Audience::User(lisa.id));
    for (on, expected) in [(true, offline as fn(&str) -> _), (false, online)] {
        fixture.block(&lisa, "avi", on).await;
        let mut told = [fixture.sighted(&avi).await, fixture.sighted(&lisa).await];
        if told[0].0 == hers {
            told.reverse();
        }
        assert_eq!(told, [(his.clone(), expected("lisa")), (hers.clone(), expected("avi"))]);
    }
    // While each has blocked the other, taking back one changes nothing.
    fixture.block(&lisa, "avi", true).await;
    for _ in 0..2 {
        fixture.next().await;
    }
    fixture.block(&avi, "lisa", true).await;
    fixture.block(&lisa, "avi", false).await;
    let mark = fixture.user("mark").await;
    fixture.enter(&mark, Tongue::Native).await;
    assert_eq!(fixture.sighted(&avi).await, (CONTACTS, online("mark")));
}

#[actix_web::test]
async fn the_lobby_hears_who_is_active_whenever_it_changes() {
    let mut fixture = Fixture::open(&[]);
    let (avi, lisa) = (fixture.user("avi").await, fixture.user("lisa").await);
    fixture.enter(&lisa, Tongue::Native).await;
    fixture.enter(&avi, Tongue::Lobby).await;
    assert_eq!(fixture.active(&avi).await, (LOBBY, vec!["avi".to_owned()]), "who speaks something else is not listed");
    let second = fixture.enter(&avi, Tongue::Lobby).await;
    assert_eq!(fixture.active(&avi).await, (Audience::Connection(second), vec!["avi".to_owned()]));
    let hers = fixture.enter(&lisa, Tongue::Lobby).await;
    assert_eq!(fixture.active(&avi).await, (LOBBY, vec!["avi".to_owned(), "lisa".to_owned()]));
    fixture.block(&avi, "lisa", true).await;
    for viewer in [&avi, &lisa] {
        assert_eq!(fixture.active(viewer).await.1, vec![viewer.username.clone()]);
    }
    fixture.leave(hers).await;
    assert_eq!(fixture.active(&avi).await, (LOBBY, vec!["avi".to_owned()]), "she is online, and no longer active");
}
