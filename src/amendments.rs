//! What becomes of a message after it was kept: edited, deleted, reacted to.

use crate::limits::Sends;
use crate::model::{Acting, Amendment, Answer, Audience, Delivery, Identity, Refusal, SessionId};
use crate::store::Store;
use crate::store::amend::{self, Wanted};

/// The desk for kept messages. Cheap to clone.
#[derive(Clone)]
pub struct Amendments {
    store: Store,
    sends: Sends,
    emojis: u32,
}

impl Amendments {
    /// The desk on `store`; `sends` is how much each user may say, and `emojis` how many different reactions a
    /// message may have.
    pub const fn new(store: Store, sends: Sends, emojis: u32) -> Self {
        Self { store, sends, emojis }
    }

    /// Changes a kept message; says the `rev` of the change, or the present one where nothing changes.
    ///
    /// # Errors
    /// `not_found` for a session one is not in, or a message that is not there or is deleted; `forbidden`;
    /// `limit_reached` for too many different reactions; `rate_limited`, since a change costs and is told like a message.
    pub async fn amend(
        &self,
        who: &Identity,
        session: SessionId,
        seq: i64,
        amendment: Amendment,
        acting: Acting,
    ) -> Result<i64, Refusal> {
        self.sends.change(who.user.id, self.store.lobby() == Some(session))?;
        let (user, emojis) = (who.user.id, self.emojis);
        let amend = move |db: &mut crate::store::Db, now| {
            let wanted = Wanted { user, session, seq, amendment: &amendment, emojis };
            let (rev, event) = amend::amend(db, &wanted, now)?;
            let connection = acting.as_ref().map(|acting| acting.0);
            let mut out: Vec<Delivery> = Delivery::answer(acting, Answer::Changed(rev)).into_iter().collect();
            out.extend(event.map(|event| Delivery::new(Audience::Session(session), event).except(connection)));
            Ok((rev, out))
        };
        self.store.writer().run(amend).await
    }
}
