//! Users, guests and rooms of other nodes, which are rows and effects here.

use super::*;
use crate::chat::SignalTyping;
use crate::domain::{Attendance, Disconnect, Effect, NodeId, Time, UserId};
use crate::service::accounts::RoomChoice;
use crate::store::db::scratch::Beside;
use crate::store::{Touches, attendance, rooms, transient_guests};

const THERE: NodeId = NodeId(7);
/// Longer than the grace periods of the tests, and the time until a sweep.
const LATER: Duration = Duration::from_millis(2_500);
const SHORT: [&str; 6] = ["--room-grace-seconds", "1", "--room-invite-seconds", "1", "--lobby-login-seconds", "1"];

fn attended(user: &User, is_online: bool, is_transient: bool) -> Attendance {
    let username = user.username.as_str().into();
    Attendance {
        user: user.id,
        username,
        is_online,
        is_goodbye: false,
        in_lobby: is_transient,
        is_transient,
        at: Time::now(),
    }
}

/// Two guests, and an ephemeral room that one of them has made.
struct Alive {
    guests: [User; 2],
    room: SessionId,
}

impl Alive {
    async fn create(services: &Services) -> Self {
        let lobby = services.accounts.lobby_guest("lena", here()).await.unwrap().identity.user;
        let login = services.accounts.room_guest("Rosa", RoomChoice::Create, here()).await.unwrap();
        let room = login.identity.login_method.room().unwrap();
        services.sessions.enter(&login.identity).await.unwrap();
        Self { guests: [lobby, login.identity.user], room }
    }

    fn attended(&self, is_online: bool) -> Vec<Attendance> {
        self.guests.iter().map(|guest| attended(guest, is_online, true)).collect()
    }

    /// What a node gets to know at its start.
    fn effects(&self) -> Vec<CommitOutput> {
        let rooms = vec![(self.room, true)];
        let effects = [
            Effect::Attended { node: THERE, users: self.attended(true) },
            Effect::RoomsOccupied { node: THERE, rooms },
        ];
        effects.map(CommitOutput::Effect).into()
    }

    async fn store(&self, services: &Services) {
        let (users, room) = (self.attended(true), self.room);
        let store = move |db: &mut _, _| {
            attendance::store(db, THERE, &users)?;
            attendance::store_rooms(db, THERE, &[(room, true)])?;
            Ok(((), Vec::new()))
        };
        services.store.writer().run(Touches::nothing(), store).await.unwrap();
    }

    /// How many of the guests there are, and whether there is the room.
    async fn remaining(&self, services: &Services) -> (usize, bool) {
        let (guests, room) = ([self.guests[0].id, self.guests[1].id], self.room);
        let read = move |db: &mut _| {
            let alive = guests.map(|guest| transient_guests::is_here(db, guest).unwrap());
            Ok((alive.into_iter().filter(|alive| *alive).count(), rooms::is_ephemeral(db, room)?))
        };
        services.store.read(read).await.unwrap()
    }

    async fn end(&self, services: &Services) {
        until(async || self.remaining(services).await == (0, false)).await;
    }
}

impl Fixture {
    async fn commit(&self, effect: Effect) {
        let ended = if let Effect::NodeEnded(node) = effect { Some(node) } else { None };
        let commit = move |db: &mut _, now| {
            ended.map_or(Ok(()), |node| attendance::end_node(db, node, now))?;
            Ok(((), vec![CommitOutput::Effect(effect.clone())]))
        };
        self.services.store.writer().run(Touches::nothing(), commit).await.unwrap();
    }

    async fn at_other_node(&self, user: &User, is_online: bool) {
        self.commit(Effect::Attended { node: THERE, users: vec![attended(user, is_online, false)] }).await;
    }

    /// Connects `user` to `hub`. Returns the acquaintances who are online too.
    async fn arrive(&self, user: &User, hub: usize, acquaintance: &User) -> (ConnId, Vec<String>) {
        let connection = self.register(user, Dialect::Native, hub).await;
        let enter = Enter { connection, sessions: Vec::new(), acquaintances: vec![acquaintance.id] };
        let entered = self.chat.send(enter).await.unwrap();
        (connection, entered.0.iter().map(ToString::to_string).collect())
    }

