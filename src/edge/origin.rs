//! Which page sends a request, as the browser says in `Origin` and `Sec-Fetch-Site`, and whether anybody means it; a
//! request with neither is a program's.

use std::time::Instant;

use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::http::header::{HOST, HeaderName, ORIGIN};

use super::client::SHOWN;
use crate::config::{Config, Origin};
use crate::domain::Refusal;
use crate::rate_limit::Notices;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Where a browser says that nobody has asked for the page yet, in the words of several years.
const PURPOSES: [HeaderName; 4] = [
    HeaderName::from_static("sec-purpose"),
    HeaderName::from_static("purpose"),
    HeaderName::from_static("x-purpose"),
    HeaderName::from_static("x-moz"),
];

/// Passes a handshake of this server's own pages, of listed origins, and of programs, which send no `Origin`.
///
/// # Errors
/// `forbidden` for the pages of others: a browser would lend them its user's cookie.
pub(crate) fn check_origin(req: &HttpRequest, config: &Config) -> Result<(), Refusal> {
    let known = |origin: &str| is_own(req, config, origin) || is_listed(config, origin);
    if origins(req).all(|origin| origin.is_some_and(known)) {
        Ok(())
    } else {
        note_refused(req, config);
        Err(Refusal::Forbidden("Pages of this origin may not connect here."))
    }
}

/// Passes a form that a page of this server has sent, and programs, which say of no page.
///
/// # Errors
/// `forbidden` for a form on somebody else's page, and where the browser does not say whose page it was.
pub(crate) fn check_form(req: &HttpRequest, config: &Config) -> Result<(), Refusal> {
    if is_sent_from_here(req, config) {
        Ok(())
    } else {
        Err(Refusal::Forbidden("This form was not sent from a page of this server."))
    }
}

/// Passes a GET that changes something, where somebody means it: typed in, followed from a page of this server, or sent by a
/// program.
///
/// # Errors
/// `forbidden` for the pages of others, for what a browser fetches before anybody has asked for it, and for HEAD.
pub(crate) fn check_meant(req: &HttpRequest, config: &Config) -> Result<(), Refusal> {
    if !is_asked_for(req) {
        Err(Refusal::Forbidden("This changes something, and nobody has asked for it yet. Nothing was done."))
    } else if is_sent_from_here(req, config) {
        Ok(())
    } else {
        Err(Refusal::Forbidden("This was asked for by a page of another site. Nothing was done."))
    }
}

/// False for HEAD, and for what a browser fetches before anybody has asked for it: a prefetch, a prerendered page, a preview. A GET
/// with an effect has it only where this is true.
pub(crate) fn is_asked_for(req: &HttpRequest) -> bool {
    let is_ahead = |value: &str| ["prefetch", "prerender", "preview"].iter().any(|word| value.contains(word));
    let mut purposes = PURPOSES.into_iter().flat_map(|name| req.headers().get_all(name));
    req.method() != Method::HEAD
        && !purposes.any(|value| is_ahead(&String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase()))
}

fn is_sent_from_here(req: &HttpRequest, config: &Config) -> bool {
    let sites: Vec<&[u8]> = req.headers().get_all(FETCH_SITE).map(|site| site.as_bytes()).collect();
    // A page that tells nobody its address is of the origin `null`, unless the browser vouches for it in the other header.
    let is_vouched_for = !sites.is_empty() && sites.iter().all(|site| is_own_site(site));
    let known = |origin: &str| is_own(req, config, origin) || (origin == "null" && is_vouched_for);
    (sites.is_empty() || is_vouched_for) && origins(req).all(|origin| origin.is_some_and(known))
}

/// True for an origin that the operator has listed beside the server's own.
pub(crate) fn is_listed(config: &Config, origin: &str) -> bool {
    !config.origins.is_empty() && origin.parse::<Origin>().is_ok_and(|origin| config.origins.contains(&origin))
}

/// True for what a page of this server, its user or a program asks: only then does a cookie count.
pub(super) fn is_own_doing(req: &HttpRequest, config: &Config) -> bool {
    req.headers().get_all(FETCH_SITE).all(|site| is_own_site(site.as_bytes()))
        && origins(req).all(|origin| origin.is_some_and(|origin| is_own(req, config, origin)))
}

