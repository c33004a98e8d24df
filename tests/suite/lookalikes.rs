//! Text that looks the same is treated as the same, and invisible characters make no difference: reactions, names, codes, search.

use crate::kit::form::{create_as, fill_in};
use crate::kit::*;

/// Names that hide something: none may be shown to others.
const HIDING: [&str; 6] =
    ["evil\u{202E}gnp.exe", "\u{200B}", "\u{3164}", "lisa\u{200B}", "\u{2066}lisa\u{2069}", "li\u{AD}sa"];

#[test]
fn an_emoji_with_and_without_its_variation_selector_is_one_reaction() {
    let server = Server::with(&UNHURRIED);
    let (avi, lisa, id) = pair(&server);
    avi.send_message(&id, "hello");
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    let react = |emoji: &str, on: bool| json!({"type": "react", "session": id, "seq": 1, "emoji": emoji, "on": on});
    his.ok(react("❤", true));
    hers.ok(react("❤\u{fe0f}", true));
    let shown = messages(&avi, &id)[0]["reactions"].clone();
    assert_eq!(shown, json!({"❤\u{fe0f}": ["avi", "lisa"]}));
    // By REST too, and taken back by either spelling.
    let path = |emoji: &str| format!("/sessions/{id}/messages/1/reactions/{}", percent(emoji));
    avi.http.put(&path("❤\u{fe0f}"), json!({})).ok();
    avi.http.delete(&path("❤\u{fe0f}")).ok();
    hers.ok(react("❤", false));
    assert_eq!(messages(&avi, &id)[0]["reactions"], Value::Null);
    // The longest emoji that Unicode recommends has 35 bytes.
    his.ok(react("👩🏻‍❤️‍💋‍👩🏿", true));
    his.refused(react(&format!("e{}", "\u{301}".repeat(40)), true), "invalid_request");
}

#[test]
fn a_room_code_is_found_however_it_was_pasted() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::with(&[("PARLOR_ROOM_MISSES", "1")]);
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let (id, code) = room(&avi, json!({"keep": true}));
    let wide: String = code.chars().map(|c| char::from_u32(u32::from(c) + 0xFEE0).unwrap()).collect();
    let (left, right) = code.split_at(6);
    for written in [
        wide,
        format!("{left}\u{2011}{right}"),
        format!("{left}\u{2013}{right}"),
        format!("\u{feff}{left}\u{200b}{right} "),
        format!("{}\u{2212}{}", left.to_lowercase(), right.to_lowercase()),
    ] {
        let joined = lisa.http.post(&format!("/rooms/{}/join", percent(&written)), json!({})).ok();
        assert_eq!(joined["session"]["id"], id.as_str(), "{written}");
    }
    let first = if code.starts_with('2') { '3' } else { '2' };
    let wrong: String = std::iter::once(first).chain(code.chars().skip(1)).collect();
    lisa.http.post(&format!("/rooms/{wrong}/join"), json!({})).refused(404, "unknown_room");
}

#[test]
fn a_guest_who_looks_like_another_is_refused_at_the_form() {
    let server = Server::start();
    let (_ann, code) = create_as(&server, "Ann");
    for name in ["Ann", "ann", "Ann\u{200B}", "\u{FEFF}Ann", "A\u{AD}nn", "Ａｎｎ", "Ann\u{3164}"] {
        let page = fill_in(&server.http(), &[("name", name), ("code", &code), ("join", "")]);
        assert_eq!(page.status, 200, "{name:?}");
        assert!(page.text().contains("That name is already taken in this room."), "{name:?}: {}", page.text());
    }
    let page = fill_in(&server.http(), &[("name", "Ann\u{202E}a"), ("code", &code), ("join", "")]);
    assert_eq!(page.status, 200);
}

#[test]
fn names_and_titles_have_no_invisible_characters() {
    let server = Server::with(&UNHURRIED);
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let id = group(&avi, "Band", &[&lisa]);
    let mut his = avi.connect();
    for name in HIDING {
        avi.http.patch("/me", json!({"display_name": name})).blames("display_name");
        avi.http.patch(&format!("/sessions/{id}"), json!({"title": name})).blames("title");
        avi.http.post("/sessions", json!({"kind": "room", "title": name})).blames("title");
        avi.http.post("/sessions", json!({"kind": "group", "title": name, "usernames": ["lisa"]})).blames("title");
        his.refused(json!({"type": "title", "session": id, "title": name}), "invalid_request");
        his.refused(json!({"type": "open", "room": true, "title": name}), "invalid_request");
        // Ten refusals of this kind in a row would end the connection.
        his.fence();
    }
    for name in ["👩‍🚀 Avi", "Avi ❤️", "می‌خواهم", "אבי", "Zoë"] {
        let me = avi.http.patch("/me", json!({"display_name": name})).ok();
        assert_eq!(me["user"]["display_name"], name, "{me}");
    }
}

