//! Packets before a close in a polling body, in frames of one segment, or in a stream are handled before it.

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

/// Waits until the commands of [`packets`] are done, each once.
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
fn packets_before_a_close_in_a_polling_body_are_handled_before_it() {
    let server = Server::with(&PATIENT);
    let (avi, lisa, session) = pair(&server);
    for (at, end) in ["41\x1e1", "41", "1", GOODBYE, "42[\"goodbye\"]\x1e41\x1e1"].into_iter().enumerate() {
        let mut client = SocketIoClient::connect(server.endpoint(), Transport::Polling, &avi.token);
        let mark = format!("{at}");
        let body = [packets(&session, &mark).join("\x1e"), end.to_owned()].join("\x1e");
        client.send(&body);
        carried_out(&lisa, &session, &mark);
        until("the session is over", PATIENCE, || client.call("GET").send().status == 400);
    }
}

#[test]
fn a_connect_before_a_close_is_handled_before_it() {
    let server = Server::with(&PATIENT);
    let (avi, lisa, session) = pair(&server);
    for (at, end) in ["41\x1e1", "41", "1", "41\x1e42[\"send\"]"].into_iter().enumerate() {
        let mut client = SocketIoClient::open(server.endpoint(), Transport::Polling, &[]).unwrap();
        let mark = format!("{at}");
        let connect = format!("40{}", json!({"token": avi.token}));
        client.send(&[connect, packets(&session, &mark).join("\x1e"), end.to_owned()].join("\x1e"));
        carried_out(&lisa, &session, &mark);
    }
    let mut stranger = SocketIoClient::open(server.endpoint(), Transport::Polling, &[]).unwrap();
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
fn a_close_is_delayed_by_the_rate_like_the_packets_before_it() {
    let server = Server::with(&[("PARLOR_FRAMES_PER_SECOND", "20"), ("PARLOR_FRAMES_BURST", "3")]);
    let (avi, lisa, session) = pair(&server);
    let mut client = SocketIoClient::connect(server.endpoint(), Transport::Polling, &avi.token);
    let many: Vec<String> = (0..4).flat_map(|at| packets(&session, &at.to_string())).collect();
    client.send(&[many.join("\x1e"), "41\x1e1".to_owned()].join("\x1e"));
    until("all are kept", PATIENCE, || messages(&lisa, &session).len() == 4 * SENDS);
}

#[test]
fn packets_before_a_close_on_a_socket_are_handled_before_it() {
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
    for transport in [Transport::Socket, Transport::Upgrade] {
        for (at, end) in ends.into_iter().enumerate() {
            let client = SocketIoClient::connect(server.endpoint(), transport, &avi.token);
            let mark = format!("{transport:?} {at}");
            end.behind(client.into_socket(), &packets(&session, &mark));
            carried_out(&lisa, &session, &mark);
        }
    }
}

#[test]
fn an_upgrade_and_a_close_in_one_segment_lose_nothing() {
    let server = Server::with(&PATIENT);
    let (avi, lisa, session) = pair(&server);
    for (at, end) in
        [HangUp::TextsAndFin(&["41", "1"]), HangUp::CloseFrame, HangUp::Fin, HangUp::Reset].into_iter().enumerate()
    {
        let mut client = SocketIoClient::connect(server.endpoint(), Transport::Polling, &avi.token);
        let mut socket = client.open_websocket(&[]).unwrap();
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
fn a_goodbye_ends_presence_at_once_and_after_the_packets_before_it() {
    let server = Server::with(&PATIENT);
    let (avi, lisa, session) = pair(&server);
    let mut hers = lisa.connect();
    for transport in TRANSPORTS {
        let mut client = SocketIoClient::connect(server.endpoint(), transport, &avi.token);
        assert_eq!(hers.expect("presence")["status"], "online");
        let sent = packets(&session, &format!("{transport:?}"));
        match transport {
            Transport::Polling => {
                client.send(&[sent.join("\x1e"), GOODBYE.to_owned(), "41\x1e1".to_owned()].join("\x1e"))
            }
            _ => HangUp::TextsAndFin(&[GOODBYE, "41", "1"]).behind(client.into_socket(), &sent),
        }
        assert_eq!(hers.expect("presence")["status"], "offline", "{transport:?}");
        let received = hers.take_kept().iter().filter(|frame| frame["type"] == "message").count();
        assert_eq!(received, SENDS, "{transport:?}: all were broadcast before");
    }
}
