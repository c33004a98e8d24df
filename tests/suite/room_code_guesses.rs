//! Room codes cannot be guessed: misses are counted by every endpoint, and too many are refused for a time.

use crate::kit::*;

/// Few enough to be reached quickly.
const FEW: [(&str, &str); 2] = [("PARLOR_ROOM_MISSES", "3"), ("PARLOR_UNKNOWN_NAMES", "0")];

fn look(http: &Http, code: &str) -> Reply {
    http.get(&format!("/rooms/{code}"))
}

fn join_by(http: &Http, code: &str) -> Reply {
    http.post(&format!("/rooms/{code}/join"), json!({}))
}

/// The nth code that no room has.
fn none(number: usize) -> String {
    format!("222222222{}", ["2", "3", "4", "5", "6", "7", "8", "9", "A", "B"][number % 10])
}

fn is_throttled(reply: &Reply) {
    assert_eq!(reply.status, 429, "{}", reply.text());
    let code = reply.json()["code"].clone();
    assert!(["too_many_attempts", "rate_limited"].contains(&code.as_str().unwrap()), "{code}");
    reply.retry_after();
}

#[test]
fn looking_joining_and_the_socket_share_one_budget() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::with(&FEW);
    let [avi, mark] = people(&server, ["avi", "mark"]);
    let (id, code) = room(&avi, json!({"keep": true}));
    let mut theirs = mark.connect();
    look(&mark.http, &none(0)).refused(404, "unknown_room");
    join_by(&mark.http, &none(1)).refused(404, "unknown_room");
    theirs.refused(json!({"type": "join", "code": none(2)}), "unknown_room");
    for requested in [&none(3), &code] {
        is_throttled(&look(&mark.http, requested));
        is_throttled(&join_by(&mark.http, requested));
        let error = theirs.request(json!({"type": "join", "code": requested}));
        assert!(["too_many_attempts", "rate_limited"].contains(&text(&error, "code")), "{error}");
        assert!(number(&error, "retry_after_ms") > 0);
    }
    mark.http.get(&format!("/sessions/{id}")).refused(404, "not_found");
}

#[test]
fn what_is_no_code_at_all_is_a_miss_too() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::with(&FEW);
    let mark = register(&server, "mark");
    for wrong in ["x", "OOOOOOOOOO", "22222222222222222222"] {
        look(&mark.http, wrong).refused(404, "unknown_room");
    }
    is_throttled(&look(&mark.http, &none(0)));
}

#[test]
fn a_code_that_fits_costs_nothing() {
    let server = Server::with(&FEW);
    let [avi, mark] = people(&server, ["avi", "mark"]);
    let (_, code) = room(&avi, json!({"keep": true}));
    for _ in 0..10 {
        look(&mark.http, &code).ok();
        join(&mark, &code);
    }
    look(&mark.http, &none(0)).refused(404, "unknown_room");
}

#[test]
fn misses_count_by_user_from_every_address() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::with(&FEW);
    let [avi, mark] = people(&server, ["avi", "mark"]);
    let (_, code) = room(&avi, json!({"keep": true}));
    for (number, address) in ["127.0.0.2", "127.0.0.3", "127.0.0.4"].into_iter().enumerate() {
        look(&mark.http.at_address(address), &none(number)).refused(404, "unknown_room");
    }
    is_throttled(&look(&mark.http.at_address("127.0.0.5"), &code));
    let again = Person::login(&server, "mark");
    is_throttled(&join_by(&again.http.at_address("127.0.0.6"), &code));
}

#[test]
fn misses_count_by_address_whatever_the_user() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::with(&FEW);
    let [avi, lisa, mark, nina] = people(&server, ["avi", "lisa", "mark", "nina"]);
    let (_, code) = room(&avi, json!({"keep": true}));
    for (number, person) in [&lisa, &mark, &nina].into_iter().enumerate() {
        look(&person.http.at_address("127.0.0.9"), &none(number)).refused(404, "unknown_room");
    }
    is_throttled(&look(&avi.http.at_address("127.0.0.9"), &code));
    look(&avi.http.at_address("127.0.0.10"), &code).ok();
    look(&lisa.http.at_address("127.0.0.10"), &code).ok();
}

#[test]
fn beyond_the_global_limit_only_those_who_missed_are_refused() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::with(&[("PARLOR_TOTAL_ROOM_MISSES", "4"), ("PARLOR_ROOM_MISSES", "100")]);
    let [avi, lisa, mark, nina] = people(&server, ["avi", "lisa", "mark", "nina"]);
    let (_, code) = room(&avi, json!({"keep": true}));
    let (theirs, hers) = (mark.http.at_address("127.0.0.2"), lisa.http.at_address("127.0.0.3"));
    for number in 0..3 {
        look(&theirs, &none(number)).refused(404, "unknown_room");
    }
    look(&hers, &none(3)).refused(404, "unknown_room");
    // At the limit: an address that has missed is refused, one that has not may still join.
    for http in [&theirs, &hers] {
        let replies: Vec<Reply> = (0..2).map(|_| look(http, &none(9))).collect();
        is_throttled(&replies[1]);
        is_throttled(&join_by(http, &code));
    }
    let ninas = nina.http.at_address("127.0.0.4");
    look(&ninas, &code).ok();
    join_by(&ninas, &code).ok();
    look(&ninas, &none(8)).refused(404, "unknown_room");
    is_throttled(&look(&ninas, &none(8)));
}

#[test]
fn concurrent_guesses_are_no_more_attempts() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::with(&FEW);
    let mark = register(&server, "mark");
    let there = mark.http.at_address("127.0.0.2");
    let tried: Vec<u16> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..40)
            .map(|number| {
                let http = &there;
                scope.spawn(
                    move || if number % 2 == 0 { look(http, &none(number)) } else { join_by(http, &none(number)) },
                )
            })
            .collect();
        threads.into_iter().map(|one| one.join().unwrap().status).collect()
    });
    let missed = tried.iter().filter(|status| **status == 404).count();
    assert!(missed <= 3, "{missed} of 40 were tried: {tried:?}");
}

#[test]
fn concurrent_guesses_on_one_socket_are_no_more_attempts() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::with(&FEW);
    let lisa = register(&server, "lisa");
    let mut hers = lisa.connect();
    let requested: Vec<String> =
        (0..20).map(|number| hers.submit(json!({"type": "join", "code": none(number)}))).collect();
    let missed = requested.iter().filter(|id| hers.answer(id)["code"] == "unknown_room").count();
    assert!(missed <= 3, "{missed} of 20 were tried");
}
