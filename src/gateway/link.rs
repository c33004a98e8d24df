//! What a connection and its hub share, on one thread: the queue to the socket, and how the connection stands.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashSet;
use std::io::{self, IoSlice};
use std::rc::Rc;
use std::task::Waker;
use std::time::{Duration, Instant};

use actix_web::rt::net::TcpStream;
use bytes::Bytes;

use super::frame;
use super::outbox::{GATHER, Outbox};
use super::said::{Form, Said};
use super::socketio::Peer;
use super::translating::Translated;
use crate::limits::{Bucket, Rate};
use crate::metrics;
use crate::model::{ConnId, Delivery, Disconnect, SessionId, Tongue, UserId};

/// What is not taken so long after a close is cut.
const LINGER: Duration = Duration::from_secs(5);
/// The same at shutdown.
const LINGER_AT_SHUTDOWN: Duration = Duration::from_secs(2);
/// After so many `rate_limited` within a minute it is flooding.
const FLOOD: Rate = Rate::per_minute(200, 200);

/// Commands that one connection may have under way; the next ones wait unread.
const UNDER_WAY: u32 = 64;

/// How far a connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It has not said who it is.
    Strange,
    /// It is being let in: what concerns it is held until it has its snapshot.
    Arriving,
    /// It takes part.
    Live,
    /// A close frame is the last thing in its queue.
    Closing,
    /// Its socket is to be dropped now.
    Cut,
}

/// A moment at which something is to be done about the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    Hello,
    Ping,
    Pong,
    Cut,
}

/// Seconds that matter to a connection.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// Until hello.
    pub hello: Duration,
    /// Between two pings.
    pub heartbeat: Duration,
    /// Until the pong.
    pub timeout: Duration,
}

/// How far it has been told: packets that go by way of a peer, bytes that go to a socket.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mark {
    packets: u64,
    bytes: u64,
}

/// One connection as its hub sees it.
pub struct Link {
    /// Its id.
    pub id: ConnId,
    /// Its user, once it has said so.
    pub user: Cell<Option<UserId>>,
    /// The rooms it is in.
    pub rooms: RefCell<HashSet<SessionId>>,
    /// Sessions its user went from while it was arriving or a question was being answered.
    pub parted: RefCell<HashSet<SessionId>>,
    /// What came while it was arriving.
    pub held: RefCell<Vec<Delivery>>,
    /// Everything that the snapshot may hold is in `held`.
    pub caught_up: Cell<bool>,
    /// A question waits until the last answer has left the queue.
    pub waits_for_room: Cell<bool>,
    /// What it says waits unread because of us; its pong may be among it.
    pub held_back: Cell<bool>,
    under_way: Cell<u32>,
    /// Marks the link while its hub looks at a batch.
    pub batch: Cell<u64>,
    socket: RefCell<Option<Rc<TcpStream>>>,
    /// Where packets carry it: who speaks them. What waits for a poll waits there, everything else in the outbox.
    peer: OnceCell<Rc<RefCell<Peer>>>,
    outbox: RefCell<Outbox>,
    form: Cell<Form>,
    /// Where it speaks another dialect than the native one.
    translated: OnceCell<Box<Translated>>,
    stage: Cell<Stage>,
    due: Cell<(Instant, Due)>,
    /// How much the peer had taken when it was last asked for a sign of life.
    taken: Cell<u64>,
    timing: Timing,
    queue_bytes: usize,
    refusals: Cell<Bucket>,
    waker: RefCell<Option<Waker>>,
}

