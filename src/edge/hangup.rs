//! That a client has closed its side of a connection.

use std::cell::Cell;
use std::rc::Rc;

use actix_web::HttpRequest;
use tokio::sync::Notify;

/// Whether the client of a connection has closed its side. Cheap to clone; all clones are of one connection.
///
/// A client that has closed its side may still read (`shutdown(SHUT_WR)`), or be gone: nobody can tell. So a request that is
/// whole is carried out and answered, and only what waits for something new to happen, a poll, takes it for an end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hangup(Rc<(Cell<bool>, Notify)>);

impl Hangup {
    /// That of the connection on which this request came; one that never comes where the request came on none.
    pub(crate) fn of(req: &HttpRequest) -> Self {
        req.conn_data::<Self>().cloned().unwrap_or_default()
    }

    /// The client has closed its side.
    pub(super) fn happened(&self) {
        self.0.0.set(true);
        self.0.1.notify_waiters();
    }

    /// True once the client has closed its side.
    pub(super) fn has_happened(&self) -> bool {
        self.0.0.get()
    }

    /// Waits until the client has closed its side.
    pub(crate) async fn wait(&self) {
        // Listened for before looking, or it could happen in between.
        let happens = self.0.1.notified();
        if !self.has_happened() {
            happens.await;
        }
    }
}
