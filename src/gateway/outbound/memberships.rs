//! A connection's user, and the sessions that it is subscribed to. The hub keeps the same by user and by session.

use std::cell::{Cell, Ref, RefCell};
use std::collections::HashSet;

use crate::domain::{SessionId, UserId};

#[derive(Default)]
pub(crate) struct Memberships {
    user: Cell<Option<UserId>>,
    sessions: RefCell<HashSet<SessionId>>,
    /// Boxed, since nearly all connections have none.
    #[allow(clippy::box_collection)]
    removed: RefCell<Option<Box<HashSet<SessionId>>>>,
}

impl Memberships {
    /// `None` until the connection is authenticated.
    pub(crate) fn user(&self) -> Option<UserId> {
        self.user.get()
    }

    pub(crate) fn set_user(&self, user: Option<UserId>) {
        self.user.set(user);
    }

    pub(crate) fn sessions(&self) -> Ref<'_, HashSet<SessionId>> {
        self.sessions.borrow()
    }

    /// Subscribes to a session. False where it is subscribed already, and where its user was removed from the session since
    /// [`reset_removed`](Self::reset_removed).
    pub(crate) fn subscribe(&self, session: SessionId) -> bool {
        !self.was_removed(session) && self.sessions.borrow_mut().insert(session)
    }

    /// Unsubscribes from a session that the user was removed from. False where there was no subscription.
    pub(crate) fn remove(&self, session: SessionId) -> bool {
        self.removed.borrow_mut().get_or_insert_default().insert(session);
        self.sessions.borrow_mut().remove(&session)
    }

    pub(crate) fn take_sessions(&self) -> HashSet<SessionId> {
        self.sessions.take()
    }

    pub(crate) fn readmit(&self, session: SessionId) {
        if let Some(removed) = &mut *self.removed.borrow_mut() {
            removed.remove(&session);
        }
    }

    /// True where the user was removed from the session since [`reset_removed`](Self::reset_removed): what was read from the
    /// database before must not be sent.
    pub(crate) fn was_removed(&self, session: SessionId) -> bool {
        self.removed.borrow().as_ref().is_some_and(|removed| removed.contains(&session))
    }

    /// The sessions that the user was removed from since [`reset_removed`](Self::reset_removed).
    pub(crate) fn removed(&self) -> HashSet<SessionId> {
        self.removed.borrow().as_deref().cloned().unwrap_or_default()
    }

    /// Called before the database is read: only removals from here on matter to what is read.
    pub(crate) fn reset_removed(&self) {
        self.removed.take();
    }
}