#[test]
fn line_endings_are_normalised_and_invisible_texts_refused() {
    let server = Server::start();
    let (avi, lisa, id) = pair(&server);
    let mut hers = lisa.connect();
    avi.send_message(&id, "one\r\ntwo\rthree\n");
    assert_eq!(hers.receive(&id), "one\ntwo\nthree\n");
    // A retry with the other line ends is the same message.
    let send = |text: &str| avi.http.post(&format!("/sessions/{id}/messages"), json!({"text": text, "key": "k"})).ok();
    let first = send("a\r\nb");
    assert_eq!((send("a\nb")["seq"].clone(), send("a\nb")["duplicate"].clone()), (first["seq"].clone(), json!(true)));
    for nothing in ["\u{200b}", "\u{3164}\n", "\u{feff} \r\n"] {
        avi.http.post(&format!("/sessions/{id}/messages"), json!({"text": nothing})).blames("text");
    }
}

#[test]
fn search_matches_variants_of_spelling() {
    let server = Server::with(
        &[&UNHURRIED[..], &[("PARLOR_SEARCHES_PER_SECOND", "0"), ("PARLOR_REQUESTS_PER_SECOND", "0")]].concat(),
    );
    let (avi, _, id) = pair(&server);
    let variants = [
        "Łódź",
        "cœur",
        "đường",
        "Tromsø",
        "カラス",
        "ガラス",
        "서버를 재시작했습니다",
        "мой дом",
        "мои дома",
        "Ærø",
        "Þingvellir",
        "Straße",
        "İzmir",
        "مـرحـبا",
        "ﾊﾟｰﾃｨｰ",
    ];
    for text in variants {
        avi.send_message(&id, text);
    }
    let found =
        |query: &str| texts(list(&avi.http.get(&format!("/search?q={}", percent(query))).ok(), "messages"), "text");
    until("the index has come to the end", PATIENCE, || found("パーティー") == ["ﾊﾟｰﾃｨｰ"]);
    for (query, wanted) in [
        ("lodz", &["Łódź"][..]),
        ("LODZ", &["Łódź"]),
        ("łódź", &["Łódź"]),
        ("coeur", &["cœur"]),
        ("duong", &["đường"]),
        ("tromso", &["Tromsø"]),
        ("ガラス", &["ガラス"]),
        ("カラス", &["カラス"]),
        ("서버 재시작", &["서버를 재시작했습니다"]),
        ("мой", &["мой дом"]),
        ("мои", &["мои дома"]),
        ("aero", &["Ærø"]),
        ("thingvellir", &["Þingvellir"]),
        ("strasse", &["Straße"]),
        ("izmir", &["İzmir"]),
        ("مرحبا", &["مـرحـبا"]),
    ] {
        assert_eq!(found(query), wanted, "{query}");
    }
}

#[test]
fn users_are_found_by_words_of_their_display_name() {
    let server = Server::start();
    let [avi, lisa, mark] = people(&server, ["avi", "lisa", "mark"]);
    lisa.http.patch("/me", json!({"display_name": "Łucja Małgorzata"})).ok();
    let found = |query: &str| {
        texts(list(&mark.http.get(&format!("/users?query={}", percent(query))).ok(), "users"), "username")
    };
    for query in ["lucja", "Łuc", "malgorzata", "Małg lucja", "lisa", "LIS"] {
        assert_eq!(found(query), ["lisa"], "{query}");
    }
    assert_eq!(found("ucja"), Vec::<String>::new(), "only beginnings of words");
    // Pages go by username, whichever name was found.
    avi.http.patch("/me", json!({"display_name": "lisa the second"})).ok();
    let first = mark.http.get("/users?query=lis&limit=1").ok();
    assert_eq!(texts(list(&first, "users"), "username"), ["avi"]);
    let second = mark.http.get(&format!("/users?query=lis&limit=1&cursor={}", text(&first, "next"))).ok();
    assert_eq!(texts(list(&second, "users"), "username"), ["lisa"]);
    // A changed name is not found any more, nor a deleted user.
    lisa.http.patch("/me", json!({"display_name": "Lisa"})).ok();
    assert_eq!(found("lucja"), Vec::<String>::new());
    lisa.delete_account();
    assert_eq!(found("lis"), ["avi"]);
}

#[test]
fn users_of_an_older_database_are_found_by_display_name_too() {
    let mut server = Server::start();
    let [lisa, mark] = people(&server, ["lisa", "mark"]);
    lisa.http.patch("/me", json!({"display_name": "Łucja"})).ok();
    server.terminate();
    server.sql("DELETE FROM user_names");
    server.open().unwrap();
    let found = mark.http.get("/users?query=lucja").ok();
    assert_eq!(texts(list(&found, "users"), "username"), ["lisa"]);
}

#[test]
fn a_closed_directory_finds_nobody_else_by_display_name() {
    let server = Server::with(&[("PARLOR_DIRECTORY", "closed")]);
    let (avi, lisa, _) = pair(&server);
    let mark = register(&server, "mark");
    for person in [&lisa, &mark] {
        person.http.patch("/me", json!({"display_name": "Zebra"})).ok();
    }
    let found = avi.http.get("/users?query=zeb").ok();
    assert_eq!(texts(list(&found, "users"), "username"), ["lisa"]);
}