    /// The users who are online at a node other than `own`, as stored.
    async fn stored(&self, own: NodeId) -> Vec<(NodeId, Vec<UserId>)> {
        let found = self.services.store.read(move |db| attendance::of_others(db, own, Time(0))).await.unwrap();
        let users = |effect| match effect {
            Effect::Attended { node, users } => Some((node, users.iter().map(|user| user.user).collect())),
            _ => None,
        };
        found.into_iter().filter_map(users).collect()
    }
}

async fn until(is_so: impl AsyncFn() -> bool) {
    for _ in 0..500 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("not in time");
}

fn all(settings: &[&str]) -> Vec<Prepared> {
    std::iter::once(Prepared::on_sqlite(settings)).chain(Prepared::on_postgres(settings)).collect()
}

#[actix_web::test]
async fn the_start_of_a_node_ends_no_guest_and_no_room_that_is_alive_at_another() {
    for prepared in all(&SHORT) {
        let alive = Alive::create(&prepared.services).await;
        alive.store(&prepared.services).await;
        let fixture = prepared.start(alive.effects());
        tokio::time::sleep(LATER).await;
        assert_eq!(alive.remaining(&fixture.services).await, (2, true));
        fixture.commit(Effect::NodeEnded(THERE)).await;
        alive.end(&fixture.services).await;
    }
}

#[actix_web::test]
async fn what_is_stored_protects_guests_and_rooms_of_which_a_node_has_not_been_notified() {
    let Some(prepared) = Prepared::on_postgres(&SHORT) else { return };
    let alive = Alive::create(&prepared.services).await;
    alive.store(&prepared.services).await;
    let fixture = prepared.start(Vec::new());
    tokio::time::sleep(LATER).await;
    assert_eq!(alive.remaining(&fixture.services).await, (2, true));
    // They remain expected, and watched.
    let end = |db: &mut _, now| attendance::end_node(db, THERE, now).map(|()| ((), Vec::new()));
    fixture.services.store.writer().run(Touches::nothing(), end).await.unwrap();
    alive.end(&fixture.services).await;
}

#[actix_web::test]
async fn guests_and_rooms_that_leave_another_node_end_and_those_that_come_here_do_not() {
    for prepared in all(&SHORT) {
        let alive = Alive::create(&prepared.services).await;
        alive.store(&prepared.services).await;
        let fixture = prepared.start(alive.effects());
        let (chat, [_, rosa]) = (&fixture.chat, &alive.guests);
        let connection = ConnId::random();
        let username = rosa.username.as_str().into();
        let (user, token, dialect) = (rosa.id, TokenId(1), Dialect::Lobby);
        let register = Register { connection, user, username, token, dialect, is_transient: true, hub: 0 };
        chat.send(register).await.unwrap().unwrap();
        let sessions = vec![alive.room];
        chat.send(Enter { connection, sessions, acquaintances: Vec::new() }).await.unwrap();
        fixture.commit(Effect::NodeEnded(THERE)).await;
        tokio::time::sleep(LATER).await;
        assert_eq!(alive.remaining(&fixture.services).await, (1, true), "the other guest has ended");
        fixture.leave(connection).await;
        alive.end(&fixture.services).await;
    }
}

#[actix_web::test]
async fn a_user_is_online_from_the_first_node_to_the_last() {
    let Some(prepared) = Prepared::on_postgres(&[]) else { return };
    let mut fixture = prepared.start(Vec::new());
    let (avi, lisa) = (fixture.user("avi").await, fixture.user("lisa").await);
    fixture.open_direct(&avi, "lisa").await;
    let mut his = fixture.attach(1);
    fixture.arrive(&avi, 1, &lisa).await;
    fixture.enter(&avi, Dialect::Contacts).await;
    assert_eq!(fixture.next_changes(&avi).await.1, online("avi"));
    fixture.at_other_node(&lisa, true).await;
    let pushed = |delivery: &Delivery| match &delivery.event {
        Event::Presence { username, status, .. } if delivery.to == Audience::User(avi.id) => {
            Some((username.to_string(), *status))
        }
        _ => None,
    };
    assert_eq!(his.next(pushed).await, ("lisa".to_owned(), Status::Online));
    assert_eq!(fixture.next_changes(&avi).await.1, online("lisa"));
    assert_eq!(fixture.arrive(&avi, 1, &lisa).await.1, ["lisa"]);
    assert_eq!(fixture.chat.send(super::super::messages::OnlineStatus(vec![lisa.id])).await.unwrap(), [true]);
    // Neither her arrival here nor the end of the other node sends an event.
    let (hers, _) = fixture.arrive(&lisa, 2, &avi).await;
    fixture.commit(Effect::NodeEnded(THERE)).await;
    fixture.leave(hers).await;
    assert_eq!(his.next(pushed).await, ("lisa".to_owned(), Status::Offline));
    assert_eq!(fixture.next_changes(&avi).await.1, offline("lisa"));
    fixture.at_other_node(&lisa, true).await;
    assert_eq!(his.next(pushed).await, ("lisa".to_owned(), Status::Online));
    fixture.commit(Effect::NodeEnded(THERE)).await;
    assert_eq!(his.next(pushed).await, ("lisa".to_owned(), Status::Offline));
}