/// Logs that a page's origin is not the server's own, once in a while: a browser shows the refusal in its console alone, and a proxy
/// that is set up wrongly looks like a server that cannot be reached.
pub(super) fn note_refused(req: &HttpRequest, config: &Config) {
    static NOTICES: Notices = Notices::new();
    let shown = |name: HeaderName| -> String {
        let line = req.headers().get(name).map(|line| String::from_utf8_lossy(line.as_bytes()).into_owned());
        line.unwrap_or_default().chars().take(SHOWN).collect()
    };
    let (origin, host) = (shown(ORIGIN), shown(HOST));
    if !NOTICES.is_due(&(&origin, &host), Instant::now()) {
        return;
    }
    let advice = match (&config.public_url, origin.parse::<Origin>()) {
        (Some(own), _) => format!(
            "the server's own is PARLOR_PUBLIC_URL={}; change that where people reach the server elsewhere, or list a page of \
             another site in PARLOR_ORIGINS",
            own.as_str()
        ),
        (None, Ok(seen)) if seen.is_web() => format!(
            "if this is where people reach the server, set PARLOR_PUBLIC_URL={} or let the proxy pass Host on unchanged; a page \
             of another site belongs into PARLOR_ORIGINS",
            seen.as_str()
        ),
        (None, _) => "a page of another site belongs into PARLOR_ORIGINS".to_owned(),
    };
    log::warn!("refused Origin {origin:?} with Host {host:?} at {}: {advice}", req.path());
}

/// Sent by a page of this server, or by nothing but the user.
fn is_own_site(site: &[u8]) -> bool {
    site == b"same-origin" || site == b"none"
}

fn origins(req: &HttpRequest) -> impl Iterator<Item = Option<&str>> {
    req.headers().get_all(ORIGIN).map(|origin| origin.to_str().ok())
}

