//! Killed while users join, leave and send: everything acknowledged is stored, and every session is in order.
//!
//! `PARLOR_TEST_CRASHES` kills more often.

use std::thread;
use std::time::Duration;

use crate::kit::*;
use crate::races::nothing_is_left_over;

const PEOPLE: [&str; 5] = ["avi", "lisa", "mark", "nina", "omar"];

const SETTINGS: [(&str, &str); 5] = [
    ("PARLOR_SENDS_PER_SECOND", "0"),
    ("PARLOR_FRAMES_PER_SECOND", "0"),
    ("PARLOR_REQUESTS_PER_SECOND", "0"),
    ("PARLOR_ROOM_GRACE_SECONDS", "86400"),
    ("PARLOR_WORKERS", "2"),
];

/// Everything that a client received is stored.
struct Kept {
    session: String,
    seq: u64,
    rev: u64,
    content: String,
}

/// Sends random texts until the server has ended.
fn rage(person: &Person, rooms: &[(String, String)], random: &mut Random) -> Vec<Kept> {
    let mut kept = Vec::new();
    let Ok(mut line) = TrySocket::connect(person.http.endpoint(), &person.token) else { return kept };
    for turn in 0_u64.. {
        let (id, code) = &rooms[random.place(rooms.len())];
        let other = PEOPLE[random.place(PEOPLE.len())];
        let content = format!("{} says {turn} {}", person.username, random.throw());
        let command = match random.below(20) {
            0..9 => json!({"type": "send", "session": id, "text": content, "key": content}),
            9..12 => json!({"type": "join", "code": code}),
            12 => json!({"type": "leave", "session": id}),
            13 => json!({"type": "remove", "session": id, "username": other}),
            14 => json!({"type": "role", "session": id, "username": other, "role": "admin"}),
            15 => json!({"type": "role", "session": id, "username": other, "role": "owner"}),
            16 => json!({"type": "title", "session": id, "title": format!("Room {turn}")}),
            17 => json!({"type": "read", "session": id, "seq": 1 + random.below(20)}),
            _ => {
                json!({"type": "react", "session": id, "seq": 1 + random.below(20), "emoji": "👍", "on": random.once_in(2)})
            }
        };
        let Ok(answer) = line.request(command.clone(), |_| ()) else { break };
        if answer["type"] == "ok" && command["type"] == "send" {
            let (seq, rev) = (number(&answer, "seq"), number(&answer, "rev"));
            kept.push(Kept { session: id.clone(), seq, rev, content });
        }
    }
    kept
}

#[test]
fn a_kill_in_the_middle_of_everything_leaves_every_session_in_order() {
    let mut server = Server::with(&SETTINGS);
    let mut random = Random::new(seed());
    let everybody = people(&server, PEOPLE);
    let rooms: Vec<(String, String)> = (0..3).map(|number| room(&everybody[number], json!({}))).collect();
    let mut kept: Vec<Kept> = Vec::new();
    for _ in 0..knob("PARLOR_TEST_CRASHES", 5) {
        let life = Duration::from_millis(50 + random.below(250));
        kept.extend(thread::scope(|scope| {
            let raging: Vec<_> = everybody
                .iter()
                .map(|person| {
                    let (mut random, rooms) = (random.split(), &rooms);
                    scope.spawn(move || rage(person, rooms, &mut random))
                })
                .collect();
            // Not a wait for something: it is to be killed at any moment.
            thread::sleep(life);
            server.kill();
            raging.into_iter().flat_map(|one| one.join().unwrap()).collect::<Vec<_>>()
        }));
        server.open().unwrap();
        nothing_is_left_over(&server);
        for (id, code) in &rooms {
            let reader = &everybody[0];
            join(reader, code);
            let fresh = SessionReplica::load(reader, id);
            fresh.is_whole();
            for one in kept.iter().filter(|one| one.session == *id) {
                assert!(one.rev <= fresh.rev, "step {} was acknowledged, {} is the last", one.rev, fresh.rev);
                assert_eq!(fresh.messages[&one.seq]["text"], one.content, "acknowledged as {}", one.seq);
            }
            let roles = fresh.members.roles();
            assert_eq!(roles.values().filter(|role| **role == "owner").count(), 1, "{roles:?}");
            let unread = fresh.messages.values().filter(|message| {
                message["kind"] == "text" && message["sender"] != *reader.id && number(message, "seq") > fresh.read
            });
            assert_eq!(fresh.unread, unread.count() as u64);
        }
    }
    println!("{} were acknowledged", kept.len());
}
