//! Pages of other origins, other hosts, and https.

use crate::kit::*;

#[test]
fn preflights_are_answered_as_recorded() {
    let record = Transcript::new("cross_origin");
    let server = Server::with(&[("PARLOR_ORIGINS", "https://friend.example")]);
    server.operate(&["user", "add", "root", "--admin"], &format!("{PASSWORD}\n"));
    let avi = register(&server, "avi");
    let caller = record.stranger(&server);
    for path in [
        "/me",
        "/login",
        "/nothing",
        "//load",
        "//login",
        "//log_in",
        "//get_contacts_list/avi",
        "//admin/get_info",
        "//login/avi",
        "//socket.io/",
        "//healthz",
        "//openapi.json",
        "//",
    ] {
        for origin in ["https://friend.example", "https://evil.example"] {
            let call = caller.call("OPTIONS", path).header("Origin", origin);
            caller.send(call.header("Access-Control-Request-Method", "POST"));
        }
    }
    record.part("requests of pages");
    for (caller, origin) in [
        (&record.http(&avi), "https://friend.example"),
        (&record.http(&avi), "https://evil.example"),
        (&caller, "https://friend.example"),
    ] {
        caller.send(caller.call("GET", "/me").header("Origin", origin));
    }
    record.part("without listed origins");
    let server = Server::start();
    let caller = record.stranger(&server);
    let call = caller.call("OPTIONS", "/me").header("Origin", "https://friend.example");
    caller.send(call.header("Access-Control-Request-Method", "POST"));
    caller.send(caller.call("OPTIONS", "/me"));
    record.compare();
}

#[test]
fn a_public_url_is_held_to_as_recorded() {
    let record = Transcript::new("public_url");
    let server = Server::with(&[("PARLOR_PUBLIC_URL", "https://chat.example")]);
    let avi = register(&server, "avi");
    let caller = record.stranger(&server);
    for path in ["/me", "//", "//healthz", "//socket.io/?EIO=4&transport=polling"] {
        caller.send_to_show(caller.call("GET", path).header("Host", "evil.example"), transcript::shown);
    }
    caller.send(caller.call("GET", "/me").header("Host", "chat.example"));
    record.part("cookies");
    caller.post("/login", json!({"username": "avi", "password": PASSWORD}));
    record.http(&avi).post("/logout", json!({}));
    let call = caller.call("POST", "//").header("Content-Type", "application/x-www-form-urlencoded");
    caller.send(call.body(b"name=Gwen&create="));
    let lobby = caller.get("//login/fred").ok();
    let cookie = format!("__Host-parlor_lobby={}", text(&lobby, "token"));
    caller.send(caller.call("GET", "//logout/fred").header("Cookie", &cookie));
    record.compare();
}
