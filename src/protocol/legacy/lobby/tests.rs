//! The words of the lobby as they go over the wire.

use std::collections::HashSet;
use std::sync::Arc;

use super::*;
use crate::domain::sample;
use crate::domain::{
    Active, Conversation, Directory, MessageId, Refusal, RequestId, Role, Session, SessionKind, Target, Time, User,
    UserId, UserKind, VisibilityMatrix,
};
use crate::protocol::Tag;

const LOBBY: SessionId = SessionId(1);
const DIRECT: SessionId = SessionId(2);
const BAND: SessionId = SessionId(3);
const AVI: UserId = UserId(1);
const LISA: UserId = UserId(2);

/// Avi's connection, who has talked with Lisa and is in a group.
fn avis() -> Lobby {
    let mut words = Lobby::new(Some(LOBBY), 100);
    let me = User {
        id: AVI,
        username: "Avi".to_owned(),
        display_name: "Avi".to_owned(),
        kind: UserKind::Guest,
        status: None,
        last_seen: None,
        deleted: false,
    };
    let conversations = [Conversation { session: DIRECT, partner: Some("Lisa".to_owned()), received: 0, seq: 0 }];
    let sessions = HashSet::from([LOBBY, DIRECT, BAND]);
    let arrival = Arrival { me: &me, conversations: &conversations, sessions: &sessions };
    let steps = words.begin(arrival, Instant::now());
    assert!(matches!(steps.as_slice(), [Step::StartReplay]));
    words
}

fn hear(words: &mut Lobby, name: &str, json: &str, ack: Option<u64>) -> Vec<Step> {
    words.receive_event(NamedEvent { name, json, ack }, Instant::now())
}

/// Where a message for this receiver goes.
fn target(words: &mut Lobby, receiver: &str) -> Target {
    let json = serde_json::json!({"receiver": receiver, "message_text": "hello", "sender": "somebody"}).to_string();
    match hear(words, MESSAGE_OUT, &json, Some(4)).as_slice() {
        [Step::Do(Some(RequestId::Number(5)), Command::Send(draft))] if draft.text.as_str() == "hello" => {
            draft.target.clone()
        }
        other => panic!("{other:?}"),
    }
}

fn added(words: &mut Lobby, id: SessionId, kind: SessionKind, title: &str) {
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
    assert!(words.happened(&Event::SessionAdded(Box::new(session)), Instant::now()).is_empty());
}

fn message(session: SessionId, (sender, username): (UserId, &str)) -> Message {
    Message { id: MessageId(77), text: "hello".to_owned(), ..sample::message(session, sender, username) }
}

