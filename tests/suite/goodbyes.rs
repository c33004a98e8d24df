//! Frames before the end of a stream are handled before it, however the stream ends. The native dialect; Socket.IO
//! and the older systems have the same in `socketio/goodbyes.rs` and `legacy/goodbyes.rs`.

use crate::kit::*;

const SENDS: usize = 5;
/// Who is only lost is not offline within any test; only a goodbye is noticed.
const PATIENT: [(&str, &str); 3] =
    [("PARLOR_PRESENCE_GRACE_SECONDS", "600"), ("PARLOR_SENDS_PER_SECOND", "0"), ("PARLOR_SESSIONS_PER_MINUTE", "0")];
/// Ten frames that are not the protocol.
const TEN_FAULTS: [&str; 10] = ["?"; 10];
const GOODBYE: &str = r#"{"type":"goodbye"}"#;

const ENDS: [HangUp; 7] = [
    HangUp::CloseFrame,
    HangUp::CloseFrameAndFin,
    HangUp::Fin,
    HangUp::Reset,
    HangUp::Texts(&[GOODBYE]),
    HangUp::TextsAndFin(&[GOODBYE]),
    HangUp::Texts(&TEN_FAULTS),
];

/// Five messages, a new group, and one message in it by a name that only this end has.
fn frames(session: &str, at: usize) -> Vec<String> {
    let sends = (0..SENDS).map(|number| json!({"type": "send", "session": session, "text": format!("{at}.{number}")}));
    let open = json!({"type": "open", "title": format!("Group {at}"), "usernames": ["lisa"], "id": "open"});
    sends.chain([open]).map(|frame| frame.to_string()).collect()
}

fn groups(person: &Person) -> Vec<String> {
    let sessions = person.http.get("/sessions").ok();
    let groups = list(&sessions, "sessions").iter().filter(|session| session["kind"] == "group");
    groups.map(|group| text(group, "title").to_owned()).collect()
}

#[test]
fn frames_before_a_close_are_handled_before_it() {
    let server = Server::with(&PATIENT);
    let (avi, lisa, session) = pair(&server);
    for (at, end) in ENDS.into_iter().enumerate() {
        end.behind(avi.connect(), &frames(&session, at));
        let wanted: Vec<String> = (0..SENDS).map(|number| format!("{at}.{number}")).collect();
        until(&format!("{end:?}: all are kept"), PATIENCE, || {
            texts(&messages(&lisa, &session), "text").ends_with(&wanted)
        });
        until(&format!("{end:?}: the group is there"), PATIENCE, || groups(&lisa).contains(&format!("Group {at}")));
    }
    assert_eq!(messages(&lisa, &session).len(), ENDS.len() * SENDS);
}

#[test]
fn a_hello_in_the_same_segment_is_handled_first() {
    let server = Server::with(&PATIENT);
    let (avi, lisa, session) = pair(&server);
    for (at, end) in ENDS.into_iter().enumerate() {
        let hello = json!({"type": "hello", "token": avi.token}).to_string();
        let frames: Vec<String> = [hello].into_iter().chain(frames(&session, at)).collect();
        end.behind(avi.upgrade(), &frames);
        until(&format!("{end:?}: all are kept"), PATIENCE, || messages(&lisa, &session).len() == (at + 1) * SENDS);
        until(&format!("{end:?}: the group is there"), PATIENCE, || groups(&lisa).contains(&format!("Group {at}")));
    }
}

#[test]
fn only_a_goodbye_ends_presence_at_once_and_after_the_frames_before_it() {
    let server = Server::with(&PATIENT);
    let (avi, lisa, session) = pair(&server);
    let mut hers = lisa.connect();
    for (at, end) in [HangUp::Texts(&[GOODBYE]), HangUp::TextsAndFin(&[GOODBYE])].into_iter().enumerate() {
        let his = avi.connect();
        assert_eq!(hers.expect("presence")["status"], "online");
        end.behind(his, &frames(&session, at));
        assert_eq!(hers.expect("presence")["status"], "offline", "{end:?}");
        let received = hers.take_kept().iter().filter(|frame| frame["type"] == "message").count();
        assert_eq!(received, SENDS, "{end:?}: all were broadcast before");
    }
}

#[test]
fn answers_precede_the_close_frame_and_frames_after_it_are_ignored() {
    let server = Server::start();
    let (avi, lisa, session) = pair(&server);
    for last in [
        vec![wire::masked(true, wire::CLOSE, &1001_u16.to_be_bytes())],
        vec![wire::masked(true, wire::TEXT, GOODBYE.as_bytes())],
    ] {
        let mut his = avi.connect();
        let text_frame = |frame: Value| wire::masked(true, wire::TEXT, frame.to_string().as_bytes());
        let mut bytes = text_frame(json!({"type": "send", "session": session, "text": "kept", "id": "a"}));
        bytes.extend(text_frame(json!({"type": "history", "session": session, "id": "b"})));
        bytes.extend(text_frame(json!({"type": "title", "session": "nowhere", "title": "x", "id": "c"})));
        bytes.extend(last.concat());
        bytes.extend(text_frame(json!({"type": "send", "session": session, "text": "too late"})));
        his.send_bytes(&bytes);
        let code = his.close_code();
        assert!([1000, 1001].contains(&code), "{code}");
        let mut answered: Vec<String> =
            his.take_kept().iter().filter_map(|frame| frame["id"].as_str().map(str::to_owned)).collect();
        answered.sort();
        assert_eq!(answered, ["a", "b", "c"]);
    }
    assert_eq!(texts(&messages(&lisa, &session), "text"), ["kept", "kept"]);
}

#[test]
fn a_client_that_only_closes_its_sending_side_is_answered() {
    let server = Server::start();
    let (avi, _, session) = pair(&server);
    let mut his = avi.connect();
    let id = his.submit(json!({"type": "send", "session": session, "text": "kept"}));
    let history = his.submit(json!({"type": "history", "session": session}));
    his.stream().shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!((&his.answer(&id)["type"], &his.answer(&history)["type"]), (&json!("ok"), &json!("ok")));
    assert_eq!(his.close_code(), 1006, "nobody waits for a close frame");
}