impl Link {
    /// A connection that has just been accepted; `queue_bytes` bounds what may wait for it, 0 is no bound.
    pub fn new(id: ConnId, timing: Timing, queue_bytes: usize) -> Self {
        Self {
            id,
            user: Cell::new(None),
            rooms: RefCell::default(),
            parted: RefCell::default(),
            held: RefCell::default(),
            caught_up: Cell::new(false),
            waits_for_room: Cell::new(false),
            held_back: Cell::new(false),
            under_way: Cell::new(0),
            batch: Cell::new(0),
            socket: RefCell::default(),
            peer: OnceCell::new(),
            outbox: RefCell::default(),
            form: Cell::new(Form::Native),
            translated: OnceCell::new(),
            stage: Cell::new(Stage::Strange),
            due: Cell::new((Instant::now() + timing.hello, Due::Hello)),
            taken: Cell::new(0),
            timing,
            queue_bytes,
            refusals: Cell::default(),
            waker: RefCell::default(),
        }
    }

    /// How far it has come.
    pub fn stage(&self) -> Stage {
        self.stage.get()
    }

    /// How it takes what it is told.
    pub fn form(&self) -> Form {
        self.form.get()
    }

    /// What it speaks.
    pub fn tongue(&self) -> Tongue {
        self.translated().map_or(Tongue::Native, |translated| translated.tongue)
    }

    /// Where it speaks another dialect than the native one: what waits to be translated.
    pub fn translated(&self) -> Option<&Translated> {
        self.translated.get().map(AsRef::as_ref)
    }

    /// It speaks another dialect, for all its life.
    pub fn translate(&self, translated: Translated) {
        let _ = self.translated.set(Box::new(translated));
    }

    /// From now on it takes what it is told in another form.
    pub fn take_as(&self, form: Form) {
        self.form.set(form);
    }

    /// Packets carry it.
    pub fn speak_through(&self, peer: &Rc<RefCell<Peer>>) {
        // A connection has one peer for all its life.
        let _ = self.peer.set(Rc::clone(peer));
        self.form.set(Form::Polled);
    }

    /// It may come without a name, but must say one within `time`.
    pub fn expect_hello(&self, time: Duration) {
        self.due.set((Instant::now() + time, Due::Hello));
    }

    /// It may stay without a name for as long as it likes, where packets carry it: their heartbeats are the peer's.
    pub fn expect_nothing(&self) {
        self.due.set((Instant::now() + self.timing.heartbeat, Due::Ping));
    }

    /// It has come further.
    pub fn advance_to(&self, stage: Stage) {
        self.stage.set(stage);
        if stage == Stage::Arriving {
            self.due.set((Instant::now() + self.timing.heartbeat, Due::Ping));
        }
    }

    /// Adds a frame to what waits for the socket; past the bound the connection ends. The socket's task is not woken.
    pub fn push(&self, frame: Bytes) {
        self.add(|outbox| outbox.push(frame));
    }

    /// Tells the client something, in the form that it takes. The socket's task is not woken; that which answers polls is.
    pub fn tell(&self, said: &Said) {
        if matches!(self.stage.get(), Stage::Closing | Stage::Cut) {
            return;
        }
        match (self.form.get(), self.peer.get()) {
            (Form::Native, _) | (_, None) => self.push(said.native().clone()),
            (_, Some(peer)) => {
                let Some(packet) = said.packet() else { return };
                let passed = peer.borrow_mut().pass(packet);
                match passed {
                    Some(frame) => self.push(frame),
                    None => self.wake(),
                }
            }
        }
    }

    /// Adds a control frame before what waits.
    pub fn push_urgent(&self, frame: Bytes) {
        self.add(|outbox| outbox.push_urgent(frame));
        self.wake();
    }

    fn add(&self, push: impl FnOnce(&mut Outbox)) {
        if matches!(self.stage.get(), Stage::Closing | Stage::Cut) {
            return;
        }
        let (before, waiting) = {
            let mut outbox = self.outbox.borrow_mut();
            let before = outbox.bytes();
            push(&mut outbox);
            (before, outbox.bytes())
        };
        if self.queue_bytes == 0 || waiting <= self.queue_bytes {
            return;
        }
        // Nobody is slow before the socket was asked to take it; and what one commit brings to a reader with an empty
        // queue may be more than the bound: it is shared by all readers.
        let _ = self.flush();
        if before > 0 && self.outbox.borrow().bytes() > self.queue_bytes {
            self.close(Disconnect::TooSlow);
        }
    }

