//! Groups and rooms: made, joined, left, handed over, renamed, deleted.
//!
//! Every function runs whole in one transaction of the writer; what it lets out is told once that is durable. `acting` is
//! the connection that asks, with its own name for the command: it is answered in its stream.

use std::sync::Arc;

use crate::config::Config;
use crate::limits::{Address, Names, Throttle};
use crate::model::{Acting, Identity, NewSession, Refusal, Role, Session, SessionId, Title, UserId};
use crate::store::Store;

/// What somebody who has a room's code may know before joining.
pub struct Look {
    /// The room's title.
    pub title: String,
    /// Who is in it.
    pub members: Vec<UserId>,
}

/// The desk for sessions. Cheap to clone.
#[derive(Clone)]
pub struct Sessions {
    store: Store,
    names: Arc<Names>,
    opened: Arc<Throttle<UserId>>,
}

impl Sessions {
    /// The desk on `store`, by the rules of `config`; `names` and `opened` are shared with every desk that needs them.
    pub fn new(store: Store, names: Arc<Names>, opened: Arc<Throttle<UserId>>, config: &Config) -> Self {
        Self { store, names, opened }
    }

    /// Makes a group or a room, or opens a direct session. A repeated `key` gives the first one.
    ///
    /// # Errors
    /// `unknown_user`, naming who is not; `invite_required`, `blocked` by oneself, `limit_reached`, `rate_limited`.
    pub async fn make(
        &self,
        who: &Identity,
        new: NewSession,
        from: Address,
        acting: Acting,
    ) -> Result<Session, Refusal> {
        Err(Refusal::Internal)
    }

    /// Joins the room that has this code; where one is in it already nothing changes.
    ///
    /// # Errors
    /// `unknown_room`, `too_many_attempts` after too many codes that no room has, `limit_reached`.
    pub async fn join(&self, who: &Identity, code: &str, from: Address, acting: Acting) -> Result<Session, Refusal> {
        Err(Refusal::Internal)
    }

    /// What a room's code tells before joining.
    ///
    /// # Errors
    /// `unknown_room`, `too_many_attempts` after too many codes that no room has.
    pub async fn look(&self, who: &Identity, code: &str, from: Address) -> Result<Look, Refusal> {
        Err(Refusal::Internal)
    }

    /// Gives a room another code; the old one is nobody's any more.
    ///
    /// # Errors
    /// `not_found`, `forbidden` for all but the owner of a room.
    pub async fn replace_code(&self, who: &Identity, id: SessionId) -> Result<Session, Refusal> {
        Err(Refusal::Internal)
    }

    /// Gives a group or room another title; says the `rev` of it.
    ///
    /// # Errors
    /// `not_found`, `forbidden`.
    pub async fn retitle(&self, who: &Identity, id: SessionId, title: Title, acting: Acting) -> Result<i64, Refusal> {
        Err(Refusal::Internal)
    }

    /// Deletes a group or room with all that was said in it.
    ///
    /// # Errors
    /// `not_found`, `forbidden` for all but the owner.
    pub async fn delete(&self, who: &Identity, id: SessionId) -> Result<(), Refusal> {
        Err(Refusal::Internal)
    }

    /// Leaves, or takes somebody else out; says the `rev` of it. `None`: oneself.
    ///
    /// # Errors
    /// `not_found`, `forbidden`, `unknown_user` for somebody who is not in it.
    pub async fn remove(
        &self,
        who: &Identity,
        id: SessionId,
        username: Option<String>,
        acting: Acting,
    ) -> Result<i64, Refusal> {
        Err(Refusal::Internal)
    }

    /// Gives a member a role, `owner` hands over; says the `rev` of it.
    ///
    /// # Errors
    /// `not_found`, `forbidden` for all but the owner, `unknown_user` for somebody who is not in it.
    pub async fn set_role(
        &self,
        who: &Identity,
        id: SessionId,
        username: String,
        role: Role,
        acting: Acting,
    ) -> Result<i64, Refusal> {
        Err(Refusal::Internal)
    }
}
