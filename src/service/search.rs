//! Searching one's own sessions.

use std::sync::Arc;

use crate::domain::{Hit, Identity, Page, Refusal, SessionId, UserId};
use crate::rate_limit::{Rate, Throttle};
use crate::store::Store;
use crate::store::search::{self, Query};

/// A page ends here at the latest, so that no frame is larger than 256 KiB.
const PAGE_BYTES: usize = 240 * 1_024;
/// A query has at most so many characters.
const QUERY: usize = 200;

/// The desk for searching. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Search {
    store: Store,
    searches: Arc<Throttle<UserId>>,
}

impl Search {
    /// The desk on `store`; `rate` is how many searches each user may make.
    pub(crate) fn new(store: Store, rate: Rate) -> Self {
        Self { store, searches: Arc::new(Throttle::new(rate)) }
    }

    /// Messages of my sessions with all of the words of `query`, newest first; `session` narrows to one. The last word may
    /// be unfinished.
    ///
    /// # Errors
    /// `invalid_request` for a query without a word, `not_found` for a session one is not in, `rate_limited`.
    pub(crate) async fn find(
        &self,
        who: &Identity,
        query: &str,
        session: Option<SessionId>,
        page: Page,
    ) -> Result<(Vec<Hit>, Option<String>), Refusal> {
        let me = who.user.id;
        self.searches.take(me).map_err(Refusal::RateLimited)?;
        if query.chars().nth(QUERY).is_some() {
            return Err(Refusal::invalid(format!("the query must have at most {QUERY} characters")));
        }
        let query = Query::parse(query)
            .ok_or_else(|| Refusal::invalid("the query must have a word in it: letters, digits or an emoji"))?;
        self.store.read_long(me, move |db| search::find(db, me, &query, session, page, PAGE_BYTES)).await
    }
}
