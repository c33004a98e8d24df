//! What a connection and its hub share, on one thread: the queue to the socket, and how the connection stands.

mod due;
mod ending;
mod queue;

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashSet;
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::task::Waker;
use std::time::Instant;

use actix_web::rt::net::TcpStream;

use super::outbox::Outbox;
use super::said::Form;
use super::translating::Translated;
use super::waiting::Evicted;
use crate::limits::{Bucket, Rate};
use crate::model::{ConnId, Delivery, Disconnect, SessionId, Tongue, UserId};
use crate::socketio::session::Peer;
use due::Due;

pub use due::Timing;
pub use queue::Mark;

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
    /// It ends as soon as what its client has said is carried out.
    finishing: Cell<bool>,
    /// The socket takes nothing any more; what it has brought may still be read.
    broken: Cell<bool>,
    /// Marks the link while its hub looks at a batch.
    pub batch: Cell<u64>,
    socket: RefCell<Option<Rc<TcpStream>>>,
    /// Where packets carry it: who speaks them. What waits for a poll waits there, everything else in the outbox.
    peer: OnceCell<Rc<RefCell<Peer>>>,
    outbox: RefCell<Outbox>,
    form: Cell<Form>,
    /// How far it had been told when what waited for polls went over to a socket.
    changed_over: Cell<Mark>,
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
    /// Set by others once it has to make room, as long as it is one of the silent.
    evicted: RefCell<Option<Evicted>>,
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
            finishing: Cell::new(false),
            broken: Cell::new(false),
            batch: Cell::new(0),
            socket: RefCell::default(),
            peer: OnceCell::new(),
            outbox: RefCell::default(),
            form: Cell::new(Form::Native),
            changed_over: Cell::default(),
            translated: OnceCell::new(),
            stage: Cell::new(Stage::Strange),
            due: Cell::new((Instant::now() + timing.hello, Due::Hello)),
            taken: Cell::new(0),
            timing,
            queue_bytes,
            refusals: Cell::default(),
            waker: RefCell::default(),
            evicted: RefCell::default(),
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
        if self.form.replace(form) == Form::Polled && form == Form::Framed {
            // The peer has let go of what waited there, and the socket has not taken it yet.
            self.changed_over.set(self.mark());
        }
    }

    /// Packets carry it.
    pub fn speak_through(&self, peer: &Rc<RefCell<Peer>>) {
        // A connection has one peer for all its life.
        let _ = self.peer.set(Rc::clone(peer));
        self.form.set(Form::Polled);
    }

    /// It has come further.
    pub fn advance_to(&self, stage: Stage) {
        self.stage.set(stage);
        if stage == Stage::Arriving && !self.finishing.get() {
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
        if before >= UNDER_WAY || self.finishing.get() {
            self.wake();
        }
    }

    /// Nothing that was handed on will be answered.
    pub fn forget_asked(&self) {
        self.under_way.set(0);
    }

    /// True while a command that was handed on is not answered.
    pub fn is_busy(&self) -> bool {
        self.under_way.get() > 0
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

    /// While it is one of the silent, it ends once `evicted` is set; with `None` it is not one of them any more.
    pub fn may_be_evicted(&self, evicted: Option<Evicted>) {
        self.evicted.replace(evicted);
    }

    /// True where it has said nothing yet and has to make room for another.
    fn is_evicted(&self) -> bool {
        let is_set = |evicted: &Evicted| evicted.load(Ordering::Relaxed);
        self.stage.get() == Stage::Strange && self.evicted.borrow().as_ref().is_some_and(is_set)
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
