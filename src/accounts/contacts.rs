//! Contacts: everybody to whom somebody may write directly, now and unasked.

use super::Accounts;
use crate::config::Directory;
use crate::model::{Identity, Refusal, User};
use crate::store::contacts;

/// So many at most. Who is left out is found and written to like everybody else, and only not listed.
const UP_TO: i64 = 5_000;

impl Accounts {
    /// People to whom this user may write directly: those with whom they have a direct session, and those in the directory
    /// who accept anyone, as long as neither has blocked the other. Whoever is listed, their presence may be seen.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn contacts(&self, who: &Identity) -> Result<Vec<User>, Refusal> {
        let (me, closed) = (who.user.id, self.rules.directory == Directory::Closed);
        self.store.read_long(me, move |db| contacts::list(db, me, closed, UP_TO)).await
    }
}
