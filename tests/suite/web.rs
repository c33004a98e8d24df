//! The web client as it is served: its pages, files and headers. Its behaviour is tested in a browser (`tests/browser`).

use std::collections::BTreeSet;

use crate::kit::*;

/// Bytes that a browser loads at most before there is something to see.
const FIRST_LOAD: usize = 100 * 1_024;

fn get(server: &Server, path: &str, headers: &[(&str, &str)]) -> Reply {
    let call = server.http().call("GET", &format!("/{path}"));
    headers.iter().fold(call, |call, (name, value)| call.header(name, value)).send()
}

/// The addresses that a page names in this attribute.
fn named(page: &str, attribute: &str) -> Vec<String> {
    let opening = format!("{attribute}=\"");
    page.split(&opening).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

/// Where the page's files lie.
fn base(page: &str) -> String {
    let main = named(page, "src").into_iter().find_map(|path| path.strip_suffix("/main.js").map(str::to_owned));
    main.expect("the page begins with main.js")
}

/// All files that a browser requests when it opens the page.
fn loaded(page: &str) -> BTreeSet<String> {
    let named = [named(page, "href"), named(page, "src")].concat();
    named.into_iter().filter(|path| path.starts_with("/web/")).collect()
}

#[test]
fn the_first_load_is_small_and_complete() {
    let server = Server::start();
    let gzip = [("Accept-Encoding", "gzip, deflate, br")];
    let page = get(&server, "/", &[]).text();
    let mut bytes = get(&server, "/", &gzip).body.len();
    for path in loaded(&page) {
        let reply = get(&server, &path, &gzip);
        assert_eq!(reply.status, 200, "{path}");
        bytes += reply.body.len();
    }
    println!("{} files, {bytes} bytes", loaded(&page).len());
    assert!(bytes < FIRST_LOAD, "{bytes} bytes");
}

/// A reload requests the page alone: its assets are immutable, under paths that an update changes.
#[test]
fn assets_named_by_a_page_are_immutable() {
    let server = Server::start();
    let page = get(&server, "/", &[]);
    assert_eq!(page.header("cache-control"), Some("no-cache"));
    let page = page.text();
    let base = base(&page);
    assert_eq!(base.trim_start_matches("/web/").len(), 16, "{base}");
    let files: Vec<String> = loaded(&page).into_iter().filter(|path| path.starts_with(&base)).collect();
    assert_eq!(files.len(), 4, "{files:?}");
    for path in files {
        let reply = get(&server, &path, &[]);
        assert_eq!(reply.header("cache-control"), Some("public, max-age=31536000, immutable"), "{path}");
        let plain = path.replace(&base, "/web");
        // Without a version, or with that of another build, there is the same file, which may not be kept.
        for other in [plain.clone(), plain.replace("/web", "/web/0123456789abcdef")] {
            let unversioned = get(&server, &other, &[]);
            assert_eq!(unversioned.header("cache-control"), Some("no-cache"), "{other}");
            assert_eq!(unversioned.body, reply.body, "{other}");
        }
    }
    for (name, status) in [("main.html", 404), ("index.html", 404), ("nothing.js", 404), ("", 404)] {
        assert_eq!(get(&server, &format!("{base}/{name}"), &[]).status, status, "{name}");
    }
}

#[test]
fn all_modules_are_one_script() {
    let server = Server::start();
    let script = get(&server, "/web/main.js", &[]).text();
    for path in ["lib/dom", "state/state", "views/panel/index"] {
        let module = format!("const {} = (() => {{", path.replace('/', "_"));
        assert_eq!(script.matches(&module).count(), 1, "{path}");
    }
    assert!(!script.contains("\nimport ") && !script.contains("\nexport "), "nothing is left to be loaded");
}

#[test]
fn every_page_carries_the_settings_that_decide_what_the_client_offers() {
    let of = |server: &Server, path: &str| {
        let page = get(server, path, &[]).text();
        let attribute = named(&page, "data-settings").pop().unwrap();
        serde_json::from_str::<serde_json::Value>(&attribute.replace("&quot;", "\"")).unwrap()
    };
    let open = Server::start();
    let closed = Server::with(&[("PARLOR_GUESTS", "off"), ("PARLOR_DIRECTORY", "closed")]);
    for path in ["/", "/room/ABCDEFGHJK"] {
        assert_eq!(of(&open, path), json!({"guests": true, "directory": "open", "passwordMin": 8}), "{path}");
        assert_eq!(of(&closed, path), json!({"guests": false, "directory": "closed", "passwordMin": 8}), "{path}");
    }
}

#[test]
fn an_unknown_path_is_a_page_for_browsers_and_a_problem_document_for_programs() {
    const BROWSER: (&str, &str) = ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
    let server = Server::start();
    for path in ["/nowhere", "/room/a/b", "/%F0%9F%A6%8A", "/%3Cscript%3E"] {
        let page = get(&server, path, &[BROWSER]);
        assert_eq!((page.status, page.header("content-type")), (404, Some("text/html; charset=utf-8")), "{path}");
        let text = page.text();
        assert!(text.contains("Page not found") && text.contains("href=\"/\"") && !text.contains("{{"), "{text}");
        assert!(page.header("content-security-policy").unwrap().contains("default-src 'none'"));
        for accept in ["*/*", "application/json"] {
            get(&server, path, &[("Accept", accept)]).refused(404, "not_found");
        }
        get(&server, path, &[]).refused(404, "not_found");
        server.http().call("POST", &format!("/{path}")).header(BROWSER.0, BROWSER.1).send().refused(404, "not_found");
    }
    // Below the API every client counts as a program.
    get(&server, "/api/v1/nowhere", &[BROWSER]).refused(404, "not_found");
}

#[test]
fn all_styles_are_one_file() {
    let server = Server::start();
    let all = get(&server, "/web/style.css", &[]).text().trim().to_owned();
    let place = |part: &str| all.find(get(&server, &format!("/web/style/{part}.css"), &[]).text().trim()).unwrap();
    assert_eq!(place("tokens"), 0, "the others use its colours");
    assert!(place("base") < place("layout") && place("layout") < place("dialog"));
}

#[test]
fn pages_and_files_have_the_headers_that_restrict_browsers() {
    let server = Server::start();
    for (path, kind) in [
        ("/", "text/html; charset=utf-8"),
        ("/room/ABCDEFGHJK", "text/html; charset=utf-8"),
        ("/web/main.js", "text/javascript"),
        ("/web/style/base.css", "text/css; charset=utf-8"),
        ("/web/icon.svg", "image/svg+xml"),
        ("/web/manifest.webmanifest", "application/manifest+json"),
    ] {
        let reply = get(&server, path, &[]);
        assert_eq!(reply.status, 200, "{path}");
        assert_eq!(reply.header("content-type"), Some(kind), "{path}");
        for (name, value) in [("x-content-type-options", "nosniff"), ("cache-control", "no-cache")] {
            assert_eq!(reply.header(name), Some(value), "{path}");
        }
        let head = server.http().call("HEAD", &format!("/{path}")).send();
        assert_eq!((head.status, head.header("etag")), (200, reply.header("etag")), "{path}");
        if !kind.starts_with("text/html") {
            continue;
        }
        // The form on the first page must be recognisable as this server's own.
        let referrer = if path == "/" { "same-origin" } else { "no-referrer" };
        assert_eq!(reply.header("referrer-policy"), Some(referrer), "{path}");
        assert_eq!(reply.header("cross-origin-opener-policy"), Some("same-origin"), "{path}");
        let policy = reply.header("content-security-policy").unwrap();
        for part in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "trusted-types 'none'"] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains("http"), "{path}: {policy}");
    }
}

