//! The contacts system in turmoil: logins end and begin anew, on the same socket and on others, while somebody writes. On each
//! socket everything comes in order, once, and without a gap, whatever ends between.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::kit::*;

/// Sockets of Avi, one after the other.
const SOCKETS: u64 = 12;
/// Joins of each.
const JOINS: u64 = 6;

/// Hears one message: the number after the last, or what Admin says.
#[track_caller]
fn hear(his: &mut Contact, last: &mut Option<u64>) {
    let (sender, words) = his.hear();
    if sender == "Admin" {
        return;
    }
    let number: u64 = words.parse().unwrap();
    if let Some(last) = last {
        assert_eq!(number, *last + 1, "in order, once and without a gap");
    }
    *last = Some(number);
}

#[test]
fn whatever_ends_between_each_socket_hears_everything_once() {
    let mut dice = Dice::new(seed());
    let settings = [
        &SETTLED[..],
        &UNHURRIED,
        &[("PARLOR_REQUESTS_PER_SECOND", "0"), ("PARLOR_LOGINS", "0"), ("PARLOR_WORKERS", "2")],
    ]
    .concat();
    let server = Server::with(&settings);
    let (avi, lisa, session) = pair(&server);
    let stops = Arc::new(AtomicBool::new(false));
    let writer = thread::spawn({
        let (stops, session) = (Arc::clone(&stops), session.clone());
        let mut hers = lisa.connect();
        move || {
            let mut number = 0;
            while !stops.load(Ordering::Relaxed) {
                number += 1;
                hers.say(&session, &number.to_string());
            }
            number
        }
    });
    let mut person = avi;
    for socket in 0..SOCKETS {
        let carrier = CARRIERS[dice.below(3) as usize];
        let (mut his, mut last) = (Contact::open(&server, carrier, &person), None);
        for at in 0..JOINS {
            his.joins("lisa");
            (0..dice.below(30)).for_each(|_| hear(&mut his, &mut last));
            match dice.below(4) {
                0 => person.http.post("/logout", json!({})).done(),
                1 => {
                    let goodbye = json!({"client": "avi", "jwt": his.jwt});
                    his.packets.emit("client_disconnection", goodbye);
                }
                2 => drop(server.operate(&["user", "reset-password", "avi"], &format!("{PASSWORD}\n"))),
                // Another login of the same user, while the first goes on.
                _ => {}
            }
            if at + 1 < JOINS || socket + 1 < SOCKETS {
                person = Person::login(&server, "avi");
                his.jwt.clone_from(&person.token);
            }
        }
    }
    stops.store(true, Ordering::Relaxed);
    let count = writer.join().unwrap();
    let person = Person::login(&server, "avi");
    let (mut his, mut last) = (Contact::joined(&server, Carrier::Socket, &person, "lisa"), None);
    lisa.say(&session, &(count + 1).to_string());
    while last != Some(count + 1) {
        hear(&mut his, &mut last);
    }
}
