//! The headers of every answer that browsers obey.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use super::gets;
use crate::kit::*;

/// The last two are for documents.
const EVERYWHERE: [(&str, &str); 4] = [
    ("x-content-type-options", "nosniff"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=()"),
    ("content-security-policy", "frame-ancestors 'none'"),
];

#[test]
fn every_answer_has_the_headers_that_restrict_browsers() {
    for (public, secure) in [("http://chat.example", false), ("https://chat.example", true)] {
        let server = Server::with(&[("PARLOR_PUBLIC_URL", public)]);
        let (avi, _, session) = pair(&server);
        let mut paths = gets(&session);
        paths.extend(
            ["/nothing", "//nothing", "//socket.io/", "//socket.io/?EIO=4&transport=polling"].map(str::to_owned),
        );
        for path in paths {
            for reply in [avi.http.get(&path), server.http().get(&path), server.http().call("POST", &path).send()] {
                // Scripts and styles come under the policy of their page.
                let kind = reply.header("content-type").unwrap_or_default();
                let is_part = kind.is_empty() || kind.starts_with("text/javascript") || kind.starts_with("text/css");
                for (name, part) in EVERYWHERE.into_iter().take(if is_part { 2 } else { 4 }) {
                    let sent = reply.header(name).unwrap_or_default();
                    assert!(sent.contains(part), "{path}: {name} is {sent:?}");
                    assert_eq!(reply.headers.iter().filter(|(given, _)| given == name).count(), 1, "{path}: {name}");
                }
                let secured = reply.header("strict-transport-security");
                assert_eq!(secured.is_some_and(|sent| sent.starts_with("max-age=31536000")), secure, "{path}");
            }
        }
    }
}

#[test]
fn over_https_cookies_are_for_this_host_alone() {
    let server = Server::with(&[("PARLOR_PUBLIC_URL", "https://chat.example")]);
    let avi = register(&server, "avi");
    let account = json!({"username": "avi", "password": PASSWORD});
    let given = server.http().post("/login", account);
    given.ok();
    let line = given.header("set-cookie").unwrap().to_owned();
    assert!(line.starts_with("__Host-parlor_token=prl_") && !line.contains("Domain"), "{line}");
    for part in ["Secure", "HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(line.contains(part), "{line}");
    }
    let cookie = line.split(';').next().unwrap();
    let me = |cookie: &str| server.http().call("GET", "/me").header("Cookie", cookie).send();
    assert_eq!(me(cookie).ok()["user"]["username"], "avi");
    // A neighbour's cookie of the plain name does not come before it.
    let lisa = register(&server, "lisa");
    assert_eq!(me(&format!("parlor_token={}; {cookie}", lisa.token)).ok()["user"]["username"], "avi");
    let mut socket =
        Socket::open(server.endpoint(), &[("Cookie", cookie), ("Origin", "https://chat.example")]).unwrap();
    socket.send_text(r#"{"type":"hello"}"#);
    assert_eq!(socket.expect("ready")["user"]["username"], "avi");
    let gone =
        server.http().call("POST", "/logout").header("Cookie", cookie).header("Origin", "https://chat.example").send();
    gone.done();
    let taken: Vec<&str> =
        gone.headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, line)| line.as_str()).collect();
    assert!(
        taken.len() == 2 && taken.iter().all(|line| line.contains("parlor_token=;") && line.contains("Max-Age=0")),
        "{taken:?}"
    );
    avi.http.get("/me").ok();
    let form = fill_in(&server.http(), &[("name", "Zoe"), ("create", "")]);
    assert!(form.header("set-cookie").unwrap().starts_with("__Host-parlor_rooms="));
    let lobby = server.http().get("//login/fred");
    assert!(lobby.header("set-cookie").unwrap().starts_with("__Host-parlor_lobby="));
}

#[test]
fn a_logout_lets_the_browser_forget_its_pages() {
    let server = Server::start();
    let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
    let fred = text(&server.http().get("//login/fred").ok(), "token").to_owned();
    let cookie = format!("parlor_lobby={fred}");
    for reply in [
        avi.http.post("/logout", json!({})),
        lisa.http.call("DELETE", "/me").json(&json!({"current_password": PASSWORD})).send(),
        server.http().call("GET", "//logout/fred").header("Cookie", &cookie).send(),
    ] {
        assert!([200, 204].contains(&reply.status), "{}", reply.text());
        assert_eq!(reply.header("clear-site-data"), Some("\"cache\""));
    }
}

/// What a server that listens there writes to its log until it listens.
fn log_of(listen: &str, public: Option<&str>) -> String {
    let folder = folder::Folder::new();
    let mut server = command::binary();
    server.args(["--listen", listen]).current_dir(folder.path()).stdin(Stdio::null());
    if let Some(public) = public {
        server.env("PARLOR_PUBLIC_URL", public);
    }
    let mut server = server.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains("listening on"), "{line}");
    server.kill().unwrap();
    server.wait().unwrap();
    let mut log = String::new();
    server.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    log
}

#[test]
fn listening_on_all_addresses_without_https_is_warned_of() {
    let warned = |listen, public| {
        let log = log_of(listen, public);
        log.lines().any(|line| line.contains("WARN") && line.contains("PARLOR_PUBLIC_URL=https"))
    };
    assert!(warned("0.0.0.0:0", None));
    assert!(warned("0.0.0.0:0", Some("http://chat.example")));
    assert!(!warned("0.0.0.0:0", Some("https://chat.example")));
    assert!(!warned("127.0.0.1:0", None));
}
