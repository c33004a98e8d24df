//! Inviting to a session and answering, as clients of the sessions system do: each side is notified once.

use super::sessions_client::*;
use crate::kit::*;

#[test]
fn an_invite_is_rejected_and_a_second_one_accepted() {
    let server = Server::start();
    let [winston, nanda, mark] = people(&server, ["Winston", "Nanda", "Mark"]);
    let (mut his, mut hers, mut third) = (Client::of(&winston), Client::of(&nanda), Client::of(&mark));
    third.search("winston");
    his.expects(wants_to_talk("Mark"));
    // Pressed twice: the second time there is nothing to answer any more. Mark receives nothing of it, and a new invite reaches
    // nobody for a day.
    his.answer("Mark", 0);
    his.answer("Mark", 0);
    his.is_refused("not_found");
    third.search("winston");
    hers.search("Winston");
    his.expects(wants_to_talk("Nanda"));
    his.answer("nanda", 1);
    let received = his.0.next();
    let id = text(&received, "SessionID").to_owned();
    assert_eq!(received, session(&id, &[&nanda]));
    hers.expects(session(&id, &[&winston]));
    hers.send_message(&id, "hello");
    assert_eq!((his.receive(&id), hers.receive(&id)), ("hello".to_owned(), "hello".to_owned()));
    his.expects_nothing_more(&id);
}

#[test]
fn an_invite_waits_for_a_recipient_who_is_offline() {
    let server = Server::start();
    let [avi, lisa, mark] = people(&server, ["avi", "lisa", "mark"]);
    let group_of_two = group(&avi, "Two", &[]);
    for body in [json!({"username": "mark"}), json!({"username": "mark", "session": group_of_two})] {
        avi.http.post("/invites", body).ok();
    }
    lisa.http.post("/invites", json!({"username": "mark"})).ok();
    for _ in 0..2 {
        let mut client = Client::of(&mark);
        client.expects(wants_to_talk("avi"));
        client.expects(wants_to_talk("lisa"));
        // Invites to groups have no frame in this dialect.
        client.search("nobody");
        client.is_refused("unknown_user");
    }
}

#[test]
fn invites_work_between_native_clients_and_this_dialect() {
    let server = Server::start();
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let (mut his, mut hers) = (Client::of(&avi), lisa.connect());
    his.search("lisa");
    let requested = hers.expect("invite");
    assert_eq!(requested["invite"]["from"]["username"], "avi");
    hers.ok(json!({"type": "answer", "username": "avi", "accept": false}));
    hers.ok(json!({"type": "invite", "username": "avi"}));
    his.expects(wants_to_talk("lisa"));
    his.answer("lisa", true);
    let id = text(&hers.expect("session_added")["session"], "id").to_owned();
    his.expects(session(&id, &[&lisa]));
    his.expects_nothing_more(&id);
    assert_eq!(hers.receive(&id), "is that all?");
}

#[test]
fn crossing_invites_open_a_session_at_once() {
    let server = Server::start();
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let (mut his, mut hers) = (Client::of(&avi), Client::of(&lisa));
    his.search("lisa");
    hers.expects(wants_to_talk("avi"));
    hers.search("avi");
    let received = hers.0.next();
    let id = text(&received, "SessionID").to_owned();
    assert_eq!(received, session(&id, &[&avi]));
    his.expects(session(&id, &[&lisa]));
    hers.expects_nothing_more(&id);
    assert_eq!(his.receive(&id), "is that all?");
}

#[test]
fn every_connection_of_both_receives_a_new_session_once() {
    let server = Server::start();
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let mut his = [Client::of(&avi), Client::of(&avi)];
    let mut hers = [Client::of(&lisa), Client::of(&lisa)];
    his[0].search("lisa");
    hers.iter_mut().for_each(|client| client.expects(wants_to_talk("avi")));
    hers[1].answer("avi", "1");
    let id = text(&hers[1].0.next(), "SessionID").to_owned();
    hers[0].expects(session(&id, &[&avi]));
    his.iter_mut().for_each(|client| client.expects(session(&id, &[&lisa])));
    hers[1].send_message(&id, "hello");
    his.iter_mut().chain(&mut hers).for_each(|client| assert_eq!(client.receive(&id), "hello"));
}

#[test]
fn a_session_is_announced_once_whatever_happens_at_once() {
    let mut settings = UNHURRIED.to_vec();
    settings.push(("PARLOR_INVITES_PER_MINUTE", "0"));
    let server = Server::with(&settings);
    let lisa = register(&server, "lisa");
    let mut hers = [Client::of(&lisa), Client::of(&lisa)];
    for number in 0..10 {
        let name = format!("person{number}");
        let other = register(&server, &name);
        let mut theirs = Client::of(&other);
        // Questions cross, and are answered from two places at once.
        theirs.search("lisa");
        hers[0].search(&name);
        hers.iter_mut().for_each(|client| client.answer(&name, 1));
        let received = theirs.0.expect("Session");
        let id = text(&received, "SessionID");
        assert_eq!(received, session(id, &[&lisa]));
        theirs.send_message(id, "hello");
        // Hers have it still to look at.
        for (client, count) in hers.iter_mut().zip([1, 1]).chain([(&mut theirs, 0)]) {
            client.0.wait_for("hello", |frame| frame[id].is_object());
            let before = client.0.take_kept();
            let sessions: Vec<&Value> = before.iter().filter(|frame| frame["type"] == "Session").collect();
            assert!(
                sessions.len() == count && sessions.iter().all(|received| **received == session(id, &[&other])),
                "{before:?}"
            );
            let refused = |frame: &Value| ["not_found", "already_connected"].iter().any(|code| frame["code"] == *code);
            let asks = |frame: &Value| frame["type"] == "Search";
            assert!(
                before.iter().all(|frame| sessions.contains(&frame) || asks(frame) || refused(frame)),
                "{before:?}"
            );
        }
    }
}

#[test]
fn a_session_is_announced_before_its_first_message() {
    let server = Server::start();
    let [avi, lisa, mark] = people(&server, ["avi", "lisa", "mark"]);
    let mut hers = Client::of(&lisa);
    let mut native = avi.connect();
    let direct = text(&native.ok(json!({"type": "send", "to": "lisa", "text": "first"})), "session").to_owned();
    hers.expects(session(&direct, &[&avi]));
    assert_eq!(hers.receive(&direct), "first");
    let opened = befriend(&mark, &lisa);
    hers.expects(session(&opened, &[&mark]));
    let three = group(&avi, "Three", &[&lisa, &mark]);
    hers.expects(session(&three, &[&avi, &mark]));
    avi.send_message(&three, "to all");
    assert_eq!(hers.receive(&three), "to all");
    let (room, code) = room(&avi, json!({}));
    join(&lisa, &code);
    hers.expects(session(&room, &[&avi]));
    join(&mark, &code);
    assert_eq!(hers.receive(&room), "mark has entered");
    remove(&avi.http, &three, "lisa").ok();
    avi.send_message(&three, "without her");
    hers.send_message(&three, "not any more");
    hers.is_refused("not_found");
    hers.expects_nothing_more(&room);
}
