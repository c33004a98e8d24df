//! Many users at once who join, leave, send, remove and promote each other in the same rooms.
//! In the end what each of them received is what a fresh load gives.
//!
//! `PARLOR_TEST_TURMOIL` sets how much each of them does, `PARLOR_TEST_SEED` what.

use std::thread;

use crate::convergence::client::Client;
use crate::kit::*;
use crate::races::nothing_is_left_over;

const PEOPLE: [&str; 6] = ["avi", "lisa", "mark", "nina", "omar", "pia"];

const SETTINGS: [(&str, &str); 5] = [
    ("PARLOR_SENDS_PER_SECOND", "0"),
    ("PARLOR_FRAMES_PER_SECOND", "0"),
    ("PARLOR_REQUESTS_PER_SECOND", "0"),
    ("PARLOR_WORKERS", "2"),
    ("PARLOR_HEARTBEAT_SECONDS", "3600"),
];

/// A room as all clients have it.
#[derive(Clone)]
struct Place {
    id: String,
    code: String,
}

struct Actor {
    client: Client,
    random: Random,
    places: Vec<Place>,
}

impl Actor {
    fn step(&mut self, number: u64) {
        let place = self.places[self.random.place(self.places.len())].clone();
        let other = PEOPLE[self.random.place(PEOPLE.len())];
        let path = format!("/sessions/{}", place.id);
        let seq = 1 + self.random.below(60);
        let thumb = percent("👍");
        match self.random.below(100) {
            0..35 => self.send(&place, number),
            35..50 => self.call("POST", &format!("/rooms/{}/join", place.code), json!({})),
            50..56 => self.call("DELETE", &format!("{path}/members/{}", self.client.person.username), json!({})),
            56..62 => self.call("DELETE", &format!("{path}/members/{other}"), json!({})),
            62..66 => self.call("PUT", &format!("{path}/members/{other}"), json!({"role": "admin"})),
            66..68 => self.call("PUT", &format!("{path}/members/{other}"), json!({"role": "owner"})),
            68..72 => self.call("PATCH", &path, json!({"title": format!("Room {number}")})),
            72..78 => self.call("PATCH", &format!("{path}/messages/{seq}"), json!({"text": format!("edit {number}")})),
            78..80 => self.call("DELETE", &format!("{path}/messages/{seq}"), json!({})),
            80..86 => self.call("PUT", &format!("{path}/messages/{seq}/reactions/{thumb}"), json!({})),
            86..89 => self.call("DELETE", &format!("{path}/messages/{seq}/reactions/{thumb}"), json!({})),
            89..93 => drop(self.client.line.take()),
            _ if self.client.line.is_none() => self.client.reconnect(),
            _ => self.client.look(),
        }
    }

    /// By REST, so that all its own connections receive the event. It may be refused: others are as busy.
    fn call(&mut self, method: &str, path: &str, body: Value) {
        let reply = self.client.person.http.call(method, path).json(&body).send();
        let expected = [200, 204, 403, 404, 409];
        assert!(expected.contains(&reply.status), "{method} {path}: {}", reply.text());
    }

    fn send(&mut self, place: &Place, number: u64) {
        let content = format!("{} says {number}", self.client.person.username);
        self.call("POST", &format!("/sessions/{}/messages", place.id), json!({"text": content}));
    }

    /// All it received of every room, live, is what is loaded afresh, and what `sync` gives from where it once was.
    fn check(&mut self) {
        if self.client.line.is_none() {
            self.client.reconnect();
        }
        let mut loads = Vec::new();
        // Every event is received first, so that no event of one room comes while another is looked at.
        for place in &self.places {
            if self.client.person.http.get(&format!("/sessions/{}", place.id)).status == 404 {
                self.client.receive_removal(&place.id);
                continue;
            }
            let fresh = SessionReplica::load(&self.client.person, &place.id);
            fresh.is_whole();
            self.client.receive_up_to(&place.id, fresh.rev);
            let held = &self.client.memory.held[&place.id];
            assert_eq!(held.rev, fresh.rev);
            for (held, fresh) in held.messages.values().zip(fresh.messages.values()) {
                assert_eq!(held, fresh, "live is not what a load gives");
            }
            assert_eq!(held.messages.len(), fresh.messages.len());
            assert_eq!(held.members.roles(), fresh.members.roles());
            assert_eq!(held.title, fresh.title);
            loads.push((&place.id, fresh));
        }
        for (id, fresh) in loads {
            let mut states = self.client.memory.pasts.get(id).cloned().unwrap_or_default();
            states.push(fresh.back_at(self.random.below(fresh.rev + 1)));
            for mut state in states {
                let from = state.rev;
                state.catch_up(self.client.line.as_mut().unwrap(), id, |_| ()).unwrap();
                assert!(state == fresh, "from {from}: sync gives {state:#?}, a load {fresh:#?}");
            }
            self.client.memory.remember(id);
        }
    }
}

#[test]
fn when_all_act_at_once_each_client_receives_exactly_what_happened() {
    let server = Server::with(&SETTINGS);
    let mut random = Random::new(seed());
    let everybody = people(&server, PEOPLE);
    let places: Vec<Place> = (0..3)
        .map(|number| {
            let (id, code) = room(&everybody[number], json!({"keep": true}));
            Place { id, code }
        })
        .collect();
    let actor = |person: Person| {
        let mut client = Client::new(person);
        client.reconnect();
        Actor { client, random: random.split(), places: places.clone() }
    };
    let mut actors: Vec<Actor> = everybody.into_iter().map(actor).collect();
    for _ in 0..knob("PARLOR_TEST_TURMOIL", 120).div_ceil(30) {
        thread::scope(|scope| {
            for actor in &mut actors {
                scope.spawn(|| (0..30).for_each(|number| actor.step(number)));
            }
        });
        actors.iter_mut().for_each(Actor::check);
    }
    let revs: u64 = server.count("SELECT sum(rev) FROM sessions") as u64;
    println!("{revs} steps");
    nothing_is_left_over(&server);
}

/// A client drops a session that a `sync` answers as not found, so that answer must not follow `session_added`.
#[test]
fn a_not_found_of_an_older_sync_does_not_follow_session_added() {
    let server = Server::with(&SETTINGS);
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let (id, code) = room(&avi, json!({"keep": true}));
    let mut hers = lisa.connect();
    let path = format!("/sessions/{id}/members/lisa");
    for turn in 0..knob("PARLOR_TEST_RACES", 50) {
        let syncs: Vec<String> = thread::scope(|scope| {
            scope.spawn(|| join(&lisa, &code));
            (0..20).map(|_| hers.submit(json!({"type": "sync", "sessions": {&id: 0}}))).collect()
        });
        // For a client that reads in order the last frame counts.
        let (mut open, mut received) = (syncs.len(), Vec::new());
        while open > 0 || !received.contains(&"session_added".to_owned()) {
            let frame = hers.next();
            open -= usize::from(syncs.iter().any(|id| frame["id"] == **id));
            if frame["session"] == *id || frame["session"]["id"] == *id {
                received.push(text(&frame, "type").to_owned());
            }
        }
        let last = |kind: &str| received.iter().rposition(|one| one == kind);
        assert!(last("session_removed") < last("session_added"), "turn {turn}: {received:?}");
        lisa.http.delete(&path).ok();
        hers.expect("session_removed");
    }
}