    /// Ends the connection: the close frame goes behind what the socket has begun, or, for an end that is no one's fault,
    /// behind all that waits; nothing more is taken.
    pub fn close(&self, why: Disconnect) {
        self.close_with(why, why.code());
    }

    /// The same with the client's own code.
    pub fn close_with(&self, why: Disconnect, code: u16) {
        if matches!(self.stage.get(), Stage::Closing | Stage::Cut) {
            return;
        }
        let goes_on = || self.translated().is_some_and(|translated| translated.outlives_its_token);
        let takes_part = matches!(self.stage.get(), Stage::Arriving | Stage::Live);
        if why == Disconnect::TokenEnded && takes_part && goes_on() {
            return self.unseat();
        }
        let mut outbox = self.outbox.borrow_mut();
        if matches!(why, Disconnect::TooSlow | Disconnect::TokenEnded | Disconnect::HeartbeatMissed) {
            outbox.drop_rest();
        }
        if self.peer.get().is_none() {
            outbox.push(self.last_frame(why, code));
        }
        drop(outbox);
        self.ending(why);
        if let Some(peer) = self.peer.get() {
            // What follows from it, the close frame too, is the connection's to carry out.
            peer.borrow_mut().close(why, Instant::now());
        }
        self.wake();
    }

    /// Its token has ended: from this moment on it takes part in nothing, and goes on as a stranger. One that is arriving
    /// notices when it would begin.
    fn unseat(&self) {
        self.held.take();
        if let Some(translated) = self.translated() {
            translated.unseat();
        }
        if self.stage.get() == Stage::Live {
            self.stage.set(Stage::Strange);
        }
        self.wake();
    }

    /// The frame that says why it ends.
    pub fn last_frame(&self, why: Disconnect, code: u16) -> Bytes {
        frame::close(code, &why.reason(self.id.0.unsigned_abs()))
    }

    /// From here on nothing more is taken, and what waits is cut after a while.
    pub fn ending(&self, why: Disconnect) {
        if matches!(self.stage.get(), Stage::Closing | Stage::Cut) {
            return;
        }
        metrics::CLOSES.count(why.code());
        self.held.take();
        self.stage.set(Stage::Closing);
        let linger = if why == Disconnect::Restart { LINGER_AT_SHUTDOWN } else { LINGER };
        self.due.set((Instant::now() + linger, Due::Cut));
        match why {
            Disconnect::Goodbye => log::debug!("connection {} ends", self.id),
            _ => log::debug!("connection {} is closed: {why:?} ({})", self.id, why.code()),
        }
    }

    /// Drops the socket now, whatever waits.
    pub fn cut(&self) {
        self.stage.set(Stage::Cut);
        self.wake();
    }

    /// The client has answered the ping.
    pub fn ponged(&self) {
        if self.due.get().1 == Due::Pong {
            self.due.set((Instant::now() + self.timing.heartbeat, Due::Ping));
        }
    }

    /// A command has been handed on.
    pub fn asked(&self) {
        self.under_way.set(self.under_way.get() + 1);
    }

    /// A command has been answered, whether the answer is said or not.
    pub fn answered(&self) {
        let before = self.under_way.get();
        self.under_way.set(before.saturating_sub(1));
        if before >= UNDER_WAY {
            self.wake();
        }
    }

    /// True while another command may be handed on.
    pub fn may_ask(&self) -> bool {
        self.under_way.get() < UNDER_WAY
    }

    /// An answer said `rate_limited`: too many of them end the connection.
    pub fn slowed(&self) {
        let mut refusals = self.refusals.get();
        if refusals.take(FLOOD, Instant::now()).is_err() {
            self.close(Disconnect::Flooding);
        }
        self.refusals.set(refusals);
    }