/// For whom a message is told to be.
fn receiver(words: &Lobby, session: SessionId, sender: (UserId, &str)) -> String {
    let packet = String::from_utf8(words.message(&message(session, sender)).unwrap()).unwrap();
    let (head, tail) = (
        format!(r#"2["message_in",{{"sender":"{}","receiver":""#, sender.1),
        r#"","message_id":77,"message_text":"hello"}]"#,
    );
    packet.strip_prefix(&head).and_then(|rest| rest.strip_suffix(tail)).unwrap_or_else(|| panic!("{packet}")).to_owned()
}

/// The one packet that is told.
fn packet(steps: &[Step]) -> &str {
    let [Step::Send(packet)] = steps else { panic!("{steps:?}") };
    std::str::from_utf8(packet).unwrap()
}

#[test]
fn a_receiver_is_the_group_a_session_of_ones_own_or_a_name() {
    let mut words = avis();
    for group in ["group", "Group"] {
        assert_eq!(target(&mut words, group), Target::Session(Some(LOBBY)));
    }
    for own in [LOBBY, DIRECT, BAND] {
        assert_eq!(target(&mut words, &own.to_string()), Target::Session(Some(own)));
    }
    for name in ["Lisa", "groups", "", &SessionId(9).to_string()] {
        assert_eq!(target(&mut words, name), Target::User(name.to_owned()));
    }
    added(&mut words, SessionId(9), SessionKind::Room, "Room");
    assert_eq!(target(&mut words, &SessionId(9).to_string()), Target::Session(Some(SessionId(9))));
    let removed = Event::SessionRemoved { session: BAND, rev: 1, reason: crate::domain::Removal::Left };
    words.happened(&removed, Instant::now());
    assert_eq!(target(&mut words, &BAND.to_string()), Target::User(BAND.to_string()));
    let mut words = Lobby::new(None, 100);
    assert_eq!(target(&mut words, "group"), Target::Session(None));
}

#[test]
fn both_ends_are_told_for_whom_a_message_is() {
    let mut words = avis();
    assert_eq!(receiver(&words, LOBBY, (LISA, "Lisa")), "group");
    assert_eq!(receiver(&words, DIRECT, (LISA, "Lisa")), "Avi");
    assert_eq!(receiver(&words, DIRECT, (AVI, "Avi")), "Lisa");
    assert_eq!(receiver(&words, BAND, (LISA, "Lisa")), BAND.to_string());
    added(&mut words, SessionId(9), SessionKind::Direct, "Noa");
    assert_eq!(receiver(&words, SessionId(9), (AVI, "Avi")), "Noa");
}

#[test]
fn neither_notices_nor_tombstones_are_told() {
    let words = avis();
    let gone = Message { deleted: true, ..message(DIRECT, (LISA, "Lisa")) };
    let notice = Message { kind: MessageKind::Notice, ..message(BAND, (LISA, "Lisa")) };
    assert!(words.message(&gone).is_none() && words.message(&notice).is_none());
}

#[test]
fn what_became_of_a_message_is_acknowledged_where_that_is_asked_for() {
    let mut words = avis();
    let mut answer = |tag: Tag, outcome: Result<Answer, Refusal>| words.answered(Some(tag), &outcome);
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
fn a_goodbye_is_acknowledged_before_it_is_said() {
    let mut words = avis();
    let stays = hear(&mut words, USER_CHANGE_OUT, r#"{"active":true}"#, Some(2));
    assert_eq!(packet(&stays), r#"32[{"active":true}]"#);
    assert!(hear(&mut words, USER_CHANGE_OUT, r#"{"active":true}"#, None).is_empty());
    let goes = hear(&mut words, USER_CHANGE_OUT, r#"{"active":false}"#, Some(2));
    assert!(
        matches!(goes.as_slice(), [Step::Send(_), Step::Do(Some(RequestId::Number(0)), Command::Goodbye)]),
        "{goes:?}"
    );
    let goes = hear(&mut words, USER_CHANGE_OUT, r#"{"active":false}"#, None);
    assert!(matches!(goes.as_slice(), [Step::Do(Some(RequestId::Number(0)), Command::Goodbye)]), "{goes:?}");
}

#[test]
fn what_are_no_words_of_this_dialect_is_wrong() {
    let mut words = avis();
    assert!(words.knows("message_out") && words.knows("user_change_out"));
    assert!(!words.knows("message_in") && !words.knows("typing"));
    for (name, json) in [
        ("message_out", "null"),
        ("message_out", r#"{"receiver":"Lisa"}"#),
        ("message_out", r#"{"receiver":7,"message_text":"hello"}"#),
        ("message_out", r#"{"receiver":"Lisa","message_text":" "}"#),
        ("user_change_out", "{}"),
        ("user_change_out", r#"{"active":"no"}"#),
    ] {
        let steps = hear(&mut words, name, json, Some(3));
        assert!(
            matches!(steps.as_slice(), [Step::Wrong(Some(RequestId::Number(4)), Refusal::Invalid(_))]),
            "{name} {json}: {steps:?}"
        );
    }
}

#[test]
fn who_is_active_is_told_by_name() {
    let mut words = avis();
    let active = |users: &[(UserId, &str)]| {
        let users = users.iter().map(|(user, name)| (*user, (*name).into())).collect();
        let visibility = VisibilityMatrix::new(Directory::Open, [AVI, LISA]);
        Event::Active(Arc::new(Active { users, visibility }))
    };
    let both = [(AVI, "Avi"), (LISA, "Lisa")];
    assert_eq!(
        packet(&words.happened(&active(&both), Instant::now())),
        r#"2["user_change_in",{"users":["Avi","Lisa"]}]"#
    );
    assert!(words.happened(&active(&both), Instant::now()).is_empty());
    assert_eq!(
        packet(&words.happened(&active(&both[..1]), Instant::now())),
        r#"2["user_change_in",{"users":["Avi"]}]"#
    );
}
