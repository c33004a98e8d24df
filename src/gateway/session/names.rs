//! Which session has which name, for all threads.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use actix::Addr;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::super::connection::Connection;
use crate::edge::Carried;
use crate::model::Refusal;
use crate::socketio::codec::engine::Revision;
use crate::socketio::codec::request::Refused;

/// The name of a session, 160 random bits. Whoever knows it can speak for its client, so `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Sid(String);

/// Where a session lives, and what its requests must show.
#[derive(Clone)]
pub struct Place {
    /// Its actor.
    pub connection: Addr<Connection>,
    /// Which Engine.IO its client speaks.
    pub revision: Revision,
    /// What its handshake carried.
    pub carried: Carried,
}

/// All live sessions. Cheap to clone; all clones share them.
#[derive(Clone, Default)]
pub struct Sessions(Arc<Mutex<HashMap<Sid, Place>>>);

/// A session's entry; dropped with it.
pub struct Entry {
    sessions: Sessions,
    sid: Sid,
}

impl Sid {
    /// A new one.
    ///
    /// # Errors
    /// `internal` where the system has no randomness to give.
    pub fn random() -> Result<Self, Refusal> {
        let mut bytes = [0_u8; 20];
        getrandom::fill(&mut bytes).map_err(|error| {
            log::error!("no randomness: {error}");
            Refusal::Internal
        })?;
        Ok(Self(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// For the handshake, and nothing else.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Sid {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("Sid(…)")
    }
}

impl Sessions {
    /// A session begins.
    pub fn add(&self, sid: Sid, place: Place) -> Entry {
        self.places().insert(sid.clone(), place);
        Entry { sessions: self.clone(), sid }
    }

    /// Where a request belongs that knows the name `sid`.
    ///
    /// # Errors
    /// No such session, or not for this request.
    pub fn find(&self, sid: String, revision: Revision, carried: &Carried) -> Result<Addr<Connection>, Refused> {
        let place = self.places().get(&Sid(sid)).cloned().ok_or(Refused::UnknownSid)?;
        if !place.carried.is_in(carried) {
            return Err(Refused::Forbidden);
        }
        if place.revision == revision { Ok(place.connection) } else { Err(Refused::BadRequest) }
    }

    fn places(&self) -> std::sync::MutexGuard<'_, HashMap<Sid, Place>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.sessions.places().remove(&self.sid);
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