    /// Does what is due by `now`.
    pub fn look(&self, now: Instant) {
        if let Some(peer) = self.peer.get() {
            let is_due = peer.borrow().due().is_some_and(|due| due <= now);
            if is_due {
                peer.borrow_mut().tick(now);
                self.wake();
            }
        }
        if self.translated().is_some_and(|translated| translated.is_due(now)) {
            self.wake();
        }
        let (at, due) = self.due.get();
        if now < at {
            return;
        }
        match due {
            // Heartbeats of packets are the peer's.
            Due::Ping | Due::Pong if self.peer.get().is_some() => {}
            Due::Hello => self.close(Disconnect::NoHello),
            Due::Ping => {
                self.due.set((now + self.timing.timeout, Due::Pong));
                self.taken.set(self.outbox.borrow().written());
                self.push_urgent(frame::ping());
            }
            Due::Pong if self.is_excused() => {
                self.due.set((now + self.timing.timeout, Due::Pong));
                self.taken.set(self.outbox.borrow().written());
            }
            Due::Pong => self.close(Disconnect::HeartbeatMissed),
            Due::Cut => self.cut(),
        }
    }

    /// True where the pong may be among what we do not read: because of our own rates and queues, or because answers wait
    /// that the peer does take, if slowly.
    fn is_excused(&self) -> bool {
        let takes = self.outbox.borrow().written() > self.taken.get();
        self.held_back.get() && (takes || !self.waits_for_room.get())
    }

    /// The socket that the queue goes to.
    pub fn attach(&self, socket: Rc<TcpStream>) {
        *self.socket.borrow_mut() = Some(socket);
    }

    /// The socket is gone, and what waited for it.
    pub fn detach(&self) {
        *self.socket.borrow_mut() = None;
        self.outbox.borrow_mut().clear();
    }

    /// A mark in what it is told: all so far.
    pub fn mark(&self) -> Mark {
        let packets = self.peer.get().map_or(0, |peer| peer.borrow().line().pushed());
        Mark { packets, bytes: self.outbox.borrow().pushed() }
    }

    /// True where all up to `mark` has left.
    pub fn has_left(&self, mark: Mark) -> bool {
        let polled = |peer: &Rc<RefCell<Peer>>| peer.borrow().line().left() >= mark.packets;
        self.outbox.borrow().has_left(mark.bytes) && self.peer.get().is_none_or(polled)
    }

    /// Writes what waits, as far as the socket takes it. `Ok(true)`: nothing is left.
    ///
    /// # Errors
    /// The socket takes nothing any more.
    pub fn flush(&self) -> io::Result<bool> {
        let socket = self.socket.borrow();
        let Some(socket) = &*socket else { return Ok(true) };
        let mut outbox = self.outbox.borrow_mut();
        while !outbox.is_empty() {
            let mut slices = [IoSlice::new(&[]); GATHER];
            let count = outbox.slices(&mut slices);
            let written = match slices.get(..count) {
                Some([only]) => socket.try_write(only),
                Some(several) => socket.try_write_vectored(several),
                None => Ok(0),
            };
            match written {
                Ok(count) => outbox.advance(count),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// The same from the hub: what is left, and what follows from being done, is the connection's own task's.
    pub fn flush_or_wake(&self) {
        let idle = matches!(self.flush(), Ok(true)) && self.stage.get() == Stage::Live && !self.waits_for_room.get();
        if !idle {
            self.wake();
        }
    }

    /// The queue to the socket.
    pub const fn outbox(&self) -> &RefCell<Outbox> {
        &self.outbox
    }

    /// Remembers whom to wake when there is something to write.
    pub fn park(&self, waker: &Waker) {
        let mut own = self.waker.borrow_mut();
        if !own.as_ref().is_some_and(|own| own.will_wake(waker)) {
            *own = Some(waker.clone());
        }
    }

    /// Lets the socket's task run.
    pub fn wake(&self) {
        if let Some(waker) = &*self.waker.borrow() {
            waker.wake_by_ref();
        }
    }
}
