//! The handshake, polls and posts.

use super::*;

const OPEN: &str =
    r#"0{"sid":"abc","upgrades":["websocket"],"pingInterval":300,"pingTimeout":200,"maxPayload":1000000}"#;

#[test]
fn the_first_poll_is_answered_with_the_handshake() {
    let mut line = Line::by_polling(Rc::new(TERMS), Four, false, "abc", at(0));
    assert_eq!(told(&mut line), [format!("poll {OPEN}")]);
    let mut line = Line::by_polling(Rc::new(TERMS), Three, false, "abc", at(0));
    assert_eq!(told(&mut line), [format!("poll {}:{OPEN}", OPEN.len())]);
}

#[test]
fn a_socket_hears_the_handshake_first_and_has_nothing_to_change_to() {
    for revision in [Three, Four] {
        let (mut line, _) = Line::by_socket(Rc::new(TERMS), revision, false, "abc", at(0));
        assert_eq!(told(&mut line), [OPEN.replace("\"websocket\"", "")]);
        assert!(line.is_on_socket());
    }
}

#[test]
fn what_is_posted_is_told_in_order() {
    let mut line = polling(Four);
    assert_eq!(post(&mut line, "4hello\x1e4world\x1ebAQIDBA==", at(1)), Ok(()));
    assert_eq!(told(&mut line), ["said hello", "said world", "said [1, 2, 3, 4]"]);
    let mut line = polling(Three);
    assert_eq!(post(&mut line, "6:4hello2:4€10:b4AQIDBA==", at(1)), Ok(()));
    assert_eq!(told(&mut line), ["said hello", "said €", "said [1, 2, 3, 4]"]);
    line.on_post_begin(at(1)).unwrap();
    assert_eq!(
        line.on_post(true, &Bytes::from_static(&[0, 6, 255, 52, 104, 101, 108, 108, 111, 1, 2, 255, 4, 9]), at(1)),
        Ok(())
    );
    assert_eq!(told(&mut line), ["said hello", "said [9]"]);
}

#[test]
fn a_poll_takes_all_that_waits() {
    let mut line = polling(Four);
    for text in ["test1", "test2", "test3"] {
        line.send(message(text));
    }
    line.send(Outgoing::Binary(Bytes::from_static(&[1, 2, 3, 4])));
    assert_eq!((told(&mut line).len(), line.pushed(), line.left()), (0, 5, 1));
    assert_eq!(line.on_poll(at(1)), Ok(()));
    assert_eq!(told(&mut line), ["poll 4test1\x1e4test2\x1e4test3\x1ebAQIDBA=="]);
    assert_eq!((line.left(), line.waiting()), (5, 0));
    let mut line = polling(Three);
    line.send(message("hello"));
    line.send(Outgoing::Binary(Bytes::from_static(&[1, 2, 3, 4])));
    assert_eq!(line.on_poll(at(1)), Ok(()));
    assert_eq!(told(&mut line), ["poll 6:4hello10:b4AQIDBA=="]);
}

#[test]
fn old_clients_that_take_bytes_get_them() {
    let mut line = Line::by_polling(Rc::new(TERMS), Three, false, "abc", at(0));
    told(&mut line);
    line.send(message("hello"));
    line.send(Outgoing::Binary(Bytes::from_static(&[1, 2, 3, 4])));
    assert_eq!(line.on_poll(at(1)), Ok(()));
    assert_eq!(told(&mut line), ["octets [0, 6, 255, 52, 104, 101, 108, 108, 111, 1, 5, 255, 4, 1, 2, 3, 4]"]);
}

#[test]
fn a_poll_waits_until_there_is_something() {
    let mut line = polling(Four);
    assert_eq!(line.on_poll(at(1)), Ok(()));
    assert_eq!(told(&mut line), [""; 0]);
    line.send(message("a"));
    line.send(message("b"));
    assert_eq!(told(&mut line), ["poll 4a\x1e4b"]);
    line.send(message("c"));
    assert_eq!(told(&mut line), [""; 0]);
}

