//! Whatever precedes an end in one polling body, in frames that came together, or in a stream is carried out before the end.

use crate::kit::*;

const SENDS: usize = 5;
const PATIENT: [(&str, &str); 3] =
    [("PARLOR_PRESENCE_GRACE_SECONDS", "600"), ("PARLOR_SENDS_PER_SECOND", "0"), ("PARLOR_SESSIONS_PER_MINUTE", "0")];
const GOODBYE: &str = r#"42["goodbye"]"#;

/// Five messages and a new group, as packets.
fn packets(session: &str, mark: &str) -> Vec<String> {
    let sends = (0..SENDS).map(|number| json!(["send", {"session": session, "text": format!("{mark}.{number}")}]));
    let open = json!(["open", {"title": format!("Group {mark}"), "usernames": ["lisa"]}]);
    sends.chain([open]).map(|event| format!("42{event}")).collect()
}

/// Waits until what [`packets`] asked for is so, and only once.
#[track_caller]
fn carried_out(lisa: &Person, session: &str, mark: &str) {
    let wanted: Vec<String> = (0..SENDS).map(|number| format!("{mark}.{number}")).collect();
    until(&format!("{mark}: all are kept"), PATIENCE, || texts(&messages(lisa, session), "text").ends_with(&wanted));
    until(&format!("{mark}: the group is there"), PATIENCE, || {
        let sessions = lisa.http.get("/sessions").ok();
        list(&sessions, "sessions").iter().filter(|one| one["title"] == format!("Group {mark}")).count() == 1
    });
}

#[test]
fn what_precedes_an_end_in_a_polling_body_is_carried_out_before_it() {
    let server = Server::with(&PATIENT);
    let (avi, lisa, session) = pair(&server);
    for (at, end) in ["41\x1e1", "41", "1", GOODBYE, "42[\"goodbye\"]\x1e41\x1e1"].into_iter().enumerate() {
        let mut client = Packets::connect(server.door(), Carrier::Polling, &avi.token);
        let mark = format!("{at}");
        let body = [packets(&session, &mark).join("\x1e"), end.to_owned()].join("\x1e");
        client.send(&body);
        carried_out(&lisa, &session, &mark);
        until("the session is over", PATIENCE, || client.call("GET").send().status == 400);
    }
}

#[test]
fn what_precedes_an_end_is_carried_out_even_if_it_asks_to_be_let_in() {
    let server = Server::with(&PATIENT);
    let (avi, lisa, session) = pair(&server);
    for (at, end) in ["41\x1e1", "41", "1", "41\x1e42[\"send\"]"].into_iter().enumerate() {
        let mut client = Packets::open(server.door(), Carrier::Polling, &[]).unwrap();
        let mark = format!("{at}");
        let connect = format!("40{}", json!({"token": avi.token}));
        client.send(&[connect, packets(&session, &mark).join("\x1e"), end.to_owned()].join("\x1e"));
        carried_out(&lisa, &session, &mark);
    }
    let mut stranger = Packets::open(server.door(), Carrier::Polling, &[]).unwrap();
    let connect = format!("40{}", json!({"token": "prl_x"}));
    stranger.send(&[connect, packets(&session, "nobody").join("\x1e"), "41".to_owned()].join("\x1e"));
    assert_eq!(
        stranger.rest(PATIENCE),
        [
            r#"44{"message":"Log in first: the token is missing, unknown, revoked or expired.","data":{"code":"unauthenticated"}}"#,
            "1"
        ]
    );
    assert_eq!(messages(&lisa, &session).len(), 4 * SENDS);
}

#[test]
fn an_end_waits_for_the_rate_as_what_precedes_it_does() {
    let server = Server::with(&[("PARLOR_FRAMES_PER_SECOND", "20"), ("PARLOR_FRAMES_BURST", "3")]);
    let (avi, lisa, session) = pair(&server);
    let mut client = Packets::connect(server.door(), Carrier::Polling, &avi.token);
    let many: Vec<String> = (0..4).flat_map(|at| packets(&session, &at.to_string())).collect();
    client.send(&[many.join("\x1e"), "41\x1e1".to_owned()].join("\x1e"));
    until("all are kept", PATIENCE, || messages(&lisa, &session).len() == 4 * SENDS);
}

#[test]
fn what_precedes_an_end_on_a_socket_is_carried_out_before_it() {
    let server = Server::with(&PATIENT);
    let (avi, lisa, session) = pair(&server);
    let ends = [
        HangUp::CloseFrame,
        HangUp::CloseFrameAndFin,
        HangUp::Fin,
        HangUp::Reset,
        HangUp::Texts(&["41"]),
        HangUp::Texts(&["1"]),
        HangUp::TextsAndFin(&["41", "1"]),
        HangUp::Texts(&[GOODBYE]),
        HangUp::TextsAndFin(&[GOODBYE, "41", "1"]),
        HangUp::Texts(&["no packet"]),
    ];
    for carrier in [Carrier::Socket, Carrier::Upgrade] {
        for (at, end) in ends.into_iter().enumerate() {
            let client = Packets::connect(server.door(), carrier, &avi.token);
            let mark = format!("{carrier:?} {at}");
            end.behind(client.into_socket(), &packets(&session, &mark));
            carried_out(&lisa, &session, &mark);
        }
    }
}

#[test]
fn an_upgrade_and_an_end_in_one_segment_lose_nothing_either() {
    let server = Server::with(&PATIENT);
    let (avi, lisa, session) = pair(&server);
    for (at, end) in
        [HangUp::TextsAndFin(&["41", "1"]), HangUp::CloseFrame, HangUp::Fin, HangUp::Reset].into_iter().enumerate()
    {
        let mut client = Packets::connect(server.door(), Carrier::Polling, &avi.token);
        let mut socket = client.knock(&[]).unwrap();
        socket.send_text("2probe");
        assert_eq!(socket.incoming_until(std::time::Instant::now() + PATIENCE), Some(Incoming::Text("3probe".into())));
        client.poll();
        let (polled, socketed) = (format!("{at} polled"), format!("{at} socketed"));
        client.send(&packets(&session, &polled).join("\x1e"));
        let frames: Vec<String> = ["5".to_owned()].into_iter().chain(packets(&session, &socketed)).collect();
        end.behind(socket, &frames);
        carried_out(&lisa, &session, &socketed);
        assert_eq!(messages(&lisa, &session).len(), (at + 1) * 2 * SENDS, "{end:?}");
    }
}

#[test]
fn a_goodbye_is_noticed_at_once_and_behind_what_precedes_it() {
    let server = Server::with(&PATIENT);
    let (avi, lisa, session) = pair(&server);
    let mut hers = lisa.connect();
    for carrier in CARRIERS {
        let mut client = Packets::connect(server.door(), carrier, &avi.token);
        assert_eq!(hers.expect("presence")["status"], "online");
        let said = packets(&session, &format!("{carrier:?}"));
        match carrier {
            Carrier::Polling => {
                client.send(&[said.join("\x1e"), GOODBYE.to_owned(), "41\x1e1".to_owned()].join("\x1e"))
            }
            _ => HangUp::TextsAndFin(&[GOODBYE, "41", "1"]).behind(client.into_socket(), &said),
        }
        assert_eq!(hers.expect("presence")["status"], "offline", "{carrier:?}");
        let heard = hers.take_kept().iter().filter(|frame| frame["type"] == "message").count();
        assert_eq!(heard, SENDS, "{carrier:?}: all were broadcast before");
    }
}
