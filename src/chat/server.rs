//! The ChatServer: its state, its start and its end.
//!
//! A message arrives as `Submit` (in `submissions`), which hands it to the writer; once it is durable it comes back as
//! `Fanout::Committed` (here), and `fanout` delivers it.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use actix::prelude::*;
use futures_util::stream::poll_fn;
use tokio::sync::mpsc::UnboundedReceiver;

use super::announcements::Announcements;
use super::attendance::AttendanceMap;
use super::dialect_counts::DialectCounts;
use super::guest_expiry::GuestExpiry;
use super::hub_set::HubSet;
use super::lobby_roster::LobbyRoster;
use super::messages::{Batch, Fanout};
use super::occupied_rooms::OccupiedRooms;
use super::presence::PresenceTracker;
use super::presence_feed::PresenceFeed;
use super::receipts::Receipts;
use super::room_expiry::RoomExpiry;
use super::rooms::RoomCounts;
use crate::config::Directory;
use crate::domain::{SessionId, Time, UserId};
use crate::rate_limit::{Limiter, Rate, Throttle};
use crate::service::Services;
use crate::service::accounts::AccountService;
use crate::service::failure_budgets::FailureBudgets;
use crate::store::{Job, ReplySlot, Store, Touches, Writer, users};

const TICK: Duration = Duration::from_millis(100);
const TOUCH_TOKENS_EVERY: Duration = Duration::from_secs(600);
/// A user's typing in a session is delivered at most this often.
const TYPING_EVERY: Duration = Duration::from_secs(3);

pub(crate) struct ChatServer {
    pub(super) presence: PresenceTracker,
    pub(super) dialects: DialectCounts,
    pub(super) announcements: Announcements,
    pub(super) attendance: AttendanceMap,
    pub(super) presence_feed: PresenceFeed,
    pub(super) lobby_roster: LobbyRoster,
    pub(super) rooms: RoomCounts,
    pub(super) receipts: Receipts,
    pub(super) room_expiry: RoomExpiry,
    pub(super) occupied_rooms: OccupiedRooms,
    pub(super) guest_expiry: GuestExpiry,
    /// Members of deleted sessions, each with the other members, who may no longer be acquaintances.
    pub(super) dissolved: VecDeque<(UserId, Vec<UserId>)>,
    pub(super) hubs: Vec<(usize, Recipient<Batch>)>,
    pub(super) store: Store,
    pub(super) writer: Writer,
    /// Sends that found the queue full, each with when it is refused unless the writer has come to it by then.
    pub(super) busy_deadlines: VecDeque<(Instant, ReplySlot)>,
    /// Jobs for the writer since the mailbox was last empty.
    pub(super) pending_jobs: Vec<Job>,
    pub(super) accounts: AccountService,
    pub(super) commits: Option<UnboundedReceiver<Fanout>>,
    pub(super) limiter: Limiter,
    pub(super) failures: FailureBudgets,
    pub(super) typing: Throttle<(UserId, SessionId)>,
    pub(super) presence_grace: Duration,
    /// How long a guest of the lobby's login may take to connect.
    pub(super) lobby_login_grace: Duration,
    pub(super) user_connections: u32,
    pub(super) directory: Directory,
    pub(super) next_deferred_invite: Option<Time>,
    /// `None` during a sweep.
    pub(super) next_token_sweep: Option<Time>,
}

impl ChatServer {
    /// `commits` is where the writer's sink puts its output.
    pub(crate) fn new(services: &Services, commits: UnboundedReceiver<Fanout>) -> Self {
        let (config, pace) = (&services.config, &services.config.pace);
        let seconds = |seconds: u32| Duration::from_secs(seconds.into());
        let is_clustered = services.store.is_clustered();
        let presence = if is_clustered { PresenceTracker::clustered() } else { PresenceTracker::default() };
        Self {
            presence,
            dialects: DialectCounts::default(),
            announcements: Announcements::default(),
            attendance: AttendanceMap::default(),
            presence_feed: PresenceFeed::default(),
            lobby_roster: LobbyRoster::default(),
            rooms: RoomCounts::default(),
            receipts: Receipts::default(),
            room_expiry: RoomExpiry::new(seconds(pace.room_grace_seconds), seconds(pace.room_invite_seconds)),
            occupied_rooms: OccupiedRooms::default(),
            guest_expiry: GuestExpiry::default(),
            dissolved: VecDeque::new(),
            hubs: Vec::new(),
            store: services.store.clone(),
            writer: services.store.writer().clone(),
            busy_deadlines: VecDeque::new(),
            pending_jobs: Vec::new(),
            accounts: services.accounts.clone(),
            commits: Some(commits),
            limiter: services.limiter.clone(),
            failures: services.failures.clone(),
            typing: Throttle::new(Rate::within(TYPING_EVERY, 1, 1)),
            presence_grace: seconds(pace.presence_grace_seconds),
            lobby_login_grace: seconds(pace.lobby_login_seconds),
            user_connections: config.limits.user_connections,
            directory: config.directory,
            next_deferred_invite: None,
            next_token_sweep: None,
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
        // Tokens that expired while no server ran end now.
        self.sweep_tokens(ctx);
        ctx.run_interval(TICK, |server, ctx| server.tick(ctx));
        ctx.run_interval(TOUCH_TOKENS_EVERY, |server, _| {
            let (accounts, used) = (server.accounts.clone(), server.presence.tokens().into_iter().collect());
            actix::spawn(async move { accounts.touch(used).await });
        });
    }
}

impl Drop for ChatServer {
    fn drop(&mut self) {
        // Without it nothing is delivered any more, and no check would fail: better to end and be started again. In a test that
        // panics it is dropped on the test's thread, which has to report the panic.
        if std::thread::panicking() && !cfg!(test) {
            log::error!("the ChatServer panicked");
            std::process::abort();
        }
    }
}

impl StreamHandler<Fanout> for ChatServer {
    fn handle(&mut self, fanout: Fanout, _: &mut Context<Self>) {
        match fanout {
            Fanout::Committed { outputs, lost } => self.deliver(outputs, &lost),
            Fanout::Close(why) => {
                // The process ends before these users go offline.
                let (online, now) = (self.presence.online(), Time::now());
                let touches = Touches::users(online.iter().copied());
                self.writer.submit(touches, move |db, _| users::set_last_seen(db, &online, now).map(|()| Vec::new()));
                self.send(HubSet::ALL, Batch { close_all: Some(why), ..Batch::default() });
            }
        }
    }
}
