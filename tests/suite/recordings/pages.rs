//! The pages: the client's own, the forms that need no script, and files.

use crate::kit::*;

/// A page without the list of its modules, which follows from the client's files.
fn page(reply: &Reply) -> String {
    transcript::shown(reply)
        .lines()
        .filter(|line| !line.contains("rel=\"modulepreload\""))
        .map(|line| format!("\n{line}"))
        .skip(1)
        .collect()
}

/// What of a refused form has to do with its fields.
fn form(reply: &Reply) -> String {
    transcript::shown(reply)
        .lines()
        .filter(|line| line.contains("<input") || line.contains("fault"))
        .map(|line| format!("\n{line}"))
        .collect()
}

#[test]
fn pages_and_files_are_answered_as_recorded() {
    let record = Transcript::new("pages");
    let server = Server::start();
    let caller = record.stranger(&server);
    let get = |path: &str, headers: &[(&str, &str)]| {
        let call = headers.iter().fold(caller.call("GET", path), |call, (name, value)| call.header(name, value));
        caller.send_to_show(call, page)
    };
    let nothing = |_: &Reply| String::new();
    get("//", &[]);
    get("//nothing", &[("Accept", "text/html")]);
    get("//nothing", &[]);
    get("//room/ABC-DEF", &[]);
    get("//room", &[]);
    get("//", &[("Cookie", "parlor_rooms=prl_x"), ("Accept-Encoding", "identity")]);
    record.part("other methods");
    for (method, path) in [("HEAD", "//"), ("PUT", "//"), ("POST", "//room"), ("DELETE", "//web/main.js")] {
        caller.send(caller.call(method, path));
    }
    record.part("files");
    for path in [
        "//web/main.js",
        "//web/style.css",
        "//web/icon.svg",
        "//web/manifest.webmanifest",
        "//web/nothing.js",
        "//web/index.html",
        "//web/0123456789abcdef/main.js",
    ] {
        caller.send_to_show(caller.call("GET", path), |reply| {
            if reply.status == 200 { "…".to_owned() } else { transcript::shown(reply) }
        });
    }
    let gzip = caller.send_to_show(caller.call("GET", "//web/main.js").header("Accept-Encoding", "gzip"), nothing);
    let tag = gzip.header("etag").unwrap().to_owned();
    record.sent("-", "GET /web/main.js again, with the ETag");
    let call = caller.call("GET", "//web/main.js").header("Accept-Encoding", "gzip").header("If-None-Match", &tag);
    record.reply("-", &call.send(), nothing);
    let home = server.http().get("//").text();
    let build = home.split("src=\"").nth(1).unwrap().split('"').next().unwrap();
    caller.send_to_show(caller.call("GET", &format!("/{build}")), nothing);
    record.compare();
}

#[test]
fn the_form_without_script_is_answered_as_recorded() {
    let record = Transcript::new("forms");
    let server = Server::start();
    let caller = record.stranger(&server);
    let fill_in = |fields: &str, headers: &[(&str, &str)]| {
        let call = caller.call("POST", "//").header("Content-Type", "application/x-www-form-urlencoded");
        let call = headers.iter().fold(call, |call, (name, value)| call.header(name, value));
        caller.send_to_show(call.body(fields.as_bytes()), form)
    };
    for fields in [
        "",
        "name=&create=",
        "name=Zoe&join=",
        "name=Zoe&code=ABCDEFGHJK&join=",
        "name=a%07b&create=",
        "name=%22%3E%3Cb%3E&code=%27%26&join=",
    ] {
        fill_in(fields, &[]);
    }
    fill_in("name=Zoe&create=", &[("Origin", "https://evil.example")]);
    fill_in("name=Zoe&create=", &[("Sec-Fetch-Site", "cross-site")]);
    fill_in(&format!("name={}", "x".repeat(9_000)), &[]);
    let avi = register(&server, "avi");
    let (den, code) = room(&avi, json!({"title": "Den <b>", "keep": true}));
    let given = fill_in(&format!("name=Zo%C3%AB&code={code}&join="), &[]);
    fill_in(&format!("name=AVI&code={code}&join="), &[]);
    record.part("the page of the room");
    avi.send_message(&den, "hello <b>");
    avi.send_message(&den, "deleted");
    avi.http.delete(&format!("/sessions/{den}/messages/2")).ok();
    let cookie = given.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let call = |method: &str| caller.call(method, "//room").header("Cookie", &cookie);
    caller.send(call("HEAD"));
    caller.send_to_show(call("GET"), page);
    avi.http.delete(&format!("/sessions/{den}")).done();
    caller.send(call("GET"));
    record.compare();
}
