//! The ChatServer: who is here, which rooms are open, and the one way by which anything is told.
//!
//! A message meets its handlers in the order in which they stand: `Submit` hands a draft to the writer, `Committed` comes
//! back once it is durable, and `deliver` passes it on to the hubs that have somebody to tell.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::prelude::*;
use futures_util::stream::poll_fn;
use tokio::sync::mpsc::UnboundedReceiver;

use super::announcements::Announcements;
use super::attendance::Attendance;
use super::messages::{
    Attach, Batch, Census, Enter, Entered, Everybody, Leave, Move, Online, Outlet, Register, Settle, Submit, Type,
};
use super::people::{Connection, People};
use super::receipts::Receipts;
use super::rooms::Rooms;
use super::sightings::Sightings;
use super::speakers::Speakers;
use super::stays::Stays;
use super::telling::Hearing;
use super::vanishing::Vanishing;
use crate::accounts::Accounts;
use crate::config::Directory;
use crate::desks::Desks;
use crate::limits::{Names, Rate, Sends, Throttle};
use crate::model::{Answer, Audience, Delivery, Event, Refusal, Reply, SessionId, Target, Time, UserId};
use crate::store::{Claim, Job, Opening, Origin, Posting, Store, Writer, invites, rooms, stays, users, visibility};

/// Grace periods and receipts are looked at so often.
const TICK: Duration = Duration::from_millis(100);
/// Tokens in use are noted so often.
const TOKENS_EVERY: Duration = Duration::from_secs(600);
/// People looked at in every tick whose session has ended.
const PARTINGS: usize = 4;
/// Whoever found the queue full waits at most so long behind it; together with a tick less than a second.
const BUSY: Duration = Duration::from_millis(750);
/// A user's typing in a session is told at most so often.
const TYPING_EVERY: Duration = Duration::from_secs(3);

/// Owner of everything alive on this node.
pub struct ChatServer {
    pub(super) people: People,
    pub(super) speakers: Speakers,
    pub(super) announcements: Announcements,
    pub(super) sightings: Sightings,
    pub(super) attendance: Attendance,
    pub(super) rooms: Rooms,
    pub(super) receipts: Receipts,
    pub(super) vanishing: Vanishing,
    pub(super) stays: Stays,
    /// People whose session has ended, each with those they may have nothing else in common with.
    pub(super) parting: VecDeque<(UserId, Vec<UserId>)>,
    /// The session that everybody is in.
    pub(super) lobby: Option<SessionId>,
    pub(super) hubs: Vec<(usize, Recipient<Batch>)>,
    pub(super) store: Store,
    pub(super) writer: Writer,
    /// Sends that found the queue full, and when each is told so if the writer has not come to it by then.
    pub(super) refusals: VecDeque<(Instant, Claim)>,
    /// Work for the writer that has come since the mailbox was last empty.
    pub(super) gathered: Vec<Job>,
    pub(super) accounts: Accounts,
    pub(super) commits: Option<UnboundedReceiver<Outlet>>,
    pub(super) sends: Sends,
    pub(super) openings: Arc<Throttle<UserId>>,
    pub(super) names: Arc<Names>,
    pub(super) typing: Throttle<(UserId, SessionId)>,
    pub(super) grace: Duration,
    /// A guest of the lobby's login may take so long to connect.
    pub(super) lobby_login: Duration,
    pub(super) user_connections: u32,
    pub(super) directory: Directory,
    /// When the next deferred invite is to be delivered.
    pub(super) deferred: Option<Time>,
    /// When the next token expires by the clock; `None` while expired ones are being ended.
    next_sweep: Option<Time>,
}