#[test]
fn an_answer_ends_at_its_bound() {
    let mut line = polling(Four);
    let long = "x".repeat(600);
    for _ in 0..3 {
        line.send(message(&long));
    }
    line.send(message(&"y".repeat(1_200)));
    let sizes: Vec<usize> = (0..4)
        .map(|_| {
            line.on_poll(at(1)).unwrap();
            told(&mut line)[0].len() - "poll 4".len()
        })
        .collect();
    assert_eq!(sizes, [600, 600, 600, 1_200]);
    // Python's clients take no more than 16 at once.
    let counts = |line: &mut Line| {
        line.on_poll(at(1)).unwrap();
        told(line)[0].split('\x1e').count()
    };
    for _ in 0..33 {
        line.send(message("x"));
    }
    assert_eq!([counts(&mut line), counts(&mut line), counts(&mut line)], [16, 16, 1]);
}

#[test]
fn a_second_poll_ends_the_session() {
    for (revision, close) in [(Four, "poll 1"), (Three, "poll 1:1")] {
        let mut line = polling(revision);
        assert_eq!(line.on_poll(at(1)), Ok(()));
        assert_eq!(line.on_poll(at(5)).unwrap_err().status(), 400);
        assert_eq!(told(&mut line), [close, "ended By(NotTheProtocol)"]);
        assert_eq!(line.on_poll(at(6)).unwrap_err().status(), 400);
    }
}

#[test]
fn a_second_post_ends_the_session() {
    let mut line = polling(Four);
    assert_eq!(line.on_post_begin(at(1)), Ok(()));
    assert_eq!(line.on_post_begin(at(2)).unwrap_err().status(), 400);
    assert_eq!(told(&mut line), ["ended By(NotTheProtocol)"]);
    assert_eq!(line.on_post(false, &Bytes::from_static(b"4a"), at(3)).unwrap_err().status(), 400);
    assert_eq!(told(&mut line), [""; 0]);
}

#[test]
fn a_body_that_is_no_packets_ends_the_session_and_tells_nothing() {
    for body in ["abc", "", "4good\x1eabc", "4good\x1e0{}", "4good\x1e5"] {
        let mut line = polling(Four);
        let answer = post(&mut line, body, at(1));
        let told = told(&mut line);
        assert_eq!(told.last().unwrap(), "ended By(NotTheProtocol)", "{body}");
        if answer.is_err() {
            assert_eq!((answer, told.len()), (Err(400), 1), "{body}");
        }
        assert_eq!(line.on_poll(at(2)).unwrap_err().status(), 400);
    }
    let mut line = polling(Three);
    assert_eq!(post(&mut line, "abc", at(1)), Err(400));
}

#[test]
fn a_body_above_its_bound_ends_the_session() {
    let mut line = polling(Four);
    line.on_post_begin(at(1)).unwrap();
    let body = Bytes::from(format!("4{}", "x".repeat(1_000_000)));
    assert_eq!(line.on_post(false, &body, at(1)).unwrap_err().status(), 413);
    assert_eq!(told(&mut line), ["ended By(TooLarge)"]);
    let mut line = polling(Four);
    line.on_post_begin(at(1)).unwrap();
    assert_eq!(line.on_post_too_large(at(1)).status(), 413);
    let mut line = polling(Four);
    assert_eq!(post(&mut line, &*String::leak(vec!["4a"; 101].join("\x1e")), at(1)), Err(413));
}

#[test]
fn requests_that_go_away_take_the_session_with_them() {
    let mut line = polling(Four);
    line.on_poll(at(1)).unwrap();
    line.on_poll_lost(at(5));
    assert_eq!(told(&mut line), ["ended Lost"]);
    assert_eq!(line.on_poll(at(6)).unwrap_err().status(), 400);
    let mut line = polling(Four);
    line.on_post_begin(at(1)).unwrap();
    line.on_post_lost(at(5));
    assert_eq!(told(&mut line), ["ended Lost"]);
}

#[test]
fn what_waits_is_bounded() {
    let mut line = polling(Four);
    // What comes to an empty queue is shared by all who are to have it.
    line.send(message(&"x".repeat(10_000)));
    assert!(line.is_open());
    line.send(message("y"));
    assert_eq!(told(&mut line), ["ended By(TooSlow)"]);
    assert_eq!(line.waiting(), 0);
    // Nobody is slow who has a poll waiting.
    let mut line = polling(Four);
    line.on_poll(at(1)).unwrap();
    line.send(message(&"x".repeat(10_000)));
    line.send(message("y"));
    assert!(line.is_open());
    assert_eq!(told(&mut line).len(), 1);
    line.on_poll(at(2)).unwrap();
    assert_eq!(told(&mut line), ["poll 4y"]);
}
