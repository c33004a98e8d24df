//! The contacts system under concurrency: logins end and begin anew, on the same socket and on others, while messages are
//! sent. Each socket receives everything in order, once, and without a gap.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::kit::*;

/// Sockets of Avi, one after the other.
const SOCKETS: u64 = 12;
/// Joins of each.
const JOINS: u64 = 6;

/// Receives one message: the number after the last, or a text of Admin.
#[track_caller]
fn receive(his: &mut Contact, last: &mut Option<u64>) {
    let (sender, content) = his.receive();
    if sender == "Admin" {
        return;
    }
    let number: u64 = content.parse().unwrap();
    if let Some(last) = last {
        assert_eq!(number, *last + 1, "in order, once and without a gap");
    }
    *last = Some(number);
}

#[test]
fn however_connections_end_each_client_receives_everything_once() {
    let mut random = Random::new(seed());
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
                hers.send_message(&session, &number.to_string());
            }
            number
        }
    });
    let mut person = avi;
    for socket in 0..SOCKETS {
        let transport = TRANSPORTS[random.below(3) as usize];
        let (mut his, mut last) = (Contact::open(&server, transport, &person), None);
        for at in 0..JOINS {
            his.joins("lisa");
            (0..random.below(30)).for_each(|_| receive(&mut his, &mut last));
            match random.below(4) {
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
    let (mut his, mut last) = (Contact::joined(&server, Transport::Socket, &person, "lisa"), None);
    lisa.send_message(&session, &(count + 1).to_string());
    while last != Some(count + 1) {
        receive(&mut his, &mut last);
    }
}
