//! The Socket.IO sessions of all threads, by `sid`.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix::{Actor, Addr};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::domain::Refusal;
use crate::edge::SessionCredentials;
use crate::socketio::codec::engine::Revision;
use crate::socketio::codec::request::RequestError;

/// The `sid` of a session, 160 random bits. A secret, with which one can send as the session's client, so `Debug` hides it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Sid(String);

/// A session's actor, and what its requests must match.
pub(crate) struct SessionEntry<A: Actor> {
    pub connection: Addr<A>,
    pub revision: Revision,
    /// Those of the session's first request.
    pub credentials: SessionCredentials,
}

type Entries<A> = Mutex<HashMap<Sid, SessionEntry<A>>>;

/// All live sessions, whose actors are `A`s. Cheap to clone; all clones share them.
pub(crate) struct SessionRegistry<A: Actor>(Arc<Entries<A>>);

/// Removes a session's entry when it is dropped.
pub(crate) struct SessionGuard(Box<dyn Fn()>);

impl<A: Actor> Clone for SessionRegistry<A> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<A: Actor> Default for SessionRegistry<A> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl Sid {
    pub(crate) fn random() -> Result<Self, Refusal> {
        let mut bytes = [0_u8; 20];
        getrandom::fill(&mut bytes).map_err(|error| {
            log::error!("no randomness: {error}");
            Refusal::Internal
        })?;
        Ok(Self(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// For the handshake packet, and nothing else.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Sid {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("Sid(…)")
    }
}

impl<A: Actor> SessionRegistry<A> {
    pub(crate) fn add(&self, sid: Sid, entry: SessionEntry<A>) -> SessionGuard {
        lock(&self.0).insert(sid.clone(), entry);
        let entries = Arc::clone(&self.0);
        SessionGuard(Box::new(move || drop(lock(&entries).remove(&sid))))
    }

    /// The actor of the session that a later request belongs to.
    pub(crate) fn find(
        &self,
        sid: String,
        revision: Revision,
        credentials: &SessionCredentials,
    ) -> Result<Addr<A>, RequestError> {
        let entries = lock(&self.0);
        let entry = entries.get(&Sid(sid)).ok_or(RequestError::UnknownSid)?;
        if !entry.credentials.are_in(credentials) {
            return Err(RequestError::Forbidden);
        }
        if entry.revision == revision { Ok(entry.connection.clone()) } else { Err(RequestError::BadRequest) }
    }
}

fn lock<A: Actor>(entries: &Entries<A>) -> MutexGuard<'_, HashMap<Sid, SessionEntry<A>>> {
    entries.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for SessionGuard {
    fn drop(&mut self) {
        (self.0)();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sid_is_long_and_not_shown() {
        let sid = Sid::random().unwrap();
        assert_eq!(URL_SAFE_NO_PAD.decode(sid.reveal()).unwrap().len(), 20);
        assert!(!format!("{sid:?}").contains(sid.reveal()));
    }
}
