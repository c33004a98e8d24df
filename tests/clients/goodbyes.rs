//! What clients send together with their disconnect is stored, and a goodbye among it takes effect: unmodified clients of
//! Python and JavaScript, over every transport.

use std::path::Path;
use std::time::Instant;

use crate::kit::*;
use crate::tools;

/// How often each client connects and disconnects.
const TIMES: usize = 100;
/// Messages that it sends each time.
const SENDS: usize = 5;

/// A lost connection counts as online for longer than any test: only a goodbye ends presence.
fn server() -> Server {
    Server::with(&[
        ("PARLOR_PRESENCE_GRACE_SECONDS", "600"),
        ("PARLOR_CONTACTS_SETTLE_SECONDS", "0"),
        ("PARLOR_SENDS_PER_SECOND", "0"),
        ("PARLOR_FRAMES_PER_SECOND", "0"),
        ("PARLOR_REQUESTS_PER_SECOND", "0"),
        ("PARLOR_USER_CONNECTIONS", "0"),
    ])
}

fn play(program: &Path, script: &str, version: &str, transports: &str) {
    let server = server();
    let (avi, lisa, session) = pair(&server);
    let times = TIMES.to_string();
    let settings = [
        ("TOKEN", avi.token.as_str()),
        ("OTHER", lisa.token.as_str()),
        ("SESSION", &session),
        ("TIMES", &times),
        ("VERSION", version),
        ("TRANSPORTS", transports),
    ];
    let report = tools::run_script(&server, program, script, &settings);
    assert_eq!(number(&report, "done"), TIMES as u64);
    let kept = history(&lisa, &session);
    for at in 0..TIMES {
        let own: Vec<&String> = kept.iter().filter(|text| text.split('.').next() == Some(&at.to_string())).collect();
        let wanted: Vec<String> = (0..SENDS).map(|number| format!("{at}.{number}")).collect();
        assert_eq!(own, wanted.iter().collect::<Vec<_>>(), "{script} {version} {transports}");
    }
    let took: Vec<u64> = list(&report, "took").iter().map(|took| took.as_u64().unwrap()).collect();
    assert!(took.iter().all(|took| *took < PATIENCE.as_millis() as u64), "a goodbye is not noticed: {took:?}");
    assert_eq!(took.len(), TIMES / 2);
    assert_eq!(server.count("SELECT count(*) FROM messages"), (TIMES * SENDS) as i64);
}

/// The texts of a session in order: all of them, or what is kept when nothing more comes. The last may be on their way still.
fn history(person: &Person, session: &str) -> Vec<String> {
    let mut kept = Vec::new();
    let end = Instant::now() + PATIENCE;
    while kept.len() < TIMES * SENDS && Instant::now() < end {
        let path = format!("/sessions/{session}/messages?limit=200&after={}", kept.len());
        kept.extend(texts(list(&person.http.get(&path).ok(), "messages"), "text"));
    }
    kept
}

#[test]
fn python_socketio_5_loses_nothing_that_it_sends_right_before_disconnecting() {
    if let Some(python) = tools::python("5") {
        for transports in ["polling", "websocket", "polling,websocket"] {
            play(&python, "goodbyes.py", "5", transports);
        }
    }
}

#[test]
fn python_socketio_4_loses_nothing_that_it_sends_right_before_disconnecting() {
    if let Some(python) = tools::python("4") {
        play(&python, "goodbyes.py", "4", "polling");
    }
}

#[test]
fn socket_io_client_4_loses_nothing_that_it_sends_right_before_disconnecting() {
    if let Some(node) = tools::node() {
        for transports in ["polling", "websocket", "polling,websocket"] {
            play(&node, "goodbyes.mjs", "4", transports);
        }
    }
}

#[test]
fn socket_io_client_2_loses_nothing_that_it_sends_right_before_disconnecting() {
    if let Some(node) = tools::node() {
        play(&node, "goodbyes.mjs", "2", "polling");
    }
}

#[test]
fn messages_of_contacts_before_a_goodbye_are_stored_and_their_token_ends() {
    for version in ["5", "4"] {
        let Some(python) = tools::python(version) else { return };
        for transports in ["polling", "websocket", "polling,websocket"] {
            let server = server();
            let lisa = register(&server, "Lisa");
            let people: Vec<Person> = (0..5).map(|at| register(&server, &format!("Avi{at}"))).collect();
            let logins: Vec<Value> = people.iter().map(|person| json!([person.username, person.token])).collect();
            let logins = Value::from(logins).to_string();
            let settings = [("CONTACTS", logins.as_str()), ("VERSION", version), ("TRANSPORTS", transports)];
            let report = tools::run_script(&server, &python, "goodbyes.py", &settings);
            let complete = list(&report, "complete");
            assert!(complete.len() > people.len() / 2, "{report}");
            for person in people.iter().filter(|person| complete.contains(&json!(person.username))) {
                until("the token has ended", PATIENCE, || person.http.get("/me").status == 401);
                let sessions = lisa.http.get("/sessions").ok();
                let own = list(&sessions, "sessions").iter().find(|one| one["title"] == person.username.as_str());
                let kept = messages(&lisa, text(own.expect("their session"), "id"));
                assert_eq!(texts(&kept, "text"), ["0", "1", "2", "3", "4"], "{version} {transports}");
            }
        }
    }
}
