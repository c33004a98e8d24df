//! The ChatServer: who is here, which rooms are open, and the one way by which anything is told.
//!
//! A message meets its handlers in the order in which they stand: `Submit` hands a draft to the writer, `Committed` comes
//! back once it is durable, and `deliver` passes it on to the hubs that have somebody to tell.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::prelude::*;
use futures_util::stream::poll_fn;
use tokio::sync::mpsc::UnboundedReceiver;

use super::messages::{Attach, Batch, Census, Enter, Entered, Leave, Move, Online, Outlet, Register, Submit, Type};
use super::people::{Connection, People};
use super::receipts::{Receipts, Told};
use super::rooms::Rooms;
use super::vanishing::Vanishing;
use crate::accounts::Accounts;
use crate::desks::Desks;
use crate::limits::{Names, Rate, Throttle};
use crate::model::{
    Answer, Audience, ConnId, Delivery, Disconnect, Event, Refusal, Reply, SessionId, Status, Target, Time, UserId,
};
use crate::store::{Job, Opening, Origin, Posting, Store, Writer, rooms, users};

/// Grace periods and receipts are looked at so often.
const TICK: Duration = Duration::from_millis(100);
/// Tokens in use are noted, and expired ones swept, so often.
const TOKENS_EVERY: Duration = Duration::from_secs(600);
/// A user's typing in a session is told at most so often.
const TYPING_EVERY: Duration = Duration::from_secs(3);

/// Owner of everything alive on this node.
pub struct ChatServer {
    people: People,
    rooms: Rooms,
    receipts: Receipts,
    vanishing: Vanishing,
    /// The session that everybody is in, and how much may be said there.
    lobby: Option<SessionId>,
    lobby_sends: Throttle<UserId>,
    all_lobby_sends: Throttle<()>,
    hubs: Vec<(usize, Recipient<Batch>)>,
    store: Store,
    writer: Writer,
    /// Work for the writer that has come since the mailbox was last empty.
    gathered: Vec<Job>,
    accounts: Accounts,
    commits: Option<UnboundedReceiver<Outlet>>,
    sends: Arc<Throttle<UserId>>,
    openings: Arc<Throttle<UserId>>,
    names: Arc<Names>,
    typing: Throttle<(UserId, SessionId)>,
    grace: Duration,
    user_connections: u32,
}

impl ChatServer {
    /// Nobody is here yet. `commits` is where the writer's sink puts what it lets out.
    pub fn new(desks: &Desks, commits: UnboundedReceiver<Outlet>) -> Self {
        let (config, limits) = (&desks.config, &desks.config.limits);
        Self {
            people: People::default(),
            rooms: Rooms::default(),
            receipts: Receipts::default(),
            vanishing: Vanishing::new(Duration::from_secs(config.pace.room_grace_seconds.into())),
            lobby: desks.store.lobby(),
            lobby_sends: Throttle::new(limits.lobby_sends()),
            all_lobby_sends: Throttle::new(limits.all_lobby_sends()),
            hubs: Vec::new(),
            store: desks.store.clone(),
            writer: desks.store.writer().clone(),
            gathered: Vec::new(),
            accounts: desks.accounts.clone(),
            commits: Some(commits),
            sends: Arc::clone(&desks.sends),
            openings: Arc::clone(&desks.openings),
            names: Arc::clone(&desks.names),
            typing: Throttle::new(Rate::within(TYPING_EVERY, 1, 1)),
            grace: Duration::from_secs(config.pace.presence_grace_seconds.into()),
            user_connections: limits.user_connections,
        }
    }

    /// Keeps work until everything that is in the mailbox now has been looked at, so that it goes to the writer together.
    fn gather(&mut self, job: Job, ctx: &mut Context<Self>) {
        self.gathered.push(job);
        if self.gathered.len() == 1 {
            ctx.notify(HandOver);
        }
    }

    /// Says no to whoever waits.
    fn refuse(&mut self, origin: Origin, refusal: Refusal) {
        match origin {
            Origin::Caller(caller) => drop(caller.send(Err(refusal))),
            Origin::Connection(connection, reference) => {
                let event = Event::Answered(Reply { reference, outcome: Err(refusal) });
                self.deliver(vec![Delivery::new(Audience::Connection(connection), event)], &[]);
            }
        }
    }

