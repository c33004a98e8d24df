//! What clients of older systems send together with their disconnect is carried out before it.

use super::lobby::{come, cookie};
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
fn end(mut client: Packets, carrier: Carrier, packets: &[String], how: HangUp) {
    match carrier {
        Carrier::Polling => client.send(&[&packets.join("\x1e"), "41", "1"].join("\x1e")),
        _ => how.behind(client.into_socket(), packets),
    }
}

/// Waits until she is told of this; others come and go meanwhile.
#[track_caller]
fn sees(hers: &mut Contact, wanted: &(bool, String)) {
    while hers.sees() != *wanted {}
}

/// What a client of the contacts system says before it goes: a goodbye ends its token.
fn farewell(contact: &Contact, mark: &str) -> Vec<String> {
    let message = |number| contact.message("Lisa&X", &format!("{mark}.{number}"));
    let sends = (0..SENDS).map(|number| {
        let mut said = message(number);
        said["conversation_room"] = json!(contact.room("Lisa"));
        json!(["client_sends_message", said])
    });
    let goodbye = json!(["client_disconnection", {"client": contact.username, "jwt": contact.jwt}]);
    packets(sends.chain([goodbye]))
}

#[test]
fn a_contact_that_goes_without_ever_joining_ends_its_token() {
    let server = Server::with(&QUICK);
    let era = register(&server, "Era");
    let his = Contact::open(&server, Carrier::Polling, &era);
    let goodbye = packets([json!(["client_disconnection", {"client": "Era", "jwt": era.token}])]);
    end(his.packets, Carrier::Polling, &goodbye, HangUp::Fin);
    until("the token has ended", PATIENCE, || {
        let call = server.http().call("GET", "//get_contacts_list/Era").header("username", "Era");
        call.header("jwt", &era.token).send().ok() == invalid_jwt()
    });
}

#[test]
fn one_message_by_which_a_contact_comes_is_kept_whatever_follows() {
    let server = Server::with(&QUICK);
    let lisa = register(&server, "Lisa");
    let mut hers = Contact::joined(&server, Carrier::Socket, &lisa, "Avi");
    let avi = register(&server, "Avi");
    for carrier in CARRIERS {
        for how in if carrier == Carrier::Polling { &ENDS[..1] } else { &ENDS[..] } {
            let his = Contact::open(&server, carrier, &avi);
            let text = format!("{carrier:?} {how:?}");
            let said = packets([json!(["client_sends_message", his.message("Avi&Lisa", &text)])]);
            end(his.packets, carrier, &said, *how);
            assert_eq!(hers.hear(), ("Avi".to_owned(), text));
        }
    }
}

#[test]
fn contacts_say_all_before_their_token_ends() {
    let server = Server::with(&[&QUICK[..], &[("PARLOR_SENDS_PER_SECOND", "0")]].concat());
    let lisa = register(&server, "Lisa");
    let mut hers = Contact::joined(&server, Carrier::Socket, &lisa, "Avi");
    let mut count = 0;
    for carrier in CARRIERS {
        for how in if carrier == Carrier::Polling { &ENDS[..1] } else { &ENDS[..] } {
            for joins_before in [true, false] {
                count += 1;
                let name = format!("Avi{count}");
                let avi = register(&server, &name);
                let his = if joins_before {
                    let his = Contact::joined(&server, carrier, &avi, "Lisa");
                    sees(&mut hers, &came(&name));
                    his
                } else {
                    Contact::open(&server, carrier, &avi)
                };
                let said = farewell(&his, &name);
                end(his.packets, carrier, &said, *how);
                for number in 0..SENDS {
                    assert_eq!(hers.hear(), (name.clone(), format!("{name}.{number}")), "{carrier:?} {how:?}");
                }
                if joins_before {
                    sees(&mut hers, &went(&name));
                }
                until("the token has ended", PATIENCE, || avi.http.get("/me").status == 401);
            }
        }
    }
}

#[test]
fn a_guest_of_the_lobby_says_all_before_it_goes() {
    let server = Server::with(&[
        ("PARLOR_LOBBY", "on"),
        ("PARLOR_LOBBY_SENDS_PER_SECOND", "0"),
        ("PARLOR_TOTAL_LOBBY_SENDS_PER_SECOND", "0"),
        ("PARLOR_PRESENCE_GRACE_SECONDS", "600"),
    ]);
    let lisa = come(&server, "Lisa");
    let enter = |carrier, guest: &Person| {
        let mut client = Packets::open(server.door(), carrier, &[("Cookie", &cookie(guest))]).unwrap();
        client.enter(json!({})).unwrap();
        client
    };
    let mut hers = enter(Carrier::Socket, &lisa);
    for (at, carrier) in CARRIERS.into_iter().enumerate() {
        let name = format!("Avi{at}");
        let avi = come(&server, &name);
        let mut his = enter(carrier, &avi);
        his.expect("user_change_in");
        let sends = (0..SENDS)
            .map(|number| json!(["message_out", {"receiver": "group", "message_text": format!("{at}.{number}")}]));
        let said = packets(sends.chain([json!(["user_change_out", {"active": false}])]));
        end(his, carrier, &said, HangUp::TextsAndFin(&["41", "1"]));
        for number in 0..SENDS {
            assert_eq!(text(&hers.expect("message_in"), "message_text"), format!("{at}.{number}"), "{carrier:?}");
        }
        // A goodbye needs no grace.
        hers.wait_for("a list without them", |packet| {
            let event: Value = serde_json::from_str(packet.strip_prefix('2')?).ok()?;
            (event[0] == "user_change_in" && event[1]["users"] == json!(["Lisa"])).then_some(())
        });
    }
}

#[test]
fn a_guest_of_a_room_says_all_before_it_goes() {
    let server = Server::start();
    let (lisa, code) = create_as(&server, "Lisa");
    let mut hers = enter_room(&server, Carrier::Socket, &lisa);
    assert_eq!(hers.expect("message")["message"], "has entered the room");
    for carrier in CARRIERS {
        for how in if carrier == Carrier::Polling { &ENDS[..1] } else { &ENDS[..] } {
            let name = format!("{carrier:?} {how:?}").chars().take(30).collect::<String>();
            let avi = join_as(&server, &name, &code);
            let his = enter_room(&server, carrier, &avi);
            assert_eq!(hers.expect("message"), json!({"name": name, "message": "has entered the room"}));
            let said = packets((0..SENDS).map(|number| json!(["message", {"data": number.to_string()}])));
            end(his, carrier, &said, *how);
            for number in 0..SENDS {
                assert_eq!(hers.expect("message"), json!({"name": name, "message": number.to_string()}));
            }
        }
    }
}

#[test]
fn a_client_of_the_sessions_system_says_all_before_it_goes() {
    let server = Server::start();
    let (avi, lisa, session) = pair(&server);
    let noa = register(&server, "noa");
    let mut count = 0;
    for how in &ENDS[..4] {
        for says_who in [false, true] {
            count += 1;
            let client = if says_who { Client::with(&avi, &[]) } else { Client::of(&avi) };
            let auth = says_who.then(|| json!({"type": "Auth", "Authentication_Token": avi.token}));
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
