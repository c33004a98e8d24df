//! Asking for a session and answering, as clients of the sessions system do: each side is told of it once.

use super::sessions_client::*;
use crate::kit::*;

#[test]
fn one_asks_and_the_other_rejects_then_accepts() {
    let server = Server::start();
    let [winston, nanda, mark] = people(&server, ["Winston", "Nanda", "Mark"]);
    let (mut his, mut hers, mut third) = (Client::of(&winston), Client::of(&nanda), Client::of(&mark));
    third.search("winston");
    his.is_told(wants_to_talk("Mark"));
    // Pressed twice: the second time there is nothing to answer any more. Mark hears nothing of it, and asking anew reaches
    // nobody for a day.
    his.answer("Mark", 0);
    his.answer("Mark", 0);
    his.is_refused("not_found");
    third.search("winston");
    hers.search("Winston");
    his.is_told(wants_to_talk("Nanda"));
    his.answer("nanda", 1);
    let told = his.0.next();
    let id = text(&told, "SessionID").to_owned();
    assert_eq!(told, session(&id, &[&nanda]));
    hers.is_told(session(&id, &[&winston]));
    hers.say(&id, "hello");
    assert_eq!((his.hears(&id), hers.hears(&id)), ("hello".to_owned(), "hello".to_owned()));
    his.has_heard_all(&id);
}

#[test]
fn a_question_waits_for_who_is_away() {
    let server = Server::start();
    let [avi, lisa, mark] = people(&server, ["avi", "lisa", "mark"]);
    let group_of_two = group(&avi, "Two", &[]);
    for body in [json!({"username": "mark"}), json!({"username": "mark", "session": group_of_two})] {
        avi.http.post("/invites", body).ok();
    }
    lisa.http.post("/invites", json!({"username": "mark"})).ok();
    for _ in 0..2 {
        let mut client = Client::of(&mark);
        client.is_told(wants_to_talk("avi"));
        client.is_told(wants_to_talk("lisa"));
        // Questions about groups have no word here.
        client.search("nobody");
        client.is_refused("unknown_user");
    }
}

#[test]
fn native_clients_ask_and_answer_across() {
    let server = Server::start();
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let (mut his, mut hers) = (Client::of(&avi), lisa.connect());
    his.search("lisa");
    let asked = hers.expect("invite");
    assert_eq!(asked["invite"]["from"]["username"], "avi");
    hers.ok(json!({"type": "answer", "username": "avi", "accept": false}));
    hers.ok(json!({"type": "invite", "username": "avi"}));
    his.is_told(wants_to_talk("lisa"));
    his.answer("lisa", true);
    let id = text(&hers.expect("session_added")["session"], "id").to_owned();
    his.is_told(session(&id, &[&lisa]));
    his.has_heard_all(&id);
    assert_eq!(hers.hear(&id), "is that all?");
}

#[test]
fn questions_that_cross_are_a_session_at_once() {
    let server = Server::start();
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let (mut his, mut hers) = (Client::of(&avi), Client::of(&lisa));
    his.search("lisa");
    hers.is_told(wants_to_talk("avi"));
    hers.search("avi");
    let told = hers.0.next();
    let id = text(&told, "SessionID").to_owned();
    assert_eq!(told, session(&id, &[&avi]));
    his.is_told(session(&id, &[&lisa]));
    hers.has_heard_all(&id);
    assert_eq!(his.hears(&id), "is that all?");
}

#[test]
fn every_connection_of_both_is_told_of_a_session_once() {
    let server = Server::start();
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let mut his = [Client::of(&avi), Client::of(&avi)];
    let mut hers = [Client::of(&lisa), Client::of(&lisa)];
    his[0].search("lisa");
    hers.iter_mut().for_each(|client| client.is_told(wants_to_talk("avi")));
    hers[1].answer("avi", "1");
    let id = text(&hers[1].0.next(), "SessionID").to_owned();
    hers[0].is_told(session(&id, &[&avi]));
    his.iter_mut().for_each(|client| client.is_told(session(&id, &[&lisa])));
    hers[1].say(&id, "hello");
    his.iter_mut().chain(&mut hers).for_each(|client| assert_eq!(client.hears(&id), "hello"));
}

#[test]
fn whatever_comes_together_a_session_is_told_once() {
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
        let told = theirs.0.expect("Session");
        let id = text(&told, "SessionID");
        assert_eq!(told, session(id, &[&lisa]));
        theirs.say(id, "hello");
        // Hers have it still to look at.
        for (client, count) in hers.iter_mut().zip([1, 1]).chain([(&mut theirs, 0)]) {
            client.0.wait_for("hello", |frame| frame[id].is_object());
            let before = client.0.take_kept();
            let sessions: Vec<&Value> = before.iter().filter(|frame| frame["type"] == "Session").collect();
            assert!(
                sessions.len() == count && sessions.iter().all(|told| **told == session(id, &[&other])),
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
fn a_session_that_begins_otherwise_is_told_before_what_is_said_in_it() {
    let server = Server::start();
    let [avi, lisa, mark] = people(&server, ["avi", "lisa", "mark"]);
    let mut hers = Client::of(&lisa);
    let mut native = avi.connect();
    let direct = text(&native.ok(json!({"type": "send", "to": "lisa", "text": "first"})), "session").to_owned();
    hers.is_told(session(&direct, &[&avi]));
    assert_eq!(hers.hears(&direct), "first");
    let opened = befriend(&mark, &lisa);
    hers.is_told(session(&opened, &[&mark]));
    let three = group(&avi, "Three", &[&lisa, &mark]);
    hers.is_told(session(&three, &[&avi, &mark]));
    avi.say(&three, "to all");
    assert_eq!(hers.hears(&three), "to all");
    let (room, code) = room(&avi, json!({}));
    join(&lisa, &code);
    hers.is_told(session(&room, &[&avi]));
    join(&mark, &code);
    assert_eq!(hers.hears(&room), "mark has entered");
    remove(&avi.http, &three, "lisa").ok();
    avi.say(&three, "without her");
    hers.say(&three, "not any more");
    hers.is_refused("not_found");
    hers.has_heard_all(&room);
}