impl ChatServer {
    /// Nobody is here yet. `commits` is where the writer's sink puts what it lets out.
    pub fn new(desks: &Desks, commits: UnboundedReceiver<Outlet>) -> Self {
        let (config, limits) = (&desks.config, &desks.config.limits);
        Self {
            people: People::default(),
            speakers: Speakers::default(),
            announcements: Announcements::default(),
            sightings: Sightings::default(),
            attendance: Attendance::default(),
            rooms: Rooms::default(),
            receipts: Receipts::default(),
            vanishing: Vanishing::new(
                Duration::from_secs(config.pace.room_grace_seconds.into()),
                Duration::from_secs(config.pace.room_invite_seconds.into()),
            ),
            stays: Stays::default(),
            parting: VecDeque::new(),
            lobby: desks.store.lobby(),
            hubs: Vec::new(),
            store: desks.store.clone(),
            writer: desks.store.writer().clone(),
            refusals: VecDeque::new(),
            gathered: Vec::new(),
            accounts: desks.accounts.clone(),
            commits: Some(commits),
            sends: desks.sends.clone(),
            openings: Arc::clone(&desks.openings),
            names: Arc::clone(&desks.names),
            typing: Throttle::new(Rate::within(TYPING_EVERY, 1, 1)),
            grace: Duration::from_secs(config.pace.presence_grace_seconds.into()),
            lobby_login: Duration::from_secs(config.pace.lobby_login_seconds.into()),
            user_connections: limits.user_connections,
            directory: config.directory,
            deferred: None,
            next_sweep: None,
        }
    }

