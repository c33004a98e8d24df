//! The sessions system's document, step by step, through Python's `requests` and `websocket-client`.

use crate::kit::*;
use crate::tools;

#[test]
fn two_people_of_the_sessions_system_come_to_talk() {
    let Some(python) = tools::python("5") else { return };
    // The same question comes again right behind a rejection.
    let server = Server::with(&[("PARLOR_INVITE_PAUSE_SECONDS", "0")]);
    let report = tools::run_script(&server, &python, "sessions.py", &[]);
    // Two registrations and a name that is taken; an unknown user, a wrong password, two logins; four loads.
    assert_eq!(report["status"], json!([200, 200, 409, 400, 401, 200, 200, 200, 200, 200, 200]));
    let [winston, nanda] = ["Winston", "Nanda"].map(|name| text(&report["ids"], name));
    let session = text(&report, "session");
    let [first, second] = [0, 1].map(|at| report["loads"][at].as_array().unwrap());
    assert_eq!(first, &[json!({}), json!({})]);
    assert_eq!(second[0], second[1], "both have the same");
    let loaded = &second[0][session];
    assert_eq!(loaded["UserIds"], json!({winston: "Winston", nanda: "Nanda"}));
    let [one, two] = [1, 2].map(|seq| format!("{session}:{seq}"));
    let message_of = |id: &str| json!({session: {id: loaded["Messages"][id]}});
    for (id, sender, data) in [(&one, winston, "from Winston"), (&two, nanda, "from Nanda")] {
        let message = &loaded["Messages"][id];
        assert_eq!((&message["data"], &message["Sender"]), (&json!(data), &json!(sender)));
        assert_ne!(message["TimeStamp"], "12:00", "the time is the server's");
    }
    let received = |name: &str| list(&report["received"], name).to_vec();
    let search = json!({"type": "Search", "UserName": "Nanda"});
    let with = |id: &str, name: &str| json!({"type": "Session", "SessionID": session, "Users": {id: name}});
    let no = |code: &str| json!({"type": "Error", "code": code});
    let wordless = |name: &str| {
        let mut frames = received(name);
        frames.iter_mut().filter_map(Value::as_object_mut).for_each(|frame| drop(frame.remove("message")));
        frames
    };
    let beginning = [search.clone(), no("not_found"), search, with(nanda, "Nanda")];
    assert_eq!(wordless("Winston"), [&beginning[..], &[message_of(&one), message_of(&two)]].concat());
    assert_eq!(wordless("Nanda"), [with(winston, "Winston"), message_of(&one), message_of(&two), no("unknown_user")]);
}
