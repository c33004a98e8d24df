//! The steps and packets of a connection, without a server.

use std::collections::HashSet;
use std::sync::Arc;

use super::*;
use crate::domain::fixtures;
use crate::domain::{
    ActiveUsers, Backlog, Directory, MessageId, Refusal, RequestId, Role, Session, SessionKind, Target, Time, User,
    UserId, UserKind, VisibilityMatrix,
};
use crate::protocol::{ReplayContext, Tag};

const LOBBY: SessionId = SessionId(1);
const DIRECT: SessionId = SessionId(2);
const BAND: SessionId = SessionId(3);
const AVI: UserId = UserId(1);
const LISA: UserId = UserId(2);

/// The connection of Avi, who has a direct session with Lisa and is in a group.
fn connected() -> LobbyProtocol {
    let mut lobby = LobbyProtocol::new(Some(LOBBY), 100);
    let me = User {
        id: AVI,
        username: "Avi".to_owned(),
        display_name: "Avi".to_owned(),
        kind: UserKind::Guest,
        status: None,
        last_seen: None,
        deleted: false,
    };
    let backlogs = [Backlog { session: DIRECT, partner: Some("Lisa".to_owned()), received: 0, seq: 0 }];
    let sessions = HashSet::from([LOBBY, DIRECT, BAND]);
    let context = ReplayContext { me: &me, backlogs: &backlogs, sessions: &sessions };
    let steps = lobby.start(None, InitialState::Replay(context), Instant::now());
    assert!(matches!(steps.as_slice(), [Step::StartReplay]));
    lobby
}

fn receive(lobby: &LobbyProtocol, name: &str, json: &str, ack: Option<u64>) -> Vec<Step> {
    lobby.receive_event(NamedEvent { name, json, ack })
}

fn target(lobby: &LobbyProtocol, receiver: &str) -> Target {
    let json = serde_json::json!({"receiver": receiver, "message_text": "hello", "sender": "somebody"}).to_string();
    match receive(lobby, MESSAGE_OUT, &json, Some(4)).as_slice() {
        [Step::Execute(Some(RequestId::Number(5)), Command::Send(draft))] if draft.text.as_str() == "hello" => {
            draft.target.clone()
        }
        other => panic!("{other:?}"),
    }
}

fn added(lobby: &mut LobbyProtocol, id: SessionId, kind: SessionKind, title: &str) {
    let session = Session {
        id,
        kind,
        title: title.to_owned(),
        code: None,
        role: Role::Member,
        members: Vec::new(),
        member_count: 2,
        last_message: None,
        seq: 0,
        rev: 0,
        read: 0,
        unread: 0,
        created_at: Time(0),
    };
    assert!(lobby.handle_event(&Event::SessionAdded(Box::new(session)), Instant::now()).is_empty());
}

fn message(session: SessionId, (sender, username): (UserId, &str)) -> Message {
    Message { id: MessageId(77), text: "hello".to_owned(), ..fixtures::message(session, sender, username) }
}

