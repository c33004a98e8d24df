//! What holds for every request and every answer, whatever its route.

mod half_closed;
mod headers;
mod hosts;
mod methods;
mod prefetch;
mod unparsed;

use std::io::Write;

use crate::kit::*;

/// Every GET route, for the user `avi` and a session of his; `//` is the root.
fn gets(session: &str) -> Vec<String> {
    let api = crate::routes::all().into_iter().filter(|route| route.method == "GET").map(|route| {
        let id = if route.path.starts_with("/rooms") { "abcdefghjk" } else { session };
        let path = route.path.replace("{id}", id).replace("{code}", id).replace("{username}", "avi");
        path + crate::routes::query(&route)
    });
    let root = [
        "//",
        "//room",
        "//room/abcdefghjk",
        "//web/main.js",
        "//web/style.css",
        "//healthz",
        "//readyz",
        "//openapi.json",
        "//docs",
        "//metrics",
        "//load",
        "//get_contacts_list/avi",
    ];
    api.chain(root.map(str::to_owned)).chain(["/ws".to_owned(), "//ws".to_owned()]).collect()
}

/// Sends these bytes and reads what is answered until the server hangs up.
fn raw(server: &Server, bytes: &[u8]) -> Reply {
    let mut stream = Dial::default().connect(server.endpoint()).unwrap();
    stream.write_all(bytes).unwrap();
    dial::read_reply(&mut stream, PATIENCE).expect("an answer")
}
