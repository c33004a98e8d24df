//! What clients of older systems send together with their disconnect is handled before it.

use super::lobby::{cookie, log_in};
use super::sessions_client::Client;
use crate::kit::*;

const SENDS: usize = 5;
const QUICK: [(&str, &str); 2] = [("PARLOR_CONTACTS_SETTLE_SECONDS", "0"), ("PARLOR_PRESENCE_GRACE_SECONDS", "600")];
const ENDS: [HangUp; 5] =
    [HangUp::CloseFrame, HangUp::CloseFrameAndFin, HangUp::Fin, HangUp::Reset, HangUp::TextsAndFin(&["41", "1"])];

/// Events of one client as packets.
fn packets(events: impl IntoIterator<Item = Value>) -> Vec<String> {
    events.into_iter().map(|event| format!("42{event}")).collect()
}

/// Sends packets and an end of the connection in one go.
fn end(mut client: SocketIoClient, transport: Transport, packets: &[String], how: HangUp) {
    match transport {
        Transport::Polling => client.send(&[&packets.join("\x1e"), "41", "1"].join("\x1e")),
        _ => how.behind(client.into_socket(), packets),
    }
}

/// Waits until she receives this event; others arrive meanwhile.
#[track_caller]
fn expect_presence(hers: &mut Contact, wanted: &(bool, String)) {
    while hers.expect_presence() != *wanted {}
}

/// The last packets of a client of the contacts system: the goodbye ends its token.
fn last_packets(contact: &Contact, mark: &str) -> Vec<String> {
    let message = |number| contact.message("Lisa&X", &format!("{mark}.{number}"));
    let sends = (0..SENDS).map(|number| {
        let mut sent = message(number);
        sent["conversation_room"] = json!(contact.room("Lisa"));
        json!(["client_sends_message", sent])
    });
    let goodbye = json!(["client_disconnection", {"client": contact.username, "jwt": contact.jwt}]);
    packets(sends.chain([goodbye]))
}

#[test]
fn a_goodbye_of_a_contact_that_never_joined_ends_its_token() {
    let server = Server::with(&QUICK);
    let era = register(&server, "Era");
    let his = Contact::open(&server, Transport::Polling, &era);
    let goodbye = packets([json!(["client_disconnection", {"client": "Era", "jwt": era.token}])]);
    end(his.packets, Transport::Polling, &goodbye, HangUp::Fin);
    until("the token has ended", PATIENCE, || {
        let call = server.http().call("GET", "//get_contacts_list/Era").header("username", "Era");
        call.header("jwt", &era.token).send().ok() == invalid_jwt()
    });
}

#[test]
fn a_message_that_joins_a_contact_is_stored_whatever_follows() {
    let server = Server::with(&QUICK);
    let lisa = register(&server, "Lisa");
    let mut hers = Contact::joined(&server, Transport::Socket, &lisa, "Avi");
    let avi = register(&server, "Avi");
    for transport in TRANSPORTS {
        for how in if transport == Transport::Polling { &ENDS[..1] } else { &ENDS[..] } {
            let his = Contact::open(&server, transport, &avi);
            let text = format!("{transport:?} {how:?}");
            let sent = packets([json!(["client_sends_message", his.message("Avi&Lisa", &text)])]);
            end(his.packets, transport, &sent, *how);
            assert_eq!(hers.receive(), ("Avi".to_owned(), text));
        }
    }
}

#[test]
fn messages_of_a_contact_before_its_goodbye_are_stored() {
    let server = Server::with(&[&QUICK[..], &[("PARLOR_SENDS_PER_SECOND", "0")]].concat());
    let lisa = register(&server, "Lisa");
    let mut hers = Contact::joined(&server, Transport::Socket, &lisa, "Avi");
    let mut count = 0;
    for transport in TRANSPORTS {
        for how in if transport == Transport::Polling { &ENDS[..1] } else { &ENDS[..] } {
            for joins_before in [true, false] {
                count += 1;
                let name = format!("Avi{count}");
                let avi = register(&server, &name);
                let his = if joins_before {
                    let his = Contact::joined(&server, transport, &avi, "Lisa");
                    expect_presence(&mut hers, &online_event(&name));
                    his
                } else {
                    Contact::open(&server, transport, &avi)
                };
                let sent = last_packets(&his, &name);
                end(his.packets, transport, &sent, *how);
                for number in 0..SENDS {
                    assert_eq!(hers.receive(), (name.clone(), format!("{name}.{number}")), "{transport:?} {how:?}");
                }
                if joins_before {
                    expect_presence(&mut hers, &offline_event(&name));
                }
                until("the token has ended", PATIENCE, || avi.http.get("/me").status == 401);
            }
        }
    }
}

