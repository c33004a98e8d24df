//! The ChatServer: its state, its start and its end.
//!
//! A message meets `Submit` (in `submissions`), which hands a draft to the writer, and `Committed` (here), which comes back
//! once it is durable; `deliver` (in `telling`) passes it on to the hubs that have somebody to tell.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::prelude::*;
use futures_util::stream::poll_fn;
use tokio::sync::mpsc::UnboundedReceiver;

use super::announcements::Announcements;
use super::attendance::Attendance;
use super::hub_set::HubSet;
use super::messages::{Batch, Outlet};
use super::people::People;
use super::receipts::Receipts;
use super::rooms::Rooms;
use super::sightings::Sightings;
use super::speakers::Speakers;
use super::stays::Stays;
use super::vanishing::Vanishing;
use crate::config::Directory;
use crate::domain::{SessionId, Time, UserId};
use crate::rate_limit::{Names, Rate, Sends, Throttle};
use crate::service::Services;
use crate::service::accounts::Accounts;
use crate::store::{Claim, Job, Store, Writer, users};

/// Grace periods and receipts are looked at so often.
const TICK: Duration = Duration::from_millis(100);
/// Tokens in use are noted so often.
const TOKENS_EVERY: Duration = Duration::from_secs(600);
/// A user's typing in a session is told at most so often.
const TYPING_EVERY: Duration = Duration::from_secs(3);

/// Owner of everything alive on this node.
pub(crate) struct ChatServer {
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
    pub(super) next_sweep: Option<Time>,
}

impl ChatServer {
    /// Nobody is here yet. `commits` is where the writer's sink puts what it lets out.
    pub(crate) fn new(services: &Services, commits: UnboundedReceiver<Outlet>) -> Self {
        let (config, limits) = (&services.config, &services.config.limits);
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
            lobby: services.store.lobby(),
            hubs: Vec::new(),
            store: services.store.clone(),
            writer: services.store.writer().clone(),
            refusals: VecDeque::new(),
            gathered: Vec::new(),
            accounts: services.accounts.clone(),
            commits: Some(commits),
            sends: services.sends.clone(),
            openings: Arc::clone(&services.openings),
            names: Arc::clone(&services.names),
            typing: Throttle::new(Rate::within(TYPING_EVERY, 1, 1)),
            grace: Duration::from_secs(config.pace.presence_grace_seconds.into()),
            lobby_login: Duration::from_secs(config.pace.lobby_login_seconds.into()),
            user_connections: limits.user_connections,
            directory: config.directory,
            deferred: None,
            next_sweep: None,
        }
    }
}

impl Actor for ChatServer {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        if let Some(mut commits) = self.commits.take() {
            ctx.add_stream(poll_fn(move |cx| commits.poll_recv(cx)));
        }
        self.load(ctx);
        // What expired while no server ran has ended too.
        self.sweep_tokens(ctx);
        ctx.run_interval(TICK, |server, ctx| {
            server.tick();
            server.sweep_tokens_if_due(ctx);
        });
        ctx.run_interval(TOKENS_EVERY, |server, _| {
            let (accounts, used) = (server.accounts.clone(), server.people.tokens().into_iter().collect());
            actix::spawn(async move { accounts.touch(used).await });
        });
    }
}

impl Drop for ChatServer {
    fn drop(&mut self) {
        // Without it nothing is told any more, and nobody would notice: better to end and be started again. A test that fails has
        // one on its own thread, and is to say why.
        if std::thread::panicking() && !cfg!(test) {
            log::error!("the ChatServer panicked");
            std::process::abort();
        }
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
                self.send(HubSet::ALL, batch);
            }
        }
    }
}
