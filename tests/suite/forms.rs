//! The pages of the room-code document, which need no script: the form, what it refuses, and the page of a room.

use crate::kit::*;

/// What could be taken for markup, for a place in a template, or for something to see.
const HOSTILE: [&str; 9] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' autofocus onfocus=alert(1) x='",
    "</noscript><script>alert(1)</script>",
    "{{name.fault}}{{code}}",
    "&lt;b&gt;&amp;",
    "<!--",
    "javascript:alert(1)",
    "]]></title><svg/onload=1>",
];

/// The guests that there are.
fn guests(server: &Server) -> i64 {
    server.count("SELECT count(*) FROM users WHERE kind = 1")
}

/// The form again, with this in it.
#[track_caller]
fn again(reply: &Reply, status: u16, content: &str) -> String {
    let page = reply.text();
    assert_eq!(reply.status, status, "{page}");
    assert!(page.contains(content), "{content:?} is not in {page}");
    assert!(page.contains("<form") && page.contains("role=\"alert\""), "{page}");
    assert_eq!(reply.header("set-cookie"), None);
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    page
}

/// The value of a field of the form, as it stands in the page.
fn value<'a>(page: &'a str, field: &str) -> &'a str {
    let input = page.split("<input").find(|input| input.contains(&format!("name=\"{field}\""))).unwrap();
    input.split("value=\"").nth(1).unwrap().split('"').next().unwrap()
}

/// The page as it should be with a user's text in it: no markup but its own.
#[track_caller]
fn is_harmless(page: &str, text: &str) {
    let own = page.matches("/main.js\"></script>").count() + page.matches("/fallback.js\"></script>").count();
    assert_eq!(page.matches("<script").count(), own, "{text}");
    assert!(!page.contains("<img") && !page.contains("<svg") && !page.contains("<!--"), "{text}");
    assert!(page.matches("</noscript>").count() <= 2 && page.matches("</title>").count() == 1, "{text}");
    for tag in page.split('<').skip(1) {
        // What stands in quotes is a value.
        let names: String = tag.split('>').next().unwrap().split('"').step_by(2).collect();
        assert!(!names.contains(" on"), "<{tag}");
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[test]
fn a_name_and_a_code_let_a_guest_in() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let (_, code) = room(&avi, json!({"keep": true}));
    let reply = fill_in(&server.http(), &[("name", "  Anna Maria  "), ("code", &code), ("join", "")]);
    assert_eq!((reply.status, reply.header("location")), (303, Some("/room")));
    let parts: Vec<&str> = reply.header("set-cookie").unwrap().split(';').map(str::trim).collect();
    assert!(parts[0].starts_with("parlor_rooms=prl_"), "{parts:?}");
    for wanted in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(parts.contains(&wanted), "{parts:?} lacks {wanted}");
    }
    assert!(!parts.contains(&"Secure"), "{parts:?}");
    let me = server.http().call("GET", "/me").header("Cookie", parts[0]).send().ok()["user"].clone();
    assert_eq!((&me["kind"], &me["display_name"]), (&json!("guest"), &json!("Anna Maria")));
    assert!(text(&me, "username").starts_with("guest-"), "{me}");
    // Every spelling of the code, and no button at all, as a program may leave it out.
    let spelled = format!(" {}-{} ", code[..5].to_lowercase(), &code[5..]);
    for (name, fields) in [("B", vec![("code", spelled.as_str()), ("join", "x")]), ("C", vec![("code", code.as_str())])]
    {
        let mut fields = fields;
        fields.push(("name", name));
        assert_eq!(fill_in(&server.http(), &fields).status, 303, "{fields:?}");
    }
}

#[test]
fn a_room_made_by_the_form_is_a_room_like_others() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let (guest, code) = create_as(&server, "Зоя");
    assert_eq!(code.len(), 10);
    guest.connect();
    assert_eq!(avi.http.get(&format!("/rooms/{code}")).ok()["member_count"], 1);
    assert_eq!(join(&avi, &code)["member_count"], 2);
    // The button decides, whatever stands in the other field.
    let reply = fill_in(&server.http(), &[("name", "Lisa"), ("code", &code), ("create", "")]);
    assert_eq!(reply.status, 303);
    assert_eq!(server.count("SELECT count(*) FROM sessions WHERE kind = 2"), 2);
}

