//! Whose a connection is and which sessions it is subscribed to. The hub keeps the same by user and by session.

use std::cell::{Cell, Ref, RefCell};
use std::collections::HashSet;

use crate::domain::{SessionId, UserId};

/// The subscriptions of one connection.
#[derive(Default)]
pub(crate) struct Memberships {
    user: Cell<Option<UserId>>,
    sessions: RefCell<HashSet<SessionId>>,
    removed: RefCell<HashSet<SessionId>>,
}

impl Memberships {
    /// The connection's user; `None` until it is authenticated.
    pub(crate) fn user(&self) -> Option<UserId> {
        self.user.get()
    }

    /// From now on the connection is this user's, or nobody's.
    pub(crate) fn set_user(&self, user: Option<UserId>) {
        self.user.set(user);
    }

    /// The sessions that it is subscribed to.
    pub(crate) fn sessions(&self) -> Ref<'_, HashSet<SessionId>> {
        self.sessions.borrow()
    }

    /// Subscribes to a session. False where it is subscribed already, and where its user was removed from the session since
    /// [`forget_removed`](Self::forget_removed).
    pub(crate) fn subscribe(&self, session: SessionId) -> bool {
        !self.was_removed(session) && self.sessions.borrow_mut().insert(session)
    }

    /// Ends the subscription to a session that its user was removed from. False where there was none.
    pub(crate) fn remove(&self, session: SessionId) -> bool {
        self.removed.borrow_mut().insert(session);
        self.sessions.borrow_mut().remove(&session)
    }

    /// Ends all subscriptions; returns which there were.
    pub(crate) fn take_sessions(&self) -> HashSet<SessionId> {
        self.sessions.take()
    }

    /// Its user was added to a session, whatever happened before.
    pub(crate) fn readmit(&self, session: SessionId) {
        self.removed.borrow_mut().remove(&session);
    }

    /// True where its user was removed from the session since [`forget_removed`](Self::forget_removed): what was read of it before
    /// must not be sent.
    pub(crate) fn was_removed(&self, session: SessionId) -> bool {
        self.removed.borrow().contains(&session)
    }

    /// The sessions that its user was removed from since [`forget_removed`](Self::forget_removed).
    pub(crate) fn removed(&self) -> Ref<'_, HashSet<SessionId>> {
        self.removed.borrow()
    }

    /// Called before the database is read: only removals from here on matter to what is read.
    pub(crate) fn forget_removed(&self) {
        self.removed.take();
    }
}
