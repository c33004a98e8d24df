//! Contacts: everybody to whom somebody may write directly, now and unasked.

use super::Accounts;
use crate::domain::{Identity, Refusal, User};
use crate::store::visibility;

/// So many at most. Who is left out is found and written to like everybody else, and only not listed.
const UP_TO: i64 = 5_000;

impl Accounts {
    /// People to whom this user may write directly: those with whom they have a direct session, and those in the directory
    /// who accept anyone, as long as neither has blocked the other. Whoever is listed, their presence may be seen.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn contacts(&self, who: &Identity) -> Result<Vec<User>, Refusal> {
        let (me, directory) = (who.user.id, self.rules.directory);
        self.store.read_long(me, move |db| visibility::contacts(db, me, directory, UP_TO)).await
    }
}