    /// Acts on what happened, then passes it on to the hubs that have somebody to tell.
    fn deliver(&mut self, deliveries: Vec<Delivery>, lost: &[ConnId]) {
        let mut closings: Vec<(ConnId, Disconnect)> = lost.iter().map(|id| (*id, Disconnect::TryLater)).collect();
        let mut told = Vec::with_capacity(deliveries.len());
        let mut hearing = Hearing(0);
        for delivery in deliveries {
            let Some(delivery) = self.act(delivery, &mut told, &mut closings) else { continue };
            told.push(delivery);
        }
        for delivery in &told {
            match delivery.to {
                Audience::Session(session) => self.rooms.hubs(session).for_each(|hub| hearing.add(hub)),
                Audience::User(user) => self.people.hubs(user).for_each(|hub| hearing.add(hub)),
                Audience::Connection(id) => {
                    self.people.connection(id).into_iter().for_each(|known| hearing.add(known.hub));
                }
                Audience::House => {}
            }
        }
        for (id, _) in &closings {
            self.people.connection(*id).into_iter().for_each(|known| hearing.add(known.hub));
        }
        self.send(hearing, Batch { deliveries: told.into(), closings: closings.into(), all: None });
    }

    fn send(&self, hearing: Hearing, batch: Batch) {
        for (_, hub) in self.hubs.iter().filter(|(number, _)| hearing.has(*number)) {
            // A hub only moves frames into queues that are bounded themselves, so its mailbox does not grow.
            #[allow(clippy::disallowed_methods)]
            hub.do_send(batch.clone());
        }
    }

    /// What this server itself does about an event. `None`: nobody else hears of it, or not now.
    fn act(
        &mut self,
        delivery: Delivery,
        told: &mut Vec<Delivery>,
        closings: &mut Vec<(ConnId, Disconnect)>,
    ) -> Option<Delivery> {
        match (&delivery.event, &delivery.to) {
            (Event::SessionAdded(session), Audience::User(user)) => {
                for hub in self.people.add_session(*user, session.id) {
                    self.join(session.id, hub);
                }
            }
            (Event::SessionRemoved { session, .. }, Audience::User(user)) => {
                for hub in self.people.remove_session(*user, *session) {
                    self.part(*session, hub);
                }
            }
            (Event::Vanishing(room), _) => {
                self.watch(&[*room]);
                return None;
            }
            (Event::Marked { session, receipt }, _) => {
                let now = Instant::now();
                let told = Told { receipt: receipt.clone(), to: delivery.to.clone(), except: delivery.except };
                return self.receipts.moved(*session, told, now).map(|told| told.delivery(*session));
            }
            (Event::Acquainted { a, b, visible }, _) => {
                let both = self.people.acquaint(*a, *b, *visible)?;
                for ((user, online), (hearer, _)) in both.iter().zip(both.iter().rev()) {
                    if *online {
                        told.extend(self.presence(*user, *hearer, *visible, None));
                    }
                }
                return None;
            }
            // On its way through the writer; a block may have come before it.
            (Event::Presence { user, .. }, Audience::User(hearer))
                if !self.people.person(*hearer).is_some_and(|person| person.acquaintances.contains(user)) =>
            {
                return None;
            }
            (Event::TokenEnded(token), _) => {
                let own = self.people.of_token(*token).into_iter();
                closings.extend(own.map(|id| (id, Disconnect::TokenEnded)));
                return None;
            }
            _ => {}
        }
        Some(delivery)
    }

    /// Tells `hearer` of `user`, who is here.
    fn presence(&self, user: UserId, hearer: UserId, online: bool, last_seen: Option<Time>) -> Option<Delivery> {
        let username = Arc::clone(&self.people.person(user)?.username);
        self.people.person(hearer)?;
        let event = Event::Presence { user, username, status: Status::from(online), last_seen };
        Some(Delivery::new(Audience::User(hearer), event))
    }

    /// A connection of `hub` enters a room.
    fn join(&mut self, session: SessionId, hub: usize) {
        self.rooms.join(session, hub);
        self.vanishing.entered(session);
    }

    /// A connection of `hub` leaves a room.
    fn part(&mut self, session: SessionId, hub: usize) {
        if self.rooms.part(session, hub) {
            self.vanishing.emptied(session, Instant::now());
        }
    }

    /// Watches rooms that go when nobody is there.
    fn watch(&mut self, found: &[SessionId]) {
        for room in found {
            self.vanishing.watch(*room, self.rooms.is_open(*room), Instant::now());
        }
    }

    /// Whether one more message of `sender` to `target` may pass.
    fn pace(&self, sender: UserId, target: &Target) -> Result<(), u64> {
        self.sends.take(sender)?;
        match target {
            Target::Session(Some(session)) if Some(*session) == self.lobby => {
                self.lobby_sends.take(sender)?;
                self.all_lobby_sends.take(())
            }
            _ => Ok(()),
        }
    }