#[test]
fn a_refused_form_shows_the_error_and_the_typed_values() {
    let server = Server::with(&[("PARLOR_ROOM_MISSES", "0")]);
    let http = server.http();
    let page = again(&fill_in(&http, &[("code", "abc"), ("join", "")]), 200, "Enter a name others will see");
    assert_eq!((value(&page, "name"), value(&page, "code")), ("", "abc"));
    again(&fill_in(&http, &[("name", " \u{3000}"), ("create", "")]), 200, "Enter a name others will see");
    for button in [&[("join", "")][..], &[]] {
        let fields = [&[("name", "Lisa"), ("code", "  ")][..], button].concat();
        let page = again(&fill_in(&http, &fields), 200, "Enter a room code");
        assert_eq!(value(&page, "name"), "Lisa");
    }
    for code in ["ABCDEFGHJK", "no", "🦊", &"x".repeat(2_000)] {
        let page =
            again(&fill_in(&http, &[("name", "Lisa"), ("code", code), ("join", "")]), 200, "No room has this code");
        assert!(code.starts_with(value(&page, "code")) && value(&page, "code").len() <= 100);
    }
    for name in ["é".repeat(33), "a\u{7}b".to_owned(), "a\u{202E}b".to_owned(), "\u{200B}".to_owned()] {
        again(&fill_in(&http, &[("name", &name), ("create", "")]), 200, "A name needs visible characters, at most 32");
    }
    for odd in ["", "x", "%%%", "{\"name\":\"Lisa\"}", "name[]=Lisa&create"] {
        let call = http.call("POST", "//").header("Content-Type", "application/x-www-form-urlencoded");
        again(&call.body(odd.as_bytes()).send(), 200, "Enter a name others will see");
    }
    assert_eq!(guests(&server), 0);
    assert_eq!(server.count("SELECT count(*) FROM sessions"), 0);
}

#[test]
fn a_name_is_unique_within_the_room_only() {
    let server = Server::start();
    let avi = register(&server, "avi");
    avi.http.patch("/me", json!({"display_name": "Avi the Great"})).ok();
    let (_, code) = room(&avi, json!({"keep": true}));
    let taken = |name: &str| {
        let reply = fill_in(&server.http(), &[("name", name), ("code", &code), ("join", "")]);
        again(&reply, 200, "That name is already taken in this room.");
    };
    for name in ["avi the great", "AVI"] {
        taken(name);
    }
    // About to enter, then inside.
    let zoya = join_as(&server, "Зоя", &code);
    taken("ЗОЯ");
    zoya.connect();
    taken("зоя");
    create_as(&server, "Зоя");
    create_as(&server, "avi");
}

#[test]
fn a_form_of_another_site_does_nothing() {
    let server = Server::with(&[("PARLOR_ORIGINS", "https://friend.example")]);
    let fields = [("name", "Lisa"), ("create", "")];
    let own = format!("http://{}", server.endpoint().address());
    for headers in [
        &[("Origin", "https://evil.example")][..],
        &[("Origin", "https://friend.example")],
        &[("Origin", "null")],
        &[("Sec-Fetch-Site", "cross-site")],
        &[("Sec-Fetch-Site", "same-site"), ("Origin", &own)],
        &[("Sec-Fetch-Site", "same-origin"), ("Origin", "https://evil.example")],
    ] {
        let page = again(&fill_in_from(&server.http(), &fields, headers), 403, "Nothing was done");
        assert_eq!(value(&page, "name"), "Lisa");
    }
    assert_eq!(guests(&server), 0);
    for headers in [
        &[("Origin", own.as_str()), ("Sec-Fetch-Site", "same-origin")][..],
        &[("Origin", &own)],
        // From a page whose address the browser withholds.
        &[("Origin", "null"), ("Sec-Fetch-Site", "same-origin")],
        &[],
    ] {
        assert_eq!(fill_in_from(&server.http(), &fields, headers).status, 303, "{headers:?}");
    }
}

#[test]
fn a_form_that_is_too_long_is_refused() {
    let server = Server::start();
    let reply = fill_in(&server.http(), &[("name", &"x".repeat(10_000)), ("create", "")]);
    reply.refused(413, "too_large");
}

