//! Killed while everybody comes, goes and talks: what was acknowledged is there, and every session is in order.
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

/// What somebody was told is kept.
struct Kept {
    session: String,
    seq: u64,
    rev: u64,
    words: String,
}

/// Says whatever comes to mind until the server is gone.
fn rage(person: &Person, rooms: &[(String, String)], dice: &mut Dice) -> Vec<Kept> {
    let mut kept = Vec::new();
    let Ok(mut line) = Line::connect(person.http.door(), &person.token) else { return kept };
    for turn in 0_u64.. {
        let (id, code) = &rooms[dice.place(rooms.len())];
        let other = PEOPLE[dice.place(PEOPLE.len())];
        let words = format!("{} says {turn} {}", person.username, dice.throw());
        let command = match dice.below(20) {
            0..9 => json!({"type": "send", "session": id, "text": words, "key": words}),
            9..12 => json!({"type": "join", "code": code}),
            12 => json!({"type": "leave", "session": id}),
            13 => json!({"type": "remove", "session": id, "username": other}),
            14 => json!({"type": "role", "session": id, "username": other, "role": "admin"}),
            15 => json!({"type": "role", "session": id, "username": other, "role": "owner"}),
            16 => json!({"type": "title", "session": id, "title": format!("Room {turn}")}),
            17 => json!({"type": "read", "session": id, "seq": 1 + dice.below(20)}),
            _ => {
                json!({"type": "react", "session": id, "seq": 1 + dice.below(20), "emoji": "👍", "on": dice.once_in(2)})
            }
        };
        let Ok(answer) = line.ask(command.clone(), |_| ()) else { break };
        if answer["type"] == "ok" && command["type"] == "send" {
            let (seq, rev) = (number(&answer, "seq"), number(&answer, "rev"));
            kept.push(Kept { session: id.clone(), seq, rev, words });
        }
    }
    kept
}

#[test]
fn a_kill_in_the_middle_of_everything_leaves_every_session_in_order() {
    let mut server = Server::with(&SETTINGS);
    let mut dice = Dice::new(seed());
    let everybody = people(&server, PEOPLE);
    let rooms: Vec<(String, String)> = (0..3).map(|number| room(&everybody[number], json!({}))).collect();
    let mut kept: Vec<Kept> = Vec::new();
    for _ in 0..knob("PARLOR_TEST_CRASHES", 5) {
        let life = Duration::from_millis(50 + dice.below(250));
        kept.extend(thread::scope(|scope| {
            let raging: Vec<_> = everybody
                .iter()
                .map(|person| {
                    let (mut dice, rooms) = (dice.split(), &rooms);
                    scope.spawn(move || rage(person, rooms, &mut dice))
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
            let fresh = Held::load(reader, id);
            fresh.is_whole();
            for one in kept.iter().filter(|one| one.session == *id) {
                assert!(one.rev <= fresh.rev, "step {} was acknowledged, {} is the last", one.rev, fresh.rev);
                assert_eq!(fresh.messages[&one.seq]["text"], one.words, "acknowledged as {}", one.seq);
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