#[test]
fn the_page_loads_nothing_from_elsewhere() {
    let server = Server::start();
    let page = get(&server, "/", &[]).text();
    for path in [named(&page, "href"), named(&page, "src"), named(&page, "action")].concat() {
        assert!(path.starts_with('/') && !path.starts_with("//"), "{path}");
    }
    assert!(!page.contains("style=\"") && !page.contains("<style") && !page.contains("<script>"), "nothing inline");
    assert!(!page.contains("{{"), "every place is filled");
}

#[test]
fn unchanged_files_are_not_sent_again() {
    let server = Server::start();
    for path in ["/", "/web/main.js", "/web/icon.svg"] {
        let plain = get(&server, path, &[]);
        let gzip = get(&server, path, &[("Accept-Encoding", "gzip")]);
        for (reply, encoding) in [(&plain, "identity"), (&gzip, "gzip")] {
            let tag = reply.header("etag").unwrap();
            assert!(tag.starts_with('"'), "{path}: {tag} is weak");
            let listed = format!("\"other\", W/{tag}");
            for known in [tag, listed.as_str(), "*"] {
                let again = get(&server, path, &[("If-None-Match", known), ("Accept-Encoding", encoding)]);
                assert_eq!((again.status, again.body.len()), (304, 0), "{path}: {known}");
                for name in ["etag", "cache-control", "vary"] {
                    assert_eq!(again.header(name), reply.header(name), "{path}: {name}");
                }
                // Headers that a 304 does not repeat are kept from the first answer.
                let policy = again.header("content-security-policy");
                assert!(policy.is_none() || policy == reply.header("content-security-policy"), "{path}: {policy:?}");
            }
            let changed = get(&server, path, &[("If-None-Match", "\"other\""), ("Accept-Encoding", encoding)]);
            assert_eq!(changed.status, 200);
        }
    }
}

#[test]
fn files_are_compressed_for_clients_that_accept_it() {
    let server = Server::start();
    let path = "/web/style/base.css";
    let plain = get(&server, path, &[]);
    let gzip = get(&server, path, &[("Accept-Encoding", "br;q=1, gzip;q=0.5")]);
    assert_eq!((plain.header("content-encoding"), gzip.header("content-encoding")), (None, Some("gzip")));
    assert!(gzip.body.len() < plain.body.len() / 2);
    assert!(gzip.body.starts_with(&[0x1f, 0x8b]));
    assert_ne!(plain.header("etag"), gzip.header("etag"), "they differ byte for byte");
    for reply in [&plain, &gzip] {
        assert_eq!(reply.header("vary").unwrap().to_lowercase(), "accept-encoding");
    }
    for refused in ["identity", "gzip;q=0", "br", ""] {
        let reply = get(&server, path, &[("Accept-Encoding", refused)]);
        assert_eq!(reply.header("content-encoding"), None, "{refused:?}");
        assert_eq!(reply.body, plain.body);
    }
}

#[test]
fn missing_files_are_refused_with_a_problem_document() {
    let server = Server::start();
    for path in [
        "/web/",
        "/web/nothing.js",
        "/web/style",
        "/web/index.html",
        "/web/../mod.rs",
        "/web/..%2fmod.rs",
        "/web/%2e%2e/mod.rs",
        "/web//etc/passwd",
        "/room/",
        "/web",
    ] {
        get(&server, path, &[]).refused(404, "not_found");
    }
    for (method, path) in [("DELETE", "/"), ("POST", "/web/main.js"), ("PUT", "/room/ABCDEFGHJK")] {
        let reply = server.http().call(method, &format!("/{path}")).send();
        reply.refused(405, "invalid_request");
        assert!(reply.header("allow").unwrap().starts_with("GET, HEAD"), "{path}");
    }
}