#[test]
fn where_guests_are_switched_off_the_form_reports_it() {
    let server = Server::with(&[("PARLOR_GUESTS", "off")]);
    for reply in [fill_in(&server.http(), &[("name", "Lisa"), ("create", "")]), server.http().get("//")] {
        assert_eq!(reply.status, 200);
        let page = reply.text();
        assert!(page.contains("Guests are not allowed") && !page.contains("<form"), "{page}");
    }
    assert_eq!(guests(&server), 0);
}

#[test]
fn with_the_dialect_switched_off_there_is_no_form_and_no_room_page() {
    let server = Server::with(&[("PARLOR_DIALECTS", "contacts,lobby,sessions")]);
    let reply = fill_in(&server.http(), &[("name", "Lisa"), ("create", "")]);
    reply.refused(405, "invalid_request");
    assert_eq!(reply.header("allow"), Some("GET, HEAD"));
    server.http().get("//room").refused(404, "not_found");
    for path in ["//", "//room/ABCDEFGHJK"] {
        let page = server.http().get(path);
        assert_eq!(page.status, 200);
        assert!(!page.text().contains("<form"));
    }
}

#[test]
fn the_first_page_forgets_the_room_and_never_a_login() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let (guest, _) = create_as(&server, "Lisa");
    let both = format!("parlor_token={}; parlor_rooms={}", avi.token, guest.token);
    let request = |method: &str, cookie: &str| server.http().call(method, "//").header("Cookie", cookie).send();
    let taken = request("GET", &both);
    assert_eq!(taken.status, 200);
    let cookies: Vec<&String> =
        taken.headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, value)| value).collect();
    assert_eq!(cookies.len(), 1);
    assert!(cookies[0].starts_with("parlor_rooms=;") && cookies[0].contains("Max-Age=0"), "{cookies:?}");
    for (method, cookie) in [("HEAD", both.as_str()), ("GET", &format!("parlor_token={}", avi.token)), ("GET", "x=y")] {
        assert_eq!(request(method, cookie).header("set-cookie"), None, "{method} {cookie}");
    }
    avi.http.get("/me").ok();
}

#[test]
fn the_page_of_a_room_is_for_its_guest() {
    let server = Server::with(&UNHURRIED);
    let avi = register(&server, "avi");
    let (id, code) = room(&avi, json!({"title": "Tea & <b>cake</b>", "keep": true}));
    for number in 1..=60 {
        avi.send_message(&id, &format!("number {number}."));
    }
    let guest = join_as(&server, "Lisa", &code);
    let reply = room_page(&server, &guest.token);
    let page = reply.text();
    assert_eq!((reply.status, reply.header("cache-control")), (200, Some("no-store")));
    assert!(page.contains(&format!(" data-room-code=\"{code}\" data-room-session=\"{id}\">")), "{page}");
    assert!(page.contains("Tea &amp; &lt;b&gt;cake&lt;/b&gt;"));
    assert!(
        page.contains("number 11.") && page.contains("number 60.") && !page.contains("number 10."),
        "the newest 50"
    );
    assert!(page.contains("JavaScript"));
    // No other user has such a page.
    let nobody = |headers: &[(&str, &str)]| {
        let call = server.http().call("GET", "//room");
        let reply = headers.iter().fold(call, |call, (name, value)| call.header(name, value)).send();
        assert_eq!((reply.status, reply.header("location")), (303, Some("/")), "{headers:?}");
        assert!(reply.body.is_empty());
    };
    let own = format!("parlor_rooms={}", guest.token);
    nobody(&[]);
    nobody(&[("Cookie", "parlor_rooms=prl_x")]);
    nobody(&[("Cookie", &format!("parlor_rooms={}", avi.token))]);
    nobody(&[("Cookie", &format!("parlor_token={}", guest.token))]);
    nobody(&[("Cookie", &own), ("Sec-Fetch-Site", "cross-site")]);
    let head = server.http().call("HEAD", "//room").header("Cookie", &own).send();
    assert_eq!(head.status, 200);
}