/// The receiver of a message as it is sent to Avi.
fn receiver(lobby: &LobbyProtocol, session: SessionId, sender: (UserId, &str)) -> String {
    let packet = String::from_utf8(lobby.encode_message(&message(session, sender)).unwrap()).unwrap();
    let (head, tail) = (
        format!(r#"2["message_in",{{"sender":"{}","receiver":""#, sender.1),
        r#"","message_id":77,"message_text":"hello"}]"#,
    );
    packet.strip_prefix(&head).and_then(|rest| rest.strip_suffix(tail)).unwrap_or_else(|| panic!("{packet}")).to_owned()
}

/// The only packet that is sent.
fn packet(steps: &[Step]) -> &str {
    let [Step::Send(packet)] = steps else { panic!("{steps:?}") };
    std::str::from_utf8(packet).unwrap()
}

#[test]
fn a_receiver_is_the_group_an_own_session_or_a_username() {
    let mut lobby = connected();
    for group in ["group", "Group"] {
        assert_eq!(target(&lobby, group), Target::Session(Some(LOBBY)));
    }
    for own in [LOBBY, DIRECT, BAND] {
        assert_eq!(target(&lobby, &own.to_string()), Target::Session(Some(own)));
    }
    for name in ["Lisa", "groups", "", &SessionId(9).to_string()] {
        assert_eq!(target(&lobby, name), Target::User(name.to_owned()));
    }
    added(&mut lobby, SessionId(9), SessionKind::Room, "Room");
    assert_eq!(target(&lobby, &SessionId(9).to_string()), Target::Session(Some(SessionId(9))));
    let removed = Event::SessionRemoved { session: BAND, rev: 1, reason: crate::domain::Removal::Left };
    lobby.handle_event(&removed, Instant::now());
    assert_eq!(target(&lobby, &BAND.to_string()), Target::User(BAND.to_string()));
    let lobby = LobbyProtocol::new(None, 100);
    assert_eq!(target(&lobby, "group"), Target::Session(None));
}

#[test]
fn messages_name_their_receiver_to_both_partners() {
    let mut lobby = connected();
    assert_eq!(receiver(&lobby, LOBBY, (LISA, "Lisa")), "group");
    assert_eq!(receiver(&lobby, DIRECT, (LISA, "Lisa")), "Avi");
    assert_eq!(receiver(&lobby, DIRECT, (AVI, "Avi")), "Lisa");
    assert_eq!(receiver(&lobby, BAND, (LISA, "Lisa")), BAND.to_string());
    added(&mut lobby, SessionId(9), SessionKind::Direct, "Noa");
    assert_eq!(receiver(&lobby, SessionId(9), (AVI, "Avi")), "Noa");
}

#[test]
fn notices_and_tombstones_are_not_sent() {
    let lobby = connected();
    let gone = Message { deleted: true, ..message(DIRECT, (LISA, "Lisa")) };
    let notice = Message { kind: MessageKind::Notice, ..message(BAND, (LISA, "Lisa")) };
    assert!(lobby.encode_message(&gone).is_none() && lobby.encode_message(&notice).is_none());
}

#[test]
fn messages_are_acknowledged_on_request() {
    let mut lobby = connected();
    let mut answer =
        |tag: Tag, outcome: Result<Answer, Refusal>| lobby.respond(Some(&tag.into()), Response::Outcome(&outcome));
    let sent = || Answer::Sent { session: LOBBY, id: MessageId(7), seq: 1, rev: 1, at: Time(0), duplicate: false };
    assert_eq!(packet(&answer(5, Ok(sent()))), r#"34[{"message_id":7}]"#);
    assert_eq!(packet(&answer(1, Err(Refusal::UnknownUser))), r#"30[{"error":"user_not_found"}]"#);
    let slow = Refusal::RateLimited(250);
    let expected =
        r#"34[{"error":"rate_limited","message":"Too many requests. Try again later.","retry_after_ms":250}]"#;
    assert_eq!(packet(&answer(5, Err(slow.clone()))), expected);
    assert!(answer(0, Ok(sent())).is_empty() && answer(0, Err(slow)).is_empty());
}

#[test]
fn a_goodbye_is_acknowledged_before_it_is_executed() {
    let lobby = connected();
    let active = receive(&lobby, USER_CHANGE_OUT, r#"{"active":true}"#, Some(2));
    assert_eq!(packet(&active), r#"32[{"active":true}]"#);
    assert!(receive(&lobby, USER_CHANGE_OUT, r#"{"active":true}"#, None).is_empty());
    let inactive = receive(&lobby, USER_CHANGE_OUT, r#"{"active":false}"#, Some(2));
    assert!(
        matches!(inactive.as_slice(), [Step::Send(_), Step::Execute(Some(RequestId::Number(0)), Command::Goodbye)]),
        "{inactive:?}"
    );
    let inactive = receive(&lobby, USER_CHANGE_OUT, r#"{"active":false}"#, None);
    assert!(
        matches!(inactive.as_slice(), [Step::Execute(Some(RequestId::Number(0)), Command::Goodbye)]),
        "{inactive:?}"
    );
}

#[test]
fn malformed_events_are_rejected() {
    let lobby = connected();
    assert!(is_known("message_out") && is_known("user_change_out"));
    assert!(!is_known("message_in") && !is_known("typing"));
    for (name, json) in [
        ("message_out", "null"),
        ("message_out", r#"{"receiver":"Lisa"}"#),
        ("message_out", r#"{"receiver":7,"message_text":"hello"}"#),
        ("message_out", r#"{"receiver":"Lisa","message_text":" "}"#),
        ("user_change_out", "{}"),
        ("user_change_out", r#"{"active":"no"}"#),
    ] {
        let steps = receive(&lobby, name, json, Some(3));
        assert!(
            matches!(steps.as_slice(), [Step::RejectMalformed(Some(RequestId::Number(4)), Refusal::Invalid(_))]),
            "{name} {json}: {steps:?}"
        );
    }
}

#[test]
fn active_users_are_listed_by_name() {
    let mut lobby = connected();
    let active = |users: &[(UserId, &str)]| {
        let users = users.iter().map(|(user, name)| (*user, (*name).into())).collect();
        let visibility = VisibilityMatrix::new(Directory::Open, [AVI, LISA]);
        Event::LobbyRoster(Arc::new(ActiveUsers { users, visibility }))
    };
    let both = [(AVI, "Avi"), (LISA, "Lisa")];
    assert_eq!(
        packet(&lobby.handle_event(&active(&both), Instant::now())),
        r#"2["user_change_in",{"users":["Avi","Lisa"]}]"#
    );
    assert!(lobby.handle_event(&active(&both), Instant::now()).is_empty());
    assert_eq!(
        packet(&lobby.handle_event(&active(&both[..1]), Instant::now())),
        r#"2["user_change_in",{"users":["Avi"]}]"#
    );
}