    /// Keeps the moment at which users came or went, then tells everybody who may see it.
    fn announce(&mut self, users: Vec<UserId>, online: bool) {
        let now = Time::now();
        let mut told = Vec::new();
        for user in &users {
            let Some(person) = self.people.person(*user) else { continue };
            let hearers = person.acquaintances.iter();
            let last_seen = (!online).then_some(now);
            told.extend(hearers.filter_map(|hearer| self.presence(*user, *hearer, online, last_seen)));
            log::debug!("user {user} is {}", if online { "online" } else { "offline" });
        }
        if !online {
            for user in &users {
                self.people.forget(*user);
            }
        }
        // Through the writer, so that whoever is told and then asks hears the same, and coming never overtakes going.
        self.writer.note(move |db, _| users::seen(db, &users, now).map(|()| told));
    }

    fn tick(&mut self) {
        let now = Instant::now();
        let gone = self.people.expired(now);
        if !gone.is_empty() {
            self.announce(gone, false);
        }
        let grace = i64::try_from(self.vanishing.grace().as_millis()).unwrap_or(i64::MAX);
        for room in self.vanishing.expired(now) {
            log::debug!("room {room} has been empty for too long");
            self.writer.note(move |db, now| rooms::vanish(db, room, grace, now));
        }
        let due = self.receipts.due(now);
        if !due.is_empty() {
            let told: Vec<Delivery> = due.into_iter().map(|(session, told)| told.delivery(session)).collect();
            self.send(Hearing::ALL, Batch { deliveries: told.into(), closings: [].into(), all: None });
        }
    }
}

impl Actor for ChatServer {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        if let Some(mut commits) = self.commits.take() {
            ctx.add_stream(poll_fn(move |cx| commits.poll_recv(cx)));
        }
        // Rooms that were empty when the last server ended have their whole grace again.
        let store = self.store.clone();
        let looking = async move { store.read(rooms::vanishing).await };
        ctx.spawn(looking.into_actor(self).map(|found, server, _| match found {
            Ok(found) => server.watch(&found),
            Err(refusal) => log::error!("rooms that nobody is in are not looked for: {}", refusal.code()),
        }));
        // What expired while no server ran has ended too.
        let accounts = self.accounts.clone();
        actix::spawn(async move { accounts.sweep_tokens().await });
        ctx.run_interval(TICK, |server, _| server.tick());
        ctx.run_interval(TOKENS_EVERY, |server, _| {
            let (accounts, used) = (server.accounts.clone(), server.people.tokens().into_iter().collect());
            actix::spawn(async move {
                accounts.touch(used).await;
                accounts.sweep_tokens().await;
            });
        });
    }
}

impl Drop for ChatServer {
    fn drop(&mut self) {
        // Without it nothing is told any more, and nobody would notice: better to end and be started again.
        if std::thread::panicking() {
            log::error!("the ChatServer panicked");
            std::process::abort();
        }
    }
}

impl Handler<Submit> for ChatServer {
    type Result = ();

    fn handle(&mut self, Submit { sender, draft, origin, from }: Submit, ctx: &mut Context<Self>) {
        // The writer looks at the key before it says this: a retry is recognised before rates are applied.
        let verdict = self.pace(sender, &draft.target).err().map(Refusal::RateLimited);
        let opening = matches!(draft.target, Target::User(_)).then(|| Opening {
            openings: Arc::clone(&self.openings),
            names: Arc::clone(&self.names),
            from,
        });
        let acting = origin.connection();
        let job = self.writer.post(Posting { sender, draft, verdict, acting, opening }, origin);
        self.gather(job, ctx);
    }
}

impl Handler<Move> for ChatServer {
    type Result = ();

    fn handle(&mut self, Move { user, session, mark, origin }: Move, ctx: &mut Context<Self>) {
        if self.writer.is_full() {
            return self.refuse(origin, Refusal::Busy);
        }
        let job = self.writer.mark(user, session, mark, origin);
        self.gather(job, ctx);
    }
}

/// Everything that was in the mailbox before has been looked at.
#[derive(Message)]
#[rtype(result = "()")]
struct HandOver;

impl Handler<HandOver> for ChatServer {
    type Result = ();

    fn handle(&mut self, _: HandOver, _: &mut Context<Self>) {
        self.writer.hand_over(std::mem::take(&mut self.gathered));
    }
}

