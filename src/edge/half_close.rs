//! The half-close of an HTTP connection: its client has shut its sending side.

use std::cell::Cell;
use std::rc::Rc;

use actix_web::HttpRequest;
use tokio::sync::Notify;

/// Whether a connection is half-closed. Cheap to clone; all clones are of one connection.
///
/// Its client may still read (`shutdown(SHUT_WR)`), or may have disconnected: both look the same. So a whole request is handled and
/// answered, and only a poll, which waits for new packets, ends.
#[derive(Clone, Debug, Default)]
pub(crate) struct HalfClose(Rc<(Cell<bool>, Notify)>);

impl HalfClose {
    /// That of the request's connection; one that never happens where there is none.
    pub(crate) fn of(req: &HttpRequest) -> Self {
        req.conn_data::<Self>().cloned().unwrap_or_default()
    }

    pub(super) fn set(&self) {
        self.0.0.set(true);
        self.0.1.notify_waiters();
    }

    pub(super) fn is_set(&self) -> bool {
        self.0.0.get()
    }

    pub(crate) async fn wait(&self) {
        // Subscribed before the check, or it could happen in between.
        let notified = self.0.1.notified();
        if !self.is_set() {
            notified.await;
        }
    }
}
