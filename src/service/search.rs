//! Full-text search in a user's sessions.

use crate::domain::{Hit, Identity, Page, Refusal, SessionId};
use crate::service::Listed;
use crate::store::Store;
use crate::store::search::{self, Query};

/// A page ends here at the latest, so that no frame is larger than 256 KiB.
const PAGE_BYTES: usize = 240 * 1_024;
/// In characters.
const LONGEST_QUERY: usize = 200;

#[derive(Clone)]
pub(crate) struct SearchService {
    pub(super) store: Store,
}

impl SearchService {
    /// Messages with all words of `query`, newest first; the last word may be unfinished.
    ///
    /// # Errors
    /// `invalid_request` for a query without a word, `not_found` for a session of others.
    pub(crate) async fn find(
        &self,
        identity: &Identity,
        query: &str,
        session: Option<SessionId>,
        page: Page,
    ) -> Listed<Hit> {
        let me = identity.user.id;
        if query.chars().nth(LONGEST_QUERY).is_some() {
            return Err(Refusal::invalid(format!("the query must have at most {LONGEST_QUERY} characters")));
        }
        let query = Query::parse(query)
            .ok_or_else(|| Refusal::invalid("the query must have a word in it: letters, digits or an emoji"))?;
        self.store.read_long(me, move |db| search::find(db, me, &query, session, page, PAGE_BYTES)).await
    }
}
