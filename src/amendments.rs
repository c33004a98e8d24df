//! What becomes of a message after it was kept: edited, deleted, reacted to.

use std::sync::Arc;

use crate::limits::Throttle;
use crate::model::{Acting, Amendment, Identity, Refusal, SessionId, UserId};
use crate::store::Store;

/// The desk for kept messages. Cheap to clone.
#[derive(Clone)]
pub struct Amendments {
    store: Store,
}

impl Amendments {
    /// The desk on `store`; `sends` is how many messages each user may send, and `emojis` how many different reactions a
    /// message may have.
    pub fn new(store: Store, sends: Arc<Throttle<UserId>>, emojis: u32) -> Self {
        Self { store }
    }

    /// Changes a kept message; says the `rev` of the change, or the present one where nothing changes.
    ///
    /// # Errors
    /// `not_found` for a session one is not in, or a message that is not there or is deleted; `forbidden`;
    /// `limit_reached` for too many different reactions; `rate_limited`.
    pub async fn amend(
        &self,
        who: &Identity,
        session: SessionId,
        seq: i64,
        amendment: Amendment,
        acting: Acting,
    ) -> Result<i64, Refusal> {
        Err(Refusal::Internal)
    }
}