    /// Ends expired tokens, and notes when the next one expires.
    fn sweep_tokens(&mut self, ctx: &mut Context<Self>) {
        self.next_sweep = None;
        let accounts = self.accounts.clone();
        let sweeping = async move { accounts.sweep_tokens().await };
        ctx.spawn(sweeping.into_actor(self).map(|next, server, _| server.next_sweep = Some(next)));
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
            Origin::Claimed(_) | Origin::Nobody => {}
            Origin::Connection(connection, reference) => {
                let event = Event::Answered(Reply { reference, outcome: Err(refusal) });
                self.deliver(vec![Delivery::new(Audience::Connection(connection), event)], &[]);
            }
        }
    }

    /// Says `busy` to those who have waited for it long enough.
    fn refuse_waiting(&mut self, now: Instant) {
        while let Some((_, claim)) = self.refusals.pop_front_if(|(at, _)| *at <= now) {
            if let Some(origin) = claim.take() {
                self.refuse(origin, Refusal::Busy);
            }
        }
    }

    /// A connection of `hub` enters a room.
    pub(super) fn join(&mut self, session: SessionId, hub: usize) {
        self.rooms.join(session, hub);
        self.vanishing.entered(session);
    }

    /// A connection of `hub` leaves a room.
    pub(super) fn part(&mut self, session: SessionId, hub: usize) {
        if self.rooms.part(session, hub) {
            self.vanishing.emptied(session, Instant::now());
        }
    }

    /// Watches ephemeral rooms, each with whether somebody other than its creator has been in it.
    pub(super) fn watch(&mut self, found: &[(SessionId, bool)]) {
        for (room, shared) in found {
            self.vanishing.watch(*room, *shared, self.rooms.is_open(*room), Instant::now());
        }
    }

    fn tick(&mut self) {
        let now = Instant::now();
        self.refuse_waiting(now);
        let gone = self.people.expired(now);
        if !gone.is_empty() {
            self.announce(gone, false);
        }
        // What would be written while nothing can be remains due here, where it is bounded.
        if !self.writer.is_troubled() {
            self.announce_waiting();
            self.tell_sightings(now);
            self.end_stays(now);
            self.end_rooms(now);
            if self.deferred.is_some_and(|at| at <= Time::now()) {
                self.deferred = None;
                self.writer.note(invites::deliver_due);
            }
            // Few at a time: what keeps two people acquainted is looked for in all their sessions.
            for (user, others) in self.parting.drain(..self.parting.len().min(PARTINGS)) {
                self.writer.note(move |db, _| visibility::strangers(db, user, &others));
            }
        }
        let due = self.receipts.due(now);
        if !due.is_empty() {
            let told: Vec<Delivery> = due.into_iter().map(|(session, told)| told.delivery(session)).collect();
            self.send(Hearing::ALL, Batch { deliveries: told.into(), closings: [].into(), all: None });
        }
    }

    /// Deletes rooms that have been empty for too long.
    fn end_rooms(&mut self, now: Instant) {
        for (room, grace) in self.vanishing.expired(now) {
            log::debug!("room {room} has been empty for too long");
            let overdue = vec![Delivery::new(Audience::House, Event::RoomOverdue { room, grace })];
            let grace = i64::try_from(grace.as_millis()).unwrap_or(i64::MAX);
            self.writer.note_or(move |db, now| rooms::vanish(db, room, grace, now), overdue);
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
            Err(refusal) => log::error!("empty rooms could not be looked up: {}", refusal.code()),
        }));
        // And guests have theirs to come back.
        let store = self.store.clone();
        let looking = async move { store.read(stays::all).await };
        ctx.spawn(looking.into_actor(self).map(|found, server, _| match found {
            Ok(found) => server.expect_again(found),
            Err(refusal) => log::error!("guests who left could not be ended: {}", refusal.code()),
        }));
        let store = self.store.clone();
        let looking = async move { store.read(invites::next_due).await };
        ctx.spawn(looking.into_actor(self).map(|found, server, _| match found {
            Ok(next) => server.deferred = server.deferred.into_iter().chain(next).min(),
            Err(refusal) => log::error!("deferred invites are not delivered: {}", refusal.code()),
        }));
        // What expired while no server ran has ended too.
        self.sweep_tokens(ctx);
        ctx.run_interval(TICK, |server, ctx| {
            server.tick();
            if server.next_sweep.is_some_and(|next| next <= Time::now()) {
                server.sweep_tokens(ctx);
            }
        });
        ctx.run_interval(TOKENS_EVERY, |server, _| {
            let (accounts, used) = (server.accounts.clone(), server.people.tokens().into_iter().collect());
            actix::spawn(async move { accounts.touch(used).await });
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

    fn handle(&mut self, Submit { sender, draft, origin, from, echo }: Submit, ctx: &mut Context<Self>) {
        // The writer looks at the key before it says this: a retry is recognised before rates are applied.
        let in_lobby = matches!(draft.target, Target::Session(Some(session)) if Some(session) == self.lobby);
        let verdict = self.sends.say(sender, in_lobby).err();
        let opening = matches!(draft.target, Target::User(_)).then(|| Opening {
            openings: Arc::clone(&self.openings),
            names: Arc::clone(&self.names),
            from,
        });
        let acting = origin.connection().filter(|_| !echo);
        let (job, claim) = self.writer.post(Posting { sender, draft, verdict, acting, opening, echo }, origin);
        self.refusals.extend(claim.map(|claim| (Instant::now() + BUSY, claim)));
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

impl Handler<Settle> for ChatServer {
    type Result = ();

    fn handle(&mut self, _: Settle, _: &mut Context<Self>) {
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
            // Looked at before it came here; somebody removed since is not told to be writing.
            && person.sessions.contains(&session)
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
        let Register { connection: id, user, username, token, tongue, is_stay, hub } = message;
        let connection = Connection { user, token, tongue, hub, entered: false };
        self.people.register(id, connection, &username, self.user_connections)?;
        self.speakers.came(tongue, user, hub);
        if is_stay {
            self.stays.came(user);
        }
        Ok(())
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
        self.sight_entrance(connection, user);
        self.tell_sightings(Instant::now());
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
        self.part_with(connection, goodbye);
    }
}

impl Handler<Online> for ChatServer {
    type Result = Vec<bool>;

    fn handle(&mut self, Online(users): Online, _: &mut Context<Self>) -> Vec<bool> {
        users.into_iter().map(|user| self.people.is_online(user)).collect()
    }
}

impl Handler<Everybody> for ChatServer {
    type Result = Vec<UserId>;

    fn handle(&mut self, _: Everybody, _: &mut Context<Self>) -> Vec<UserId> {
        self.people.online()
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