#[test]
fn messages_of_a_lobby_guest_before_its_goodbye_are_stored() {
    let server = Server::with(&[
        ("PARLOR_LOBBY", "on"),
        ("PARLOR_LOBBY_SENDS_PER_SECOND", "0"),
        ("PARLOR_TOTAL_LOBBY_SENDS_PER_SECOND", "0"),
        ("PARLOR_PRESENCE_GRACE_SECONDS", "600"),
    ]);
    let lisa = log_in(&server, "Lisa");
    let enter = |transport, guest: &Person| {
        let mut client = SocketIoClient::open(server.endpoint(), transport, &[("Cookie", &cookie(guest))]).unwrap();
        client.enter(json!({})).unwrap();
        client
    };
    let mut hers = enter(Transport::Socket, &lisa);
    for (at, transport) in TRANSPORTS.into_iter().enumerate() {
        let name = format!("Avi{at}");
        let avi = log_in(&server, &name);
        let mut his = enter(transport, &avi);
        his.expect("user_change_in");
        let listed = |packet: &str, users: &Value| {
            let event: Value = serde_json::from_str(packet.strip_prefix('2')?).ok()?;
            (event[0] == "user_change_in" && event[1]["users"] == *users).then_some(())
        };
        // A list that changes and changes back within a second is not sent.
        hers.wait_for("a list with them", |packet| listed(packet, &json!([name, "Lisa"])));
        let sends = (0..SENDS)
            .map(|number| json!(["message_out", {"receiver": "group", "message_text": format!("{at}.{number}")}]));
        let sent = packets(sends.chain([json!(["user_change_out", {"active": false}])]));
        end(his, transport, &sent, HangUp::TextsAndFin(&["41", "1"]));
        for number in 0..SENDS {
            assert_eq!(text(&hers.expect("message_in"), "message_text"), format!("{at}.{number}"), "{transport:?}");
        }
        // A goodbye needs no grace.
        hers.wait_for("a list without them", |packet| listed(packet, &json!(["Lisa"])));
    }
}

#[test]
fn messages_of_a_room_guest_before_its_goodbye_are_stored() {
    let server = Server::start();
    let (lisa, code) = create_as(&server, "Lisa");
    let mut hers = enter_room(&server, Transport::Socket, &lisa);
    assert_eq!(hers.expect("message")["message"], "has entered the room");
    for transport in TRANSPORTS {
        for how in if transport == Transport::Polling { &ENDS[..1] } else { &ENDS[..] } {
            let name = format!("{transport:?} {how:?}").chars().take(30).collect::<String>();
            let avi = join_as(&server, &name, &code);
            let his = enter_room(&server, transport, &avi);
            assert_eq!(hers.expect("message"), json!({"name": name, "message": "has entered the room"}));
            let sent = packets((0..SENDS).map(|number| json!(["message", {"data": number.to_string()}])));
            end(his, transport, &sent, *how);
            for number in 0..SENDS {
                assert_eq!(hers.expect("message"), json!({"name": name, "message": number.to_string()}));
            }
        }
    }
}

#[test]
fn frames_of_a_sessions_client_before_its_close_are_handled() {
    let server = Server::start();
    let (avi, lisa, session) = pair(&server);
    let noa = register(&server, "noa");
    let mut count = 0;
    for how in &ENDS[..4] {
        for authenticates in [false, true] {
            count += 1;
            let client = if authenticates { Client::with(&avi, &[]) } else { Client::of(&avi) };
            let auth = authenticates.then(|| json!({"type": "Auth", "Authentication_Token": avi.token}));
            let sends = (0..SENDS).map(|number| {
                json!({"type": "Message", "SessionID": session, "Message": {"data": format!("{count}.{number}")}})
            });
            let search = json!({"type": "Search", "Username": "noa"});
            let frames: Vec<String> =
                auth.into_iter().chain(sends).chain([search]).map(|frame| frame.to_string()).collect();
            how.behind(client.0, &frames);
            until(&format!("{how:?}: all are kept"), PATIENCE, || messages(&lisa, &session).len() == count * SENDS);
            until(&format!("{how:?}: noa is asked"), PATIENCE, || {
                list(&noa.http.get("/invites").ok(), "invites").len() == 1
            });
            let invite = noa.http.get("/invites").ok()["invites"][0]["id"].clone();
            avi.http.call("DELETE", &format!("/invites/{}", invite.as_str().unwrap())).send().ok();
        }
    }
}
