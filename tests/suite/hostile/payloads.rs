//! Hostile content of text frames and bodies.

use crate::kit::*;

/// Nests `depth` deep in every way JSON knows, as the value of an unknown field and of a known one.
fn nested(depth: usize) -> [String; 4] {
    let (open, close) = ("[".repeat(depth), "]".repeat(depth));
    let (objects, ends) = (r#"{"a":"#.repeat(depth), "}".repeat(depth));
    [
        open.clone(),
        format!(r#"{{"type":"ping","deep":{open}{close}}}"#),
        format!(r#"{{"type":"send","text":{open}{close}}}"#),
        format!(r#"{{"type":"send","text":{objects}1{ends}}}"#),
    ]
}

#[test]
fn a_hundred_thousand_brackets_are_one_malformed_frame() {
    let server = Server::with(&[("PARLOR_FRAME_BYTES", "4000000")]);
    let mut his = register(&server, "avi").connect();
    for content in nested(100_000) {
        his.send_text(&content);
        let answer = his.next();
        // The value of an unknown field may also be skipped.
        let skipped = content.starts_with(r#"{"type":"ping""#) && answer["type"] == "pong";
        assert!(skipped || answer["code"] == "invalid_request", "{answer}");
        his.fence();
        let call = server.http().call("POST", "/login").header("Content-Type", "application/json");
        call.body(content.as_bytes()).send().refused(400, "invalid_request");
    }
    // With the default size no such frame is even read.
    let server = Server::start();
    let mut his = register(&server, "avi").connect();
    his.send_text(&nested(100_000)[0]);
    assert_eq!(his.close_code(), 1009);
}

#[test]
fn nul_control_characters_and_half_surrogates_are_refused() {
    let server = Server::start();
    let (avi, lisa, session) = pair(&server);
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    for content in [r"a\u0000b", r"\u0007", r"\u001b[2J", r"\u007f", r"\u0085", r"\ud800", r"\udc00\ud800", r"\ud83d"] {
        let command = format!(r#"{{"type":"send","id":"1","session":"{session}","text":"{content}"}}"#);
        his.send_text(&command);
        assert_eq!(his.expect("error")["code"], "invalid_request", "{content}");
        let path = format!("/sessions/{session}/messages");
        let call = avi.http.call("POST", &path).header("Content-Type", "application/json");
        call.body(format!(r#"{{"text":"{content}"}}"#).as_bytes()).send().refused(400, "invalid_request");
        his.fence();
    }
    // The same bytes bare, which JSON does not allow in a string at all.
    for byte in ["\0", "\u{7}", "\u{1b}"] {
        his.send_text(&format!(r#"{{"type":"send","session":"{session}","text":"{byte}"}}"#));
        assert_eq!(his.expect("error")["code"], "invalid_request");
    }
    // A whole pair is a character like any other.
    his.send_text(&format!(r#"{{"type":"send","id":"2","session":"{session}","text":"\ud83d\ude00"}}"#));
    assert_eq!(his.answer("2")["seq"], 1);
    assert_eq!(hers.receive(&session), "😀");
}

#[test]
fn nul_is_no_part_of_a_name_a_key_or_an_id() {
    let server = Server::start();
    let (avi, _, session) = pair(&server);
    let mut his = avi.connect();
    for (command, code) in [
        (json!({"type": "send", "session": "a\0", "text": "x"}), "not_found"),
        (json!({"type": "history", "session": format!("{session}\0")}), "not_found"),
        (json!({"type": "send", "to": "lisa\0", "text": "x"}), "unknown_user"),
        (json!({"type": "open", "username": "lisa\0"}), "unknown_user"),
        (json!({"type": "invite", "username": "\0"}), "unknown_user"),
    ] {
        his.refused(command, code);
    }
    let named = json!({"username": "li\0sa", "password": PASSWORD});
    server.http().post("/register", named).refused(400, "invalid_request");
    for path in ["/users/li%00sa", "/sessions/%00", "/users/%ff%fe", "/users?query=%00", "/users?query=%ff"] {
        let status = avi.http.get(path).status;
        assert!([200, 400, 404].contains(&status), "{path} is {status}");
    }
}

#[test]
fn extreme_numbers_are_accepted_or_refused() {
    let server = Server::start();
    let (avi, _, session) = pair(&server);
    avi.send_message(&session, "hello");
    let mut his = avi.connect();
    for seq in
        ["-1", "9223372036854775807", "9223372036854775808", "18446744073709551616", "1e3", "1.5", "-0.0", "1e999"]
    {
        for command in [
            format!(r#"{{"type":"read","id":"1","session":"{session}","seq":{seq}}}"#),
            format!(r#"{{"type":"received","id":"1","session":"{session}","seq":{seq}}}"#),
            format!(r#"{{"type":"send","id":"1","session":"{session}","text":"x","reply_to":{seq}}}"#),
            format!(r#"{{"type":"sync","id":"1","sessions":{{"{session}":{seq}}}}}"#),
            format!(r#"{{"type":"history","id":"1","session":"{session}","after":{seq}}}"#),
            format!(r#"{{"type":"history","id":"1","session":"{session}","limit":{seq}}}"#),
        ] {
            his.send_text(&command);
            let answer = his.wait_for("an answer", |frame| ["ok", "error"].contains(&frame["type"].as_str().unwrap()));
            assert!(answer["type"] == "ok" || answer["code"] == "invalid_request", "{command}: {answer}");
            his.fence();
        }
        for path in ["messages?after=", "messages?before=", "messages?limit=", "changes?rev="] {
            let status = avi.http.get(&format!("/sessions/{session}/{path}{seq}")).status;
            assert!([200, 400].contains(&status), "{path}{seq} is {status}");
        }
    }
    assert_eq!(SessionReplica::load(&avi, &session).texts(), ["hello"]);
}

#[test]
fn a_thousand_frames_of_garbage_break_nothing() {
    let server = Server::with(&UNHURRIED);
    let (avi, _, session) = pair(&server);
    let mut random = Random::new(seed());
    let good = [
        json!({"type": "send", "id": "g", "session": session, "text": "привет 😀", "key": "k", "reply_to": 1})
            .to_string(),
        json!({"type": "sync", "id": "g", "sessions": {&session: 0}, "epoch": "e"}).to_string(),
        json!({"type": "history", "id": "g", "session": session, "before": 1, "limit": 1}).to_string(),
        json!({"type": "answer", "id": "g", "username": "lisa", "accept": true}).to_string(),
    ];
    let mut his = avi.connect();
    his.checked = false;
    for number in 0..1_000 {
        let bytes = mangled(good[random.place(good.len())].as_bytes(), &mut random);
        // Only what is text may be sent as text; the rest has its own test.
        his.send_text(&String::from_utf8_lossy(&bytes));
        // A command that is understood begins the count of faults anew.
        if number % 5 == 4 {
            his.fence();
            for frame in his.take_kept() {
                assert_ne!(frame["code"], "internal", "{frame}");
            }
        }
    }
    // Behind everything that was kept or moved before it: a load of several pages must not see it half done.
    his.send_message(&session, "the last word");
    SessionReplica::load(&avi, &session).is_whole();
}

/// A few bytes changed, dropped, doubled or put in.
fn mangled(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    const SPICE: [&str; 12] =
        ["\"", "{", "}", "[", "\\", "\\u", "null", "-", "1e9", "\u{202e}", "\0", ",\"type\":\"read\",\"seq\":9"];
    let mut bytes = bytes.to_vec();
    for _ in 0..=random.below(3) {
        let place = random.place(bytes.len());
        match random.below(4) {
            0 => bytes[place] = random.below(256) as u8,
            1 if bytes.len() > 1 => drop(bytes.remove(place)),
            2 => bytes.truncate(place + 1),
            _ => drop(bytes.splice(place..place, SPICE[random.place(SPICE.len())].bytes())),
        }
    }
    bytes
}