fn is_own(req: &HttpRequest, config: &Config, origin: &str) -> bool {
    let Ok(origin) = origin.parse::<Origin>() else { return false };
    if let Some(own) = &config.public_url {
        return *own == origin;
    }
    // Behind a proxy this server cannot know whether it was TLS outside, so the scheme is the page's.
    let host = req.headers().get(HOST).and_then(|host| host.to_str().ok());
    origin.is_web() && host.and_then(|host| origin.at(host)).is_some_and(|own| own == origin)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use clap::Parser;

    use super::*;

    fn config(flags: &[&str]) -> Config {
        Config::parse_from(["parlor"].iter().chain(flags))
    }

    fn asked_from(origin: &'static str) -> HttpRequest {
        TestRequest::default()
            .insert_header((HOST, "Chat.example:5000"))
            .insert_header((ORIGIN, origin))
            .to_http_request()
    }

    #[test]
    fn own_and_listed_pages_may_connect() {
        let config = config(&["--origins", "https://app.example"]);
        let may = |origin| check_origin(&asked_from(origin), &config).is_ok();
        assert!(may("http://chat.example:5000") && may("https://chat.example:5000") && may("https://app.example"));
        for other in [
            "null",
            "http://chat.example",
            "http://evil.example",
            "ws://chat.example:5000",
            "",
            "https://app.example:8443",
        ] {
            assert!(!may(other), "{other}");
        }
        assert!(check_origin(&TestRequest::default().to_http_request(), &config).is_ok(), "a program");
    }

    #[test]
    fn an_origin_is_the_same_however_it_is_spelled() {
        for (host, origin, is_own) in [
            ("chat.example:443", "https://chat.example", true),
            ("chat.example:80", "http://chat.example", true),
            ("chat.example:80", "https://chat.example", false),
            ("CHAT.example", "https://chat.EXAMPLE", true),
            ("chat.example.", "https://chat.example", true),
            ("chat.example", "https://chat.example.", true),
            ("xn--bcher-kva.example:8080", "http://xn--bcher-kva.example:8080", true),
            ("[::1]:5000", "http://[::1]:5000", true),
            ("chat.example", "https://chat.example:8443", false),
            ("chat.example@evil.example", "https://evil.example", false),
            ("evil.example/chat.example", "https://evil.example", false),
            ("", "https://", false),
            ("localhost", "capacitor://localhost", false),
        ] {
            let request = TestRequest::default().insert_header((HOST, host)).insert_header((ORIGIN, origin));
            assert_eq!(check_origin(&request.to_http_request(), &config(&[])).is_ok(), is_own, "{host} {origin}");
        }
    }

    #[test]
    fn a_public_url_is_compared_as_an_origin_too() {
        for (url, origin) in [
            ("http://bücher.example:8080", "http://xn--bcher-kva.example:8080"),
            ("https://Chat.Example.:443/", "https://chat.example"),
            ("http://chat.example:80", "http://chat.example"),
        ] {
            assert!(check_origin(&asked_from(origin), &config(&["--public-url", url])).is_ok(), "{url} {origin}");
        }
    }

    #[test]
    fn packaged_apps_may_be_listed() {
        let listed = config(&["--origins", "capacitor://localhost,tauri://localhost"]);
        assert!(check_origin(&asked_from("capacitor://localhost"), &listed).is_ok());
        assert!(check_origin(&asked_from("tauri://localhost"), &listed).is_ok());
        assert!(check_origin(&asked_from("ionic://localhost"), &listed).is_err());
        assert!(check_origin(&asked_from("capacitor://localhost"), &config(&[])).is_err());
    }

    #[test]
    fn a_public_url_is_the_only_own_origin() {
        let config = config(&["--public-url", "https://chat.example"]);
        assert!(check_origin(&asked_from("https://chat.example"), &config).is_ok());
        assert!(check_origin(&asked_from("http://chat.example:5000"), &config).is_err());
    }

    #[test]
    fn a_listed_origin_does_not_lend_a_cookie() {
        let config = config(&["--origins", "https://app.example"]);
        assert!(is_own_doing(&asked_from("http://chat.example:5000"), &config));
        assert!(!is_own_doing(&asked_from("https://app.example"), &config));
    }

    #[test]
    fn a_form_counts_from_own_pages_only() {
        let config = config(&["--origins", "https://app.example"]);
        let may = |headers: &[(HeaderName, &'static str)]| {
            let mut request = TestRequest::default().insert_header((HOST, "chat.example"));
            for header in headers {
                request = request.append_header(header.clone());
            }
            check_form(&request.to_http_request(), &config).is_ok()
        };
        assert!(may(&[]), "a program");
        assert!(may(&[(ORIGIN, "http://chat.example")]));
        assert!(may(&[(ORIGIN, "null"), (FETCH_SITE, "same-origin")]), "a page that tells nobody its address");
        for others in [
            &[(ORIGIN, "null")][..],
            &[(ORIGIN, "https://app.example")],
            &[(ORIGIN, "http://chat.example"), (FETCH_SITE, "cross-site")],
            &[(FETCH_SITE, "same-site")],
            &[(ORIGIN, "http://evil.example"), (FETCH_SITE, "same-origin")],
            &[(ORIGIN, "null"), (FETCH_SITE, "same-origin"), (FETCH_SITE, "cross-site")],
        ] {
            assert!(!may(others), "{others:?}");
        }
    }

    #[test]
    fn what_nobody_has_asked_for_is_not_meant() {
        let config = config(&[]);
        let asked = |name: &'static str, value: &'static str| {
            let request = TestRequest::default().insert_header((HOST, "chat.example")).insert_header((name, value));
            check_meant(&request.to_http_request(), &config).is_ok()
        };
        for (name, value) in [
            ("x", "y"),
            ("sec-fetch-site", "none"),
            ("sec-fetch-site", "same-origin"),
            ("origin", "http://chat.example"),
            ("sec-purpose", ""),
        ] {
            assert!(asked(name, value), "{name}: {value}");
        }
        for (name, value) in [
            ("sec-purpose", "prefetch;prerender"),
            ("Sec-Purpose", "Prefetch"),
            ("purpose", "prefetch"),
            ("x-purpose", "preview"),
            ("x-moz", "prefetch"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("origin", "null"),
            ("origin", "https://evil.example"),
        ] {
            assert!(!asked(name, value), "{name}: {value}");
        }
        assert!(check_meant(&TestRequest::default().method(Method::HEAD).to_http_request(), &config).is_err());
    }
}
