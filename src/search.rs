//! Searching one's own sessions.

use crate::limits::Rate;
use crate::model::{Hit, Identity, Refusal, SessionId};
use crate::store::{Page, Store};

/// The desk for searching. Cheap to clone.
#[derive(Clone)]
pub struct Search {
    store: Store,
}

impl Search {
    /// The desk on `store`; `rate` is how many searches each user may make.
    pub fn new(store: Store, rate: Rate) -> Self {
        Self { store }
    }

    /// Messages of my sessions with all of the words of `query`, newest first; `session` narrows to one.
    ///
    /// # Errors
    /// `invalid_request` for a query without a word, `not_found` for a session one is not in, `rate_limited`.
    pub async fn find(
        &self,
        who: &Identity,
        query: &str,
        session: Option<SessionId>,
        page: Page,
    ) -> Result<(Vec<Hit>, Option<String>), Refusal> {
        Err(Refusal::Internal)
    }
}