#[test]
fn texts_are_never_markup() {
    let server = Server::with(&[
        ("PARLOR_ROOM_MISSES", "0"),
        ("PARLOR_TOTAL_ROOM_MISSES", "0"),
        ("PARLOR_ACCOUNTS_BURST", "0"),
        ("PARLOR_ACCOUNTS_PER_MINUTE", "0"),
    ]);
    let avi = register(&server, "avi");
    let (id, code) = room(&avi, json!({"keep": true}));
    let reader = join_as(&server, "Reader", &code);
    for hostile in HOSTILE {
        let reply = fill_in(&server.http(), &[("name", hostile), ("code", hostile), ("join", "")]);
        let page = again(&reply, 200, "role=\"alert\"");
        is_harmless(&page, hostile);
        assert_eq!(
            (value(&page, "name"), value(&page, "code")),
            (escaped(hostile).as_str(), escaped(hostile).as_str())
        );
        let page = server.http().get(&format!("//room/{}", percent(hostile)));
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
        is_harmless(&page.text(), hostile);
        assert_eq!(value(&page.text(), "code"), escaped(hostile));
        avi.http.patch(&format!("/sessions/{id}"), json!({"title": hostile})).ok();
        let short: String = hostile.chars().take(32).collect();
        let guest = join_as(&server, &short, &code);
        guest.connect().send_message(&id, hostile);
        let page = room_page(&server, &reader.token).text();
        is_harmless(&page, hostile);
        for part in [hostile, &short] {
            assert!(page.contains(&escaped(part)), "{part}");
        }
    }
}

#[test]
fn names_and_guesses_are_counted_by_address() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let few = [("PARLOR_ACCOUNTS_PER_MINUTE", "1"), ("PARLOR_ACCOUNTS_BURST", "2")];
    let server = Server::with(&few);
    let create = || fill_in(&server.http(), &[("name", "Lisa"), ("create", "")]);
    assert_eq!((create().status, create().status), (303, 303));
    let third = create();
    again(&third, 429, "Try again in");
    third.retry_after();
    let elsewhere = server.http().at_address("127.0.0.9");
    assert_eq!(fill_in(&elsewhere, &[("name", "Lisa"), ("create", "")]).status, 303);

    let server = Server::with(&[("PARLOR_ROOM_MISSES", "3")]);
    let avi = register(&server, "avi");
    let (_, code) = room(&avi, json!({"keep": true}));
    let join = |http: &Http, code: &str| fill_in(http, &[("name", "Lisa"), ("code", code), ("join", "")]);
    for _ in 0..2 {
        again(&join(&server.http(), "ABCDEFGHJK"), 200, "No room has this code");
    }
    // All ways of asking share one budget.
    avi.http.get("/rooms/ABCDEFGHJK").refused(404, "unknown_room");
    for code in ["ABCDEFGHJK", &code] {
        let reply = join(&server.http(), code);
        again(&reply, 429, "Too many wrong codes.");
        reply.retry_after();
    }
    assert_eq!(join(&server.http().at_address("127.0.0.9"), &code).status, 303);
}

#[test]
fn a_full_room_is_refused_as_full() {
    let server = Server::with(&[("PARLOR_GROUP_MEMBERS", "2")]);
    let avi = register(&server, "avi");
    let (_, code) = room(&avi, json!({"keep": true}));
    join_as(&server, "Lisa", &code);
    let reply = fill_in(&server.http(), &[("name", "Mark"), ("code", &code), ("join", "")]);
    again(&reply, 200, "The room is full.");
}

#[test]
fn a_valid_login_cookie_precedes_a_room_cookie() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let (guest, _) = create_as(&server, "Lisa");
    let me = |login: &str| {
        let cookie = format!("parlor_rooms={}; parlor_token={login}", guest.token);
        server.http().call("GET", "/me").header("Cookie", &cookie).send().ok()["user"]["username"].clone()
    };
    assert_eq!(me(&avi.token), "avi");
    avi.http.call("POST", "/logout").send().done();
    for bad in [avi.token.as_str(), "x", ""] {
        assert_eq!(me(bad), guest.username.as_str());
    }
    let cross = server.http().call("GET", "/me").header("Cookie", &format!("parlor_rooms={}", guest.token));
    cross.header("Sec-Fetch-Site", "cross-site").send().refused(401, "unauthenticated");
}

#[test]
fn behind_https_the_cookie_is_secure() {
    let server = Server::with(&[("PARLOR_PUBLIC_URL", "https://chat.example")]);
    let fields = [("name", "Lisa"), ("create", "")];
    let reply = fill_in_from(&server.http(), &fields, &[("Origin", "https://chat.example")]);
    assert!(reply.header("set-cookie").unwrap().contains("; Secure"));
    let own = format!("http://{}", server.endpoint().address());
    assert_eq!(fill_in_from(&server.http(), &fields, &[("Origin", &own)]).status, 403);
}
