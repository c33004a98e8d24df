//! Which session has which name, for all threads.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix::{Actor, Addr};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::domain::Refusal;
use crate::edge::Carried;
use crate::socketio::codec::engine::Revision;
use crate::socketio::codec::request::Refused;

/// The name of a session, 160 random bits. Whoever knows it can speak for its client, so `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Sid(String);

/// Where a session lives, and what its requests must show.
pub(crate) struct Place<A: Actor> {
    /// Its actor.
    pub connection: Addr<A>,
    /// Which Engine.IO its client speaks.
    pub revision: Revision,
    /// What its handshake carried.
    pub carried: Carried,
}

type Places<A> = Mutex<HashMap<Sid, Place<A>>>;

/// All live sessions, whose actors are `A`s. Cheap to clone; all clones share them.
pub(crate) struct Sessions<A: Actor>(Arc<Places<A>>);

/// A session's entry; dropped with it.
pub(crate) struct Entry {
    sessions: Arc<dyn Forget>,
    sid: Sid,
}

trait Forget {
    fn forget(&self, sid: &Sid);
}

impl<A: Actor> Forget for Places<A> {
    fn forget(&self, sid: &Sid) {
        self.lock().unwrap_or_else(PoisonError::into_inner).remove(sid);
    }
}

impl<A: Actor> Clone for Sessions<A> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<A: Actor> Default for Sessions<A> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl Sid {
    /// A new one.
    ///
    /// # Errors
    /// `internal` where the system has no randomness to give.
    pub(crate) fn random() -> Result<Self, Refusal> {
        let mut bytes = [0_u8; 20];
        getrandom::fill(&mut bytes).map_err(|error| {
            log::error!("no randomness: {error}");
            Refusal::Internal
        })?;
        Ok(Self(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// For the handshake, and nothing else.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Sid {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("Sid(…)")
    }
}

impl<A: Actor> Sessions<A> {
    /// A session begins.
    pub(crate) fn add(&self, sid: Sid, place: Place<A>) -> Entry {
        self.places().insert(sid.clone(), place);
        let sessions: Arc<Places<A>> = Arc::clone(&self.0);
        Entry { sessions, sid }
    }

    /// Where a request belongs that knows the name `sid`.
    ///
    /// # Errors
    /// No such session, or not for this request.
    pub(crate) fn find(&self, sid: String, revision: Revision, carried: &Carried) -> Result<Addr<A>, Refused> {
        let places = self.places();
        let place = places.get(&Sid(sid)).ok_or(Refused::UnknownSid)?;
        if !place.carried.is_in(carried) {
            return Err(Refused::Forbidden);
        }
        if place.revision == revision { Ok(place.connection.clone()) } else { Err(Refused::BadRequest) }
    }

    fn places(&self) -> MutexGuard<'_, HashMap<Sid, Place<A>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.sessions.forget(&self.sid);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_long_and_not_shown() {
        let sid = Sid::random().unwrap();
        assert_eq!(URL_SAFE_NO_PAD.decode(sid.reveal()).unwrap().len(), 20);
        assert!(!format!("{sid:?}").contains(sid.reveal()));
    }
}