#[actix_web::test]
async fn the_lobby_roster_has_the_users_of_all_nodes() {
    let Some(prepared) = Prepared::on_postgres(&[]) else { return };
    let mut fixture = prepared.start(Vec::new());
    let (avi, lisa) = (fixture.user("avi").await, fixture.user("lisa").await);
    fixture.enter(&avi, Dialect::Native).await;
    let lobby = fixture.enter(&avi, Dialect::Lobby).await;
    assert_eq!(fixture.next_roster(&avi).await.1, ["avi"]);
    let users = vec![Attendance { in_lobby: true, ..attended(&lisa, true, false) }];
    fixture.commit(Effect::Attended { node: THERE, users }).await;
    assert_eq!(fixture.next_roster(&avi).await.1, ["avi", "lisa"]);
    fixture.at_other_node(&lisa, true).await;
    assert_eq!(fixture.next_roster(&avi).await.1, ["avi"], "she is online, and no longer on the roster");
    for listed in [true, false] {
        let read = |db: &mut _| attendance::of_others(db, THERE, Time(0));
        let is_listed = |effect: &Effect| match effect {
            Effect::Attended { users, .. } => users.iter().any(|user| user.user == avi.id && user.in_lobby),
            _ => false,
        };
        until(async || fixture.services.store.read(read).await.unwrap().iter().any(is_listed) == listed).await;
        fixture.leave(lobby).await;
    }
}

#[actix_web::test]
async fn a_node_that_was_ended_closes_connections_and_announces_its_users_again() {
    let Some(prepared) = Prepared::on_postgres(&[GRACE, "60"]) else { return };
    let mut fixture = prepared.start(Vec::new());
    let (avi, lisa) = (fixture.user("avi").await, fixture.user("lisa").await);
    let connection = fixture.enter(&avi, Dialect::Native).await;
    fixture.at_other_node(&lisa, true).await;
    let own = fixture.services.store.node().get();
    until(async || fixture.stored(THERE).await == [(own, vec![avi.id])]).await;
    // By another node, which would have deleted the rows, too.
    let Database::Postgres { url, .. } = &fixture.database else { panic!() };
    Beside::connect(url).execute("UPDATE nodes SET ended_at = 1; DELETE FROM attendance");
    let closings = loop {
        let batch = timeout(Duration::from_secs(10), fixture.batches.recv()).await.unwrap().unwrap();
        if !batch.closings.is_empty() {
            break batch.closings;
        }
    };
    assert_eq!(closings.as_ref(), [(connection, Disconnect::TryLater)]);
    fixture.leave(connection).await;
    let again = fixture.services.store.node().get();
    assert_ne!(again, own);
    until(async || fixture.stored(own).await == [(again, vec![avi.id])]).await;
    let is_online = super::super::messages::OnlineStatus(vec![avi.id, lisa.id]);
    assert_eq!(fixture.chat.send(is_online).await.unwrap(), [true, false]);
}

#[actix_web::test]
async fn typing_reaches_the_session_on_either_database() {
    for prepared in all(&[]) {
        let fixture = prepared.start(Vec::new());
        let (avi, _lisa) = (fixture.user("avi").await, fixture.user("lisa").await);
        let session = fixture.open_direct(&avi, "lisa").await;
        let mut his = fixture.attach(1);
        let connection = fixture.register(&avi, Dialect::Native, 1).await;
        let enter = Enter { connection, sessions: vec![session], acquaintances: Vec::new() };
        fixture.chat.send(enter).await.unwrap();
        fixture.chat.send(SignalTyping { connection, session: Some(session), request_id: None }).await.unwrap();
        let typing = |delivery: &Delivery| match &delivery.event {
            Event::Typing { .. } => Some((delivery.to.clone(), delivery.except)),
            _ => None,
        };
        assert_eq!(his.next(typing).await, (Audience::Session(session), Some(connection)));
    }
}