impl StreamHandler<Outlet> for ChatServer {
    fn handle(&mut self, outlet: Outlet, _: &mut Context<Self>) {
        match outlet {
            Outlet::Committed { deliveries, lost } => self.deliver(deliveries, &lost),
            Outlet::Close(why) => {
                // Nobody will be here to see them go.
                let (here, now) = (self.people.online(), Time::now());
                self.writer.note(move |db, _| users::seen(db, &here, now).map(|()| Vec::new()));
                let batch = Batch { deliveries: [].into(), closings: [].into(), all: Some(why) };
                self.send(Hearing::ALL, batch);
            }
        }
    }
}

impl Handler<Type> for ChatServer {
    type Result = ();

    fn handle(&mut self, Type { connection, session, reference }: Type, _: &mut Context<Self>) {
        let Some(user) = self.people.connection(connection).map(|known| known.user) else { return };
        let mut told = Vec::with_capacity(2);
        if let (Some(person), Some(session)) = (self.people.person(user), session)
            && self.typing.take((user, session)).is_ok()
        {
            let event = Event::Typing { session, username: Arc::clone(&person.username) };
            told.push(Delivery::new(Audience::Session(session), event).except(Some(connection)));
        }
        if reference.is_some() {
            let reply = Reply { reference, outcome: Ok(Answer::Done) };
            told.push(Delivery::new(Audience::Connection(connection), Event::Answered(reply)));
        }
        self.deliver(told, &[]);
    }
}

impl Handler<Register> for ChatServer {
    type Result = Result<(), Refusal>;

    fn handle(&mut self, message: Register, _: &mut Context<Self>) -> Self::Result {
        let Register { connection: id, user, username, token, hub } = message;
        let connection = Connection { user, token, hub, entered: false };
        self.people.register(id, connection, &username, self.user_connections)
    }
}

impl Handler<Enter> for ChatServer {
    type Result = Entered;

    fn handle(&mut self, message: Enter, _: &mut Context<Self>) -> Entered {
        let Enter { connection, sessions, acquaintances } = message;
        let entrance = self.people.enter(connection, sessions, acquaintances);
        for (session, hub) in entrance.joins {
            self.join(session, hub);
        }
        let Some(user) = self.people.connection(connection).map(|known| known.user) else {
            return Entered(Vec::new());
        };
        if entrance.came_online {
            self.announce(vec![user], true);
        }
        let around = self.people.person(user).into_iter().flat_map(|person| &person.acquaintances);
        let online = around.filter(|other| self.people.is_online(**other));
        let named = online.filter_map(|other| self.people.person(*other)).map(|other| Arc::clone(&other.username));
        let mut names: Vec<Arc<str>> = named.collect();
        names.sort_unstable();
        Entered(names)
    }
}

impl Handler<Leave> for ChatServer {
    type Result = ();

    fn handle(&mut self, Leave { connection, goodbye }: Leave, _: &mut Context<Self>) {
        let Some(exit) = self.people.leave(connection, goodbye, self.grace, Instant::now()) else { return };
        for session in exit.rooms {
            self.part(session, exit.hub);
        }
        if exit.went_offline {
            self.announce(vec![exit.user], false);
        }
    }
}

impl Handler<Online> for ChatServer {
    type Result = Vec<bool>;

    fn handle(&mut self, Online(users): Online, _: &mut Context<Self>) -> Vec<bool> {
        users.into_iter().map(|user| self.people.is_online(user)).collect()
    }
}

impl Handler<Census> for ChatServer {
    type Result = MessageResult<Census>;

    fn handle(&mut self, _: Census, _: &mut Context<Self>) -> Self::Result {
        MessageResult((self.rooms.open(), self.people.count_online()))
    }
}

impl Handler<Attach> for ChatServer {
    type Result = ();

    fn handle(&mut self, Attach { hub, recipient }: Attach, _: &mut Context<Self>) {
        self.hubs.push((hub, recipient));
    }
}

/// Which hubs have somebody to tell; one bit each.
#[derive(Clone, Copy)]
struct Hearing(u128);

impl Hearing {
    const ALL: Self = Self(u128::MAX);

    fn add(&mut self, hub: usize) {
        self.0 |= u32::try_from(hub).ok().and_then(|hub| 1_u128.checked_shl(hub)).unwrap_or(0);
    }

    fn has(self, hub: usize) -> bool {
        u32::try_from(hub).ok().and_then(|hub| 1_u128.checked_shl(hub)).is_some_and(|bit| self.0 & bit != 0)
    }
}
