//! Several nodes on one PostgreSQL database: what one of them commits, all deliver, in the same order.
//!
//! They run in both passes over PostgreSQL, with two or three nodes of their own.

mod crossings;
mod deaths;
mod delivery;
mod halts;
mod order;
mod presence;
mod reconnects;
mod redis;
mod revocations;
mod rooms;
mod writer;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::kit::*;

/// No rates: they are not the subject, and the grace periods are the shortest that can be distinguished from none.
const SETTINGS: [(&str, &str); 8] = [
    ("PARLOR_SENDS_PER_SECOND", "0"),
    ("PARLOR_FRAMES_PER_SECOND", "0"),
    ("PARLOR_REQUESTS_PER_SECOND", "0"),
    ("PARLOR_SESSIONS_PER_MINUTE", "0"),
    ("PARLOR_INVITES_PER_MINUTE", "0"),
    ("PARLOR_ACCOUNTS_PER_MINUTE", "0"),
    ("PARLOR_USER_CONNECTIONS", "0"),
    ("PARLOR_PRESENCE_GRACE_SECONDS", "1"),
];

/// Within this time the others have noticed that a node is dead, and what was there has ended.
const DEATH: Duration = Duration::from_secs(30);

/// A server of so many nodes; `None` on SQLite, where there is always one.
fn nodes(count: usize) -> Option<Server> {
    nodes_with(count, &[])
}

/// The same with these settings besides.
fn nodes_with(count: usize, more: &[(&str, &str)]) -> Option<Server> {
    if skipped_on_sqlite("one process serves a file") {
        return None;
    }
    Some(Server::with_nodes(count, &[&SETTINGS, more].concat()))
}

/// Avi at the first node and lisa at the second, with their direct session.
fn pair_apart(server: &Server) -> (Person, Person, String) {
    let (avi, lisa, session) = pair(server);
    (avi.at(server, 0), lisa.at(server, 1), session)
}

/// The status of `target` that `viewer` receives from the node it uses.
fn status(viewer: &Person, target: &str) -> Value {
    let answer = viewer.http.get(&format!("/presence?usernames={target}")).ok();
    list(&answer, "presence")[0]["status"].clone()
}

/// Waits until the node that `viewer` uses shows this status.
#[track_caller]
fn becomes(viewer: &Person, target: &str, wanted: &str) {
    until(&format!("{target} is {wanted}"), PATIENCE, || status(viewer, target) == wanted);
}

/// Applies a live frame as a client does that has caught up: an older one is ignored, which the node may have sent after a
/// snapshot that it has read from the database; none may be missing.
#[track_caller]
fn follow(held: &mut SessionReplica, session: &str, frame: &Value) {
    if frame["session"] == *session && frame["rev"].as_u64() > Some(held.rev) {
        assert_eq!(number(frame, "rev"), held.rev + 1, "one is missing before {frame}");
        held.live(frame);
    }
}

/// Sets the flag when it is dropped, also by a failure: threads that run until then end, and the test with them.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Sends a message and waits for it at another node: what was committed before has then been received there.
#[track_caller]
fn passes(from: &Person, to: &mut Socket, session: &str) {
    let sent = from.send_message(session, "fence");
    to.wait_for("the fence", |frame| frame["session"] == *session && frame["seq"] == sent["seq"]);
}
