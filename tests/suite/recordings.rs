//! Recordings of the wire: what scripted scenarios exchange with the server, compared with golden files. Whatever a change does
//! inside, these files show whether clients can notice it.
//!
//! `PARLOR_TEST_ACCEPT=1 cargo test --test suite recordings` writes the files anew.

use crate::kit::{PATIENCE, Server, until};

mod accounts;
mod closes;
mod contacts;
mod coverage;
mod cross_origin;
mod documents;
mod frames;
mod history;
mod invites;
mod legacy_http;
mod limits;
mod lobby;
mod messages;
mod old_database;
mod outage;
mod pages;
mod people;
mod room_codes;
mod rooms;
mod sessions;
mod sessions_dialect;
mod socketio;
mod socketio_polling;

/// Waits until it is noted that this user has been connected: only from then on `last_seen` is shown.
#[track_caller]
fn is_seen(server: &Server, username: &str) {
    let query = format!("SELECT count(*) FROM users WHERE username = '{username}' AND last_seen IS NOT NULL");
    until("the connection is noted", PATIENCE, || server.count(&query) == 1);
}
