//! Unmodified Socket.IO clients against the real binary: JavaScript's and Python's, new and old, over polls, over a socket and
//! from one to the other. Each sends and receives 1,000 messages while its connections are cut and the server restarts, and
//! reconnects by itself: nothing is lost and nothing is stored twice.
//!
//! Where node or Python is missing the tests report it and pass; with `CI=true` they fail instead.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::as_conversions, missing_docs)]

mod contacts;
mod goodbyes;
#[allow(unused_imports)]
#[path = "../suite/kit/mod.rs"]
mod kit;
mod lobby;
mod player;
mod relay;
mod rooms;
mod sessions;
mod tools;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use kit::*;
use player::Player;
use relay::Relay;

/// Messages each way.
const SENDS: usize = 500;
/// How many messages one side may be ahead of the other: those sent while the client is disconnected must be caught up.
const AHEAD: usize = 20;
/// A cut after so many.
const CUT_AFTER: usize = 100;
/// A client that has not noticed a cut by then had only connections that it did not need: it is cut again.
const NOTICED: Duration = Duration::from_secs(2);
/// So often at most.
const ATTEMPTS: usize = 20;

/// Plays one client over all transports.
fn play(program: &Path, script: &str, version: &str) {
    for transports in ["polling", "websocket", "polling,websocket"] {
        let mut server = Server::with(&[
            ("PARLOR_SENDS_PER_SECOND", "0"),
            ("PARLOR_FRAMES_PER_SECOND", "0"),
            ("PARLOR_REQUESTS_PER_SECOND", "0"),
        ]);
        let (avi, lisa, session) = pair(&server);
        let relay = Relay::to(server.endpoint());
        let client = Player::start(
            Command::new(program)
                .arg(tools::folder().join(script))
                .env("URL", format!("http://{}", relay.address))
                .env("TOKEN", &avi.token)
                .env("SESSION", &session)
                .env("VERSION", version)
                .env("TRANSPORTS", transports)
                .env("SENDS", SENDS.to_string())
                .env("TOTAL", (2 * SENDS).to_string())
                .env("AHEAD", AHEAD.to_string()),
        );
        // How often the client must have come in before it is cut off again: so each cut costs a connection of its own.
        let mut ins = 1;
        client.until("in", |progress| progress.ins >= ins);
        for at in 0..SENDS {
            client.until("so far", |progress| progress.acknowledged + AHEAD >= at);
            lisa.send_message(&session, &format!("other {at}"));
            if at % CUT_AFTER == CUT_AFTER / 2 {
                ins = cut_off(&client, ins, || relay.cut());
            }
            if at == SENDS / 2 + CUT_AFTER / 4 {
                ins = cut_off(&client, ins, || server.restart());
            }
        }
        client.until("back at the end", |progress| progress.ins >= ins);
        client.until("complete", |progress| progress.last.is_some());
        let report = client.progress().last.unwrap();
        let mut expected: Vec<String> =
            (0..SENDS).flat_map(|at| [format!("own {at}"), format!("other {at}")]).collect();
        let mut texts: Vec<String> =
            list(&report, "texts").iter().map(|text| text.as_str().unwrap().to_owned()).collect();
        for who in ["own ", "other "] {
            let own = texts.iter().filter_map(|text| text.strip_prefix(who)?.parse::<usize>().ok());
            assert!(own.is_sorted(), "{transports}: {who}");
        }
        texts.sort();
        expected.sort();
        assert!(texts == expected, "{transports}: something is lost or there twice");
        assert_eq!(server.count("SELECT count(*) FROM messages"), 2 * SENDS as i64, "{transports}");
        assert_eq!((number(&report, "doubled"), &report["refused"]), (0, &json!([])), "{transports}");
        assert!(number(&report, "connects") >= ins as u64, "{transports}: {}", report["connects"]);
        let last = if transports == "polling" { "polling" } else { "websocket" };
        assert_eq!(report["transport"], last, "{transports}");
    }
}

/// Once the client has come in `ins` times, cuts it off until it notices; how often it has come in when it is back.
fn cut_off(client: &Player, ins: usize, mut cut: impl FnMut()) -> usize {
    client.until("back", |progress| progress.ins >= ins);
    let before = client.progress();
    for _ in 0..ATTEMPTS {
        cut();
        if client.within(NOTICED, |progress| progress.outs > before.outs || progress.ins > before.ins) {
            return before.ins + 1;
        }
    }
    panic!("it does not notice that it is cut off: {:?}", client.progress());
}

#[test]
fn socket_io_client_4_loses_and_doubles_nothing() {
    if let Some(node) = tools::node() {
        play(&node, "client.mjs", "4");
    }
}

#[test]
fn socket_io_client_2_loses_and_doubles_nothing() {
    if let Some(node) = tools::node() {
        play(&node, "client.mjs", "2");
    }
}

#[test]
fn python_socketio_5_loses_and_doubles_nothing() {
    if let Some(python) = tools::python("5") {
        play(&python, "client.py", "5");
    }
}

/// It gives up for good, without an error, when a post is refused (engineio/client.py, `_write_loop`: `_reset` has
/// `_read_loop_polling` end without the `disconnect` from which it comes back). So Parlor refuses none into a lost session.
#[test]
fn python_socketio_4_loses_and_doubles_nothing() {
    if let Some(python) = tools::python("4") {
        play(&python, "client.py", "4");
    }
}
